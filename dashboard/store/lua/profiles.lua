-- Saves sites, their places and bed groups, all or none.
-- KEYS: answer, stream, epoch, sites, places, groups, erasing.
-- Asks: who, now, sites = [{id, text, place?, moved}], groups = [{id, text}]; text and place are
--   JSON. A site without `place` has none: any it had is erased, and `erasing` says that the log
--   on disk may still hold it.
-- Answers: saved with the last version, or key-reused. Places never enter the stream.
local before = remembered()
if before then return before end

local entry
for _, site in ipairs(asked.sites) do
  redis.call('HSET', KEYS[4], site.id, site.text)
  if site.place then
    redis.call('HSET', KEYS[5], site.id, site.place)
  elseif redis.call('HDEL', KEYS[5], site.id) == 1 then
    redis.call('SET', KEYS[7], '1')
  end
  entry = append('kind', 'site', 'site', site.text, 'moved', site.moved and '1' or '',
    'now', digits(asked.now), 'who', asked.who)
end
for _, group in ipairs(asked.groups) do
  redis.call('HSET', KEYS[6], group.id, group.text)
  entry = append('kind', 'group', 'group', group.text, 'now', digits(asked.now), 'who', asked.who)
end
return answer('saved', nil, entry)
