-- Keeps a hold for longer, up to a limit. Its holder may do so once.
-- KEYS: answer, stream, epoch, holds, ended.
-- Asks: id, more (ms), limit (the latest end), once, now, source, who, and whose hold it must be:
--   site or agency.
-- Answers: saved | at-limit | no-hold | key-reused.
local before = remembered()
if before then return before end

local hold = open_hold(KEYS[4], KEYS[5])
if not hold then return answer('no-hold') end
local expires = math.min(hold.expires + asked.more, asked.limit)
if expires <= hold.expires or (asked.once and hold.extended) then return answer('at-limit') end

local old = hold.expires
hold.expires = expires
if asked.once then hold.extended = true end
local text = cjson.encode(hold)
redis.call('HSET', KEYS[4], hold.id, text)
return answer('saved', nil, append('kind', 'hold-extended', 'hold', text, 'before', digits(old),
  'now', digits(asked.now), 'source', asked.source, 'who', asked.who))
