"""How one bed group answers every word that can be asked: yes, no, or unknown.

What the group says of itself counts before what its site says. Unknown is never no.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, time

from .asked import HOURS, SIDES, WHO, Word
from .beds import Site, Status
from .clock import Day, last_reset, next_instant
from .facts import Guest, Known, Sobriety, WayIn
from .filters import Choice, best, takes
from .rows import GroupRow

GENDERED = frozenset(set(Guest) - {Guest.ADULTS, Guest.COUPLES, Guest.YOUTH, Guest.CHILDREN})
USED = {Sobriety.NONE: Known.YES, Sobriety.REQUIRED: Known.NO}
Answers = Mapping[Word, Known]


class Evening:
    """One moment of a community's day, to which hours of that night are compared."""

    def __init__(self, now: datetime, day: Day, too_far: Collection[str] = ()):
        """``too_far``: the sites that nobody reaches in time from where they start."""
        self.now = now
        self.too_far = too_far
        self._zone = day.zone
        self._morning = last_reset(now, day)
        self._known: dict[time, datetime] = {}

    def at(self, wall: time) -> datetime:
        """The instant of a wall time of the day that began with the last reset."""
        if wall not in self._known:
            self._known[wall] = next_instant(self._morning, wall, self._zone)
        return self._known[wall]


def answers(site: Site, row: GroupRow | None, evening: Evening) -> Answers:
    """A bed group's answer to every word but those about numbers; None: the site has no beds."""
    if row is None:
        return {Word.NO_BEDS: Known.NO}
    found = {word: _who(word, site, row) for word in WHO}
    found |= _pets(site, row) | _needs(site, row)
    found |= {word: _by(site, evening.at(wall), evening) for word, wall in HOURS.items()}
    if not site.confidential:  # nobody is sent to ask where it is
        found |= {word: _side(word, site) for word in SIDES}
    return found | _always(site, row, evening)


def _fact(name: str, site: Site, row: GroupRow) -> Known:
    """A fact of the bed group, or else of its site."""
    own: Known = getattr(row.group, name)
    of_site: Known = getattr(site, name)
    return of_site if own is Known.UNKNOWN else own


def _who(word: Word, site: Site, row: GroupRow) -> Known:
    if word is Word.COUPLE:
        return _couple(set(row.group.guests), _fact("couples", site, row))
    return takes(row.group, Choice(word.value))


def _couple(guests: set[Guest], told: Known) -> Known:
    """Beds for adults are for couples where the site says so; other beds must be asked for."""
    if Guest.COUPLES in guests:
        return Known.YES
    if told is Known.NO:
        return Known.NO
    if Guest.ADULTS in guests:
        return told
    return Known.UNKNOWN if not guests or guests & GENDERED else Known.NO


def _pets(site: Site, row: GroupRow) -> dict[Word, Known]:
    """A site that takes pets may still not take a large one; a service animal is no pet."""
    small, large = _fact("pets", site, row), _fact("large_pets", site, row)
    if small is Known.NO:
        large = Known.NO
    small = best((small, large)) if large is Known.YES else small
    service = site.service_animals
    if service is Known.UNKNOWN and large is Known.YES:
        service = Known.YES
    return {Word.SMALL_PET: small, Word.LARGE_PET: large, Word.SERVICE_ANIMAL: service}


def _needs(site: Site, row: GroupRow) -> dict[Word, Known]:
    return {
        Word.STORAGE: best((site.storage, site.carts)),
        Word.WHEELCHAIR: _fact("wheelchair", site, row),
        Word.LOWER_BUNK: _fact("lower_bunk", site, row),
        Word.USED: USED.get(site.sobriety, Known.UNKNOWN),
        Word.NO_ID: site.without_id,
        Word.INDIGENOUS_LED: site.indigenous_led,
    }


def _by(site: Site, at: datetime, evening: Evening) -> Known:
    """Whether the door is open to somebody who comes at ``at``, or now where that is past."""
    if site.late_arrivals is Known.YES:
        return Known.YES
    walls = (site.last_check_in, site.curfew)
    if any(wall and max(at, evening.now) > evening.at(wall) for wall in walls):
        return Known.NO
    return Known.YES if site.last_check_in else Known.UNKNOWN


def _side(word: Word, site: Site) -> Known:
    side = Word(site.place.side.value) if site.place.side.value in SIDES else None
    if side is None:
        return Known.UNKNOWN
    return Known.YES if word is side else Known.NO


def _always(site: Site, row: GroupRow, evening: Evening) -> dict[Word, Known]:
    """What is in the way whoever asks; what is not is left out."""
    found: dict[Word, Known] = {}
    if row.status is Status.CLOSED:
        found[Word.CLOSED] = Known.NO
    if site.late_arrivals is not Known.YES:
        shut = site.curfew and evening.at(site.curfew) <= evening.now
        if shut or site.id in evening.too_far:
            found[Word.ENDED] = Known.UNKNOWN
        if site.last_check_in and evening.at(site.last_check_in) <= evening.now:
            found[Word.ENDED] = Known.NO
    if site.way_in is WayIn.REFERRAL:
        found[Word.REFERRAL] = Known.UNKNOWN
    return found
