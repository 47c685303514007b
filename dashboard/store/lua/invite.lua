-- Writes a person down, with the link that lets them set a password.
-- KEYS: answer, stream, epoch, people, logins, links.
-- Asks: id, login, person and link (JSON to keep), act, now, who.
-- Answers: saved | login-taken.
local owner = redis.call('HGET', KEYS[5], asked.login)
if owner and owner ~= asked.id then return cjson.encode({outcome = 'login-taken'}) end

redis.call('HSET', KEYS[4], asked.id, asked.person)
redis.call('HSET', KEYS[5], asked.login, asked.id)
redis.call('HSET', KEYS[6], asked.id, asked.link)
return answer('saved', nil, append('kind', 'note', 'act', asked.act, 'about', asked.id,
  'now', digits(asked.now), 'who', asked.who))
