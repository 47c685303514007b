-- The PIN was right: the device forgets its failures, and this try is given back. What was tried
-- elsewhere stays counted, so nobody's own success lets a stranger guess on.
-- KEYS: answer, stream, epoch (none of them touched), tries of this person on this device, tries
--   of this person on all devices.
-- Answers: {wait = 0}.
redis.call('DEL', KEYS[4])
local level = tonumber(redis.call('HGET', KEYS[5], 'level') or 0)
if level > 1 then
  redis.call('HSET', KEYS[5], 'level', string.format('%.6f', level - 1))
else
  redis.call('DEL', KEYS[5])
end
return cjson.encode({wait = 0})
