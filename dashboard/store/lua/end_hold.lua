-- Ends a hold: released or did-not-come. Ending it twice is one entry.
-- KEYS: answer, stream, epoch, holds, ended.
-- Asks: id, reason, now, source, who, and whose hold it must be: site or agency.
-- Answers: saved | no-hold (there is none, it has ended, or it is another's) | key-reused.
local before = remembered()
if before then return before end

local hold = open_hold(KEYS[4], KEYS[5])
if not hold then return answer('no-hold') end
return answer('saved', nil, finish(KEYS[4], KEYS[5], hold, asked.reason))
