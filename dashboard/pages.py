"""What each public page is given: one function for each, from rows and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Any

from .beds import Status
from .cards import Card, Deck, needs, tel
from .clock import last_reset, next_instant
from .filters import NEEDS, SIDES, WHO, Wanted
from .rows import Moment, SiteRow
from .voice import Voice


class Part(StrEnum):
    """The parts of the board, in their order. Confidential sites have none."""

    OPEN = "open"
    CALL_FIRST = "call-first"
    FULL = "full"
    CLOSED = "closed"
    NO_BEDS = "no-beds"
    MISFIT = "misfit"


PARTS = {
    Status.OPEN: Part.OPEN,
    Status.FEW: Part.OPEN,
    Status.CALL_FIRST: Part.CALL_FIRST,
    Status.FULL: Part.FULL,
    Status.CLOSED: Part.CLOSED,
    Status.NO_BEDS: Part.NO_BEDS,
}


@dataclass(frozen=True, slots=True)
class Hour:
    """The decision clock: until ``at`` people can plan; ``release``: when beds may open again.

    ``late``: an hour after it, when no paper can be trusted any more. ``midnight``: when the
    evening of ``at`` is over.
    """

    at: datetime
    midnight: datetime
    wall: time
    release: time | None

    @property
    def late(self) -> time:
        return self.wall.replace(hour=(self.wall.hour + 1) % 24)


def board(deck: Deck, moment: Moment, voice: Voice, wanted: Wanted) -> dict[str, Any]:
    """The board: its parts with their cards, the phone lines, the clock, and what is asked."""
    rows = moment.rows()
    public = [row for row in rows if not row.site.confidential]
    return {
        "say": voice,
        "version": moment.version,
        "parts": parts([deck.card(moment, row, voice) for row in public], wanted),
        "lines": [row.site for row in rows if row.site.confidential],
        "hour": hour(moment, public),
        "wanted": wanted,
        "who": WHO,
        "needs": NEEDS,
        "sides": SIDES,
        "tel": tel,
    }


def parts(cards: Iterable[Card], wanted: Wanted) -> dict[Part, list[Card]]:
    """The cards by part, in the board's order; what does not fit comes last, never left out."""
    found: dict[Part, list[Card]] = {part: [] for part in Part}
    for one in cards:
        part = Part.MISFIT if one.fit.misfits(wanted) else PARTS[one.row.status]
        found[part].append(one)
    return found


def hour(moment: Moment, rows: Sequence[SiteRow]) -> Hour:
    """The decision time of this day, and the first release of unclaimed beds after it."""
    day = moment.day
    morning = last_reset(moment.now, day)
    opening = [row.site for row in rows if row.status is not Status.CLOSED]
    releases = [site.release for site in opening if site.release]
    ahead = [wall for wall in releases if next_instant(morning, wall, day.zone) > moment.now]
    first = min(ahead, key=lambda wall: next_instant(morning, wall, day.zone), default=None)
    at = next_instant(morning, day.decision, day.zone)
    return Hour(at, next_instant(at, time(0), day.zone), day.decision, first)


def changes_at(moment: Moment) -> datetime:
    """When the clock alone will next change a row of this board; at the latest at the reset."""
    ends = (row.changes_at for row in moment.rows() if row.changes_at)
    return min([*ends, moment.quiet_until])


def site(deck: Deck, moment: Moment, row: SiteRow, voice: Voice) -> dict[str, Any]:
    """One site: its card and everything else that the public may know of it."""
    shown = deck.card(moment, row, voice)
    return {
        "say": voice,
        "version": moment.version,
        "card": shown,
        "site": row.site,
        "needs": needs(row.site, shown.fit),
        "record": moment.record(row.site.id),
    }
