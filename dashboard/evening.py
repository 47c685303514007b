"""What a desk declares for tonight: from a fixed list, by a person, until an instant.

None of it is a count of open beds, so none of it makes a figure older or younger. A declaration
ends by itself: whoever reads it asks whether it stands at that moment.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time
from enum import StrEnum
from typing import Any

from .beds import MOST, Site
from .facts import Known, Sobriety


class Topic(StrEnum):
    """What can be declared, in the order in which it is shown. There is never a free text."""

    CLOSED = "closed"
    CALL_FIRST = "call-first"
    INTAKE_OPENS = "intake-opens"
    LAST_CHECK_IN = "last-check-in"
    CURFEW = "curfew"
    RELEASE = "release"
    # Rules that are relaxed
    NO_CURFEW = "no-curfew"
    LATE = "late-arrivals"
    PETS = "pets-in"
    CARTS = "carts-in"
    COUPLES = "couples-together"
    HAVING_USED = "drunk-or-high-in"
    BANS = "bans-lifted"
    NO_ID = "no-id"
    # Announcements
    NO_INTAKES = "no-intakes"
    WARMING_ROOM = "warming-room"
    MEAL = "meal"
    LINE = "line"
    BACK = "back-entrance"
    KNOCK = "knock"
    ALL_NIGHT = "all-night"
    STAY = "stay-tomorrow"
    WASH = "wash"
    CLOTHES = "warm-clothes"
    CHARGE = "charge-phone"
    SHUTTLE = "shuttle-stops"
    # Of a bed group
    CAPACITY = "capacity"
    SURGE = "surge"
    OUT_OF_SERVICE = "out-of-service"


class Reason(StrEnum):
    """Why a site closes, extra mats come out, or beds can't be used: about places, never people."""

    STAFFING = "staffing"
    CLEANING = "cleaning"
    PESTS = "pests"
    REPAIRS = "repairs"
    WATER_OR_HEAT = "water-or-heat"
    SAFETY = "safety"
    BY_ORDER = "by-order"
    COLD = "cold"
    DEMAND = "demand"
    ELSEWHERE = "elsewhere"


TIMES = {
    Topic.INTAKE_OPENS: "intake_opens",
    Topic.LAST_CHECK_IN: "last_check_in",
    Topic.CURFEW: "curfew",
    Topic.RELEASE: "release",
}
TIMED = (*TIMES, Topic.MEAL, Topic.LINE)  # what names a time of day
RULES = tuple(Topic)[6:14]
PHRASES = tuple(Topic)[14:26]
COUNTED = tuple(Topic)[26:]  # what is declared of a bed group; all else is of a site
LASTING = (Topic.OUT_OF_SERVICE,)  # what outlives the daily reset, until a day or for good
REASONS: dict[Topic, tuple[Reason, ...]] = {
    Topic.CLOSED: (
        *(Reason.STAFFING, Reason.REPAIRS, Reason.WATER_OR_HEAT, Reason.PESTS),
        *(Reason.SAFETY, Reason.BY_ORDER, Reason.ELSEWHERE),
    ),
    Topic.SURGE: (Reason.COLD, Reason.DEMAND, Reason.ELSEWHERE, Reason.BY_ORDER),
    Topic.OUT_OF_SERVICE: tuple(Reason)[:7],
}
# What a declaration changes in what is told of its site tonight.
CHANGES: dict[Topic, dict[str, Any]] = {
    Topic.CALL_FIRST: {"asks_call_first": True},
    Topic.NO_INTAKES: {"asks_call_first": True},
    Topic.NO_CURFEW: {"curfew": None},
    Topic.LATE: {"late_arrivals": Known.YES},
    Topic.PETS: {"pets": Known.YES},
    Topic.CARTS: {"carts": Known.YES},
    Topic.COUPLES: {"couples": Known.YES},
    Topic.HAVING_USED: {"sobriety": Sobriety.NONE},
    Topic.NO_ID: {"without_id": Known.YES},
}
ORDER = {topic: place for place, topic in enumerate(Topic)}


@dataclass(frozen=True, slots=True)
class Declaration:
    """One thing declared: who said it, since when, and until when it stands.

    ``until`` None is until somebody ends it: only beds out of service may be so. ``time`` is a
    wall time, ``count`` a number of beds; ``version`` the id of the entry that declared it.
    Raises ValueError for what no desk can declare.
    """

    topic: Topic
    since: datetime
    until: datetime | None
    who: str
    version: str = ""
    time: time | None = None
    count: int | None = None
    reason: Reason | None = None

    def __post_init__(self) -> None:
        topic = self.topic
        if (self.time is not None) != (topic in TIMED) or (self.count is not None) != (
            topic in COUNTED
        ):
            raise ValueError(f"{topic} with this time and count says nothing")
        if not 0 <= (self.count or 0) <= MOST:
            raise ValueError(f"a count must be from 0 to {MOST}")
        if (self.reason is not None) != (topic in REASONS) or (
            self.reason and self.reason not in REASONS[topic]
        ):
            raise ValueError(f"{self.reason} is no reason for {topic}")
        if self.until is None and topic not in LASTING:
            raise ValueError(f"{topic} must end")

    def stands(self, now: datetime) -> bool:
        """Whether it holds; it ends to the instant, with nobody's help."""
        return self.until is None or now < self.until


Declarations = tuple[Declaration, ...]


def standing(said: Iterable[Declaration], now: datetime) -> Declarations:
    """What stands at ``now``."""
    return tuple(one for one in said if one.stands(now))


def find(said: Iterable[Declaration], topic: Topic, now: datetime) -> Declaration | None:
    """What stands of this topic."""
    return next((one for one in said if one.topic is topic and one.stands(now)), None)


def ends(said: Iterable[Declaration], now: datetime) -> list[datetime]:
    """The instants still to come at which one of these ends by itself."""
    return [one.until for one in said if one.until and one.until > now]


def with_said(said: Declarations, topic: Topic, declared: Declaration | None) -> Declarations:
    """The same with this one in the place of what was said of its topic, in order."""
    kept = [one for one in said if one.topic is not topic]
    return in_order([*kept, *([declared] if declared else [])])


def in_order(said: Iterable[Declaration]) -> Declarations:
    return tuple(sorted(said, key=lambda one: ORDER[one.topic]))


def tonight(site: Site, said: Declarations, now: datetime) -> Site:
    """The site as it is tonight: its times and rules, where its desk has said others."""
    if not said:
        return site
    changes: dict[str, Any] = {}
    for one in standing(said, now):
        if one.topic in TIMES:
            changes[TIMES[one.topic]] = one.time
        changes |= CHANGES.get(one.topic, {})
    return replace(site, **changes) if changes else site
