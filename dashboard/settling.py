"""What a coordinator settles for the community, from the fields of a form to its short text.

Each setting has its own fields; whatever can't be used is named beside its field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .declaring import wall_time
from .forms import Reading, Unfit, Wrong, key_of, words
from .terms import LINK, LINK_LENGTH, MOST_REMINDERS, OFFERED, PHONE, Setting, ranges
from .voice import Language

TIMES = tuple(f"time{number}" for number in range(1, MOST_REMINDERS + 1))
LANGUAGES = ("en fr", "fr en", "en", "fr")
TURN = "[0-9]{1,9}"


class Misfit(StrEnum):
    """What can be wrong with these fields alone."""

    MINUTES = "minutes"
    NOT_BELOW = "not-below"
    HOLDS = "holds"
    NOT_A_PHONE = "not-a-phone"
    NOT_A_LINK = "not-a-link"


class NotSettled(Exception):
    """One or more fields can't be used; ``errors`` says for each field what is wrong."""

    def __init__(self, errors: Mapping[str, str]):
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


@dataclass(frozen=True, slots=True)
class Settling:
    """One setting on its way to the store; ``text`` '' leaves it to the environment again.

    ``seen`` is how often it had been settled when its sender looked.
    """

    name: Setting
    text: str
    seen: int
    key: str


class _Form:
    """The fields of one form, and what is wrong with each."""

    def __init__(self, given: Mapping[str, str], chosen: Sequence[str]):
        self.given, self.chosen = given, chosen
        self.reading = Reading()
        self.misfits: dict[str, Misfit] = {}

    def text(self, field: str, longest: int = LINK_LENGTH) -> str:
        """One line of text; '' where it is missing or can't be used."""
        with self.reading.of(field):
            return words(self.given.get(field), longest)
        return ""

    def filled(self, field: str) -> bool:
        return bool(self.given.get(field, "").strip())

    def wall(self, field: str) -> str:
        with self.reading.of(field):
            return wall_time(self.given.get(field)).isoformat("minutes")
        return ""

    def number(self, field: str, name: Setting, misfit: Misfit) -> int:
        low, high = ranges(name)
        text = self.text(field, 12)
        if text and not (re.fullmatch("[0-9]{1,9}", text) and low <= int(text) <= high):
            self.misfits[field] = misfit
        return 0 if field in self.errors else int(text)

    def link(self, field: str) -> str:
        text = self.text(field)
        if text and not re.fullmatch(LINK, text):
            self.misfits[field] = Misfit.NOT_A_LINK
        return text

    @property
    def errors(self) -> dict[str, str]:
        return {**self.reading.errors, **self.misfits}


def settled(given: Mapping[str, str], chosen: Sequence[str], name: Setting) -> Settling:
    """What a form settles of this setting; ``chosen`` are the phrases that are ticked.

    ``back`` leaves it to the environment again. ``seen`` and ``key``. Raises NotSettled.
    """
    form = _Form(given, chosen)
    key = key_of(form.reading, given)
    seen = given.get("seen", "")
    if not re.fullmatch(TURN, seen):
        form.reading.errors["seen"] = Wrong.NOT_A_VERSION
    text = "" if given.get("back") else _TEXT[name](form, name)
    if form.errors:
        raise NotSettled(form.errors)
    return Settling(name, text, int(seen), key)


def _time(form: _Form, _: Setting) -> str:
    return form.wall("time")


def _limits(form: _Form, name: Setting) -> str:
    fresh, stale = (form.number(field, name, Misfit.MINUTES) for field in ("fresh", "stale"))
    if not form.errors and fresh >= stale:
        form.misfits["fresh"] = Misfit.NOT_BELOW
    return f"{fresh} {stale}"


def _reminders(form: _Form, _: Setting) -> str:
    return " ".join(sorted({form.wall(field) for field in TIMES if form.filled(field)}))


def _shuttle(form: _Form, _: Setting) -> str:
    if form.given.get("runs") == "no":
        return "no"
    hours = f"{form.wall('starts')}-{form.wall('ends')}"
    phone = form.text("phone", 40) if form.filled("phone") else ""
    if phone and not re.fullmatch(PHONE, phone):
        form.misfits["phone"] = Misfit.NOT_A_PHONE
    return f"{hours} {phone}".strip()


def _phrases(form: _Form, _: Setting) -> str:
    return " ".join(topic for topic in OFFERED if topic in form.chosen)


def _holds(form: _Form, name: Setting) -> str:
    return str(form.number("count", name, Misfit.HOLDS))


def _languages(form: _Form, _: Setting) -> str:
    found = form.given.get("languages", "")
    with form.reading.of("languages"):
        if found not in LANGUAGES:
            raise Unfit(Wrong.UNKNOWN_WORD if found else Wrong.MISSING)
    return found


def _links(form: _Form, _: Setting) -> str:
    """One in each language, or none at all."""
    if not any(map(form.filled, Language)):
        return ""
    return " ".join(map(form.link, Language))


def _source(form: _Form, _: Setting) -> str:
    return form.link("link") if form.filled("link") else ""


_TEXT: Mapping[Setting, Callable[[_Form, Setting], str]] = {
    **dict.fromkeys((Setting.DECISION, Setting.EVENING, Setting.RESET), _time),
    **dict.fromkeys((Setting.EVENING_LIMITS, Setting.OTHER_LIMITS), _limits),
    Setting.REMINDERS: _reminders,
    Setting.SHUTTLE: _shuttle,
    Setting.PHRASES: _phrases,
    Setting.AGENCY_HOLDS: _holds,
    Setting.LANGUAGES: _languages,
    **dict.fromkeys((Setting.HELP, Setting.WEATHER, Setting.EMERGENCY), _links),
    Setting.SOURCE: _source,
}
