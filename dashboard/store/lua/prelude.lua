-- Stands before every script. KEYS[1] the answer kept for this key, KEYS[2] the stream,
-- KEYS[3] the epoch. ARGV[1] one JSON object: who, digest, keep (seconds), spare (an epoch, used
-- only where the store has none), where it is known device, and what the script itself asks for. Absent means null.
local asked = cjson.decode(ARGV[1])

local function digits(n) return string.format('%.0f', n) end

-- A server that was promoted or has restarted may lack entries that readers saw. Before it
-- appends any, it begins an epoch of its own and notes where the last one ended (epochs.py).
local epoch, writer = unpack(redis.call('HMGET', KEYS[3], 'now', 'server'))
local server = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
if epoch and writer ~= server then
  local last = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
  redis.call('HSET', KEYS[3], epoch, last and last[1] or '0-0')
  epoch = string.sub(redis.sha1hex(epoch .. server), 1, 16)
  redis.call('HSET', KEYS[3], 'now', epoch, 'server', server)
end

-- The answer given to this key before, marked so; a refusal where it was asked for something else.
local function remembered()
  local kept = redis.call('GET', KEYS[1])
  if not kept then return nil end
  kept = cjson.decode(kept)
  if kept.who ~= asked.who or kept.digest ~= asked.digest then
    return cjson.encode({outcome = 'key-reused'})
  end
  -- A write, since whoever waits for disk or replicas waits for their own last write (Valkey 9).
  redis.call('EXPIRE', KEYS[1], asked.keep)
  kept.answer.repeated = true
  return cjson.encode(kept.answer)
end

-- Answers, and keeps the answer for the key. `figure`, `entry`, `short` and `call` may be nil.
local function answer(outcome, figure, entry, short, call)
  local said = {outcome = outcome, figure = figure, version = entry and (epoch .. ':' .. entry),
    short = short, call = call}
  local kept = cjson.encode({who = asked.who, digest = asked.digest, answer = said})
  redis.call('SET', KEYS[1], kept, 'EX', asked.keep)
  return cjson.encode(said)
end

