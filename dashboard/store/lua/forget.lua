-- Forgets what was watched before a daily reset, unless somebody has begun to wait since.
-- KEYS: answer, stream, epoch, watches, phones, pushes, watched.
-- Asks: reset.
-- Answers: saved | no-watch (there is nothing from before).
local last = redis.call('GET', KEYS[7])
if not last or tonumber(last) >= asked.reset then return cjson.encode({outcome = 'no-watch'}) end
for i = 4, 6 do redis.call('DEL', KEYS[i]) end
return cjson.encode({outcome = 'saved'})
