-- Keeps a list of bed groups that somebody waits for. What they wait for it for never comes here.
-- KEYS: answer, stream, epoch, watches, phones (both die with the last watch), watched (when last
--   one was made, until the log on disk has forgotten it).
-- Asks: id, watch (its text), until, now, most (watches of one person), who.
-- Answers: saved | too-many-watches | key-reused.
local before = remembered()
if before then return before end

local mine, last = 0, asked['until']
local all = redis.call('HGETALL', KEYS[4])
for i = 1, #all, 2 do
  local other = cjson.decode(all[i + 1])
  if other['until'] <= asked.now then
    redis.call('HDEL', KEYS[4], all[i])
  else
    last = math.max(last, other['until'])
    if other.who == asked.who then mine = mine + 1 end
  end
end
if mine >= asked.most then return answer('too-many-watches') end

redis.call('HSET', KEYS[4], asked.id, asked.watch)
redis.call('SET', KEYS[6], digits(asked.now))
for i = 4, 5 do redis.call('PEXPIRE', KEYS[i], digits(last - asked.now)) end
return answer('saved')