-- Appends one entry to the stream, with the enrolled device it came from; returns its id.
local function append_from(device, ...)
  if not epoch then
    epoch = asked.spare
    redis.call('HSET', KEYS[3], 'now', epoch, 'server', server)
  end
  local fields = {...}
  if device then
    fields[#fields + 1], fields[#fields + 2] = 'device', device
  end
  return redis.call('XADD', KEYS[2], '*', unpack(fields))
end

local function append(...) return append_from(asked.device, ...) end

-- The number before, for the trend: one that stood for some of the last hour is kept, so that many
-- small steps are told as the one that they make.
local function earlier(figure, observed)
  local was = figure.was
  if was and was.at > observed - 3600000 then return was end
  return {open = figure.open, at = figure.observed}
end

-- A figure without what only the next script needs.
local ONLY_KEPT = {stamps = true, undo = true, ended = true, cases = true}
local function shown(figure)
  if not figure or not figure.open then return nil end
  local copy = {}
  for name, value in pairs(figure) do
    if not ONLY_KEPT[name] then copy[name] = value end
  end
  return copy
end

-- How a number of that age (ms) was, seen by the 'door' or the 'desk', for the record of its site;
-- nil for one that is too old to be told (record.py).
local function case_of(by, age, how)
  for _, minutes in ipairs({30, 60, 180, 480}) do
    if age <= minutes * 60000 then return by .. ':' .. minutes .. ':' .. how end
  end
end

-- Whether stream entry `a` came after stream entry `b`, both 'ms-seq'.
local function after(a, b)
  local a_ms, a_seq = string.match(a, '^(%d+)-(%d+)$')
  local b_ms, b_seq = string.match(b, '^(%d+)-(%d+)$')
  if a_ms ~= b_ms then return tonumber(a_ms) > tonumber(b_ms) end
  return tonumber(a_seq) > tonumber(b_seq)
end

-- The entry of a version, 'epoch:ms-seq'; nil for one that is not in this history.
local function entry_of(version)
  local of, entry = string.match(version, '^(%x+):(%d+-%d+)$')
  if not of or of == epoch then return entry end
  local last = redis.call('HGET', KEYS[3], of)
  return last and not after(entry, last) and entry or nil
end

-- Whether somebody else than the person asked about could invite people: `people` and `passwords`
-- are keys.
local function another_leads(people, passwords)
  local all = redis.call('HGETALL', people)
  for i = 1, #all, 2 do
    local other = cjson.decode(all[i + 1])
    if all[i] ~= asked.id and other.role == 'coordinator' and not other.disabled
        and redis.call('HEXISTS', passwords, all[i]) == 1 then return true end
  end
  return false
end

-- Holds and asks. `holds` and `ended` are the keys of those that are open and of those that ended
-- lately, as `asks` and `over` are of asks.

-- Takes one out of those that are open, and keeps for a day why, for whose it was.
local function put_away(open, ended, name, one, reason)
  redis.call('HDEL', open, one.id)
  for _, text in ipairs(redis.call('HVALS', ended)) do
    local old = cjson.decode(text)
    if old.at < asked.now - 86400000 then redis.call('HDEL', ended, old[name].id) end
  end
  redis.call('HSET', ended, one.id,
    cjson.encode({[name] = one, reason = reason, at = asked.now}))
end

-- The entry of an end, by whoever asks for it or, where the clock ended it, by nobody.
local function tell_end(kind, one, reason, ...)
  local by = asked
  if reason == 'lapsed' or reason == 'gone' then by = {source = '', who = ''} end
  return append_from(by.device, 'kind', kind, 'id', one.id, 'site', one.site, 'group', one.group,
    'reason', reason, 'now', digits(asked.now), 'source', by.source or '', 'who', by.who, ...)
end

local function finish(holds, ended, hold, reason)
  put_away(holds, ended, 'hold', hold, reason)
  local kept = 0
  for _, text in ipairs(redis.call('HVALS', holds)) do
    local other = cjson.decode(text)
    local here = other.site == hold.site and other.group == hold.group
    if here and other.expires > asked.now then kept = kept + 1 end
  end
  return tell_end('hold-end', hold, reason, 'kept', digits(kept))
end

local function finish_ask(asks, over, ask, reason)
  put_away(asks, over, 'ask', ask, reason)
  return tell_end('ask-end', ask, reason)
end

-- Ends a call to a site, and keeps the newest that was made. One that is `over` has left the site.
local function finish_call(calls, called, call, how)
  if not call.over then redis.call('HDEL', calls, call.site) end
  local by = how == 'lapsed' and {who = ''} or asked
  local entry = append_from(by.device, 'kind', 'call-end', 'id', call.id, 'site', call.site, 'end', how,
    'caller', call.who, 'now', digits(asked.now), 'source', by.source or '', 'who', by.who)
  if how == 'counted' or how == 'no-answer' then
    redis.call('HSET', called, call.site, cjson.encode({['end'] = how, at = asked.now,
      who = call.who, version = entry}))
  end
  return entry
end

-- Whether it is still open. One whose time is over ends here for all: what was done because it had
-- ended (its bed given to another, say) must not be undone by a process whose clock is behind.
local function lasts(one, open, ended, finished, reason)
  if one.expires > asked.now then return true end
  finished(open, ended, one, reason)
  return false
end

-- Every open hold, and every open ask.
local function open_holds(holds, ended)
  local found = {}
  for _, text in ipairs(redis.call('HVALS', holds)) do
    local hold = cjson.decode(text)
    if lasts(hold, holds, ended, finish, 'lapsed') then found[#found + 1] = hold end
  end
  return found
end

local function open_asks(asks, over)
  local found = {}
  for _, text in ipairs(redis.call('HVALS', asks)) do
    local ask = cjson.decode(text)
    if lasts(ask, asks, over, finish_ask, 'gone') then found[#found + 1] = ask end
  end
  return found
end

-- Those of a bed group.
local function of_group(found, site, group)
  local kept = {}
  for _, one in ipairs(found) do
    if one.site == site and one.group == group then kept[#kept + 1] = one end
  end
  return kept
end

-- How many of them are an agency's.
local function of_agency(found, agency)
  local count = 0
  for _, one in ipairs(found) do
    if one.agency == agency then count = count + 1 end
  end
  return count
end

-- The one that is asked for, if the site or the agency that asks may know of it.
local function theirs(key)
  local text = redis.call('HGET', key, asked.id)
  local one = text and cjson.decode(text)
  if not one then return nil end
  if asked.site and one.site ~= asked.site then return nil end
  if asked.agency and one.agency ~= asked.agency then return nil end
  return one
end

local function open_hold(holds, ended)
  local hold = theirs(holds)
  return hold and lasts(hold, holds, ended, finish, 'lapsed') and hold or nil
end

local function open_ask(asks, over)
  local ask = theirs(asks)
  return ask and lasts(ask, asks, over, finish_ask, 'gone') and ask or nil
end

-- Keeps a bed, under the first of the codes that no open hold of the site has.
local function keep(holds, found, hold, codes)
  local taken = {}
  for _, other in ipairs(found) do
    if other.site == hold.site then taken[other.code] = true end
  end
  hold.code = codes[1]
  for i = #codes, 1, -1 do
    if not taken[codes[i]] then hold.code = codes[i] end
  end
  local text = cjson.encode(hold)
  redis.call('HSET', holds, hold.id, text)
  local kept = of_group(found, hold.site, hold.group)
  return append('kind', 'hold', 'hold', text, 'kept', digits(#kept + 1),
    'now', digits(asked.now), 'source', asked.source, 'who', asked.who)
end

-- Which of the holds chosen to end do, where `open` beds are fewer than are kept; and how many
-- more would have to. Nobody is asked, and none ends, where the number leaves a bed for each.
local function ending(kept, open)
  local chosen, found = {}, {}
  for _, id in ipairs(asked.ending or {}) do chosen[id] = true end
  local short = #kept - open
  if short <= 0 then return found, 0 end
  for _, hold in ipairs(kept) do
    if chosen[hold.id] then found[#found + 1] = hold end
  end
  return found, math.max(0, short - #found)
end

-- Whether it is the turn of who asks to write the archive (alone.py); then it lasts on.
local function has_turn(key)
  if redis.call('GET', key) ~= asked.mark then return false end
  redis.call('PEXPIRE', key, 600000)
  return true
end
