-- Takes back the newest report of a bed group: figure and stamp are again what they were before.
-- KEYS: answer, stream, epoch, groups, figures.
-- Asks: site, group, undoes (the version of the report to take back), now, source, who.
-- Answers: saved | not-newest (another report came, or this one was taken back) | no-group |
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
local observed = restored and restored.observed or asked.now
local entry = append('kind', 'undo', 'site', asked.site, 'group', asked.group,
  'value', restored and digits(restored.open) or '', 'before', digits(figure.open), 'late', '',
  'figure', restored and cjson.encode(restored) or '',
  'observed', digits(observed), 'received', digits(asked.now),
  'source', asked.source, 'who', asked.who)
local new = restored or {}
new.version = entry
local told_now = shown(new)
new.stamps = figure.stamps
redis.call('HSET', KEYS[5], id, cjson.encode(new))
return answer('saved', told_now, entry)
