-- Notes that a night stands in the archive.
-- KEYS: answer, stream, epoch, archive (seals by the names of their files).
-- Asks: file, text (the seal), last (the file of the seal before, '' for none); and how many
--   entries the stream must have (count) from one id (first) to another (to).
-- Answers: saved | other (another process sealed a night meanwhile, or the stream has changed).
local before = remembered()
if before then return before end

local known = redis.call('HVALS', KEYS[4])
local newest = ''
for _, text in ipairs(known) do
  local seal = cjson.decode(text)
  if newest == '' or after(seal.last, newest.last) then newest = seal end
end
local same = (newest == '' and '' or newest.file) == asked.last
local found = same and redis.call('XRANGE', KEYS[2], asked.first, asked.to)
if not found or #found ~= asked.count then return cjson.encode({outcome = 'other'}) end
redis.call('HSET', KEYS[4], asked.file, asked.text)
return answer('saved')
