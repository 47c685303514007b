-- Settles one thing for the community, or leaves it to the environment again.
-- KEYS: answer, stream, epoch, settings.
-- Asks: name, text ('' for what the environment says), seen (how often it had been settled when its
--   sender looked), now (ms since 1970, UTC), who.
-- Answers: saved | conflict, with what stands instead in `settled` | key-reused. What stands
--   already is saved without an entry. What stood before is kept for three days: no day of ours,
--   from reset to reset, is as long, and what is older judges nothing any more.
local before = remembered()
if before then return before end

local kept = redis.call('HGET', KEYS[4], asked.name)
local old = kept and cjson.decode(kept) or {text = '', at = 0, turn = 0, was = {}}
if asked.text == old.text then return answer('saved') end
if asked.seen ~= old.turn then
  return cjson.encode({outcome = 'conflict', settled = kept and old or nil})
end

local at = math.max(asked.now, old.at + 1)  -- whatever stood, stood for a while
local was = {}
for _, one in ipairs(old.was) do
  if one['until'] > at - 259200000 then was[#was + 1] = one end
end
was[#was + 1] = {text = old.text, ['until'] = at}
local new = cjson.encode({text = asked.text, who = asked.who, at = at, turn = old.turn + 1, was = was})
redis.call('HSET', KEYS[4], asked.name, new)
return answer('saved', nil, append('kind', 'setting', 'name', asked.name, 'settled', new,
  'before', old.text, 'now', digits(asked.now), 'who', asked.who))
