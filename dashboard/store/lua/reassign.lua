-- Gives a person another role, other sites or another agency; what they may do follows at once.
-- KEYS: answer, stream, epoch, people, passwords.
-- Asks: id, role, sites?, agency?, seen? ({role, sites?, agency?} as its sender saw them), act,
--   now, who.
-- Answers: saved | no-person | changed (somebody else has since, to something else) |
--   last-coordinator (nobody could invite people then).
local kept = redis.call('HGET', KEYS[4], asked.id)
if not kept then return cjson.encode({outcome = 'no-person'}) end
local person = cjson.decode(kept)

local function standing(one)
  return cjson.encode({role = one.role, sites = one.sites, agency = one.agency})
end
local before = standing(person)
if before == standing(asked) then return cjson.encode({outcome = 'saved'}) end
if asked.seen and standing(asked.seen) ~= before then
  return cjson.encode({outcome = 'changed'})
end
if person.role == 'coordinator' and asked.role ~= 'coordinator'
    and not another_leads(KEYS[4], KEYS[5]) then
  return cjson.encode({outcome = 'last-coordinator'})
end

person.role, person.sites, person.agency = asked.role, asked.sites, asked.agency
redis.call('HSET', KEYS[4], asked.id, cjson.encode(person))
return answer('saved', nil, append('kind', 'note', 'act', asked.act, 'about', asked.id,
  'before', before, 'after', standing(person), 'now', digits(asked.now), 'who', asked.who))
