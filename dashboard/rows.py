"""What the public may see of a board at one moment: an allow-list, and the order of the page.

A row holds no open count, no hold, no name of a person; what is not here can't be shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from . import alerts, planned, record
from .beds import BedGroup, Figure, Site, Source, Status, group_status, status_of
from .board import Board, GroupState, SiteState
from .clock import (
    FOREVER,
    TICK,
    Alert,
    Freshness,
    Horizons,
    Limits,
    horizons,
    last_reset,
    next_reset,
)
from .evening import Declaration, Topic, ends, find, standing, tonight
from .events import Version
from .record import Age

GONE = timedelta(days=30)  # after its last day a site is on no board any more


@dataclass(frozen=True, slots=True)
class Line:
    """What the public may hear of a declaration: never who said it, or why.

    ``until`` is None where it stands until the daily reset.
    """

    topic: Topic
    time: time | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class GroupRow:
    """What the public may see of a bed group at one moment.

    ``available`` is None unless the figure can be trusted; ``last_known`` is the number of a
    stale figure. ``fresh_until`` and ``stale_after`` are the last instants of the better state.
    ``surge`` are mats and chairs above capacity, ``out_of_service`` beds that can't be used.
    ``disputed_at``: since then somebody at the door says otherwise, and never who or what.
    """

    group: BedGroup
    status: Status
    freshness: Freshness
    capacity: int | None = None
    surge: int = 0
    out_of_service: int = 0
    available: int | None = None
    last_known: int | None = None
    observed_at: datetime | None = None
    source: Source | None = None
    fresh_until: datetime | None = None
    stale_after: datetime | None = None
    changes_at: datetime | None = None
    disputed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SiteRow:
    """What the public may see of a site at one moment.

    ``available`` adds only the groups whose figure can be trusted; ``observed_at``,
    ``freshness`` and the two ends are those of the oldest of them, and ``call_first`` names
    the others. ``site`` is the site as it is tonight, ``lines`` what its desk declared.
    ``changes_at`` is the first moment at which the clock alone changes this row, ``disputed_at``
    the newest dispute about a group that is counted.
    """

    site: Site
    status: Status
    version: Version
    groups: tuple[GroupRow, ...] = ()
    call_first: tuple[GroupRow, ...] = ()
    available: int | None = None
    freshness: Freshness = Freshness.NEVER
    observed_at: datetime | None = None
    fresh_until: datetime | None = None
    stale_after: datetime | None = None
    changes_at: datetime | None = None
    lines: tuple[Line, ...] = ()
    disputed_at: datetime | None = None


class Moment:
    """A board looked at once: every row of it is judged at the same ``now``."""

    def __init__(self, board: Board, now: datetime):
        self.version = board.version  # read before the rows: never newer than they are
        self.now = now
        self.day = board.day
        self.alerts = alerts.lasting(board.alerts, last_reset(now, board.day))
        self.reset = next_reset(now, board.day)
        self.quiet_until = min([self.reset, *alerts.turns(self.alerts, now)])
        self.today = planned.today(now, board.day)
        self._board = board
        self._judges: dict[tuple[Limits | None, str], Horizons] = {}
        self._rows: list[SiteRow] | None = None

    def rows(self) -> list[SiteRow]:
        """Every site, in the order of the board; found out once."""
        if self._rows is None:
            there = [state for state in list(self._board.sites.values()) if self._listed(state)]
            found = map(self._site_row, there)
            self._rows = sorted(found, key=_order)
        return self._rows

    def row(self, site: str) -> SiteRow | None:
        """One site; None for an unknown one."""
        state = self._board.sites.get(site)
        return self._site_row(state) if state else None

    def told_rows(self) -> list[SiteRow]:
        """The same for signed-in outreach people: a site that hides is whole where it says so."""
        return [
            self._whole_row(self._board.sites[row.site.id]) if _tells(row.site) else row
            for row in self.rows()
        ]

    def _listed(self, state: SiteState) -> bool:
        """Not a site that ended long ago; and no phone line that nobody answers for now."""
        if state.site.confidential:
            return planned.runs(state.on(self.today).site, self.today)
        return not planned.ended(state.site, self.today - GONE)

    def record(self, site: str) -> list[Age]:
        """How often a site's numbers were right, as far as it may be told."""
        state = self._board.sites.get(site)
        return record.told(state.record) if state else []

    def judge(self, site: Site) -> Horizons:
        """What is fresh, stale or dead at this site now."""
        key = site.tighter, site.place.area if self.alerts else ""
        if key not in self._judges:
            found = horizons(self.now, self.day, site.tighter, self.alerts_at(site))
            if self._board.lost:
                found = replace(found, fresh=FOREVER, stale=FOREVER)
            self._judges[key] = found
        return self._judges[key]

    def alerts_at(self, site: Site) -> tuple[Alert, ...]:
        """The alerts since the last reset that concern this site."""
        return alerts.concerning(self.alerts, site.place.area)

    def _site_row(self, state: SiteState) -> SiteRow:
        state = state.on(self.today)
        if state.site.confidential:
            ends = self.quiet_until
            return SiteRow(state.site, Status.CONFIDENTIAL, state.version, changes_at=ends)
        return self._whole_row(state)

    def _whole_row(self, state: SiteState) -> SiteRow:
        state = state.on(self.today)
        found = self._open_row(state, tonight(state.site, state.evening, self.now))
        if not state.evening:
            return found
        changes = _first([found.changes_at, *ends(state.evening, self.now)])
        return replace(found, lines=self._lines(state), changes_at=changes)

    def _open_row(self, state: SiteState, site: Site) -> SiteRow:
        """Of a site that does not hide; ``site`` is the site as it is tonight."""
        there = [one for one in state.groups if planned.within(one.group, self.today)]
        if there:
            groups = tuple([self.group_row(state, one) for one in there])
            return of_groups(site, state.version, groups)
        closed = self._closed(state) or state.groups
        status = Status.CLOSED if closed else Status.NO_BEDS
        return SiteRow(site, status, state.version, changes_at=self.quiet_until)

    def _closed(self, of: SiteState) -> bool:
        said = of.evening and find(of.evening, Topic.CLOSED, self.now)
        return bool(said) or not planned.runs(of.site, self.today)

    def _lines(self, state: SiteState) -> tuple[Line, ...]:
        return tuple(
            Line(one.topic, one.time, one.until if one.until != self.reset else None)
            for one in standing(state.evening, self.now)
        )

    def group_row(self, of: SiteState, state: GroupState) -> GroupRow:
        """One bed group of this site; whether the public may see it is for the caller to know."""
        group, figure, judge = state.group, state.figure, self.judge(of.site)
        freshness = judge.judge(figure.observed_at if figure else None)
        changes = [self.quiet_until]
        if state.tonight:
            changes += ends(state.tonight, self.now)
        if figure is None or freshness is Freshness.NEVER:
            status = self._status(of, group, freshness, None)
            beds = self._beds(state, None)
            return GroupRow(group, status, freshness, *beds, changes_at=min(changes))
        free = state.free(self.now)
        status = self._status(of, group, freshness, free)
        fresh_until, stale_after = judge.worsens_at(figure.observed_at)
        changes += [fresh_until + TICK, stale_after + TICK]
        changes += [hold.expires_at for hold in state.holds]
        told = None if status in (Status.CALL_FIRST, Status.CLOSED) else free
        last_known = free if freshness is Freshness.STALE else None
        numbered = told is not None or last_known is not None
        return GroupRow(
            group,
            status,
            freshness,
            *self._beds(state, figure),
            available=told,
            last_known=last_known,
            observed_at=figure.observed_at,
            source=figure.source,
            fresh_until=fresh_until,
            stale_after=stale_after,
            changes_at=min(end for end in changes if end > self.now),
            disputed_at=figure.disputed.at if figure.disputed and numbered else None,
        )

    def _beds(self, state: GroupState, figure: Figure | None) -> tuple[int | None, int, int]:
        """Capacity, surge and out of service: as a person declared, else as a machine sent."""
        capacity = state.group.capacity
        surge = out = 0
        if figure:
            capacity = capacity if figure.capacity is None else figure.capacity
            surge, out = figure.surge, figure.out_of_service
        for one in standing(state.tonight, self.now) if state.tonight else ():
            match one:
                case Declaration(topic=Topic.CAPACITY, count=count):
                    capacity = count
                case Declaration(topic=Topic.SURGE, count=count):
                    surge = count or 0
                case Declaration(topic=Topic.OUT_OF_SERVICE, count=count):
                    out = count or 0
        return capacity, surge, out

    def _status(
        self, of: SiteState, group: BedGroup, freshness: Freshness, free: int | None
    ) -> Status:
        if self._closed(of) or not planned.runs(group, self.today):
            return Status.CLOSED
        site = tonight(of.site, of.evening, self.now)
        alert_on = alerts.on(self.alerts_at(site), self.now)
        return group_status(group.season, freshness, free, alert_on, site.asks_call_first)


