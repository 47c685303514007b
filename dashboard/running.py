"""Pausing, opening and closing a site or bed group: now, or from a day on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

from . import planned
from .beds import BedGroup, Site
from .cells import Refused as BadCell
from .cells import day
from .editing import Draft, Fields, planned_settled
from .planned import Planned, Proof
from .wrong import Refused, Wrong

Owner = TypeVar("Owner", Site, BedGroup)
A_DAY = timedelta(days=1)


class Run(StrEnum):
    """What a coordinator can do with whether it runs."""

    PAUSE = "pause"
    OPEN = "open"
    CLOSE = "close"


def turned(given: Fields, kept: Owner, today: date) -> Draft:
    """The site or bed group paused, opened or closed, by a form. Raises Refused.

    ``run`` says which. A pause is from ``from_day`` until ``until_day``, an opening from
    ``from_day`` on, and a closing has ``last_day``; without a day it is at once.
    """
    run = given.get("run", "")
    if run not in list(Run):
        raise Refused({"run": Wrong.UNKNOWN_WORD})
    errors: dict[str, Wrong] = {}
    since, until, last = (_day(errors, given, one) for one in ("from_day", "until_day", "last_day"))
    if until and until < (since or today):
        errors["until_day"] = Wrong.BEFORE_IT
    if errors:
        raise Refused(errors)
    settled = planned_settled(kept, today)
    match Run(run):
        case Run.PAUSE:
            after = _paused(settled, since, until, today)
        case Run.OPEN:
            after = _opened(settled, since, today)
        case Run.CLOSE:
            after = _closed(settled, last or today - A_DAY)
    return Draft(kept, after, {})


def _paused(kept: Owner, since: date | None, until: date | None, today: date) -> Owner:
    if until or (since and since > today):
        return planned.planning(kept, [Planned("paused", True, since or today, until)])
    return planned.changed(kept, {"paused": True}, Proof(), today)


def _opened(kept: Owner, since: date | None, today: date) -> Owner:
    """It runs from this day on: no pause and no end of before stands in its way."""
    first = since if since and since > today else None
    runs = planned.runs(planned.as_of(kept, today), today)
    if first and runs:  # it runs already: the day to come changes nothing
        return kept
    begun = kept.since if kept.since and kept.since <= today else None
    ends = None if planned.ended(kept, first or today) else kept.until
    found = planned.changed(kept, {"paused": False}, Proof(), today)
    return replace(found, since=first or begun, until=ends)


def _closed(kept: Owner, last: date) -> Owner:
    begun = kept.since if kept.since and kept.since <= last else None
    return replace(kept, until=last, since=begun)


def _day(errors: dict[str, Wrong], given: Fields, name: str) -> date | None:
    try:
        return day(given.get(name, "").strip())
    except BadCell:
        errors[name] = Wrong.NOT_A_DAY
        return None
