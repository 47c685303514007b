-- Moves nights of an agency's pool: out of hand, back, used; or adds to it and takes from it.
-- KEYS: answer, stream, epoch, vouchers.
-- Asks: agency, turn, nights, why?, source, who, now.
-- Answers: saved | too-few (it would leave fewer than none; nothing was done) | key-reused.
-- A pool is {agency, hand, out, used, returned, version: the entry that left it so}.
local before = remembered()
if before then return before end

-- What each turn takes from, and what it adds to.
local TURNS = {issued = {'hand', 'out'}, returned = {'out', 'hand', 'returned'},
  used = {'out', 'used'}, added = {nil, 'hand'}, taken = {'hand'}}
local text = redis.call('HGET', KEYS[4], asked.agency)
local pool = text and cjson.decode(text)
  or {agency = asked.agency, hand = 0, out = 0, used = 0, returned = 0}
local turn = TURNS[asked.turn]
if turn[1] then
  if pool[turn[1]] < asked.nights then return answer('too-few') end
  pool[turn[1]] = pool[turn[1]] - asked.nights
end
for i = 2, 3 do
  if turn[i] then pool[turn[i]] = pool[turn[i]] + asked.nights end
end
pool.version = nil
local entry = append('kind', 'vouchers', 'turn', asked.turn, 'nights', digits(asked.nights),
  'why', asked.why or '', 'before', text or '', 'after', cjson.encode(pool),
  'source', asked.source, 'now', digits(asked.now), 'who', asked.who)
pool.version = entry
redis.call('HSET', KEYS[4], asked.agency, cjson.encode(pool))
return answer('saved', nil, entry)