def _tells(site: Site) -> bool:
    return site.confidential and site.tells_outreach


def of_groups(site: Site, version: Version, groups: tuple[GroupRow, ...]) -> SiteRow:
    """The row of a site from these of its bed groups: all, or those that one guest may use."""
    counted = [row for row in groups if row.available is not None]
    oldest = min(counted, key=lambda row: row.observed_at or FOREVER, default=None)
    return SiteRow(
        site,
        _site_status(groups, counted),
        version,
        groups,
        call_first=tuple(row for row in groups if row.status is Status.CALL_FIRST),
        available=sum(row.available or 0 for row in counted) if counted else None,
        freshness=oldest.freshness if oldest else _worst(groups),
        observed_at=oldest.observed_at if oldest else None,
        fresh_until=_first(row.fresh_until for row in counted),
        stale_after=_first(row.stale_after for row in counted),
        changes_at=_first(row.changes_at for row in groups),
        disputed_at=max((row.disputed_at for row in counted if row.disputed_at), default=None),
    )


def _site_status(groups: Sequence[GroupRow], counted: Sequence[GroupRow]) -> Status:
    """Closed if every group is; a doubt about any group keeps a site from being called full."""
    if all(row.status is Status.CLOSED for row in groups):
        return Status.CLOSED
    total = sum(row.available or 0 for row in counted)
    unsure = any(row.status is Status.CALL_FIRST for row in groups)
    return Status.CALL_FIRST if unsure and not total else status_of(total)


def _worst(groups: Sequence[GroupRow]) -> Freshness:
    return max((row.freshness for row in groups), key=list(Freshness).index)


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment), default=None)


def _order(row: SiteRow) -> tuple[int, int, int, str]:
    return (
        list(Status).index(row.status),
        list(Freshness).index(row.freshness),
        -(row.available or 0),
        row.site.name.casefold(),
    )
