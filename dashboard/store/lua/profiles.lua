-- Saves sites, their places and bed groups, all or none.
-- KEYS: answer, stream, epoch, sites, places, groups, erasing, forgetting.
-- Asks: who, now, sites = [{id, text, place?, moved, seen?}], groups = [{id, text, seen?}]; text
--   and place are JSON. A site without `place` has none: any it had is erased, and `erasing` says
--   that the log on disk may still hold it. One that turns confidential stands in `forgetting` from
--   then on, until its history was erased too. `seen` is the mark of what its sender saw: '' for
--   nothing, else the SHA-1 of the text and, of a site, of a line end and the place.
-- Answers: saved with the last version | changed (another was saved since it was seen; nothing is
--   saved) | key-reused. Places never enter the stream; an entry has the text of `before` ('').
local before = remembered()
if before then return before end

local function kept(key, id) return redis.call('HGET', key, id) or '' end

local function mark(text, place)
  return text == '' and '' or redis.sha1hex(text .. place)
end

for _, site in ipairs(asked.sites) do
  local now = mark(kept(KEYS[4], site.id), '\n' .. kept(KEYS[5], site.id))
  if site.seen and site.seen ~= now then return cjson.encode({outcome = 'changed'}) end
end
for _, group in ipairs(asked.groups) do
  local now = mark(kept(KEYS[6], group.id), '')
  if group.seen and group.seen ~= now then return cjson.encode({outcome = 'changed'}) end
end

local function hides(text)
  return text ~= '' and cjson.decode(text).kind == 'confidential'
end

local entry
for _, site in ipairs(asked.sites) do
  local was = kept(KEYS[4], site.id)
  redis.call('HSET', KEYS[4], site.id, site.text)
  if was ~= '' and hides(site.text) and not hides(was) then
    redis.call('SADD', KEYS[8], site.id)
  end
  if site.place then
    redis.call('HSET', KEYS[5], site.id, site.place)
  elseif redis.call('HDEL', KEYS[5], site.id) == 1 then
    redis.call('SET', KEYS[7], '1')
  end
  entry = append('kind', 'site', 'site', site.text, 'moved', site.moved and '1' or '',
    'before', was, 'now', digits(asked.now), 'who', asked.who)
end
for _, group in ipairs(asked.groups) do
  local was = kept(KEYS[6], group.id)
  redis.call('HSET', KEYS[6], group.id, group.text)
  entry = append('kind', 'group', 'group', group.text, 'before', was,
    'now', digits(asked.now), 'who', asked.who)
end
return answer('saved', nil, entry)
