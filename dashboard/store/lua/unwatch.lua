-- Stops a watch of whoever asks. With their last one go the phones that would have been told.
-- KEYS: answer, stream, epoch, watches, phones.
-- Asks: id, now, who.
-- Answers: saved | no-watch (it had ended, or is another's) | key-reused.
local before = remembered()
if before then return before end

local text = redis.call('HGET', KEYS[4], asked.id)
if not text or cjson.decode(text).who ~= asked.who then return answer('no-watch') end
redis.call('HDEL', KEYS[4], asked.id)

for _, other in ipairs(redis.call('HVALS', KEYS[4])) do
  other = cjson.decode(other)
  if other.who == asked.who and other['until'] > asked.now then return answer('saved') end
end
local phones = redis.call('HGETALL', KEYS[5])
for i = 1, #phones, 2 do
  if cjson.decode(phones[i + 1]).who == asked.who then redis.call('HDEL', KEYS[5], phones[i]) end
end
return answer('saved')
