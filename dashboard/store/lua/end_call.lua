-- Ends a call to a site: counted, no-answer or given-back.
-- KEYS: answer, stream, epoch, sites, calls, called.
-- Asks: id (of the call), site, end, now, source, who.
-- Answers: saved | no-group (no such site) | no-call (given back what is over already) | key-reused.
--   A call that was made is one also where its time was over, and whoever has the site now keeps it.
local before = remembered()
if before then return before end
if redis.call('HEXISTS', KEYS[4], asked.site) == 0 then
  return cjson.encode({outcome = 'no-group'})
end

local text = redis.call('HGET', KEYS[5], asked.site)
local call = text and cjson.decode(text)
local theirs = call and call.id == asked.id and call.who == asked.who
if theirs and lasts(call, KEYS[5], KEYS[6], finish_call, 'lapsed') then
  return answer('saved', nil, finish_call(KEYS[5], KEYS[6], call, asked['end']))
end
if asked['end'] == 'given-back' then return answer('no-call') end
local over = {id = asked.id, site = asked.site, who = asked.who, over = true}
return answer('saved', nil, finish_call(KEYS[5], KEYS[6], over, asked['end']))
