"""What was asked for and not found: for each single constraint one count a day, never a need.

"Two-spirit, youth, wheelchair" is a person in a small city. So what goes together is kept nowhere,
and a count is shown from 5 up; that of a day which is not over only in steps of 5, since whoever
looks twice could otherwise see which counts grew together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .clock import Day, last_reset

FROM = 5
SHOWN_FOR = timedelta(days=30)
ANYONE = "anyone"  # asked for a bed and nothing more

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Shortage:
    """One day's counts as people may see them, the greatest first. ``over``: no more will come."""

    day: date
    over: bool
    counts: Counts


def today(now: datetime, day: Day) -> date:
    """The date of the night that began with the last daily reset."""
    return last_reset(now, day).astimezone(day.zone).date()


def lately(now: datetime, day: Day) -> list[date]:
    """The days that are shown, the newest first."""
    first = today(now, day)
    return [first - timedelta(days=number) for number in range(SHOWN_FOR.days)]


def constraints(choices: Iterable[str]) -> tuple[str, ...]:
    """What to count for one need, each once and in no order of anybody's."""
    return tuple(sorted(set(choices))) or (ANYONE,)


def shown(kept: Mapping[date, Counts], now: datetime, day: Day) -> list[Shortage]:
    """What a coordinator may see of these days: those with nothing to show are left out."""
    current = today(now, day)
    found = [
        Shortage(date_, date_ != current, _visible(counts, date_ != current))
        for date_, counts in sorted(kept.items(), reverse=True)
    ]
    return [one for one in found if one.counts]


def _visible(counts: Counts, over: bool) -> Counts:
    told = {word: count if over else count - count % FROM for word, count in counts.items()}
    seen = ((word, count) for word, count in told.items() if count >= FROM)
    return dict(sorted(seen, key=lambda one: (-one[1], one[0])))
