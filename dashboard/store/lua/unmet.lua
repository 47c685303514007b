-- Counts one unmet need: each of its constraints by one, and nothing that goes with it.
-- KEYS: answer, stream, epoch, the counts of the day.
-- Asks: batch (after how many needs the log may know), lasts (seconds), words (last of all: a
--   server that logs slow commands keeps only the first 128 bytes of what was asked).
-- Answers: saved. There is no entry, and the answer that is kept for the key holds no word.
-- A single need must not be told by the log on disk either, where what one script writes stands
-- together. So the counts change in memory alone, and are written once `batch` needs are in them.
-- A crash before that loses fewer than `batch` of them.
local before = remembered()
if before then return before end

redis.set_repl(redis.REPL_NONE)
for _, word in ipairs(asked.words) do redis.call('HINCRBY', KEYS[4], word, 1) end
local waiting = redis.call('HINCRBY', KEYS[4], '', 1)
redis.call('EXPIRE', KEYS[4], asked.lasts)
redis.set_repl(redis.REPL_ALL)

if waiting >= asked.batch then
  redis.call('HDEL', KEYS[4], '')
  redis.call('HSET', KEYS[4], unpack(redis.call('HGETALL', KEYS[4])))
  redis.call('EXPIRE', KEYS[4], asked.lasts)
end
return answer('saved')
