-- The desk's no to an ask, or whoever asked needs the bed no more.
-- KEYS: answer, stream, epoch, asks, over.
-- Asks: id, reason (no or withdrawn), now, source, who, and whose ask it must be: site or agency.
-- Answers: saved | no-ask (it was answered, withdrawn, or too late) | key-reused.
local before = remembered()
if before then return before end

local ask = open_ask(KEYS[4], KEYS[5])
if not ask then return answer('no-ask') end
return answer('saved', nil, finish_ask(KEYS[4], KEYS[5], ask, asked.reason))
