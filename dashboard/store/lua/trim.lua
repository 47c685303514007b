-- Trims the stream to what came after an archived night; its newest entry always stays.
-- KEYS: answer, stream, epoch, archive, trimmed, archiving.
-- Asks: mark; file, text (the seal as its file was proved to be).
-- Answers: saved | other (it is sealed otherwise now, or another process archives).
local before = remembered()
if before then return before end

if not has_turn(KEYS[6]) or redis.call('HGET', KEYS[4], asked.file) ~= asked.text then
  return cjson.encode({outcome = 'other'})
end
local through = cjson.decode(asked.text).last
local newest = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
if not newest then return cjson.encode({outcome = 'other'}) end
local trimmed = redis.call('GET', KEYS[5])
if not trimmed or after(through, trimmed) then redis.call('SET', KEYS[5], through) end
if after(newest[1], through) then
  local ms, seq = string.match(through, '^(%d+)-(%d+)$')
  redis.call('XTRIM', KEYS[2], 'MINID', '=', ms .. '-' .. digits(seq + 1))
else
  redis.call('XTRIM', KEYS[2], 'MINID', '=', newest[1])
end
return answer('saved')
