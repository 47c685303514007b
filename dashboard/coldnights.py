"""The log of cold nights: what a coordinator writes down of one, as numbers and fixed words.

A night is the local date of its evening. Counts are of a whole community, never of one site, so
that nobody can be found in them. A correction is a new entry; the one before stays in the stream.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from .alerts import Issued
from .board import Board
from .clock import DAY, Day, instant, last_reset
from .events import Event
from .facts import Season

COLDEST, WARMEST = -70, 20  # degrees that anybody will ever write down here
MOST_SITES = 500


class Sky(StrEnum):
    """What came down, and how."""

    SNOW = "snow"
    WIND = "wind"
    FREEZING_RAIN = "freezing-rain"
    RAIN = "rain"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Night:
    """One cold night. None is not known. Degrees are Celsius; ``counted_at`` is a wall time.

    ``sites`` opened because of the alert, and ``sheltered`` is how many people were in at the
    count. Raises ValueError for what can't be.
    """

    date: date
    low: int | None = None
    chill: int | None = None
    sky: tuple[Sky, ...] = ()
    sites: int | None = None
    sheltered: int | None = None
    counted_at: time | None = None
    closed_at: time | None = None
    who: str = ""
    at: datetime | None = None
    version: str = ""

    def __post_init__(self) -> None:
        for degrees in (self.low, self.chill):
            if degrees is not None and not COLDEST <= degrees <= WARMEST:
                raise ValueError(f"degrees must be from {COLDEST} to {WARMEST}")
        if (self.sites or 0) < 0 or (self.sheltered or 0) < 0:
            raise ValueError("a count can't be below 0")


@dataclass(frozen=True, slots=True)
class NightLogged(Event):
    """A cold night was written down, or mended: ``before`` is what stood."""

    night: Night
    before: Night | None
    who: str
    at: datetime


@dataclass(slots=True)
class Entry:
    """A night as its page tells it: the alerts that were on in it, and what was written down."""

    date: date
    alerts: list[Issued] = field(default_factory=list)
    night: Night | None = None
    over: bool = True


def night_of(at: datetime, day: Day) -> date:
    """The date of the night that an instant belongs to: it lasts from one reset to the next."""
    return last_reset(at, day).astimezone(day.zone).date()


def dates(alert: Issued, day: Day, now: datetime) -> list[date]:
    """The nights that have begun in which this alert was on."""
    if alert.until <= alert.since or alert.since > now:
        return []
    last = night_of(min(alert.until - timedelta(milliseconds=1), now), day)
    found = [night_of(alert.since, day)]
    while found[-1] < last:
        found.append(found[-1] + DAY)
    return found


def log(alerts: Iterable[Issued], nights: Iterable[Night], now: datetime, day: Day) -> list[Entry]:
    """Every night of the season that had an alert or was written down, newest first."""
    found: dict[date, Entry] = {}
    for alert in sorted(alerts, key=lambda one: one.since):
        for one in dates(alert, day, now):
            found.setdefault(one, Entry(one)).alerts.append(alert)
    for night in nights:
        found.setdefault(night.date, Entry(night.date)).night = night
    for entry in found.values():
        entry.over = instant(entry.date + DAY, day.reset, day.zone) <= now
    return sorted(found.values(), key=lambda one: one.date, reverse=True)


def opened(board: Board, now: datetime) -> int:
    """How many sites have a group for alerts that its desk has counted since the last reset."""
    reset = last_reset(now, board.day)
    return sum(
        any(
            one.group.season is Season.ALERT and one.figure and one.figure.observed_at >= reset
            for one in state.groups
        )
        for state in list(board.sites.values())
    )


def differing(written: Iterable[Night], events: Iterable[NightLogged]) -> list[date]:
    """The nights that are not written down as the newest of these entries says."""
    newest = {event.night.date: event.night for event in events}
    apart = set(written) ^ set(newest.values())
    return sorted({night.date for night in apart})
