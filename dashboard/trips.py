"""From one area to every site: how near each is tonight, when to leave, and which is too far.

A site that nobody reaches in time any more is no "no": it must be asked, since a call may keep the
door open, and a ride may be quicker than the list says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from .clock import Day
from .hours import Hours, Leave, hours, leaves
from .rows import SiteRow
from .travel import Travel, ordered

Legs = Mapping[str, tuple[int | None, int | None]]  # minutes on foot and by car, by area


@dataclass(frozen=True, slots=True)
class Trip:
    """Where somebody starts ('' where nobody said), and by site its clock and the ways there."""

    travel: Travel
    start: str = ""
    minutes: Mapping[str, int] = field(default_factory=dict)
    clocks: Mapping[str, Hours] = field(default_factory=dict)
    leaves: Mapping[str, tuple[Leave, ...]] = field(default_factory=dict)

    @property
    def too_far(self) -> frozenset[str]:
        """The sites that nobody reaches in time any more, whichever way is known."""
        return frozenset(
            site for site, ways in self.leaves.items() if ways and all(one.missed for one in ways)
        )


def trip(travel: Travel, start: str, rows: Sequence[SiteRow], day: Day, now: datetime) -> Trip:
    """To each of these sites, from the area of this name. ``minutes`` are by area."""
    found, near = travel.find(start), legs(travel, start, (row.site.place.area for row in rows))
    clocks = {row.site.id: hours(row, day, now) for row in rows}
    ways = {row.site.id: travel.leg(found, row.site.place.area) for row in rows if found}
    return Trip(
        travel,
        found,
        {area: drive or 0 if walk is None else walk for area, (walk, drive) in near.items()},
        clocks,
        {site: leaves(clocks[site], leg) for site, leg in ways.items()},
    )


def legs(travel: Travel, start: str, areas: Iterable[str]) -> Legs:
    """To each of these areas that is timed from there."""
    found = ((area, travel.leg(start, area)) for area in ordered(set(areas) - {""}))
    return {area: (leg.walk, leg.drive) for area, leg in found if leg}
