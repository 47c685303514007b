-- Takes back the newest report of a bed group: figure and stamp are again what they were before,
-- and so are the holds that it ended, those whose time is not over.
-- KEYS: answer, stream, epoch, groups, figures, holds, ended, record.
-- Asks: site, group, undoes (the version of the report to take back), now, source, who, minds_held
--   and ending (ids of holds).
-- Answers: saved | not-newest (another report came, or this one was taken back) | below-held (the
--   figure of before is below what is kept, and `short` holds more would have to end) | no-group |
--   key-reused, with the figure as it is now.
local before = remembered()
if before then return before end

local id = asked.site .. '/' .. asked.group
if redis.call('HEXISTS', KEYS[4], id) == 0 then return cjson.encode({outcome = 'no-group'}) end

local kept = redis.call('HGET', KEYS[5], id)
local figure = kept and cjson.decode(kept)
-- One that was taken back has no `undo` any more.
local newest = figure and figure.undo ~= nil and figure.version
if not newest or newest ~= entry_of(asked.undoes) then
  return answer('not-newest', shown(figure))
end

local restored = figure.undo or nil
local back, kept_beds = {}, {}
for _, hold in ipairs(figure.ended or {}) do
  if hold.expires > asked.now then back[#back + 1] = hold end
end
if asked.minds_held and restored then
  kept_beds = of_group(open_holds(KEYS[6], KEYS[7]), asked.site, asked.group)
end
local ends, short = ending(kept_beds, restored and math.max(0, restored.open - #back) or 0)
if short > 0 then return answer('below-held', shown(figure), nil, short) end

-- First the holds that come back, so that nobody sees a bed free that is kept.
for _, hold in ipairs(back) do
  local text = cjson.encode(hold)
  redis.call('HSET', KEYS[6], hold.id, text)
  redis.call('HDEL', KEYS[7], hold.id)
  local kept = of_group(open_holds(KEYS[6], KEYS[7]), hold.site, hold.group)
  append('kind', 'hold', 'hold', text, 'kept', digits(#kept),
    'now', digits(asked.now), 'source', asked.source, 'who', asked.who)
end
local observed = restored and restored.observed or asked.now
-- What was found at the door after the figure of before was counted is not taken back with it.
if restored and figure.disputed then restored.disputed = figure.disputed end
local cases = {}
for _, case in ipairs(figure.cases or {}) do
  redis.call('HINCRBY', KEYS[8], asked.site .. '/' .. case, -1)
  cases[#cases + 1] = '-' .. case
end
local told_cases = #cases > 0 and {'cases', table.concat(cases, ' ')} or {}
local entry = append('kind', 'undo', 'site', asked.site, 'group', asked.group,
  'value', restored and digits(restored.open) or '', 'before', digits(figure.open), 'late', '',
  'figure', restored and cjson.encode(restored) or '',
  'observed', digits(observed), 'received', digits(asked.now),
  'source', asked.source, 'who', asked.who, unpack(told_cases))
local new = restored or {}
new.version = entry
local told_now = shown(new)
new.stamps = figure.stamps
redis.call('HSET', KEYS[5], id, cjson.encode(new))
for _, hold in ipairs(ends) do entry = finish(KEYS[6], KEYS[7], hold, 'taken-back') end
return answer('saved', told_now, entry)
