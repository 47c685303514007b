-- Uses a device's link up, once whoever else tries it: from now on the device has a secret.
-- KEYS: answer, stream, epoch, devices.
-- Asks: id, link and mark (fingerprints of the link and of the secret), act, now, who.
-- Answers: saved | link-ended.
local kept = redis.call('HGET', KEYS[4], asked.id)
local device = kept and cjson.decode(kept)
if not device or device.link ~= asked.link or device.ends <= asked.now then
  return cjson.encode({outcome = 'link-ended'})
end
device.link, device.ends, device.mark = nil, nil, asked.mark
redis.call('HSET', KEYS[4], asked.id, cjson.encode(device))
return answer('saved', nil, append('kind', 'note', 'act', asked.act, 'about', asked.id,
  'now', digits(asked.now), 'who', asked.who))
