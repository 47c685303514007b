-- Says in the stream that a hold has ended by itself, as it had in every reading already.
-- KEYS: answer, stream, epoch, holds, ended.
-- Asks: id, now, who.
-- Answers: saved | no-hold (said already, ended otherwise, or extended meanwhile). No key: one that
--   came back by an undo may lapse again.
local hold = theirs(KEYS[4])
if not hold or lasts(hold, KEYS[4], KEYS[5], finish, 'lapsed') then
  return cjson.encode({outcome = 'no-hold'})
end
return cjson.encode({outcome = 'saved'})
