-- Puts other seals in the place of those from one night on, as its file was written anew.
-- KEYS: answer, stream, epoch, archive, archiving.
-- Asks: mark; gone = [files], seals = [{file, text}], known (how many seals there were).
-- Answers: saved | other (a night was sealed meanwhile).
local before = remembered()
if before then return before end

if not has_turn(KEYS[5]) or redis.call('HLEN', KEYS[4]) ~= asked.known then return cjson.encode({outcome = 'other'}) end
for _, file in ipairs(asked.gone) do redis.call('HDEL', KEYS[4], file) end
for _, seal in ipairs(asked.seals) do redis.call('HSET', KEYS[4], seal.file, seal.text) end
return answer('saved')
