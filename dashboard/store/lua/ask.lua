-- Asks a desk to keep one bed. It keeps none: only the desk's yes does.
-- KEYS: answer, stream, epoch, groups, figures, holds, ended, asks, over.
-- Asks: id, site, group, agency, now, expires (when it is gone), arrives, reset, stale (the horizons
--   at now), most (open holds and asks of an agency), vain (asks of an agency at a site within an
--   hour that came to nothing), source, who.
-- Answers: saved | no-group | counts-only | no-bed (a number that can be trusted leaves none) |
--   too-many-holds | too-often | key-reused.
local before = remembered()
if before then return before end

local place = asked.site .. '/' .. asked.group
local known = redis.call('HGET', KEYS[4], place)
if not known then return cjson.encode({outcome = 'no-group'}) end
local group = cjson.decode(known)
if group.holds == 'counts only' then return answer('counts-only') end

local text = redis.call('HGET', KEYS[5], place)
local figure = text and cjson.decode(text) or {}
local trusted = figure.open and figure.observed >= asked.reset and figure.observed >= asked.stale
local found = open_holds(KEYS[6], KEYS[7])
local kept = of_group(found, asked.site, asked.group)
if trusted and not figure.disputed and figure.open - #kept - (group.walk_in or 0) < 1 then
  return answer('no-bed')
end
local asks = open_asks(KEYS[8], KEYS[9])
if of_agency(found, asked.agency) + of_agency(asks, asked.agency) >= asked.most then
  return answer('too-many-holds')
end

local vain = 0
for _, old in ipairs(redis.call('HVALS', KEYS[9])) do
  local one = cjson.decode(old)
  local here = one.ask.site == asked.site and one.ask.agency == asked.agency
  if here and one.reason ~= 'yes' and one.at > asked.now - 3600000 then vain = vain + 1 end
end
if vain >= asked.vain then return answer('too-often') end

local ask = cjson.encode({id = asked.id, site = asked.site, group = asked.group,
  agency = asked.agency, made = asked.now, expires = asked.expires, arrives = asked.arrives,
  who = asked.who})
redis.call('HSET', KEYS[8], asked.id, ask)
return answer('saved', nil, append('kind', 'ask', 'ask', ask, 'now', digits(asked.now),
  'source', asked.source, 'who', asked.who))
