-- Lets somebody try a PIN on a device, or says how long to wait. A try counts before it is judged.
-- KEYS: answer, stream, epoch (none of them touched), tries of this person on this device, tries
--   of this person on all devices.
-- Asks: now (ms), waits (seconds after 0, 1, 2, … failures), forget (seconds), most (failures that
--   all devices have together) and every (ms after which one of those is given back).
-- Answers: {wait = seconds}, 0 for a try that may be made.
local count = tonumber(redis.call('HGET', KEYS[4], 'count') or 0)
local last = tonumber(redis.call('HGET', KEYS[4], 'last') or 0)
local wait = asked.waits[math.min(count + 1, #asked.waits)]
local here = math.min(math.ceil((last + wait * 1000 - asked.now) / 1000), wait)

local level = tonumber(redis.call('HGET', KEYS[5], 'level') or 0)
local at = tonumber(redis.call('HGET', KEYS[5], 'at') or asked.now)
local passed = math.max(0, asked.now - at)
level = math.max(0, level - passed / asked.every)
local everywhere = math.ceil((level + 1 - asked.most) * asked.every / 1000 - 0.001)
local left = math.max(here, everywhere)
if left > 0 then return cjson.encode({wait = left}) end

redis.call('HSET', KEYS[4], 'count', count + 1, 'last', digits(asked.now))
redis.call('EXPIRE', KEYS[4], asked.forget)
redis.call('HSET', KEYS[5], 'level', string.format('%.6f', level + 1), 'at', digits(asked.now))
redis.call('EXPIRE', KEYS[5], math.ceil(asked.most * asked.every / 1000))
return cjson.encode({wait = 0})
