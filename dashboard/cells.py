"""How one cell of a file, or one field of a form, is read as a fact.

A cell that can't be used raises Refused with the words for what is accepted.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, time
from enum import StrEnum
from typing import TypeVar

from .facts import Guest, Known, Saying

Word = TypeVar("Word", bound=StrEnum)
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
    """A cell that can't be used; the message ends the sentence 'it must be …'.

    ``wrong`` is what is wrong as a code, for a page that says it in its own language.
    """

    def __init__(self, message: str, wrong: str = "unknown-word"):
        super().__init__(message)
        self.wrong = wrong


def slug(cell: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", cell):
        raise Refused("an id of at most 40 characters: a to z, 0 to 9 and hyphens", "not-an-id")
    return cell


def text(cell: str, longest: int, lines: bool = False) -> str:
    """Text as people read it, with nothing in it that can't be seen or printed."""
    unseen = {c for c in cell if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")}
    if unseen - ({"\n"} if lines else set()) or len(cell) > longest:
        where = "" if lines else " on one line"
        wrong = "too-long" if len(cell) > longest else "not-text"
        told = f"text of at most {longest} characters{where}, without control characters"
        raise Refused(told, wrong)
    return cell


def title(cell: str, longest: int) -> str:
    """Text that must be there and be seen."""
    if not any(unicodedata.category(c)[0] in "LNPS" for c in cell):
        raise Refused("there: it can't be blank", "missing")
    return text(cell, longest)


def phone(cell: str) -> str:
    digits = sum(c in "0123456789" for c in cell)
    if cell and not (re.fullmatch(r"\+?[0-9 ().x#-]{3,40}", cell) and 3 <= digits <= 20):
        told = "a phone number such as 250-555-0199 or +1 250 555 0199 x4, or blank"
        raise Refused(told, "not-a-phone")
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
        raise Refused("a time of day from 00:00 to 23:59, or blank", "not-a-clock-time")
    return time.fromisoformat(cell) if cell else None


def day(cell: str) -> date | None:
    if not cell:
        return None
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell):
            raise ValueError(cell)
        return date.fromisoformat(cell)
    except ValueError:
        raise Refused("a day such as 2026-03-31, or blank", "not-a-day") from None


def number(cell: str, low: int, high: int) -> int | None:
    if not cell:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", cell) or not low <= int(cell) <= high:
        raise Refused(f"a whole number from {low} to {high}, or blank", "not-a-number")
    return int(cell)


def answer(cell: str) -> bool:
    return word(cell, Known, Known.NO) is Known.YES
