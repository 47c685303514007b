-- Keeps one bed for someone on the way; the last bed is kept once, whoever asks.
-- KEYS: answer, stream, epoch, figures, holds.
-- Asks: id, site, group, agency, codes (in order of preference), now, expires, arrives?, reset,
--   fresh (the horizons at now), most (open holds of an agency), walk_in (that holds can't
--   take), source, who.
-- Answers: saved | not-fresh (nobody knows well enough) | no-bed (none available) |
--   too-many-holds | key-reused. The code is the first that no open hold of the site has.
local before = remembered()
if before then return before end

local text = redis.call('HGET', KEYS[4], asked.site .. '/' .. asked.group)
local figure = text and cjson.decode(text) or {}
if not figure.open or figure.observed < asked.reset or figure.observed < asked.fresh then
  return answer('not-fresh')
end

local kept, agency, taken = 0, 0, {}
for _, other in ipairs(redis.call('HVALS', KEYS[5])) do
  local hold = cjson.decode(other)
  if hold.expires > asked.now then
    if hold.agency == asked.agency then agency = agency + 1 end
    if hold.site == asked.site then
      taken[hold.code] = true
      if hold.group == asked.group then kept = kept + 1 end
    end
  end
end
if figure.open - kept - asked.walk_in < 1 then return answer('no-bed') end
if agency >= asked.most then return answer('too-many-holds') end

local code = asked.codes[1]
for i = #asked.codes, 1, -1 do
  if not taken[asked.codes[i]] then code = asked.codes[i] end
end
local hold = cjson.encode({id = asked.id, site = asked.site, group = asked.group,
  agency = asked.agency, code = code, made = asked.now, expires = asked.expires,
  arrives = asked.arrives, who = asked.who})
redis.call('HSET', KEYS[5], asked.id, hold)
return answer('saved', nil, append('kind', 'hold', 'hold', hold, 'kept', digits(kept + 1),
  'now', digits(asked.now), 'source', asked.source, 'who', asked.who))
