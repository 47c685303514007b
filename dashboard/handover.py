"""What one shift leaves to the next: what changed since a moment, per bed group, and what is open.

A hand-over is about beds, never about who counted them how often.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import takewhile

from .beds import BedGroup
from .board import SiteState
from .events import Event, HandedOver, Reported, TurnAwayUndone, TurnedAway, told_at
from .turnaways import TurnAway, ordered

JUST_NOW = timedelta(hours=1)  # so long the next shift reads what it was handed
USUAL = timedelta(hours=12)
OLDEST = timedelta(hours=24)


class Begun(StrEnum):
    """From which moment on a card tells."""

    HANDED_OVER = "handed-over"
    SHIFT = "shift"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Change:
    """A bed group since then: the figure at first and at last, None where there was none."""

    group: BedGroup
    first: int | None = None
    last: int | None = None
    reports: int = 0
    confirmed: int = 0


@dataclass(frozen=True, slots=True)
class Card:
    """What is handed over: since ``since``, and why since then.

    ``handed_at``: when this was handed over, if that was within the last hour.
    """

    since: datetime
    begun: Begun
    handed_at: datetime | None
    changes: Sequence[Change]
    turned: dict[TurnAway, int]

    @property
    def times(self) -> int:
        """How often somebody was turned away: times, not people."""
        return sum(self.turned.values())


def card(events: Sequence[Event], state: SiteState, shift: datetime | None, now: datetime) -> Card:
    """``events`` are the site's, newest first, of at least the last day; ``shift`` as it began."""
    overs = [event for event in events if isinstance(event, HandedOver)]
    overs = [event for event in overs if now - event.at < OLDEST]
    handed = overs[0].at if overs and now - overs[0].at < JUST_NOW else None
    if handed:  # said twice within the hour, it is still the same one
        overs = [event for event in overs if handed - event.at >= JUST_NOW]
    if overs:
        since, begun = overs[0].at, Begun.HANDED_OVER
    elif shift and JUST_NOW <= now - shift < OLDEST:
        since, begun = shift, Begun.SHIFT
    else:
        since, begun = now - USUAL, Begun.HOURS
    told = list(takewhile(lambda event: event not in overs, events))
    told = [event for event in reversed(told) if told_at(event) >= since]
    changes = [_change(one.group, told) for one in state.groups]
    return Card(since, begun, handed, changes, _turned(told))


def _change(group: BedGroup, told: Iterable[Event]) -> Change:
    """``told`` in the order in which it happened."""
    first: int | None = None
    last: int | None = None
    reports = confirmed = 0
    for event in told:
        if not isinstance(event, Reported) or event.group != group.id or event.late:
            continue
        first = event.before if reports == 0 else first
        last = event.figure.open if event.figure else None
        reports += 1
        confirmed += event.before == last and event.kind != "undo"
    return Change(group, first, last, reports, confirmed)


def _turned(told: Iterable[Event]) -> dict[TurnAway, int]:
    found: dict[str, TurnAway] = {}
    for event in told:
        if isinstance(event, TurnedAway):
            found[event.version.entry] = event.reason
        elif isinstance(event, TurnAwayUndone):
            found.pop(event.undoes, None)
    return ordered(found.values())
