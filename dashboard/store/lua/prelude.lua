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

-- Answers, and keeps the answer for the key. `figure` and `entry` may be nil.
local function answer(outcome, figure, entry)
  local said = {outcome = outcome, figure = figure, version = entry and (epoch .. ':' .. entry)}
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
    if name ~= 'stamps' and name ~= 'undo' then copy[name] = value end
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
