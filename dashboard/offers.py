"""What an outreach worker sees: beds that can be kept or asked for, and what their agency has.

A confidential site is not among them, and of other agencies' holds nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from .asking import Ask, Way, way
from .beds import BedGroup, Hold, Site
from .board import Board
from .clock import Day
from .evening import tonight
from .holds import ARRIVALS, first_end, latest_end
from .planned import today
from .rows import GroupRow, Moment, SiteRow
from .visits import Dispute


@dataclass(frozen=True, slots=True)
class Offer:
    """A bed group, and in how many minutes somebody may say to be there; none: only by phone."""

    row: GroupRow
    way: Way
    arrivals: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Door:
    """A site and its bed groups. ``ends``: when a hold that is made now would end, if any can."""

    site: Site
    ends: datetime | None
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Mine:
    """A hold of one's own agency. ``more``: whether it can be extended."""

    hold: Hold
    site: Site
    group: BedGroup
    more: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A bed of this group that one's own agency asks a desk to keep."""

    ask: Ask
    site: Site
    group: BedGroup


def doors(moment: Moment) -> dict[str, Door]:
    """Every site that is no secret, by its id."""
    rows = (row for row in moment.rows() if not row.site.confidential)
    return {row.site.id: door(row, moment) for row in rows}


def door(row: SiteRow, moment: Moment) -> Door:
    """One site."""
    ends = first_end(row.site, moment.day, moment.now)
    return Door(row.site, ends, tuple(_offer(row, one, ends, moment.now) for one in row.groups))


def _offer(of: SiteRow, row: GroupRow, ends: datetime | None, now: datetime) -> Offer:
    known = None if row.disputed_at else row.available
    found = way(row.group, row.status, row.freshness, known)
    if of.site.asks_call_first or found is Way.CALL or ends is None:
        return Offer(row, Way.CALL, ())
    arrivals = (one for one in ARRIVALS if now + timedelta(minutes=one) <= ends)
    return Offer(row, found, tuple(arrivals))


def offer(moment: Moment, site: str, group: str) -> tuple[Door, Offer] | None:
    """One bed group; None where there is none that outreach people may see."""
    row = moment.row(site)
    if row is None or row.site.confidential:
        return None
    found = door(row, moment)
    return next(((found, one) for one in found.offers if one.row.group.id == group), None)


def disputes(board: Board) -> dict[tuple[str, str], Dispute]:
    """What was found at the doors of sites and their bed groups, and their desks did not answer."""
    return {
        (site, one.group.id): one.figure.disputed
        for site, state in list(board.sites.items())
        for one in state.groups
        if one.figure and one.figure.disputed
    }


def mine(board: Board, agency: str, day: Day, now: datetime) -> list[Mine]:
    """An agency's open holds, in the order in which people are expected."""
    found = [
        Mine(hold, site, one.group, _more(hold, site, day))
        for kept in list(board.sites.values())
        for state in [kept.on(today(now, day))]
        for site in [tonight(state.site, state.evening, now)]
        for one in state.groups
        for hold in one.holds
        if hold.agency == agency and hold.keeps(now)
    ]
    return sorted(found, key=lambda one: (one.hold.comes_at, one.hold.made_at, one.hold.id))


def asked(board: Board, agency: str, now: datetime) -> list[Question]:
    """What an agency asks desks for and nobody has answered, the oldest first."""
    found = [
        Question(ask, state.site, one.group)
        for state in list(board.sites.values())
        for one in state.groups
        for ask in one.asks
        if ask.agency == agency and ask.waits(now)
    ]
    return sorted(found, key=lambda one: (one.ask.made_at, one.ask.id))


def _more(hold: Hold, site: Site, day: Day) -> bool:
    return not hold.extended and latest_end(hold, site, day) > hold.expires_at


def find(holds: Iterable[Mine], id_: str) -> Mine | None:
    return next((one for one in holds if one.hold.id == id_), None)
