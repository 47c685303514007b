-- Gives the keys of a finished load their names, all at once. What a server writes by itself when
-- it starts with nobody in it (the first link) gives way.
-- KEYS: the mark of this load. ARGV: the start of every key of the community, the start of those
--   of all loads, the start of those of this load.
-- Answers: saved | not-empty (it has sites, people or tokens) | lost (another load took over).
if redis.call('EXISTS', KEYS[1]) == 0 then return 'lost' end
for _, name in ipairs({'sites', 'people', 'tokens'}) do
  if redis.call('EXISTS', ARGV[1] .. name) == 1 then return 'not-empty' end
end
local ours = {}
for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do
  if string.sub(key, 1, #ARGV[3]) == ARGV[3] then
    ours[#ours + 1] = key
  elseif string.sub(key, 1, #ARGV[2]) ~= ARGV[2] then
    redis.call('DEL', key)
  end
end
for _, key in ipairs(ours) do
  redis.call('RENAME', key, ARGV[1] .. string.sub(key, #ARGV[3] + 1))
end
redis.call('DEL', KEYS[1])
return 'saved'
