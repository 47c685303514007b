-- Adds a passkey to a person, or takes one away.
-- KEYS: answer, stream, epoch, passkeys (person to their keys by id).
-- Asks: person, id, key (JSON to keep; absent: take it away), most (how many one may have), act,
--   now, who.
-- Answers: saved | taken (this one is there already) | too-many | no-passkey.
local text = redis.call('HGET', KEYS[4], asked.person)
local kept, count = text and cjson.decode(text) or {}, 0
for _ in pairs(kept) do count = count + 1 end
if asked.key then
  if kept[asked.id] then return cjson.encode({outcome = 'taken'}) end
  if count >= asked.most then return cjson.encode({outcome = 'too-many'}) end
  kept[asked.id] = cjson.decode(asked.key)
else
  if not kept[asked.id] then return cjson.encode({outcome = 'no-passkey'}) end
  kept[asked.id] = nil
end
if next(kept) then
  redis.call('HSET', KEYS[4], asked.person, cjson.encode(kept))
else
  redis.call('HDEL', KEYS[4], asked.person)
end
return answer('saved', nil, append('kind', 'note', 'act', asked.act, 'about', asked.person,
  'now', digits(asked.now), 'who', asked.who))
