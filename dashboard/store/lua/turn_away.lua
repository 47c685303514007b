-- Notes that a site turned somebody away: an event, with nothing about anybody.
-- KEYS: answer, stream, epoch, sites, turned.
-- Asks: site, reason, observed, now, source, who, reset (the last daily reset), within (ms from now
--   in which it can be taken back). Instants in ms since 1970, UTC.
-- Answers: saved | no-group (there is no such site) | key-reused.
-- A tally is {reset, counts by reason since then, recent ones by entry, last: the last entry}.
local before = remembered()
if before then return before end
if redis.call('HEXISTS', KEYS[4], asked.site) == 0 then
  return cjson.encode({outcome = 'no-group'})
end

local kept = redis.call('HGET', KEYS[5], asked.site)
local tally = kept and cjson.decode(kept) or {reset = asked.reset, counts = {}, recent = {}}
if asked.reset > tally.reset then tally.reset, tally.counts = asked.reset, {} end
local recent = {}
for entry, one in pairs(tally.recent) do
  if asked.now - one.at <= asked.within then recent[entry] = one end
end

local entry = append('kind', 'turn-away', 'site', asked.site, 'reason', asked.reason,
  'observed', digits(asked.observed), 'now', digits(asked.now),
  'source', asked.source, 'who', asked.who)
if asked.observed >= tally.reset then
  tally.counts[asked.reason] = (tally.counts[asked.reason] or 0) + 1
end
recent[entry] = {reason = asked.reason, at = asked.now, observed = asked.observed}
tally.recent, tally.last = recent, entry
redis.call('HSET', KEYS[5], asked.site, cjson.encode(tally))
return answer('saved', nil, entry)
