-- Notes that a night stands in the archive.
-- KEYS: answer, stream, epoch, archive (seals by the names of their files), archiving.
-- Asks: mark; file, text (the seal), last (the text of the seal before, '' for none); and how many
--   entries the stream must have (count) from one id (first) to another (to).
-- Answers: saved | other (another process sealed or erased meanwhile, or the stream has changed).
local before = remembered()
if before then return before end

if not has_turn(KEYS[5]) then return cjson.encode({outcome = 'other'}) end
local known = redis.call('HVALS', KEYS[4])
local newest, last = '', ''
for _, text in ipairs(known) do
  local seal = cjson.decode(text)
  if newest == '' or after(seal.last, last) then newest, last = text, seal.last end
end
local same = newest == asked.last
local found = same and redis.call('XRANGE', KEYS[2], asked.first, asked.to)
if not found or #found ~= asked.count then return cjson.encode({outcome = 'other'}) end
redis.call('HSET', KEYS[4], asked.file, asked.text)
return answer('saved')
