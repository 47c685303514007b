"""Areas of the town, the minutes between them on foot and by car, and when the shuttle runs.

The coordinator keeps both. Where somebody is, they choose from this list: no phone is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum

from .clock import Day, last_reset, next_instant

LONGEST = 600  # minutes; whatever takes longer is another town
AREA_LENGTH = 60
MOST_AREAS = 40

Pair = tuple[str, str]


class Way(StrEnum):
    """How somebody gets there."""

    WALK = "walk"
    DRIVE = "drive"


@dataclass(frozen=True, slots=True)
class Leg:
    """The minutes between two areas, there or back; None where nobody has said."""

    walk: int | None = None
    drive: int | None = None

    def __post_init__(self) -> None:
        for minutes in (self.walk, self.drive):
            if minutes is not None and not 0 <= minutes <= LONGEST:
                raise ValueError(f"minutes must be from 0 to {LONGEST}")

    def __bool__(self) -> bool:
        return self != Leg()

    def ways(self) -> Iterator[tuple[Way, int]]:
        """The ways that somebody has said, with their minutes."""
        for way, minutes in ((Way.WALK, self.walk), (Way.DRIVE, self.drive)):
            if minutes is not None:
                yield way, minutes


UNKNOWN = Leg()


@dataclass(frozen=True, slots=True)
class Travel:
    """The areas in their order, and the legs between them. No leg leads elsewhere."""

    areas: tuple[str, ...] = ()
    legs: Mapping[Pair, Leg] = field(default_factory=dict)

    def find(self, name: str) -> str:
        """The area of this name, however it is written; '' where there is none."""
        wanted = name.strip().casefold()
        return next((one for one in self.areas if one.casefold() == wanted), "")

    def leg(self, start: str, end: str) -> Leg:
        """Between two areas, or within one."""
        exact = self.legs.get(pair(start, end))
        return exact or self.legs.get(pair(self.find(start), self.find(end)), UNKNOWN)

    def timed(self, area: str) -> int:
        """From how many areas, itself included, somebody has said how long it takes here."""
        return sum(area in between for between in self.legs)

    def others(self, areas: Iterable[str]) -> list[str]:
        """Those of these names that are no area here, in order, each once."""
        return ordered({one for one in areas if one and not self.find(one)})


@dataclass(frozen=True, slots=True)
class Shuttle:
    """When the shuttle runs: between two wall times, maybe past midnight. ``phone`` may be ''."""

    starts: time
    ends: time
    phone: str = ""

    def runs(self, day: Day, now: datetime) -> bool:
        """Whether it runs at this moment."""
        start = next_instant(last_reset(now, day), self.starts, day.zone)
        return start <= now < next_instant(start, self.ends, day.zone)


def pair(one: str, other: str) -> Pair:
    """Two areas, whichever comes first: a way back takes as long."""
    first, second = ordered((one, other))
    return first, second


def ordered(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: (name.casefold(), name))
