-- Keeps a person from signing in, unless nobody would be left to invite people.
-- KEYS: answer, stream, epoch, people, passwords, links, pins, passkeys.
-- Asks: id, act, now, who.
-- Answers: saved | no-person | last-coordinator.
local kept = redis.call('HGET', KEYS[4], asked.id)
if not kept then return cjson.encode({outcome = 'no-person'}) end

local person = cjson.decode(kept)
if person.role == 'coordinator' and not another_leads(KEYS[4], KEYS[5]) then
  return cjson.encode({outcome = 'last-coordinator'})
end

person.disabled = true
redis.call('HSET', KEYS[4], asked.id, cjson.encode(person))
for i = 5, 8 do redis.call('HDEL', KEYS[i], asked.id) end
return answer('saved', nil, append('kind', 'note', 'act', asked.act, 'about', asked.id,
  'now', digits(asked.now), 'who', asked.who))
