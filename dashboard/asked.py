"""What an outreach worker asks for: who and what is needed, in words of a fixed list.

The same word stands in the address and in ``data-`` attributes. What is asked is never stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from enum import StrEnum


class Word(StrEnum):
    """One thing asked for, or one thing that is in the way of a bed whoever asks."""

    WOMAN = "woman"
    MAN = "man"
    TRANS = "trans"
    COUPLE = "couple"
    FAMILY = "family"
    YOUTH = "youth"
    SENIOR = "senior"
    SMALL_PET = "small-pet"
    LARGE_PET = "large-pet"
    SERVICE_ANIMAL = "service-animal"
    STORAGE = "storage"
    WHEELCHAIR = "wheelchair"
    LOWER_BUNK = "lower-bunk"
    USED = "used"
    NO_ID = "no-id"
    INDIGENOUS_LED = "indigenous-led"
    BY_20 = "by-20"
    BY_21 = "by-21"
    BY_22 = "by-22"
    BY_23 = "by-23"
    BY_24 = "by-24"
    NORTH = "north"
    SOUTH = "south"
    # Whoever asks
    CLOSED = "closed"
    NO_BEDS = "no-beds"
    ENDED = "ended"
    REFERRAL = "referral"
    FULL = "full"
    TOO_FEW = "too-few"
    CALL_FIRST = "call-first"
    ROOM = "room"
    APART = "apart"


WHO = tuple(Word)[:7]
PETS = tuple(Word)[7:10]
NEEDS = tuple(Word)[10:16]
HOURS = {
    Word.BY_20: time(20),
    Word.BY_21: time(21),
    Word.BY_22: time(22),
    Word.BY_23: time(23),
    Word.BY_24: time(0),
}
SIDES = (Word.NORTH, Word.SOUTH)
ALWAYS = (Word.CLOSED, Word.NO_BEDS, Word.ENDED, Word.REFERRAL)  # asked whoever asks
PAIRS = (Word.COUPLE, Word.FAMILY)  # they are two at least, and stay in one bed group
TOGETHER = (1, 2, 3, 4, 5, 6)
NAMES = ("who", "together", "pet", "need", "by", "side")  # of the fields of a query


@dataclass(frozen=True, slots=True)
class Asked:
    """Who and what: at most one who, pet, hour and side, any needs, and how many together."""

    who: Word | None = None
    pet: Word | None = None
    needs: tuple[Word, ...] = ()
    by: Word | None = None
    side: Word | None = None
    together: int = 1

    @classmethod
    def read(cls, given: Iterable[tuple[str, str]]) -> Asked:
        """From a query; what is no word of these is as if it were not there."""
        found = list(given)
        said = {name: {text for key, text in found if key == name} for name in NAMES}
        needs = tuple(word for word in NEEDS if word in said["need"])
        many = next((one for one in TOGETHER if str(one) in said["together"]), 1)
        of = (("who", WHO), ("pet", PETS), ("by", tuple(HOURS)), ("side", SIDES))
        who, pet, by, side = (_first(words, said[name]) for name, words in of)
        return cls(who, pet, needs, by, side, many)

    @property
    def words(self) -> tuple[Word, ...]:
        """What was chosen, in order."""
        one = (self.who, self.pet, *self.needs, self.by, self.side)
        return tuple(word for word in one if word)

    @property
    def people(self) -> int:
        return max(self.together, 2 if self.who in PAIRS else 1)

    def __bool__(self) -> bool:
        return self != Asked()


def _first(words: Iterable[Word], said: set[str]) -> Word | None:
    return next((word for word in words if word in said), None)
