-- Removes what loads and erasures that never ended left behind.
-- KEYS: any key of the community. ARGV: the pattern of the keys of all loads.
for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', key) end
return 'saved'
