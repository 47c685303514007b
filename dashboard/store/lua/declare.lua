-- Declares one thing for tonight, of a site or of a bed group, or ends what stands of it.
-- KEYS: answer, stream, epoch, sites, groups, declared.
-- Asks: site, group ('' for the site itself), topic, now, source, who; declared, the whole value
--   (absent: end it); seen, the version of what its sender saw standing, '' for nothing (absent:
--   whatever stands). All instants in ms since 1970, UTC.
-- Answers: saved | conflict, with what stands instead in `declared` (absent: it was ended) |
--   no-group | key-reused. What stands already, or has ended already, is saved without an entry.
local before = remembered()
if before then return before end

local place = asked.site .. '/' .. asked.group
local known = asked.group == '' and redis.call('HEXISTS', KEYS[4], asked.site)
  or redis.call('HEXISTS', KEYS[5], place)
if known == 0 then return cjson.encode({outcome = 'no-group'}) end

local id = place .. '/' .. asked.topic
local kept = redis.call('HGET', KEYS[6], id)
local old = kept and cjson.decode(kept)
local last = old and old.version or ''
local new = asked.declared
local stands = old and (not old['until'] or old['until'] > asked.now)

local function same()
  for _, name in ipairs({'until', 'time', 'count', 'reason'}) do
    if old[name] ~= new[name] then return false end
  end
  return true
end

if not new and not stands then return answer('saved') end
if new and stands and same() then return answer('saved') end
local seen = asked.seen == (stands and last or '') or asked.seen == last
if asked.seen and not seen then
  return cjson.encode({outcome = 'conflict', declared = stands and old or nil})
end

local entry = append('kind', 'declare', 'site', asked.site, 'group', asked.group,
  'topic', asked.topic, 'declared', new and cjson.encode(new) or '',
  'before', stands and kept or '', 'now', digits(asked.now),
  'source', asked.source, 'who', asked.who)
if new then
  new.version = entry
  redis.call('HSET', KEYS[6], id, cjson.encode(new))
else
  redis.call('HDEL', KEYS[6], id)
end
return answer('saved', nil, entry)
