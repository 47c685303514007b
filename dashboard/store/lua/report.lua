-- One report about one bed group.
-- KEYS: answer, stream, epoch, groups, figures, holds, ended, record.
-- Asks: site, group, kind, value, observed, now, source, who, and where they are known stamp,
--   expected, seen, capacity, surge, out; reset and stale are the horizons at now, most the
--   greatest count, apart the least ms between two counts that test each other; minds_held and
--   ending (ids of holds). All instants in ms since 1970, UTC.
-- Answers: saved | late | conflict | ask-number | below-zero | too-many | below-held | no-group |
--   key-reused, with the figure as it is now. `below-held`: fewer beds than are kept, and `short`
--   holds more would have to end. `full` is a number: as many as are kept at this moment.
local before = remembered()
if before then return before end

local id = asked.site .. '/' .. asked.group
if redis.call('HEXISTS', KEYS[4], id) == 0 then return cjson.encode({outcome = 'no-group'}) end

local kept = redis.call('HGET', KEYS[5], id)
local figure = kept and cjson.decode(kept) or {stamps = {}}
local live = figure.open and figure.observed >= asked.reset
local number = asked.kind ~= 'adjust'
local kept_beds = {}
if asked.minds_held or asked.kind == 'full' then
  kept_beds = of_group(open_holds(KEYS[6], KEYS[7]), asked.site, asked.group)
end
local value = asked.kind == 'full' and #kept_beds or asked.value

-- A machine that repeats its observed-at, or goes back, has not counted again. It may correct its
-- own figure; what a person took back or said since then stands.
local observed, stale_news = asked.observed, false
local told = asked.stamp and figure.stamps[asked.who]
if told and asked.stamp < told then stale_news = true end
if told and asked.stamp == told then
  local own = figure.open and figure.who == asked.who and figure.stamp == asked.stamp
  if own then observed = math.min(observed, figure.observed) else stale_news = true end
end

local late = stale_news or observed < asked.reset
if live and number then late = late or observed < figure.observed end
if live and not number then late = late or observed < figure.counted end

local cases = {}
local function tell(entry_figure, mark)
  local told_cases = #cases > 0 and {'cases', table.concat(cases, ' ')} or {}
  return append('kind', asked.kind, 'site', asked.site, 'group', asked.group,
    'value', digits(value), 'before', live and digits(figure.open) or '',
    'late', mark, 'figure', entry_figure and cjson.encode(entry_figure) or '',
    'observed', digits(observed), 'received', digits(asked.now),
    'source', asked.source, 'who', asked.who, unpack(told_cases))
end

if late then return answer('late', shown(figure), tell(nil, '1')) end

if asked.expected and figure.version then
  local seen = entry_of(asked.expected)
  if not seen or after(figure.version, seen) then
    return answer('conflict', live and shown(figure) or nil)
  end
end

-- A number that was typed over another one than stands there now, unless both say the same.
if asked.kind == 'change' and asked.seen and live then
  local same = digits(figure.open) == asked.seen or figure.open == asked.value
  if not same then return answer('conflict', shown(figure)) end
end

local open = value
if asked.kind == 'confirm' and (not live or figure.open ~= asked.value) then
  return answer('conflict', live and shown(figure) or nil)
end
if asked.kind == 'adjust' then
  if not live or figure.observed < asked.stale then
    return answer('ask-number', shown(figure))
  end
  open = figure.open + asked.value
  if open < 0 then return answer('below-zero', shown(figure)) end
  if open > asked.most then return answer('too-many', shown(figure)) end
  observed = math.max(observed, figure.observed)
end
local ends, short = ending(kept_beds, open)
if short > 0 then return answer('below-held', live and shown(figure) or nil, nil, short) end

-- A dispute stands until a person says a number that was seen after it; a machine, another number.
local dispute = live and figure.disputed or nil
local person = asked.source ~= 'api'
local same = live and open == figure.open
local settled = dispute and number and observed > dispute.at and (person or not same)

-- Counting again is a case of how long the number before it was right, unless it was a slip.
if live and number and person and figure.observed >= asked.stale then
  local age = observed - figure.observed
  if age >= asked.apart then cases[1] = case_of('desk', age, same and 'right' or 'wrong') end
end
if settled and same and dispute.band then
  cases[#cases + 1] = 'door:' .. dispute.band .. ':contested'
end
for _, case in ipairs(cases) do redis.call('HINCRBY', KEYS[8], asked.site .. '/' .. case, 1) end

local new = {
  open = open,
  observed = observed,
  counted = number and observed or figure.counted,
  received = asked.now,
  source = asked.source,
  who = asked.who,
  capacity = asked.capacity or (live and figure.capacity) or nil,
  surge = asked.surge or (live and figure.surge) or 0,
  out = asked.out or (live and figure.out) or 0,
  stamp = asked.stamp,
  was = live and (same and figure.was or not same and earlier(figure, observed)) or nil,
  disputed = not settled and dispute or nil,
}
local entry = tell(new, '')
new.version = entry
local told_now = shown(new)
new.stamps = figure.stamps
if asked.stamp then new.stamps[asked.who] = asked.stamp end
new.undo = shown(figure) or false
if #cases > 0 then new.cases = cases end
if #ends > 0 then new.ended = ends end
redis.call('HSET', KEYS[5], id, cjson.encode(new))
for _, hold in ipairs(ends) do entry = finish(KEYS[6], KEYS[7], hold, 'taken-back') end
return answer('saved', told_now, entry)
