"""From entries to the figures of nights: one pass, in the order of the stream, nothing kept twice.

What is told late counts for the night in which it was told. A number counts only while it is of
tonight. A slip that was taken back never was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial

from . import planned
from .beds import Figure
from .board import Board, GroupState, SiteState
from .calls import MADE, CallEnded
from .clock import DAY, Day, instant, last_reset, next_reset
from .digest import AGED, AGES, HOURS, Digest, SiteNight, counted, told
from .evening import Topic, find, standing
from .events import (
    Event,
    Held,
    HoldEnded,
    Reported,
    TurnAwayUndone,
    TurnedAway,
    site_of,
    told_at,
)

GRACE = timedelta(hours=1)  # after a night: a store that fails over may still go back
SHORTEST = timedelta(hours=12)  # of a night, on the day on which the reset is moved
STALE = timedelta(hours=8)  # before midnight; an older number says nothing about midnight
NOON, MIDNIGHT = time(12), time(0)

Bounds = tuple[datetime, datetime]


@dataclass(slots=True)
class _Counts:
    """One site's figures while its night lasts. ``full``: since when, and until when it was."""

    counted: bool = False
    full: list[list[datetime | None]] = field(default_factory=list)
    taken: int = 0
    beds: int = 0
    ages: list[int] = field(default_factory=list)
    turned: Counter[str] = field(default_factory=Counter)
    kept: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    ended: dict[str, str] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        return bool(self.full) and self.full[-1][1] is None


