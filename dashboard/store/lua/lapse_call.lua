-- Says in the stream that the time of a call is over, as it was in every reading already.
-- KEYS: answer, stream, epoch, sites, calls, called.
-- Asks: id, site, now, who.
-- Answers: saved | no-call (said already, or ended otherwise).
local text = redis.call('HGET', KEYS[5], asked.site)
local call = text and cjson.decode(text)
local theirs = call and call.id == asked.id
if not theirs or lasts(call, KEYS[5], KEYS[6], finish_call, 'lapsed') then
  return cjson.encode({outcome = 'no-call'})
end
return cjson.encode({outcome = 'saved'})
