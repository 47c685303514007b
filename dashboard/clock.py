"""Wall time to instants, the segments of a day, and the horizons that make a figure fresh or stale.

Everything here is a function of its arguments: nobody reads a clock. Instants are aware UTC
datetimes; wall times are naive ``datetime.time`` values in the community's zone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from . import zones

DAY = timedelta(days=1)
TICK = timedelta(milliseconds=1)  # between the last moment of one state and the first of the next
VANCOUVER = zones.find("America/Vancouver")
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


class Freshness(StrEnum):
    """How far a figure can be trusted, from best to worst."""

    FRESH = "fresh"
    AGEING = "ageing"
    STALE = "stale"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Limits:
    """The greatest age at which a figure is still fresh, and still ageing."""

    fresh: timedelta
    stale: timedelta

    def __post_init__(self) -> None:
        if not timedelta(0) < self.fresh < self.stale:
            raise ValueError("the fresh limit must be above 0 and below the stale limit")

    def tightened(self, other: Limits | None) -> Limits:
        """The stricter of the two, limit by limit; a site may tighten, never loosen."""
        if other is None:
            return self
        return Limits(min(self.fresh, other.fresh), min(self.stale, other.stale))


@dataclass(frozen=True, slots=True)
class Alert:
    """Cold-weather mode, from one instant until another; in one area, '' for everywhere."""

    since: datetime
    until: datetime
    area: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """A community's day: its zone, when figures die, when beds fill, and how fast counts age.

    ``reminders`` are the hours at which desks are asked to count, beside the start of the evening
    and the decision time. ``earlier`` is what held before somebody changed it, the oldest first:
    so limits that are loosened make no old figure fresh again.
    """

    zone: ZoneInfo = VANCOUVER
    reset: time = time(8)
    decision: time = time(17)
    evening: time = time(15)
    evening_limits: Limits = Limits(timedelta(minutes=60), timedelta(hours=3))
    other_limits: Limits = Limits(timedelta(hours=4), timedelta(hours=8))
    reminders: tuple[time, ...] = ()
    earlier: tuple[Earlier, ...] = ()

    def in_force(self, now: datetime) -> Day:
        """What held, or holds, at that moment."""
        return next((one.day for one in self.earlier if now < one.until), self)


@dataclass(frozen=True, slots=True)
class Earlier:
    """A community's day as it was until an instant at which somebody changed it."""

    until: datetime
    day: Day


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time, ``since`` included and ``until`` excluded, with one pair of limits."""

    since: datetime
    until: datetime
    limits: Limits


@dataclass(frozen=True, slots=True)
class Horizons:
    """Three instants that judge every figure at one moment by when it was observed.

    ``fresh``: observed earlier is no longer fresh. ``stale``: observed earlier is stale.
    ``reset``: observed earlier is dead. Each only moves forward, so freshness only worsens.
    ``day`` holds the segments from that reset to the next one.
    """

    fresh: datetime
    stale: datetime
    reset: datetime
    day: tuple[Segment, ...]

    def judge(self, observed_at: datetime | None) -> Freshness:
        """The freshness of a figure observed then; None is one that was never reported."""
        if observed_at is None or observed_at < self.reset:
            return Freshness.NEVER
        if observed_at < self.stale:
            return Freshness.STALE
        return Freshness.AGEING if observed_at < self.fresh else Freshness.FRESH

    def worsens_at(self, observed_at: datetime) -> tuple[datetime, datetime]:
        """The last instants at which this figure is fresh, and not stale, if nobody reports again.

        They lie in the past where that has happened already; no figure outlives the next reset.
        """
        fresh_until = stale_after = self.day[-1].until - TICK
        for part in reversed(self.day):
            if (at := max(observed_at + part.limits.fresh, part.since - TICK)) < part.until:
                fresh_until = at
            if (at := max(observed_at + part.limits.stale, part.since - TICK)) < part.until:
                stale_after = at
        return fresh_until, stale_after


@lru_cache(1024)  # every look at a board asks for the same few edges of the same few days
def instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The instant of a wall time: of a repeated one the first, for a skipped one the next."""
    local = datetime.combine(day, wall, tzinfo=zone)
    found = local.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return found
    # Skipped by daylight saving: the clock jumps somewhere between these two readings.
    low, high = local.replace(fold=1).astimezone(UTC), found
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def last_reset(now: datetime, day: Day) -> datetime:
    """The newest daily reset that is not after ``now``: what was dead once stays so."""
    found = []
    for one in day.earlier:
        found.append(_last_reset(min(now, one.until), one.day))
        if now < one.until:
            return max(found)
    return max([*found, _last_reset(now, day)])


def _last_reset(now: datetime, day: Day) -> datetime:
    today = now.astimezone(day.zone).date()
    at = instant(today, day.reset, day.zone)
    return at if at <= now else instant(today - DAY, day.reset, day.zone)


def next_reset(now: datetime, day: Day) -> datetime:
    """The first daily reset after ``now``."""
    day = day.in_force(now)
    today = now.astimezone(day.zone).date()
    at = instant(today, day.reset, day.zone)
    return at if at > now else instant(today + DAY, day.reset, day.zone)


def next_instant(now: datetime, wall: time, zone: ZoneInfo) -> datetime:
    """The first instant after ``now`` at which the wall clock shows ``wall``."""
    today = now.astimezone(zone).date()
    at = instant(today, wall, zone)
    return at if at > now else instant(today + DAY, wall, zone)


def segments(
    since: datetime, until: datetime, day: Day, alerts: Sequence[Alert] = ()
) -> Iterator[Segment]:
    """The stretches of constant limits that cover ``since`` to ``until``, in order.

    An evening runs from ``day.evening`` to midnight. An alert tightens any hour it covers.
    """
    edges = {since, until, *(one.until for one in day.earlier)}
    walls = {time(0), day.evening, *(one.day.evening for one in day.earlier)}
    date_ = since.astimezone(day.zone).date() - DAY
    while date_ <= until.astimezone(day.zone).date() + DAY:
        edges.update(instant(date_, wall, day.zone) for wall in walls)
        date_ += DAY
    for alert in alerts:
        edges.update((alert.since, alert.until))
    inside = sorted(edge for edge in edges if since <= edge <= until)
    for start, end in pairwise(inside):
        told = day.in_force(start)
        evening = start.astimezone(day.zone).time() >= told.evening
        alerted = any(alert.since <= start < alert.until for alert in alerts)
        yield Segment(start, end, told.evening_limits if evening or alerted else told.other_limits)


def horizons(
    now: datetime, day: Day, tighter: Limits | None = None, alerts: Sequence[Alert] = ()
) -> Horizons:
    """What was observed when is fresh, stale or dead at ``now``.

    A figure that was already too old at the end of an earlier segment stays so: the end of an
    evening or of an alert refreshes nothing.
    """
    reset = last_reset(now, day)
    parts = tuple(
        Segment(part.since, part.until, part.limits.tightened(tighter))
        for part in segments(reset, next_reset(now, day), day, alerts)
    )
    fresh = stale = reset
    for part in parts:
        if part.since <= now:
            end = min(part.until, now)
            fresh = max(fresh, end - part.limits.fresh)
            stale = max(stale, end - part.limits.stale)
    return Horizons(fresh, stale, reset, parts)
