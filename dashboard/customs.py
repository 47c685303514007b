"""What a community has settled for itself: its hours, how fast counts age, its words and links.

The environment says what holds at first. What a coordinator settles stands over it, until they
leave it to the environment again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from .clock import Day, Earlier
from .evening import Topic
from .events import Event
from .terms import READ, Link, Setting
from .travel import Shuttle
from .voice import Language

EXIT = Link("https://weather.gc.ca/", "https://meteo.gc.ca/")
OF_THE_DAY = {  # the field of a Day that each of these sets
    Setting.DECISION: "decision",
    Setting.EVENING: "evening",
    Setting.RESET: "reset",
    Setting.EVENING_LIMITS: "evening_limits",
    Setting.OTHER_LIMITS: "other_limits",
    Setting.REMINDERS: "reminders",
}
OTHERS = {  # and the field of Customs
    Setting.SHUTTLE: "shuttle",
    Setting.PHRASES: "withheld",
    Setting.AGENCY_HOLDS: "agency_holds",
    Setting.LANGUAGES: "languages",
    Setting.HELP: "help",
    Setting.WEATHER: "weather",
    Setting.EMERGENCY: "emergency",
    Setting.SOURCE: "source",
}


@dataclass(frozen=True, slots=True)
class Customs:
    """All of it, as it holds. ``withheld`` are the phrases that no desk is offered here.

    ``languages`` are those of the public pages, the first for who asks for none of them.
    """

    day: Day = Day()
    shuttle: Shuttle | None = None
    agency_holds: int = 5
    withheld: tuple[Topic, ...] = ()
    languages: tuple[Language, ...] = tuple(Language)
    help: Link | None = None
    weather: Link = EXIT
    emergency: Link | None = None
    source: str = ""

    def offers(self, topic: Topic) -> bool:
        """Whether desks here may declare it."""
        return topic not in self.withheld


@dataclass(frozen=True, slots=True)
class Was:
    """The text that stood until an instant; '' where the environment's word did."""

    text: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """What stands of one setting: its ``text`` ('' as the environment says), by whom and when.

    ``turn`` counts its changes. ``was`` is what stood before, as far as it may matter tonight.
    """

    name: Setting
    text: str
    who: str
    at: datetime
    turn: int
    was: tuple[Was, ...] = ()

    def before(self, end: datetime) -> str:
        """What stood just before ``end``."""
        return next((one.text for one in self.was if one.until >= end), self.text)


Settlement = tuple[Settled, ...]  # at most one for each setting, in their order


@dataclass(frozen=True, slots=True)
class SettingChanged(Event):
    """A coordinator settled something anew, or left it to the environment again.

    ``before`` is the text that stood.
    """

    settled: Settled
    before: str
    who: str
    at: datetime


TOLD: dict[type[Event], str] = {SettingChanged: "setting-changed"}  # for the record: its sentence


def settled_with(settlement: Settlement, one: Settled) -> Settlement:
    """The same with this one in its place."""
    return in_order((*(other for other in settlement if other.name is not one.name), one))


def in_order(found: Iterable[Settled]) -> Settlement:
    return tuple(sorted(found, key=lambda one: list(Setting).index(one.name)))


def value(customs: Customs, name: Setting) -> Any:
    """What holds of one setting."""
    if name in OF_THE_DAY:
        return getattr(customs.day, OF_THE_DAY[name])
    return getattr(customs, OTHERS[name])


def said(name: Setting, text: str) -> Any:
    """What a text says; None for none, and for one of another version."""
    try:
        return READ[name](text) if text else None
    except ValueError:
        return None


@lru_cache(16)
def standing(first: Customs, settlement: Settlement) -> Customs:
    """What holds: what was settled, over what the environment says."""
    changes = _read(OTHERS, {one.name: one.text for one in settlement})
    return replace(first, day=day(first.day, settlement), **changes)


def day(first: Day, settlement: Settlement) -> Day:
    """The community's day, with what it was before each change that still matters."""
    daily = [one for one in settlement if one.name in OF_THE_DAY]
    ends = sorted({was.until for one in daily for was in one.was})
    earlier = tuple(
        Earlier(end, _day(first, {one.name: one.before(end) for one in daily})) for end in ends
    )
    return replace(_day(first, {one.name: one.text for one in daily}), earlier=earlier)


def _day(first: Day, texts: Mapping[Setting, str]) -> Day:
    return replace(first, earlier=(), **_read(OF_THE_DAY, texts))


def _read(fields: Mapping[Setting, str], texts: Mapping[Setting, str]) -> dict[str, Any]:
    """The fields that these texts change. What only another version can read changes nothing."""
    found: dict[str, Any] = {}
    for name, text in texts.items():
        if name in fields and text:
            try:
                found[fields[name]] = READ[name](text)
            except ValueError:
                continue
    return found
