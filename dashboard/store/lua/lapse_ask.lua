-- Says in the stream that nobody answered an ask in time, as it was in every reading already.
-- KEYS: answer, stream, epoch, asks, over.
-- Asks: id, now, who.
-- Answers: saved | no-ask (said already, or answered).
local ask = theirs(KEYS[4])
if not ask or lasts(ask, KEYS[4], KEYS[5], finish_ask, 'gone') then
  return cjson.encode({outcome = 'no-ask'})
end
return cjson.encode({outcome = 'saved'})
