-- Keeps one bed for someone on the way; the last bed is kept once, whoever asks.
-- KEYS: answer, stream, epoch, groups, figures, holds, ended, asks, over.
-- Asks: id, site, group, agency, codes (in order of preference), now, expires, arrives?, reset,
--   fresh (the horizons at now), most (open holds and asks of an agency), source, who.
-- Answers: saved | no-group | counts-only | ask-desk (only the desk's yes keeps a bed here) |
--   not-fresh (nobody knows well enough) | disputed (somebody says that the number is wrong) |
--   no-bed (none that holds can take) | too-many-holds | key-reused.
local before = remembered()
if before then return before end

local place = asked.site .. '/' .. asked.group
local known = redis.call('HGET', KEYS[4], place)
if not known then return cjson.encode({outcome = 'no-group'}) end
local group = cjson.decode(known)
if group.holds == 'counts only' then return answer('counts-only') end
if group.holds == 'after a yes' then return answer('ask-desk') end

local text = redis.call('HGET', KEYS[5], place)
local figure = text and cjson.decode(text) or {}
if not figure.open or figure.observed < asked.reset or figure.observed < asked.fresh then
  return answer('not-fresh')
end
if figure.disputed then return answer('disputed') end

local found = open_holds(KEYS[6], KEYS[7])
local kept = of_group(found, asked.site, asked.group)
if figure.open - #kept - (group.walk_in or 0) < 1 then return answer('no-bed') end
local asks = open_asks(KEYS[8], KEYS[9])
if of_agency(found, asked.agency) + of_agency(asks, asked.agency) >= asked.most then
  return answer('too-many-holds')
end

return answer('saved', nil, keep(KEYS[6], found, {id = asked.id, site = asked.site,
  group = asked.group, agency = asked.agency, made = asked.now, expires = asked.expires,
  arrives = asked.arrives, who = asked.who}, asked.codes))
