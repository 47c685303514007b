-- Reads every key of a community as of one moment; of a stream only the id of its newest entry.
-- KEYS: any key of the community. ARGV: the pattern of its keys, and the start of those to leave.
-- Answers: a list of {key, type, when it expires in ms or -1, value as the store lists it}.
local found = {}
local read = {
  string = function(key) return {redis.call('GET', key)} end,
  hash = function(key) return redis.call('HGETALL', key) end,
  list = function(key) return redis.call('LRANGE', key, 0, -1) end,
  set = function(key) return redis.call('SMEMBERS', key) end,
  zset = function(key) return redis.call('ZRANGE', key, 0, -1, 'WITHSCORES') end,
  stream = function(key)
    local info = redis.call('XINFO', 'STREAM', key)
    for i = 1, #info, 2 do
      if info[i] == 'last-generated-id' then return {info[i + 1]} end
    end
  end,
}
for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
  if string.sub(key, 1, #ARGV[2]) ~= ARGV[2] then
    local kind = redis.call('TYPE', key).ok
    found[#found + 1] = {key, kind, redis.call('PEXPIRETIME', key), read[kind](key)}
  end
end
return found
