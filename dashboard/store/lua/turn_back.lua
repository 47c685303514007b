-- Takes one turn-away of a site back: within its time, and once.
-- KEYS: answer, stream, epoch, sites, turned.
-- Asks: site, undoes (the version that it made), now, source, who, within (ms).
-- Answers: saved | too-late (its time is over, it was taken back, or it is another site's) |
--   key-reused.
local before = remembered()
if before then return before end

local kept = redis.call('HGET', KEYS[5], asked.site)
local tally = kept and cjson.decode(kept) or {recent = {}}
local undone = entry_of(asked.undoes)
local one = undone and tally.recent[undone]
if not one or asked.now - one.at > asked.within then return answer('too-late') end

local entry = append('kind', 'turn-away-undo', 'site', asked.site, 'undoes', undone,
  'reason', one.reason, 'now', digits(asked.now), 'source', asked.source, 'who', asked.who)
if one.observed >= tally.reset then
  local left = (tally.counts[one.reason] or 1) - 1
  tally.counts[one.reason] = left > 0 and left or nil
end
tally.recent[undone], tally.last = nil, entry
redis.call('HSET', KEYS[5], asked.site, cjson.encode(tally))
return answer('saved', nil, entry)
