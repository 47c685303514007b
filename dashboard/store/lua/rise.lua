-- Notes which bed groups of a watch have a bed now, and for a rise what is to be told to which
-- phones: in one step, so a rise is told once, whoever sees it and however often it is seen.
-- KEYS: answer, stream, epoch, watches, phones, pushes.
-- Asks: id (of the watch), some? (those with a bed), looked = [ms, seq, at], now.
-- Answers: rose | saved (some have none any more) | no-watch | late (a newer look was noted).
local text = redis.call('HGET', KEYS[4], asked.id)
local watch = text and cjson.decode(text)
if not watch or watch['until'] <= asked.now then return cjson.encode({outcome = 'no-watch'}) end

for i = 1, 3 do
  if asked.looked[i] < watch.looked[i] then return cjson.encode({outcome = 'late'}) end
  if asked.looked[i] > watch.looked[i] then break end
end

local before, rose = {}, false
for _, group in ipairs(watch.some or {}) do before[group] = true end
for _, group in ipairs(asked.some or {}) do rose = rose or not before[group] end
watch.some, watch.looked = asked.some, asked.looked
redis.call('HSET', KEYS[4], asked.id, cjson.encode(watch))
if not rose then return cjson.encode({outcome = 'saved'}) end

local phones = redis.call('HGETALL', KEYS[5])
for i = 1, #phones, 2 do
  if cjson.decode(phones[i + 1]).who == watch.who then
    redis.call('HSET', KEYS[6], asked.id .. '/' .. phones[i],
      cjson.encode({rose = asked.now, due = asked.now, tries = 0}))
    redis.call('PEXPIRE', KEYS[6], redis.call('PTTL', KEYS[4]))
  end
end
return cjson.encode({outcome = 'rose'})
