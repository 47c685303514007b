"""When a desk is reminded to count, and of which beds: a function of the site, its figures and now.

Each reminder ends for a bed group once it was counted or confirmed after the reminder's moment. It
is a quiet word at the desk, never anything that the public sees, and it changes nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from . import planned
from .beds import Site
from .board import GroupState, SiteState
from .clock import TICK, Alert, Day, Freshness, Horizons, next_instant
from .evening import Topic, find, tonight
from .facts import Season

SOON = timedelta(minutes=15)  # before a figure is stale; and what a new shift takes as counted
LATER = timedelta(minutes=15)  # for which a desk may put a reminder off


class Cause(StrEnum):
    """Why a desk is reminded. Of two at one moment the first is told."""

    SHIFT = "shift"
    DECISION = "decision"
    EVENING = "evening"
    ROUND = "round"
    RELEASE = "release"
    STALE = "stale"
    AGEING = "ageing"


@dataclass(frozen=True, slots=True)
class Reminder:
    """What is due: since ``at``, for these bed groups (their ids, in the site's order).

    ``ends`` is the instant at which the first of them is stale, where that is the cause.
    """

    cause: Cause
    at: datetime
    groups: tuple[str, ...]
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """The reminder that is due, if any, and when there will next be another if nobody reports."""

    reminder: Reminder | None
    next_at: datetime | None

    def put_off(self, at: datetime | None, now: datetime) -> Outlook:
        """The same for a desk that put off, at this instant, what was due then."""
        back = at + LATER if at else now
        if at is None or now >= back or not self.reminder or self.reminder.at > at:
            return self
        return Outlook(None, min(self.next_at or back, back))


@dataclass(frozen=True, slots=True)
class _Due:
    """From ``at`` on, a reminder for one bed group."""

    at: datetime
    cause: Cause
    group: str
    ends: datetime | None = None

    @property
    def order(self) -> tuple[datetime, int]:
        return self.at, -list(Cause).index(self.cause)


def outlook(
    state: SiteState,
    judge: Horizons,
    day: Day,
    now: datetime,
    shift: datetime | None = None,
    alerts: Sequence[Alert] = (),
) -> Outlook:
    """What a site's desk is reminded of. ``judge`` are its horizons at ``now``.

    ``shift`` is when the shift began, None where there is none. The newest cause is told, with
    every bed group that any cause concerns.
    """
    site, until = tonight(state.site, state.evening, now), judge.day[-1].until
    if find(state.evening, Topic.CLOSED, now):
        return Outlook(None, None)
    when = planned.today(now, day)
    if not planned.runs(site, when):
        return Outlook(None, None)
    alerted = any(alert.since <= now < alert.until for alert in alerts)
    moments = list(_moments(site, judge, day, shift))
    dues: list[_Due] = []
    for one in state.groups:
        if planned.runs(one.group, when) and _runs(one, judge, alerted):
            dues += _dues(one, judge, moments, _Pressing(day, alerts))
    return Outlook(
        _reminder(state, [due for due in dues if due.at <= now]),
        min((due.at for due in dues if now < due.at < until), default=None),
    )


def last_asked(site: Site, judge: Horizons, day: Day, now: datetime) -> datetime | None:
    """The newest moment of this day at which every figure of the site should have been said anew.

    ``site`` is the site as it is tonight. None before the first.
    """
    passed = (at for at, _ in _moments(site, judge, day, None) if at <= now)
    return max(passed, default=None)


def _reminder(state: SiteState, dues: Sequence[_Due]) -> Reminder | None:
    if not dues:
        return None
    newest = max(dues, key=lambda due: due.order)
    asked = {due.group for due in dues}
    ends = min((due.ends for due in dues if due.ends), default=None)
    return Reminder(
        newest.cause,
        newest.at,
        tuple(one.group.id for one in state.groups if one.group.id in asked),
        ends if newest.cause is Cause.STALE else None,
    )


def _moments(
    site: Site, judge: Horizons, day: Day, shift: datetime | None
) -> Iterator[tuple[datetime, Cause]]:
    """The moments of this day at which every bed group should be counted or confirmed."""
    if shift and shift >= judge.reset:
        yield shift, Cause.SHIFT
    walls = ((day.evening, Cause.EVENING), (day.decision, Cause.DECISION))
    rounds = ((wall, Cause.ROUND) for wall in day.reminders)
    for wall, cause in (*walls, *rounds, (site.release, Cause.RELEASE)):
        if wall is not None:
            yield next_instant(judge.reset - TICK, wall, day.zone), cause


def _runs(one: GroupState, judge: Horizons, alerted: bool) -> bool:
    """Whether anybody waits for its count: a seasonal group is closed until one is given."""
    season = one.group.season
    counted = judge.judge(_observed(one)) is not Freshness.NEVER
    return counted or not season.seasonal or (season is Season.ALERT and alerted)


def _observed(one: GroupState) -> datetime | None:
    return one.figure.observed_at if one.figure else None


def _dues(
    one: GroupState, judge: Horizons, moments: Sequence[tuple[datetime, Cause]], pressing: _Pressing
) -> Iterator[_Due]:
    """Everything that its desk will be reminded of, if nobody reports it again."""
    observed, group = _observed(one), one.group.id
    if observed is None or observed < judge.reset:
        yield from (_Due(at, cause, group) for at, cause in moments)
        return
    for at, cause in moments:
        if observed < (at - SOON if cause is Cause.SHIFT else at):
            yield _Due(at, cause, group)
    fresh_until, stale_after = judge.worsens_at(observed)
    until = judge.day[-1].until
    if fresh_until + TICK < until and pressing.at(fresh_until + TICK):
        yield _Due(fresh_until + TICK, Cause.AGEING, group)
    if (ends := stale_after + TICK) < until:
        half = observed + (ends - observed) / 2  # where limits are strict, not at once
        yield _Due(max(ends - SOON, half), Cause.STALE, group, ends)


@dataclass(frozen=True, slots=True)
class _Pressing:
    """Hours in which a figure that is no longer fresh is worth a word: evenings, and alerts."""

    day: Day
    alerts: Sequence[Alert]

    def at(self, moment: datetime) -> bool:
        evening = moment.astimezone(self.day.zone).time() >= self.day.evening
        return evening or any(one.since <= moment < one.until for one in self.alerts)
