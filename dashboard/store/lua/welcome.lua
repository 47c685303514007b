-- Uses a one-time link up, once whoever else tries it: keeps the person and the hashes that came.
-- KEYS: answer, stream, epoch, people, logins, links, passwords, pins.
-- Asks: holder (whose link), link (its fingerprint), id, login, person (JSON), act, now, who, and
--   password and pin (hashes); what is absent stays as it was, and so does what somebody who is
--   known may do: a coordinator may have changed it since their link was opened.
-- Answers: saved | link-ended | login-taken.
local kept = redis.call('HGET', KEYS[6], asked.holder)
local link = kept and cjson.decode(kept)
if not link or link.digest ~= asked.link or link.ends <= asked.now then
  return cjson.encode({outcome = 'link-ended'})
end
local owner = redis.call('HGET', KEYS[5], asked.login)
if owner and owner ~= asked.id then return cjson.encode({outcome = 'login-taken'}) end

local person, known = cjson.decode(asked.person), redis.call('HGET', KEYS[4], asked.id)
if known then
  known = cjson.decode(known)
  person.role, person.sites, person.agency = known.role, known.sites, known.agency
end
redis.call('HDEL', KEYS[6], asked.holder)
if person.role == 'coordinator' then redis.call('HDEL', KEYS[6], 'first') end
redis.call('HSET', KEYS[4], asked.id, cjson.encode(person))
redis.call('HSET', KEYS[5], asked.login, asked.id)
if asked.password then redis.call('HSET', KEYS[7], asked.id, asked.password) end
if asked.pin then redis.call('HSET', KEYS[8], asked.id, asked.pin) end
return answer('saved', nil, append('kind', 'note', 'act', asked.act, 'about', asked.id,
  'now', digits(asked.now), 'who', asked.who))
