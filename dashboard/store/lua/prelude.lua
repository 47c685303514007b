-- Stands before every script. KEYS[1] the answer kept for this key, KEYS[2] the stream,
-- KEYS[3] the epoch. ARGV[1] one JSON object: who, digest, keep (seconds), spare (an epoch, used
-- only where the store has none), and what the script itself asks for. Absent means null.
local asked = cjson.decode(ARGV[1])
local epoch = redis.call('GET', KEYS[3])

local function digits(n) return string.format('%.0f', n) end

-- The answer given to this key before, marked so; a refusal where it was asked for something else.
local function remembered()
  local kept = redis.call('GET', KEYS[1])
  if not kept then return nil end
  kept = cjson.decode(kept)
  if kept.who ~= asked.who or kept.digest ~= asked.digest then
    return cjson.encode({outcome = 'key-reused'})
  end
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

-- Appends one entry to the stream; returns its id.
local function append(...)
  if not epoch then
    epoch = asked.spare
    redis.call('SET', KEYS[3], epoch)
  end
  return redis.call('XADD', KEYS[2], '*', ...)
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
