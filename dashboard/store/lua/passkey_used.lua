-- A passkey was shown. Its own counter only grows; one that does not may be a copy.
-- KEYS: answer, stream, epoch (none of them touched), passkeys (person to their keys by id).
-- Asks: person, id, count (what it says now), now.
-- Answers: saved | no-passkey | copied.
local text = redis.call('HGET', KEYS[4], asked.person)
local kept = text and cjson.decode(text) or {}
local one = kept[asked.id]
if not one then return cjson.encode({outcome = 'no-passkey'}) end
if (one.count > 0 or asked.count > 0) and asked.count <= one.count then
  return cjson.encode({outcome = 'copied'})
end
one.count, one.used = asked.count, asked.now
redis.call('HSET', KEYS[4], asked.person, cjson.encode(kept))
return cjson.encode({outcome = 'saved'})
