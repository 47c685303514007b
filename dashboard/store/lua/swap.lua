-- Puts a stream that was written anew in the place of the old one, with the same ids.
-- KEYS: answer, stream, epoch, the new one, erasing.
-- Asks: last (the id up to which the new one was written), count (of its entries).
-- Answers: saved | other (the new one is not whole any more). What came meanwhile goes along, and
--   `erasing` says that the log on disk may still hold the old one.
local before = remembered()
if before then return before end

if redis.call('XLEN', KEYS[4]) ~= asked.count or asked.count == 0 then
  return cjson.encode({outcome = 'other'})
end
for _, entry in ipairs(redis.call('XRANGE', KEYS[2], '(' .. asked.last, '+')) do
  redis.call('XADD', KEYS[4], entry[1], unpack(entry[2]))
end
redis.call('RENAME', KEYS[4], KEYS[2])
redis.call('SET', KEYS[5], '1')
return answer('saved')
