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

-- Answers, and keeps the answer for the key. `figure`, `entry` and `short` may be nil.
local function answer(outcome, figure, entry, short)
  local said = {outcome = outcome, figure = figure, version = entry and (epoch .. ':' .. entry),
    short = short}
  local kept = cjson.encode({who = asked.who, digest = asked.digest, answer = said})
  redis.call('SET', KEYS[1], kept, 'EX', asked.keep)
  return cjson.encode(said)
end

-- Appends one entry to the stream, with the enrolled device it came from; returns its id.
local function append(...)
  if not epoch then
    epoch = asked.spare
    redis.call('HSET', KEYS[3], 'now', epoch, 'server', server)
  end
  local fields = {...}
  if asked.device then
    fields[#fields + 1], fields[#fields + 2] = 'device', asked.device
  end
  return redis.call('XADD', KEYS[2], '*', unpack(fields))
end

-- A figure without what only the next script needs.
local function shown(figure)
  if not figure or not figure.open then return nil end
  local copy = {}
  for name, value in pairs(figure) do
    if name ~= 'stamps' and name ~= 'undo' and name ~= 'ended' then copy[name] = value end
  end
  return copy
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

-- Holds. `holds` and `ended` are the keys of those that are open and of those that ended lately.

-- The open holds of a bed group; one whose time is over keeps nothing.
local function kept_in(holds, site, group)
  local found = {}
  for _, text in ipairs(redis.call('HVALS', holds)) do
    local hold = cjson.decode(text)
    if hold.site == site and hold.group == group and hold.expires > asked.now then
      found[#found + 1] = hold
    end
  end
  return found
end

-- The hold that is asked for, if it is open and of the site or the agency that asks.
local function open_hold(holds)
  local text = redis.call('HGET', holds, asked.id)
  local hold = text and cjson.decode(text)
  if not hold or hold.expires <= asked.now then return nil end
  if asked.site and hold.site ~= asked.site then return nil end
  if asked.agency and hold.agency ~= asked.agency then return nil end
  return hold
end

-- Ends a hold, and keeps for a day why, for its holder.
local function finish(holds, ended, hold, reason)
  redis.call('HDEL', holds, hold.id)
  for _, text in ipairs(redis.call('HVALS', ended)) do
    local old = cjson.decode(text)
    if old.at < asked.now - 86400000 then redis.call('HDEL', ended, old.hold.id) end
  end
  redis.call('HSET', ended, hold.id,
    cjson.encode({hold = hold, reason = reason, at = asked.now}))
  return append('kind', 'hold-end', 'id', hold.id, 'site', hold.site, 'group', hold.group,
    'reason', reason, 'kept', digits(#kept_in(holds, hold.site, hold.group)),
    'now', digits(asked.now), 'source', asked.source or '', 'who', asked.who)
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
