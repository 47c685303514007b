-- Writes down that one shift handed over to the next.
-- KEYS: answer, stream, epoch.
-- Asks: site, now, source, who.
-- Answers: saved | key-reused.
local before = remembered()
if before then return before end

return answer('saved', nil, append('kind', 'hand-over', 'site', asked.site,
  'now', digits(asked.now), 'source', asked.source, 'who', asked.who))
