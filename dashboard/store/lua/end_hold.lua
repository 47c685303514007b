-- Ends a hold: released, arrived or lapsed. Ending it twice is one entry.
-- KEYS: answer, stream, epoch, holds.
-- Asks: id, reason, now, who.
-- Answers: saved | no-bed (there is no such hold, or it has ended) | key-reused.
local before = remembered()
if before then return before end

local kept = redis.call('HGET', KEYS[4], asked.id)
if not kept then return answer('no-bed') end
local hold = cjson.decode(kept)
redis.call('HDEL', KEYS[4], asked.id)
return answer('saved', nil, append('kind', 'hold-end', 'id', hold.id, 'site', hold.site,
  'group', hold.group, 'reason', asked.reason, 'now', digits(asked.now), 'who', asked.who))
