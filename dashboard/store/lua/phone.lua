-- Keeps where one browser of somebody who waits can be told, in the place of what it said before.
-- KEYS: answer, stream, epoch, watches, phones.
-- Asks: mark (of its session), phone (its text), endpoint, now, who.
-- Answers: saved | no-watch (they wait for nothing, so nothing is kept).
local waits = false
for _, text in ipairs(redis.call('HVALS', KEYS[4])) do
  local watch = cjson.decode(text)
  waits = waits or (watch.who == asked.who and watch['until'] > asked.now)
end
if not waits then return cjson.encode({outcome = 'no-watch'}) end

-- One browser is told once, whoever was signed in on it before.
local phones = redis.call('HGETALL', KEYS[5])
for i = 1, #phones, 2 do
  if cjson.decode(phones[i + 1]).endpoint == asked.endpoint then
    redis.call('HDEL', KEYS[5], phones[i])
  end
end
redis.call('HSET', KEYS[5], asked.mark, asked.phone)
redis.call('PEXPIRE', KEYS[5], redis.call('PTTL', KEYS[4]))
return cjson.encode({outcome = 'saved'})
