-- Says in the stream that a hold has ended by itself, as it had in every reading already.
-- KEYS: answer, stream, epoch, holds, ended.
-- Asks: id, now, who.
-- Answers: saved | no-hold (said already, ended otherwise, or extended meanwhile). No key: one that
--   came back by an undo may lapse again.
local text = redis.call('HGET', KEYS[4], asked.id)
local hold = text and cjson.decode(text)
if not hold or hold.expires > asked.now then return cjson.encode({outcome = 'no-hold'}) end
finish(KEYS[4], KEYS[5], hold, 'lapsed')
return cjson.encode({outcome = 'saved'})
