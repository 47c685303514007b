"""The columns of the two CSV files: how each is read, refused and written.

A cell that can't be used raises Refused with the words for what is accepted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, time
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

from .beds import MOST, BedGroup, Place, Site
from .facts import Guest, Holding, Kind, Known, Saying, Season, Side, Sobriety, WayIn

Word = TypeVar("Word", bound=StrEnum)
LONGEST_AGE = 1440  # minutes
# Words of the public lists that stand for a guest, or for nobody in particular.
SYNONYMS: dict[str, Guest | None] = {
    "19 and under": Guest.YOUTH,
    "some places for": None,
    "leaving violence": None,
    "by referral": None,
    "pods": None,
    "and": None,
}
GUESTS: dict[str, Guest | None] = {**SYNONYMS, **{guest.value: guest for guest in Guest}}
GUEST = re.compile(rf"\b({'|'.join(sorted(GUESTS, key=len, reverse=True))})\b")


class Refused(ValueError):
    """A cell that can't be used; the message ends the sentence 'it must be …'."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column, the field it fills, and both directions. ``secret``: never repeated in words."""

    name: str
    field: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str
    secret: bool = False


def slug(cell: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", cell):
        raise Refused("an id of at most 40 characters: a to z, 0 to 9 and hyphens")
    return cell


def text(cell: str, longest: int, lines: bool = False) -> str:
    """Text as people read it, with nothing in it that can't be seen or printed."""
    unseen = {c for c in cell if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")}
    if unseen - ({"\n"} if lines else set()) or len(cell) > longest:
        where = "" if lines else " on one line"
        raise Refused(f"text of at most {longest} characters{where}, without control characters")
    return cell


def title(cell: str, longest: int) -> str:
    """Text that must be there and be seen."""
    if not any(unicodedata.category(c)[0] in "LNPS" for c in cell):
        raise Refused("there: it can't be blank")
    return text(cell, longest)


def phone(cell: str) -> str:
    digits = sum(c in "0123456789" for c in cell)
    if cell and not (re.fullmatch(r"\+?[0-9 ().x#-]{3,40}", cell) and 3 <= digits <= 20):
        raise Refused("a phone number such as 250-555-0199 or +1 250 555 0199 x4, or blank")
    return cell


def word(cell: str, words: type[Word], blank: Word | None = None) -> Word:
    if not cell and blank is not None:
        return blank
    try:
        return words(cell.casefold())
    except ValueError:
        raise Refused(_one_of(words, blank)) from None


def _one_of(words: type[StrEnum], blank: StrEnum | None) -> str:
    return f"one of: {', '.join(words)}{' (or blank)' if blank else ''}"


def guests(cell: str) -> tuple[Guest, ...]:
    """Guests in the order named: 'adults; some places for seniors' is adults and seniors."""
    said = cell.casefold()
    if rest := re.sub(r"[\s,;/&+]+", " ", GUEST.sub("", said)).strip():
        accepted = ", ".join(GUESTS)
        raise Refused(f"made of the words {accepted}; {rest[:60]!r} is not one of them")
    found = (GUESTS[name] for name in GUEST.findall(said))
    return tuple(dict.fromkeys(guest for guest in found if guest))


def sayings(cell: str) -> tuple[Saying, ...]:
    """'any hour; can fetch', in the order named."""
    return tuple(dict.fromkeys(word(one.strip(), Saying) for one in cell.split(";") if one.strip()))


def wall_time(cell: str) -> time | None:
    if cell and not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", cell):
        raise Refused("a time of day from 00:00 to 23:59, or blank")
    return time.fromisoformat(cell) if cell else None


def day(cell: str) -> date | None:
    if not cell:
        return None
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell):
            raise ValueError(cell)
        return date.fromisoformat(cell)
    except ValueError:
        raise Refused("a day such as 2026-03-31, or blank") from None


def number(cell: str, low: int, high: int) -> int | None:
    if not cell:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", cell) or not low <= int(cell) <= high:
        raise Refused(f"a whole number from {low} to {high}, or blank")
    return int(cell)


def answer(cell: str) -> bool:
    return word(cell, Known, Known.NO) is Known.YES


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


def _minutes(name: str) -> Column:
    return Column(f"{name}_minutes", name, partial(number, low=1, high=LONGEST_AGE), _blank)


def _of(kind: type[Word], blank: Word) -> Callable[[str], Word]:
    return partial(word, words=kind, blank=blank)


def _unless_unknown(value: StrEnum) -> str:
    return "" if value == Known.UNKNOWN else value


def _line(name: str, longest: int, secret: bool = False) -> Column:
    return Column(name, name, partial(text, longest=longest), secret=secret)


_KNOWN = _of(Known, Known.UNKNOWN)
_TIMES = ("intake_opens", "last_check_in", "curfew", "release")
_FACTS = tuple(one.name for one in fields(Site) if one.type == "Known")
_GROUP_FACTS = tuple(one.name for one in fields(BedGroup) if one.type == "Known")
SITE = (
    Column("id", "id", slug),
    Column("name", "name", partial(title, longest=80)),
    _line("operator", 80),
    Column("kind", "kind", partial(word, words=Kind)),
    _line("area", 60, secret=True),
    _line("address", 120, secret=True),
    Column("phone", "phone", phone),
    Column("who", "who", guests, _guests),
    Column("sobriety_rule", "sobriety", _of(Sobriety, Sobriety.UNKNOWN), _unless_unknown),
    Column("walk_in", "way_in", _of(WayIn, WayIn.UNKNOWN), _unless_unknown),
    Column("notes", "notes", partial(text, longest=500, lines=True), secret=True),
    _line("as_of", 20),
    _line("source", 200),
    Column("side", "side", _of(Side, Side.UNKNOWN), secret=True),
    *(Column(name, name, wall_time, _hour) for name in _TIMES),
    *(Column(name, name, _KNOWN, _unless_unknown) for name in _FACTS),
    Column("asks_call_first", "asks_call_first", answer, _yes),
    Column("tells_outreach", "tells_outreach", answer, _yes),
    Column("says", "says", sayings, _sayings),
    _minutes("fresh"),
    _minutes("stale"),
    Column("verified_on", "verified_on", day, _blank),
    Column("until", "until", day, _blank),
)
GROUP = (
    Column("site", "site", slug),
    Column("group", "id", slug),
    Column("label", "label", partial(title, longest=80)),
    Column("capacity", "capacity", partial(number, low=0, high=MOST), _blank),
    Column("for", "guests", guests, _guests),
    Column("when", "season", partial(word, words=Season)),
    _line("label_fr", 80),
    *(Column(name, name, _KNOWN, _unless_unknown) for name in _GROUP_FACTS),
    Column("keeping", "holds", _of(Holding, Holding.AT_ONCE)),
    Column("walk_in_beds", "walk_in", lambda cell: number(cell, 0, MOST) or 0, _some),
)
SITE_NEEDS = tuple(column.name for column in SITE[:13])
GROUP_NEEDS = tuple(column.name for column in GROUP[:6])
PLACE = tuple(one.name for one in fields(Place))
