-- Notes what an outreach worker found at a bed group; what contradicts its figure disputes it.
-- KEYS: answer, stream, epoch, groups, figures, holds, ended, record, lately (of this agency at
--   this site).
-- Asks: site, group, agency, found, reason?, observed, now, source, who; reset and stale (the
--   horizons at now), promised (the board gave a number to rely on), grace (ms in which a figure
--   may have changed before the tap), slip (ms in which an agency may mend its word), most (visits
--   of an agency to a site in an hour).
-- Answers: saved | too-often | no-group | key-reused, with the figure as it is now.
-- A dispute is {at, found, agency, case (which it counts as), band (the age of the number in that or
-- in an older case), before (the dispute whose place it took)}. It leaves number, age and version of
-- the figure alone. An agency disputes a bed group once an hour, and its word about the same figure
-- counts once for each age in the record.
local before = remembered()
if before then return before end

local HOUR = 3600000
local id = asked.site .. '/' .. asked.group
if redis.call('HEXISTS', KEYS[4], id) == 0 then return cjson.encode({outcome = 'no-group'}) end

local text = redis.call('GET', KEYS[9])
local lately = text and cjson.decode(text) or {taps = {}, disputed = {}, counted = {}}
local taps = {}
for _, at in ipairs(lately.taps) do
  if at > asked.now - HOUR then taps[#taps + 1] = at end
end
if #taps >= asked.most then return answer('too-often') end
taps[#taps + 1] = asked.now
lately.taps = taps

local kept_text = redis.call('HGET', KEYS[5], id)
local figure = kept_text and cjson.decode(kept_text) or {}
local live = figure.open and figure.observed >= asked.reset
local promised = live and asked.promised and figure.observed >= asked.stale
local holds = of_group(open_holds(KEYS[6], KEYS[7]), asked.site, asked.group)
local kept, own = #holds, of_agency(holds, asked.agency)

-- Whether so many open beds, of which so many are kept, agree with what was found. A bed that is
-- kept may be the one that they got; and one that the agency itself keeps was promised to it.
local function agrees(open, taken)
  if asked.found == 'got-in' then return open > 0 end
  return open - taken + own < 1
end

-- How many were kept for others a moment ago, and are free again: with those that somebody took, or
-- the desk took back, the number itself has changed.
local FREED = {released = true, lapsed = true, ['did-not-come'] = true}
local function freed()
  local count = 0
  for _, old in ipairs(redis.call('HVALS', KEYS[7])) do
    local one = cjson.decode(old)
    local here = one.hold.site == asked.site and one.hold.group == asked.group
    local others = one.hold.agency ~= asked.agency and FREED[one.reason]
    if here and others and one.at > asked.observed - asked.grace then count = count + 1 end
  end
  return count
end

local says = asked.found == 'got-in' or asked.found == 'was-full'
local right, wrong = false, false
if says and promised and figure.observed <= asked.observed then
  right = agrees(figure.open, kept)
  -- The last bed may have gone, or one come, between the door and the tap.
  local was = figure.received > asked.observed - asked.grace and figure.undo or nil
  was = was and was.observed >= asked.reset and agrees(was.open, kept)
  wrong = not right and not was and not agrees(figure.open, kept + freed())
end

-- A finger slips: within a moment another word of the same agency takes the place of its dispute.
local slip, cases, withdraws = live and figure.disputed, {}, ''
if slip and slip.agency == asked.agency and slip.found ~= asked.found
  and asked.observed >= slip.at and asked.observed - slip.at <= asked.slip then
  figure.disputed = slip.before
  withdraws = slip.before and cjson.encode(slip.before) or 'null'
  lately.disputed[asked.group] = nil
  if slip.case then
    lately.counted[asked.group] = nil
    redis.call('HINCRBY', KEYS[8], asked.site .. '/' .. slip.case, -1)
    cases[1] = '-' .. slip.case
  end
  redis.call('HSET', KEYS[5], id, cjson.encode(figure))
end

-- A disputed number is promised to nobody: until its desk speaks, no word about it is a case.
local case
if (right or wrong) and not figure.disputed then
  case = case_of('door', asked.observed - figure.observed, right and 'right' or 'wrong')
end
local word = case and figure.version .. '/' .. string.match(case, ':(%d+):')
if case and lately.counted[asked.group] == word then case = nil end
if case then
  cases[#cases + 1] = case
  lately.counted[asked.group] = word
  redis.call('HINCRBY', KEYS[8], asked.site .. '/' .. case, 1)
end

local last = lately.disputed[asked.group]
local disputes = wrong and not (last and last > asked.now - HOUR)
  and not (figure.disputed and figure.disputed.at >= asked.observed)
if disputes then
  local older = figure.disputed
  if older then older.before = nil end
  figure.disputed = {at = asked.observed, found = asked.found, agency = asked.agency, case = case,
    band = case and string.match(case, ':(%d+):') or older and older.band, before = older}
  lately.disputed[asked.group] = asked.now
  redis.call('HSET', KEYS[5], id, cjson.encode(figure))
end
redis.call('SET', KEYS[9], cjson.encode(lately), 'PX', 24 * HOUR)

local entry = append('kind', 'visit', 'site', asked.site, 'group', asked.group,
  'found', asked.found, 'reason', asked.reason or '', 'agency', asked.agency,
  'shown', promised and digits(math.max(0, figure.open - kept)) or '',
  'disputes', disputes and '1' or '', 'withdraws', withdraws, 'cases', table.concat(cases, ' '),
  'observed', digits(asked.observed), 'now', digits(asked.now),
  'source', asked.source, 'who', asked.who)
return answer('saved', live and shown(figure) or nil, entry)
