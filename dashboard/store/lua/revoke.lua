-- Takes a device its site away, and with it every shift on it.
-- KEYS: answer, stream, epoch, devices, when they were used, the shifts of this device.
-- Asks: id, act, now, who.
-- Answers: saved | no-device.
if redis.call('HDEL', KEYS[4], asked.id) == 0 then
  return cjson.encode({outcome = 'no-device'})
end
redis.call('HDEL', KEYS[5], asked.id)
redis.call('DEL', KEYS[6])
return answer('saved', nil, append('kind', 'note', 'act', asked.act, 'about', asked.id,
  'now', digits(asked.now), 'who', asked.who))
