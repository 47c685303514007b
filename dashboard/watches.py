"""Watches: bed groups that somebody waits for, and until when. Functions of values and of ``now``.

What a person needs is no part of it: a need is a list of bed groups before it comes here. A watch
rings once for each rise from no bed to some, and dies at the daily reset at the latest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import NamedTuple

from .asked import Word
from .beds import BedGroup, Site
from .fit import Choice, Fit
from .forms import Reading, Unfit, Wrong, count, key_of
from .hours import hours
from .rows import GroupRow, Moment, SiteRow

MOST = 3  # watches of one person at a time
PASSING = {Word.FULL, Word.TOO_FEW, Word.CLOSED}  # why there is no bed now, and what may end
LENGTHS = (60, 180, 0)  # minutes; 0 is until the daily reset


class Look(NamedTuple):
    """How new a look at the board is: what it had taken in, then when (ms since 1970).

    What a look sees depends on these alone, whichever process looks.
    """

    ms: int
    seq: int
    at: int


@dataclass(frozen=True, slots=True)
class Watch:
    """Bed groups as ``site/group``: ``begun`` had a bed when it began, ``some`` at ``looked``."""

    id: str
    who: str
    groups: tuple[str, ...]
    until: datetime
    begun: tuple[str, ...]
    some: tuple[str, ...]
    looked: Look

    def stands(self, now: datetime) -> bool:
        return now < self.until


@dataclass(frozen=True, slots=True)
class Place:
    """A bed group of a site, as both are tonight."""

    at: SiteRow
    row: GroupRow

    @property
    def site(self) -> Site:
        return self.at.site

    @property
    def id(self) -> str:
        return f"{self.site.id}/{self.row.group.id}"

    @property
    def group(self) -> BedGroup:
        return self.row.group


@dataclass(frozen=True, slots=True)
class Waiting:
    """A watch as its person sees it: what has a bed now, and what has none."""

    watch: Watch
    here: tuple[Place, ...]
    none: tuple[Place, ...]


def places(moment: Moment) -> dict[str, Place]:
    """Every bed group that can be watched: what a confidential site has is not among them."""
    found = (Place(row, one) for row in moment.rows() for one in row.groups)
    return {place.id: place for place in found}


def some(moment: Moment, known: Mapping[str, Place]) -> dict[str, Place]:
    """Those to which somebody can be sent: a figure to trust, that nobody disputes, and in time."""
    return {id_: one for id_, one in known.items() if _has_a_bed(one, moment)}


def _has_a_bed(place: Place, moment: Moment) -> bool:
    if not place.row.available or place.row.disputed_at:
        return False
    return not hours(place.at, moment.day, moment.now).over


def look(moment: Moment) -> Look:
    return Look(*moment.version.point, int(moment.now.timestamp() * 1000))


def watchable(choices: Iterable[Choice], too_far: Collection[str]) -> list[str]:
    """The bed groups that would do if they had a bed: they fit, or can be asked about.

    ``too_far``: the sites that nobody reaches in time any more; a bed there comes too late.
    """
    return [
        f"{one.row.site.id}/{bunk.row.group.id}"
        for one in choices
        if not one.row.site.confidential and one.row.site.id not in too_far
        for bunk in one.bunks
        if bunk.row and (bunk.verdict.fit is not Fit.NO or set(bunk.verdict.why) <= PASSING)
    ]


def asked(given: Mapping[str, str], who: str, moment: Moment) -> tuple[Watch, str]:
    """A watch that somebody wants, and its key: ``minutes`` and ``beds`` (``site/group …``).

    Raises Refused.
    """
    reading, minutes, known = Reading(), 0, places(moment)
    chosen = tuple(sorted(set(given.get("beds", "").split())))
    with reading.of("minutes"):
        minutes = count(given.get("minutes"))
        if minutes not in LENGTHS:
            raise Unfit(Wrong.UNKNOWN_WORD)
    if not chosen or not known.keys() >= set(chosen):
        reading.errors["beds"] = Wrong.UNKNOWN_WORD if chosen else Wrong.MISSING
    key = key_of(reading, given)
    reading.done()
    end = moment.now + timedelta(minutes=minutes) if minutes else moment.reset
    here = tuple(sorted(some(moment, known).keys() & set(chosen)))
    place = (chosen, min(end, moment.reset), here, here)
    return Watch(f"w-{token_hex(6)}", who, *place, look(moment)), key


def risen(watch: Watch, here: Iterable[str]) -> tuple[str, ...] | None:
    """Which of its groups have a bed now; None where these are those that had one before."""
    now = tuple(sorted(set(watch.groups) & set(here)))
    return None if now == watch.some else now


def waiting(watches: Iterable[Watch], moment: Moment) -> list[Waiting]:
    """What somebody waits for, in the order of the board."""
    known = places(moment)
    here = some(moment, known)
    found = []
    for watch in watches:
        mine = [place for id_, place in known.items() if id_ in watch.groups]
        there = tuple(one for one in mine if one.id in here)
        found.append(Waiting(watch, there, tuple(one for one in mine if one.id not in here)))
    return found
