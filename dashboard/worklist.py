"""Tonight's work list: which site needs a call, and why; what needs one most comes first.

A call is made to a site, the need lies in its bed groups. Least recently confirmed comes first
among those that need it alike. Nobody is sent where somebody else is on the phone already.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from . import planned
from .beds import Figure, Status, Was, held
from .board import GroupState, SiteState
from .calls import Call, LastCall
from .clock import Freshness
from .evening import tonight
from .reminders import last_asked
from .rows import GONE, Moment

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Need(StrEnum):
    """Why a bed group needs a call, the most pressing first; the last two need none."""

    UNKNOWN = "unknown"
    DISPUTED = "disputed"
    UNCONFIRMED = "unconfirmed"
    NONE = "none"
    CLOSED = "closed"


CALLS_FOR = (Need.UNKNOWN, Need.DISPUTED, Need.UNCONFIRMED)


@dataclass(frozen=True, slots=True)
class Line:
    """One bed group. ``figure`` is None until it is counted after the day's reset.

    ``kept``: beds of it are kept for people on the way; how many, and for whom, is for the
    site's own people. ``asked``: somebody asks its desk for one.
    """

    state: GroupState
    need: Need
    freshness: Freshness
    figure: Figure | None
    kept: bool
    asked: bool

    @property
    def was(self) -> Was | None:
        """Where the number comes from: for its trend."""
        return self.figure.was if self.figure else None


@dataclass(frozen=True, slots=True)
class Work:
    """One site of the list. ``asked_at``: since then its groups should have been confirmed.

    ``call`` is who phones it now, ``called`` the last call that was made today, ``again_at`` when
    it is worth another, where nobody answered lately.
    """

    state: SiteState
    lines: tuple[Line, ...]
    asked_at: datetime | None
    call: Call | None
    called: LastCall | None
    again_at: datetime | None

    @property
    def need(self) -> Need:
        """The most pressing of its bed groups."""
        return min((one.need for one in self.lines), key=_RANK.index, default=Need.CLOSED)

    @property
    def oldest(self) -> datetime:
        """When the least recently confirmed of what needs a call was."""
        pressing = (one.figure for one in self.lines if one.need in CALLS_FOR)
        return min((one.observed_at if one else LONG_AGO for one in pressing), default=LONG_AGO)

    @property
    def due(self) -> bool:
        """Whether somebody should phone it now."""
        return self.need in CALLS_FOR and not self.call and not self.again_at


_RANK = tuple(Need)


def worklist(moment: Moment, states: Iterable[SiteState]) -> list[Work]:
    """Every site that has bed groups, in the order in which they need a call."""
    found = [work(moment, one) for one in list(states) if _listed(moment, one)]
    return sorted((one for one in found if one.lines), key=_order)


def _listed(moment: Moment, state: SiteState) -> bool:
    """Not a site that ended long ago."""
    return not planned.ended(state.site, moment.today - GONE)


def work(moment: Moment, state: SiteState) -> Work:
    """One site at this moment, with the bed groups that are there today."""
    state = state.on(moment.today)
    judge, now = moment.judge(state.site), moment.now
    asked_at = last_asked(tonight(state.site, state.evening, now), judge, moment.day, now)
    called = state.called if state.called and state.called.at >= judge.reset else None
    again_at = called.again_at() if called else None
    return Work(
        state,
        tuple(
            _line(moment, state, one, asked_at)
            for one in state.groups
            if planned.within(one.group, moment.today)
        ),
        asked_at,
        state.call if state.call and state.call.lasts(now) else None,
        called,
        again_at if again_at and again_at > now else None,
    )


def next_sites(works: Iterable[Work]) -> list[Work]:
    """Those that somebody should phone now, in order; those without a known number last."""
    return sorted((one for one in works if one.due), key=lambda one: not one.state.site.phone)


def _line(moment: Moment, of: SiteState, one: GroupState, asked_at: datetime | None) -> Line:
    row = moment.group_row(of, one)
    known = row.freshness is not Freshness.NEVER
    figure = one.figure if known else None
    need = Need.CLOSED if row.status is Status.CLOSED else _need(row.freshness, figure, asked_at)
    kept = held(one.holds, moment.now) > 0
    asked = any(ask.waits(moment.now) for ask in one.asks)
    return Line(one, need, row.freshness, figure, kept, asked)


def _need(freshness: Freshness, figure: Figure | None, asked_at: datetime | None) -> Need:
    if figure is None or freshness is Freshness.STALE:
        return Need.UNKNOWN
    if figure.disputed:
        return Need.DISPUTED
    confirmed = asked_at is None or figure.observed_at >= asked_at
    return Need.NONE if confirmed else Need.UNCONFIRMED


def _order(one: Work) -> tuple[int, bool, datetime, str]:
    called = one.call is not None or one.again_at is not None
    return _RANK.index(one.need), called, one.oldest, one.state.site.name.casefold()
