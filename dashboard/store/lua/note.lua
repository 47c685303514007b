-- Writes an act that changes no bed into the record, together with what it changes.
-- KEYS: answer, stream, epoch, then one hash for each change.
-- Asks: act, about, now, who, changes = [{field, text?}]; a change without text removes the field.
-- Answers: saved | key-reused.
local before = remembered()
if before then return before end

for i, change in ipairs(asked.changes) do
  if change.text then
    redis.call('HSET', KEYS[3 + i], change.field, change.text)
  else
    redis.call('HDEL', KEYS[3 + i], change.field)
  end
end
return answer('saved', nil, append('kind', 'note', 'act', asked.act, 'about', asked.about,
  'now', digits(asked.now), 'who', asked.who))
