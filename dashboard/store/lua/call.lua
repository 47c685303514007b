-- Gives a caller the first site of a list that nobody else is calling; two never get the same.
-- KEYS: answer, stream, epoch, sites, calls, called.
-- Asks: id, wanted ([{site, seen}], in order: `seen` is the entry of the last call there that the
--   sender knew of), now, expires, source, who. All instants in ms since 1970, UTC.
-- Answers: saved, with the `call` (where the caller has one already, that one, and no entry) |
--   no-call (none is left) | key-reused.
local before = remembered()
if before then return before end

local taken = {}
for _, text in ipairs(redis.call('HVALS', KEYS[5])) do
  local call = cjson.decode(text)
  if lasts(call, KEYS[5], KEYS[6], finish_call, 'lapsed') then
    if call.who == asked.who then return answer('saved', nil, nil, nil, call) end
    taken[call.site] = true
  end
end

-- Whether its reader knew of the last call there: if not, somebody has phoned it since.
local function known(one)
  local text = redis.call('HGET', KEYS[6], one.site)
  return not text or cjson.decode(text).version == one.seen
end

for _, one in ipairs(asked.wanted) do
  local there = redis.call('HEXISTS', KEYS[4], one.site) == 1
  if there and not taken[one.site] and known(one) then
    local call = {id = asked.id, site = one.site, who = asked.who, made = asked.now,
      expires = asked.expires}
    local text = cjson.encode(call)
    redis.call('HSET', KEYS[5], one.site, text)
    local entry = append('kind', 'call', 'site', one.site, 'call', text,
      'now', digits(asked.now), 'source', asked.source, 'who', asked.who)
    return answer('saved', nil, entry, nil, call)
  end
end
return cjson.encode({outcome = 'no-call'})
