-- Keeps one bed for someone on the way; the last bed is kept once, whoever asks.
-- KEYS: answer, stream, epoch, figures, holds.
-- Asks: id, site, group, agency, code, now, expires, reset, stale, who.
-- Answers: saved | no-bed (none available, or the figure can't be trusted) | key-reused.
local before = remembered()
if before then return before end

local kept = redis.call('HGET', KEYS[4], asked.site .. '/' .. asked.group)
local figure = kept and cjson.decode(kept) or {}
local held = 0
for _, text in ipairs(redis.call('HVALS', KEYS[5])) do
  local hold = cjson.decode(text)
  if hold.expires <= asked.now then
    redis.call('HDEL', KEYS[5], hold.id)
  elseif hold.site == asked.site and hold.group == asked.group then
    held = held + 1
  end
end
local trusted = figure.open and figure.observed >= asked.reset and figure.observed >= asked.stale
if not trusted or figure.open - held < 1 then return answer('no-bed') end

local hold = {id = asked.id, site = asked.site, group = asked.group, agency = asked.agency,
  code = asked.code, made = asked.now, expires = asked.expires}
redis.call('HSET', KEYS[5], asked.id, cjson.encode(hold))
return answer('saved', nil, append('kind', 'hold', 'hold', cjson.encode(hold), 'who', asked.who))
