"""What the page is given of each site's clock, and of what comes next where nothing fits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import request

from .. import access, later, trips, web
from ..asked import Word
from ..beds import Status
from ..evening import Topic
from ..fit import Bunk, Choice, Fit
from ..rows import GroupRow, Moment, SiteRow
from ..trips import Trip

PASSING = {Word.FULL, Word.TOO_FEW, Word.ENDED, Word.APART}  # what a release may change


def trip(moment: Moment, rows: Sequence[SiteRow]) -> Trip:
    """From the area that the address names to each of these sites. Raises StoreDown."""
    travel, start = access.store().areas.travel(), request.args.get("start", "")
    return trips.trip(travel, start, rows, moment.day, moment.now)


def given(moment: Moment, choices: Sequence[Choice], trip: Trip) -> dict[str, Any]:
    """What the cards, the second list and "Nothing fits" show."""
    choices = [one for one in choices if not one.row.site.confidential]
    rows, shuttle = [one.row for one in choices], web.customs().shuttle
    areas = [row.site.place.area for row in rows]
    return {
        "trip": trip,
        "minutes": {one: trips.legs(trip.travel, one, areas) for one in trip.travel.areas},
        "refuses": {one.row.site.id: _refuses(one) for one in choices},
        "releases": later.releases(_may_open(choices), trip.clocks),
        "calls": later.calls(rows, trip.clocks, {one.row.site.id: _hoped(one) for one in choices}),
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


def _hoped(card: Choice) -> list[GroupRow]:
    """The bed groups that these people may hope for, or must ask about."""
    return [bunk.row for bunk in card.bunks if bunk.row and bunk.verdict.fit is not Fit.NO]
