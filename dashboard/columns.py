"""The facts of sites and bed groups by column: how each is read, written and asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import time, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from .beds import MOST, BedGroup, Site
from .cells import (
    Word,
    answer,
    day,
    guests,
    number,
    phone,
    sayings,
    slug,
    text,
    title,
    wall_time,
    word,
)
from .facts import Guest, Holding, Kind, Known, Saying, Season, Side, Sobriety, WayIn

LONGEST_AGE = 1440  # minutes


class Shape(StrEnum):
    """How a fact is asked for in a form."""

    LINE = "line"
    LINES = "lines"
    PHONE = "phone"
    WORD = "word"
    WORDS = "words"
    HOUR = "hour"
    DAY = "day"
    NUMBER = "number"
    YES = "yes"


@dataclass(frozen=True, slots=True)
class Column:
    """A column, the field it fills, and both directions. ``secret``: never repeated in words.

    ``shape`` is how a form asks for it, with ``words`` to choose from.
    """

    name: str
    field: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str
    secret: bool = False
    shape: Shape = Shape.LINE
    words: tuple[str, ...] = ()
    longest: int = 80

    def value(self, owner: Site | BedGroup) -> Any:
        """The fact itself: in minutes where it is a limit, of the place where it is one."""
        if self.field in ("fresh", "stale"):
            limit: timedelta | None = getattr(getattr(owner, "tighter", None), self.field, None)
            return None if limit is None else limit // timedelta(minutes=1)
        place = isinstance(owner, Site) and self.field in PLACE
        return getattr(owner.place if place else owner, self.field)  # type: ignore[union-attr]

    def cell(self, owner: Site | BedGroup) -> str:
        """What stands in this column for a site or bed group."""
        return self.write(self.value(owner))


def _blank(value: object) -> str:
    return "" if value is None else str(value)


def _some(value: int) -> str:
    return str(value) if value else ""


def _guests(value: tuple[Guest, ...]) -> str:
    return ", ".join(value)


def _sayings(value: tuple[Saying, ...]) -> str:
    return "; ".join(value)


def _yes(value: bool) -> str:
    return "yes" if value else ""


def _hour(value: time | None) -> str:
    return value.strftime("%H:%M") if value else ""


def _of(kind: type[Word], blank: Word) -> Callable[[str], Word]:
    return partial(word, words=kind, blank=blank)


def _unless_unknown(value: StrEnum) -> str:
    return "" if value == Known.UNKNOWN else value


def _line(name: str, longest: int, secret: bool = False) -> Column:
    return Column(name, name, partial(text, longest=longest), secret=secret, longest=longest)


def _title(name: str) -> Column:
    return Column(name, name, partial(title, longest=80))


def _minutes(name: str) -> Column:
    reads = partial(number, low=1, high=LONGEST_AGE)
    return Column(f"{name}_minutes", name, reads, _blank, shape=Shape.NUMBER)


def _day(name: str) -> Column:
    return Column(name, name, day, _blank, shape=Shape.DAY)


def _yes_no(name: str) -> Column:
    return Column(name, name, answer, _yes, shape=Shape.YES)


def _guests_of(name: str, field: str) -> Column:
    return Column(name, field, guests, _guests, shape=Shape.WORDS, words=tuple(Guest))


def _chosen(name: str, field: str, kind: type[Word], blank: Word, secret: bool = False) -> Column:
    """One of a few words, of which ``blank`` stands for an empty cell."""
    writes = _unless_unknown if blank == Known.UNKNOWN else str
    reads, words = _of(kind, blank), tuple(kind)
    return Column(name, field, reads, writes, secret, Shape.WORD, words)


def _known(name: str) -> Column:
    return _chosen(name, name, Known, Known.UNKNOWN)


_TIMES = ("intake_opens", "last_check_in", "curfew", "release")
_FACTS = tuple(one.name for one in fields(Site) if one.type == "Known")
_GROUP_FACTS = tuple(one.name for one in fields(BedGroup) if one.type == "Known")
_KIND = Column("kind", "kind", partial(word, words=Kind), shape=Shape.WORD, words=tuple(Kind))
_NOTES = partial(text, longest=500, lines=True)
_BEDS = partial(number, low=0, high=MOST)
SITE = (
    Column("id", "id", slug),
    _title("name"),
    _line("operator", 80),
    _KIND,
    _line("area", 60, secret=True),
    _line("address", 120, secret=True),
    Column("phone", "phone", phone, shape=Shape.PHONE),
    _guests_of("who", "who"),
    _chosen("sobriety_rule", "sobriety", Sobriety, Sobriety.UNKNOWN),
    _chosen("walk_in", "way_in", WayIn, WayIn.UNKNOWN),
    Column("notes", "notes", _NOTES, secret=True, shape=Shape.LINES, longest=500),
    _line("as_of", 20),
    _line("source", 200),
    Column("side", "side", _of(Side, Side.UNKNOWN), str, True, Shape.WORD, tuple(Side)),
    *(Column(name, name, wall_time, _hour, shape=Shape.HOUR) for name in _TIMES),
    *map(_known, _FACTS),
    _yes_no("asks_call_first"),
    _yes_no("tells_outreach"),
    Column("says", "says", sayings, _sayings, shape=Shape.WORDS, words=tuple(Saying)),
    _minutes("fresh"),
    _minutes("stale"),
    _day("verified_on"),
    _day("until"),
    _day("since"),
    _yes_no("paused"),
)
GROUP = (
    Column("site", "site", slug),
    Column("group", "id", slug),
    _title("label"),
    Column("capacity", "capacity", _BEDS, _blank, shape=Shape.NUMBER),
    _guests_of("for", "guests"),
    Column("when", "season", partial(word, words=Season), shape=Shape.WORD, words=tuple(Season)),
    _line("label_fr", 80),
    *map(_known, _GROUP_FACTS),
    _chosen("keeping", "holds", Holding, Holding.AT_ONCE),
    Column("walk_in_beds", "walk_in", lambda cell: _BEDS(cell) or 0, _some, shape=Shape.NUMBER),
    _line("source", 200),
    _day("verified_on"),
    _day("since"),
    _day("until"),
    _yes_no("paused"),
)
SITE_NEEDS = tuple(column.name for column in SITE[:13])
GROUP_NEEDS = tuple(column.name for column in GROUP[:6])
PLACE = ("area", "address", "side", "notes")