class Night:
    """Counts one night. The board grows by the entries that are taken."""

    def __init__(self, board: Board, bounds: Bounds, day: Day):
        self.board = board
        self.since, self.until = bounds
        self.date = self.since.astimezone(day.zone).date()
        self._zone = day.zone
        self._at = self.since
        self._sites: dict[str, _Counts] = {}
        self.noon = self._instant(self.date, NOON)
        self._looks = self._planned()

    def _instant(self, date_: date, wall: time) -> datetime:
        return instant(date_, wall, self._zone)

    def _planned(self) -> list[tuple[datetime, Callable[[datetime], None]]]:
        """The moments at which the night is looked at, whatever happens."""
        looks: list[tuple[datetime, Callable[[datetime], None]]] = [(self.noon, self._fill)]
        looks += [(self._instant(self.date, time(hour)), self._age) for hour in HOURS]
        looks.append((self._instant(self.date + DAY, MIDNIGHT), self._occupy))
        return [one for one in looks if self.since <= one[0] < self.until]

    def take(self, event: Event) -> None:
        """One more entry of this night."""
        self._pass(max(self._at, told_at(event)))
        self.board.apply(event)
        id_ = site_of(event)
        if id_ not in self.board.sites:
            return
        self._note(event, self._of(id_))
        if self._at >= self.noon:
            self._check(self.board.sites[id_], event)

    def end(self) -> Digest:
        """The night is over."""
        self._pass(self.until)
        states = (self.board.sites[id_] for id_ in sorted(self._sites))
        sites = {one.site.id: self._told(self._of(one.site.id)) for one in states if told(one)}
        sites = {id_: one for id_, one in sites.items() if one != SiteNight()}
        return Digest(self.date, self.since, self.until, sites)

    def _of(self, id_: str) -> _Counts:
        return self._sites.setdefault(id_, _Counts())

    def _pass(self, at: datetime) -> None:
        """The clock comes to ``at``."""
        while self._looks and self._looks[0][0] <= at:
            moment, look = self._looks.pop(0)
            look(moment)
        self._at = at

    def _note(self, event: Event, site: _Counts) -> None:
        match event:
            case Reported(late=False, kind=kind) if kind not in ("undo", "arrived"):
                site.counted = True
            case TurnedAway(reason=reason):
                site.turned[reason] += 1
            case TurnAwayUndone(reason=reason):
                site.turned[reason] -= 1
            case Held(hold=hold) if hold.id in site.ended:  # what ended it was undone
                site.ends[site.ended.pop(hold.id)] -= 1
            case Held():
                site.kept += 1
            case HoldEnded(hold=id_, reason=reason):
                site.ended[id_] = reason
                site.ends[reason] += 1
            case CallEnded(end=end) if end in MADE:
                site.calls[end] += 1

    # Full

    def _fill(self, at: datetime) -> None:
        self._at = at
        for state in self.board.sites.values():
            self._check(state, None)

    def _check(self, state: SiteState, event: Event | None) -> None:
        """Notes that a site is full from now on, or no more. A slip taken back never was."""
        site, since = self._of(state.site.id), self._full_since(state)
        undone = isinstance(event, Reported) and event.kind == "undo"
        if since and not site.is_full:
            before = site.full[-1][1] if site.full else None
            if undone and before and since <= before:
                site.full[-1][1] = None
            else:
                site.full.append([since, None])
        elif site.is_full and not since:
            if undone:
                site.full.pop()
            else:
                site.full[-1][1] = self._at

    def _full_since(self, state: SiteState) -> datetime | None:
        """Since when no group of it has a bed left, as its desk has counted; None where one has."""
        figures = [self._figure(group) for group in self._due(state)]
        if not figures or not all(one and one.open == 0 for one in figures):
            return None
        return max(self.noon, *(one.observed_at for one in figures if one))

    # What is due, and what is known of it

    def _due(self, state: SiteState) -> list[GroupState]:
        """The bed groups from which a number is due now."""
        state = state.on(self.date)
        runs = planned.runs(state.site, self.date)
        if not runs or find(state.evening, Topic.CLOSED, self._at):
            return []
        there = [one for one in state.groups if planned.runs(one.group, self.date)]
        return [one for one in there if not one.group.season.seasonal or self._figure(one)]

    def _figure(self, state: GroupState) -> Figure | None:
        """What was said of it since the reset."""
        found = state.figure
        return found if found and found.observed_at >= self.since else None

    # How old, and how many

    def _age(self, at: datetime) -> None:
        self._at = at
        for state in self.board.sites.values():
            found = [0] * AGED
            for group in self._due(state):
                found[self._band(group, at)] += 1
            if any(found):
                ages = self._of(state.site.id).ages
                ages += [0] * (AGED * HOURS.index(self._hour(at)) - len(ages))
                ages += [min(number, 255) for number in found]

    def _hour(self, at: datetime) -> int:
        return at.astimezone(self._zone).hour

    def _band(self, state: GroupState, at: datetime) -> int:
        figure = self._figure(state)
        if figure is None:
            return AGED - 1
        age = at - figure.observed_at
        return sum(age > timedelta(minutes=most) for most in AGES)

    def _occupy(self, at: datetime) -> None:
        self._at = at
        for state in self.board.sites.values():
            site = self._of(state.site.id)
            for group in self._due(state):
                taken, beds = self._taken(group, at)
                site.taken, site.beds = site.taken + taken, site.beds + beds

    def _taken(self, state: GroupState, at: datetime) -> tuple[int, int]:
        """How many of how many beds; none of none where nobody knows."""
        figure = self._figure(state)
        if figure is None or figure.observed_at < at - STALE:
            return 0, 0
        said = {one.topic: one.count for one in standing(state.tonight, at)}
        machine = state.group.capacity if figure.capacity is None else figure.capacity
        beds = said.get(Topic.CAPACITY, machine)
        if beds is None:
            return 0, 0
        surge = said.get(Topic.SURGE, figure.surge) or 0
        out = said.get(Topic.OUT_OF_SERVICE, figure.out_of_service) or 0
        return max(0, beds + surge - out - figure.open), beds

    def _told(self, site: _Counts) -> SiteNight:
        first = site.full[0][0] if site.full else None
        return SiteNight(
            site.counted,
            int((first - self.noon) / timedelta(minutes=1)) if first else None,
            bool(site.full) and site.full[0][1] is not None,
            site.taken,
            site.beds,
            bytes(site.ages),
            counted(site.turned),
            site.kept,
            counted(site.ends),
            counted(site.calls),
        )


def ends(since: datetime, day: Day) -> datetime:
    """When the night that began then is over: at a reset of another date, and not too soon."""
    until = next_reset(since + SHORTEST, day)
    if until.astimezone(day.zone).date() == since.astimezone(day.zone).date():
        until = next_reset(until, day)
    return until


def bounds(at: datetime, after: datetime | None, day: Day) -> Bounds:
    """The night of ``at``, where the one before it ended at ``after``."""
    since = after if after and at < ends(after, day) else last_reset(at, day)
    return since, ends(since, day)


def nights(
    events: Iterable[Event],
    board: Board,
    day: Day,
    now: datetime,
    after: datetime | None = None,
    find_bounds: Callable[[datetime, datetime | None], Bounds] | None = None,
) -> Iterator[Digest]:
    """Each night that is over, the oldest first. The board then is as it was at its end.

    ``board`` is as it was at ``after``, the end of the last night that was counted. A night in
    which nothing happened is left out.
    """
    where, night = find_bounds or partial(bounds, day=day), None
    for event in events:
        if event.version.point <= board.version.point:
            continue
        if night and told_at(event) >= night.until:
            if now < night.until + GRACE:
                return
            after = night.until
            yield night.end()
            night = None
        if night is None:
            at = max(told_at(event), after or told_at(event))
            night = Night(board, where(at, after), day)
        night.take(event)
    if night and now >= night.until + GRACE:
        yield night.end()
