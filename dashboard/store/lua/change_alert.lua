-- Lets an alert end later, or cancels it.
-- KEYS: answer, stream, epoch, alerts.
-- Asks: act, extended | cancelled; id; seen, the version of what its sender saw; now, who;
--   until, the new end of one that is extended; ending, why one is cancelled.
-- Answers: saved | changed, with what stands in `alert` (somebody was faster, or the new end is not
--   later) | over | unknown | key-reused. One that is cancelled before it began was never on.
local before = remembered()
if before then return before end

local text = redis.call('HGET', KEYS[4], asked.id)
if not text then return cjson.encode({outcome = 'unknown'}) end
local alert = cjson.decode(text)
if alert['until'] <= asked.now then return cjson.encode({outcome = 'over', alert = alert}) end
local later = asked.act ~= 'extended' or asked['until'] > alert['until']
if alert.version ~= asked.seen or not later then
  return cjson.encode({outcome = 'changed', alert = alert})
end

if asked.act == 'extended' then
  alert['until'] = asked['until']
else
  alert['until'], alert.cancelled = math.max(asked.now, alert.since), asked.ending
end
local entry = append('kind', 'alert', 'act', asked.act, 'alert', cjson.encode(alert),
  'before', text, 'now', digits(asked.now), 'who', asked.who)
alert.version = entry
redis.call('HSET', KEYS[4], alert.id, cjson.encode(alert))
return answer('saved', nil, entry)
