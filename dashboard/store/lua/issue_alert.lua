-- Issues an alert, and takes the draft away that it may have come from.
-- KEYS: answer, stream, epoch, alerts, draft.
-- Asks: alert, the whole value without its version; now, who. All instants in ms since 1970, UTC.
-- Answers: saved | clash, with the alert of the same kind that is on in the same place at the same
--   time in `alert` | key-reused.
local before = remembered()
if before then return before end

local new = asked.alert
for _, text in ipairs(redis.call('HVALS', KEYS[4])) do
  local one = cjson.decode(text)
  local over = one['until'] <= asked.now
  local apart = new['until'] <= one.since or new.since >= one['until']
  local elsewhere = one.area ~= '' and new.area ~= '' and one.area ~= new.area
  if one.cold == new.cold and not (over or apart or elsewhere) then
    return cjson.encode({outcome = 'clash', alert = one})
  end
end

local text = cjson.encode(new)
local entry = append('kind', 'alert', 'act', 'issued', 'alert', text, 'before', '',
  'now', digits(asked.now), 'who', asked.who)
new.version = entry
redis.call('HSET', KEYS[4], new.id, cjson.encode(new))
redis.call('HDEL', KEYS[5], 'draft')
return answer('saved', nil, entry)
