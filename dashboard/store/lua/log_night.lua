-- Writes down a cold night, or mends what was written down.
-- KEYS: answer, stream, epoch, nights.
-- Asks: night, the whole value; seen, the version of what its sender saw, '' for nothing; now, who.
-- Answers: saved | changed (somebody has written since) | key-reused.
local before = remembered()
if before then return before end

local kept = redis.call('HGET', KEYS[4], asked.night.date)
local last = kept and cjson.decode(kept).version or ''
if last ~= asked.seen then return cjson.encode({outcome = 'changed'}) end
local entry = append('kind', 'cold-night', 'night', cjson.encode(asked.night),
  'before', kept or '', 'now', digits(asked.now), 'who', asked.who)
asked.night.version = entry
redis.call('HSET', KEYS[4], asked.night.date, cjson.encode(asked.night))
return answer('saved', nil, entry)
