-- The desk's yes to an ask: it becomes a hold with the same id, where the number leaves a bed.
-- KEYS: answer, stream, epoch, groups, figures, holds, ended, asks, over.
-- Asks: id, site, codes (in order of preference), now, expires (the end of the hold), reset (the
--   last daily reset), source, who.
-- Answers: saved | no-ask (it was answered, withdrawn, or too late) | no-bed (whoever counts first
--   may say yes again) | key-reused. Its agency has room: what it asks for counts like a hold.
local before = remembered()
if before then return before end

local ask = open_ask(KEYS[8], KEYS[9])
if not ask then return answer('no-ask') end

local place = ask.site .. '/' .. ask.group
local group = cjson.decode(redis.call('HGET', KEYS[4], place))
local text = redis.call('HGET', KEYS[5], place)
local figure = text and cjson.decode(text) or {}
local found = open_holds(KEYS[6], KEYS[7])
local kept = of_group(found, ask.site, ask.group)
local live = figure.open and figure.observed >= asked.reset
if not live or figure.open - #kept - (group.walk_in or 0) < 1 then
  return cjson.encode({outcome = 'no-bed'})
end

keep(KEYS[6], found, {id = ask.id, site = ask.site, group = ask.group, agency = ask.agency,
  made = asked.now, expires = asked.expires, arrives = ask.arrives, who = ask.who}, asked.codes)
return answer('saved', nil, finish_ask(KEYS[8], KEYS[9], ask, 'yes'))
