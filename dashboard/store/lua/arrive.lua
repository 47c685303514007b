-- Somebody arrived for whom a bed was kept: the hold ends and takes one bed, in one step.
-- KEYS: answer, stream, epoch, figures, holds, ended.
-- Asks: id, site, observed, reset, stale, now, source, who.
-- Answers: saved | no-hold | key-reused, with the figure as it is now. A figure that was counted
--   later knows of the bed already, and on one that is unknown or 0 there is none to take: then
--   the hold only ends. On a stale one the bed is taken, but its age is not renewed.
local before = remembered()
if before then return before end

local hold = open_hold(KEYS[5], KEYS[6])
if not hold then return answer('no-hold') end

local id = hold.site .. '/' .. hold.group
local text = redis.call('HGET', KEYS[4], id)
local figure = text and cjson.decode(text) or {}
local live = figure.open and figure.observed >= asked.reset
if not live or figure.open < 1 or asked.observed < figure.counted then
  local entry = finish(KEYS[5], KEYS[6], hold, 'arrived')
  return answer('saved', live and shown(figure) or nil, entry)
end

local new = shown(figure)
new.open, new.was = figure.open - 1, earlier(figure, asked.observed)
if figure.observed >= asked.stale then new.observed = math.max(figure.observed, asked.observed) end
new.received, new.source, new.who = asked.now, asked.source, asked.who
new.stamp, new.version = nil, nil
new.version = append('kind', 'arrived', 'site', hold.site, 'group', hold.group, 'value', '-1',
  'before', digits(figure.open), 'late', '', 'figure', cjson.encode(new),
  'observed', digits(asked.observed), 'received', digits(asked.now),
  'source', asked.source, 'who', asked.who)
local told_now = shown(new)
new.stamps = figure.stamps
new.undo = shown(figure)
new.ended = {hold}
redis.call('HSET', KEYS[4], id, cjson.encode(new))
return answer('saved', told_now, finish(KEYS[5], KEYS[6], hold, 'arrived'))
