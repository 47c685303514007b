"""What the page is given of each site's clock, and of what comes next where nothing fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .. import access, later, web
from ..asked import Word
from ..beds import Status
from ..evening import Topic
from ..fit import Bunk, Choice, Fit
from ..hours import Hours, Leave, hours, leaves
from ..rows import GroupRow, Moment, SiteRow
from ..travel import Travel

PASSING = {Word.FULL, Word.TOO_FEW, Word.ENDED, Word.APART}  # what a release may change


class Trip:
    """From where somebody starts: an area of the coordinator's list, or nowhere in particular."""

    def __init__(self, travel: Travel, start: str):
        self.travel = travel
        self.start = travel.find(start)

    def minutes(self, areas: Iterable[str]) -> dict[str, int]:
        """To each of these areas that is timed: on foot, or by car where only that is known."""
        legs = ((area, self.travel.leg(self.start, area)) for area in areas if self.start)
        return {area: next(leg.ways())[1] for area, leg in legs if leg}

    def legs(self, areas: Iterable[str]) -> dict[str, tuple[int | None, int | None]]:
        """The same for a script: minutes on foot and by car, by area."""
        found = ((area, self.travel.leg(self.start, area)) for area in sorted(areas))
        return {area: (leg.walk, leg.drive) for area, leg in found if leg}

    def leaves(self, row: SiteRow, clock: Hours) -> tuple[Leave, ...]:
        """When to leave for this site; () where nobody said from where."""
        area = row.site.place.area
        return leaves(clock, self.travel.leg(self.start, area)) if self.start and area else ()


def trip(start: str) -> Trip:
    """Raises StoreDown."""
    return Trip(access.store().areas.travel(), start)


def given(moment: Moment, choices: Sequence[Choice], trip: Trip) -> dict[str, Any]:
    """What the cards, the second list and "Nothing fits" show."""
    choices = [one for one in choices if not one.row.site.confidential]
    rows = [one.row for one in choices]
    clocks = {row.site.id: hours(row, moment.day, moment.now) for row in rows}
    shuttle = web.settings().shuttle
    areas = {row.site.place.area for row in rows} - {""}
    return {
        "travel": trip.travel,
        "minutes": {start: Trip(trip.travel, start).legs(areas) for start in trip.travel.areas},
        "start": trip.start,
        "clocks": clocks,
        "leaves": {row.site.id: trip.leaves(row, clocks[row.site.id]) for row in rows},
        "refuses": {one.row.site.id: _refuses(one) for one in choices},
        "releases": later.releases(_may_open(choices), clocks),
        "calls": later.calls(rows, clocks, _hoped(choices)),
        "warm": later.saying(rows, Topic.WARMING_ROOM),
        "stops": later.saying(rows, Topic.SHUTTLE),
        "shuttle": shuttle,
        "shuttle_runs": shuttle is not None and shuttle.runs(moment.day, moment.now),
    }


def _refuses(card: Choice) -> dict[str, str]:
    """For a script: by bed group that may yet open, every word that it says no to."""
    return {
        bunk.row.group.id: " ".join((*card.no, *bunk.no))
        for bunk in card.bunks
        if bunk.row and bunk.row.status is not Status.CLOSED
    }


def _may_open(choices: Iterable[Choice]) -> list[SiteRow]:
    """The sites with a bed group that nothing but the hour keeps these people from."""
    return [one.row for one in choices if any(map(_passing, one.bunks))]


def _passing(bunk: Bunk) -> bool:
    return bunk.verdict.fit is not Fit.NO or set(bunk.verdict.why) <= PASSING


def _hoped(choices: Iterable[Choice]) -> Any:
    groups: Mapping[str, list[GroupRow]] = {
        one.row.site.id: [
            bunk.row for bunk in one.bunks if bunk.row and bunk.verdict.fit is not Fit.NO
        ]
        for one in choices
    }
    return lambda row: groups[row.site.id]
