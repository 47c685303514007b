"""The short texts in which a community settles something: "17:00", "60 180", "16:00-00:00".

The form, the store, the stream and the environment write them alike; one reader for each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum

from .clock import Limits
from .evening import PHRASES, RULES, Topic
from .travel import Shuttle
from .voice import Language

WALL = "([01][0-9]|2[0-3]):[0-5][0-9]"
PHONE = r"\+?[0-9][0-9 ().x#-]{1,39}"
LINK = r"https://[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+(:[0-9]{1,5})?(/[!-~]*)?"
LINK_LENGTH = 200
MOST_REMINDERS = 6
MOST_HOLDS = 1000
LONGEST = 1440  # minutes that a count may stay fresh, or be ageing
OFFERED = (*RULES, *PHRASES)  # what a community may do without


class Setting(StrEnum):
    """What can be settled, in the order in which it is shown."""

    DECISION = "decision-time"
    EVENING = "evening-starts"
    RESET = "daily-reset"
    EVENING_LIMITS = "evening-limits"
    OTHER_LIMITS = "other-limits"
    REMINDERS = "reminders"
    SHUTTLE = "shuttle"
    PHRASES = "phrases"
    AGENCY_HOLDS = "agency-holds"
    LANGUAGES = "languages"
    HELP = "help"
    WEATHER = "weather"
    EMERGENCY = "emergency"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Link:
    """One page of others, in each of our languages."""

    en: str
    fr: str

    def of(self, language: Language) -> str:
        return self.fr if language is Language.FR else self.en


EXIT = Link("https://weather.gc.ca/", "https://meteo.gc.ca/")


def ranges(name: Setting) -> tuple[int, int]:
    """The least and the greatest number of a setting that has one."""
    return (1, MOST_HOLDS) if name is Setting.AGENCY_HOLDS else (1, LONGEST)


def _fit(pattern: str, text: str, what: str) -> str:
    if not re.fullmatch(pattern, text):
        raise ValueError(f"not {what}: {text[:60]!r}")
    return text


def _wall(text: str) -> time:
    return time.fromisoformat(_fit(WALL, text, "a time of day"))


def _limits(text: str) -> Limits:
    fresh, stale = map(int, _fit("[0-9]{1,4} [0-9]{1,4}", text, "two ages").split())
    if stale > LONGEST:
        raise ValueError(f"no count is kept for {stale} minutes")
    return Limits(timedelta(minutes=fresh), timedelta(minutes=stale))


def _reminders(text: str) -> tuple[time, ...]:
    walls = tuple(sorted(set(map(_wall, text.split()))))
    if len(walls) > MOST_REMINDERS:
        raise ValueError(f"more than {MOST_REMINDERS} times")
    return walls


def _shuttle(text: str) -> Shuttle | None:
    """The word no, or its hours and maybe its phone: "16:00-00:00 250-555-0199"."""
    if text == "no":
        return None
    hours, _, phone = text.partition(" ")
    starts, ends = map(time.fromisoformat, _fit(f"{WALL}-{WALL}", hours, "hours").split("-"))
    return Shuttle(starts, ends, _fit(PHONE, phone, "a phone number") if phone else "")


def _withheld(text: str) -> tuple[Topic, ...]:
    found = set(map(Topic, text.split()))
    return tuple(topic for topic in OFFERED if topic in found)


def _languages(text: str) -> tuple[Language, ...]:
    found = tuple(map(Language, text.split()))
    if not found or len(set(found)) < len(found):
        raise ValueError("a board has one language at least, and each once")
    return found


def _holds(text: str) -> int:
    if not 1 <= (found := int(_fit("[0-9]{1,4}", text, "a number"))) <= MOST_HOLDS:
        raise ValueError(f"an agency keeps from 1 to {MOST_HOLDS} beds")
    return found


def _link(text: str) -> str:
    if len(text) > LINK_LENGTH:
        raise ValueError("a link that is too long")
    return _fit(LINK, text, "a link")


def _links(text: str) -> Link:
    english, french = map(_link, text.split())
    return Link(english, french)


READ: Mapping[Setting, Callable[[str], object]] = {
    **dict.fromkeys((Setting.DECISION, Setting.EVENING, Setting.RESET), _wall),
    **dict.fromkeys((Setting.EVENING_LIMITS, Setting.OTHER_LIMITS), _limits),
    Setting.REMINDERS: _reminders,
    Setting.SHUTTLE: _shuttle,
    Setting.PHRASES: _withheld,
    Setting.AGENCY_HOLDS: _holds,
    Setting.LANGUAGES: _languages,
    **dict.fromkeys((Setting.HELP, Setting.WEATHER, Setting.EMERGENCY), _links),
    Setting.SOURCE: _link,
}
