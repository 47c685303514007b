-- Lets somebody try to sign in, or says how long to wait. A try counts before it is judged, so
-- a hundred at once are not all the first.
-- KEYS: answer, stream, epoch (none of them touched), tries.
-- Asks: now (ms), waits (seconds after 0, 1, 2, … failures), forget (seconds).
-- Answers: {wait = seconds}, 0 for a try that may be made.
local count = tonumber(redis.call('HGET', KEYS[4], 'count') or 0)
local last = tonumber(redis.call('HGET', KEYS[4], 'last') or 0)
local wait = asked.waits[math.min(count + 1, #asked.waits)]
local left = math.ceil((last + wait * 1000 - asked.now) / 1000)
if left > 0 then return cjson.encode({wait = math.min(left, wait)}) end

redis.call('HSET', KEYS[4], 'count', count + 1, 'last', digits(asked.now))
redis.call('EXPIRE', KEYS[4], asked.forget)
return cjson.encode({wait = 0})
