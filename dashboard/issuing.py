"""What a coordinator drafts, issues, changes or writes down of a cold night, from a form's fields.

Days and times are wall times of the community, as the fields of a form hold them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeVar

from .alerts import FARTHEST, LONGEST, TEMPLATES, Cold, Draft, Ending, Issued, Origin, Reason
from .clock import Day, instant, next_reset
from .coldnights import COLDEST, MOST_SITES, WARMEST, Night, Sky, night_of
from .declaring import wall_time
from .forms import Reading, Unfit, Wrong, count, key_of, word, words

VERSION = re.compile(r"[0-9]{1,20}-[0-9]{1,20}")
Fields = Mapping[str, str]
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Change:
    """An extension (``until``) or a cancellation (``ending``) of what was seen in ``seen``."""

    seen: str
    key: str
    until: datetime | None = None
    ending: Ending | None = None


def from_template(cold: Cold, who: str, now: datetime, day: Day) -> Draft:
    """A first draft for tonight: from this evening, or now where it has begun, to the reset."""
    evening = instant(night_of(now, day), day.evening, day.zone)
    since = max(now, evening)
    return Draft(cold, TEMPLATES[cold], "", since, next_reset(since, day), who, now)


def draft(given: Fields, areas: Iterable[str], who: str, now: datetime, day: Day) -> Draft:
    """``cold``, ``reason``, ``area`` ('' everywhere), ``since`` and ``until``. Raises Refused.

    A start that has passed is now; ``origin`` is where the draft came from.
    """
    reading, cold, reason, area = Reading(), Cold.EXTREME_COLD, Reason.FORECAST, ""
    since = until = now
    with reading.of("cold"):
        cold = word(given.get("cold"), Cold)
    with reading.of("reason"):
        reason = word(given.get("reason"), Reason)
    with reading.of("area"):
        area = _area(given.get("area", ""), areas)
    with reading.of("since"):
        since = _start(given.get("since"), now, day)
    with reading.of("until"):
        until = _end(given.get("until"), since, now, day)
    reading.done()
    told = given.get("origin", "")
    origin = Origin(told) if told in list(Origin) else Origin.TEMPLATE
    return Draft(cold, reason, area, since, until, who, now, origin)


def issued(id_: str, found: Draft) -> Issued:
    """The alert that a draft becomes when somebody issues it."""
    return Issued(
        id=id_,
        cold=found.cold,
        reason=found.reason,
        area=found.area,
        since=found.since,
        until=found.until,
        who=found.who,
        issued_at=found.at,
    )


def typed(given: Fields) -> str:
    """What tells two forms apart that carry one key: the times as they were typed."""
    return f"{given.get('since', '')} {given.get('until', '')}"


def extension(given: Fields, alert: Issued, now: datetime, day: Day) -> Change:
    """A later end: ``until``, ``seen`` and ``key``. Raises Refused."""
    reading, until = Reading(), alert.until
    with reading.of("until"):
        until = _end(given.get("until"), alert.since, now, day)
        if until <= alert.until:
            raise Unfit(Wrong.PASSED)
    seen, key = _seen(reading, given), key_of(reading, given)
    reading.done()
    return Change(seen, key, until=until)


def cancellation(given: Fields) -> Change:
    """``ending``, why; ``seen`` and ``key``. Raises Refused."""
    reading, ending = Reading(), Ending.MISTAKE
    with reading.of("ending"):
        ending = word(given.get("ending"), Ending)
    seen, key = _seen(reading, given), key_of(reading, given)
    reading.done()
    return Change(seen, key, ending=ending)


def night(given: Fields, sky: Sequence[str], when: date, who: str, now: datetime) -> Night:
    """``low`` and ``chill`` in degrees Celsius, ``sites``, ``sheltered``, ``counted_at`` and
    ``closed_at``; what is left empty is not known, but not all may be. Raises Refused.
    """
    reading = Reading()
    low = _maybe(reading, given, "low", _degrees)
    chill = _maybe(reading, given, "chill", _degrees)
    sites = _maybe(reading, given, "sites", lambda told: count(told, 0, MOST_SITES))
    sheltered = _maybe(reading, given, "sheltered", count)
    counted_at = _maybe(reading, given, "counted_at", wall_time)
    closed_at = _maybe(reading, given, "closed_at", wall_time)
    known = tuple(one for one in Sky if one in sky)
    if len(known) != len(set(sky) - {""}):
        reading.errors["sky"] = Wrong.UNKNOWN_WORD
    found = Night(
        when, low, chill, known, sites, sheltered, counted_at, closed_at, who, now
    )  # fmt: skip
    if not reading.errors and found == Night(when, who=who, at=now):
        reading.errors["low"] = Wrong.MISSING
    reading.done()
    return found


def of_night(given: Fields) -> tuple[str, str]:
    """The version of what was seen of a night, '' for nothing, and the key. Raises Refused."""
    reading = Reading()
    seen, key = given.get("seen", ""), key_of(reading, given)
    if seen and not VERSION.fullmatch(seen):
        reading.errors["seen"] = Wrong.NOT_A_VERSION
    reading.done()
    return seen, key


def _maybe(reading: Reading, given: Fields, name: str, read: Callable[[str], Read]) -> Read | None:
    text = given.get(name, "").strip()
    with reading.of(name):
        return read(text) if text else None
    return None


def _degrees(told: str) -> int:
    return count(told, COLDEST, WARMEST)


def _area(told: str, areas: Iterable[str]) -> str:
    known = {one.casefold(): one for one in areas}
    if told and told.casefold() not in known:
        raise Unfit(Wrong.UNKNOWN_WORD)
    return known.get(told.casefold(), "")


def _start(told: object, now: datetime, day: Day) -> datetime:
    at = max(now, wall(told, day))
    if at > now + FARTHEST:
        raise Unfit(Wrong.TOO_FAR)
    return at


def _end(told: object, since: datetime, now: datetime, day: Day) -> datetime:
    at = wall(told, day)
    if at <= max(since, now):
        raise Unfit(Wrong.PASSED)
    if at > since + LONGEST:
        raise Unfit(Wrong.TOO_FAR)
    return at


def wall(told: object, day: Day) -> datetime:
    """The instant of "2026-11-20T16:00" or "2026-11-20 16:00" on the wall. Raises Unfit."""
    text = words(told, 30)
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?", text):
        raise Unfit(Wrong.NOT_A_TIME)
    try:
        on, at = date.fromisoformat(text[:10]), time.fromisoformat(text[11:])
    except ValueError:
        raise Unfit(Wrong.NOT_A_TIME) from None
    if not 2000 <= on.year <= 2200:
        raise Unfit(Wrong.NOT_A_TIME)
    return instant(on, at, day.zone)


def _seen(reading: Reading, given: Fields) -> str:
    seen = given.get("seen", "")
    if not VERSION.fullmatch(seen):
        reading.errors["seen"] = Wrong.NOT_A_VERSION
    return seen
