"""How often a site's number was right, by its age: at the door, and when its desk counted again.

A case is ``door:30:right``: who saw it, the upper end of the number's age in minutes, and how it
was. Nothing is told from fewer than 20 cases, and nothing is added up by person or agency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise

LEAST = 20  # cases
APART = timedelta(minutes=15)  # counted again sooner, a number was mended rather than tested
BANDS = (30, 60, 180, 480)  # minutes; ``case_of`` of the store's prelude knows them too

Record = Mapping[str, int]


class By(StrEnum):
    """Who saw whether a number was right."""

    DOOR = "door"
    DESK = "desk"


class How(StrEnum):
    """``contested``: wrong by the word of an agency, and still right by the word of the desk."""

    RIGHT = "right"
    WRONG = "wrong"
    CONTESTED = "contested"


@dataclass(frozen=True, slots=True)
class Tally:
    """``right`` of so many ``cases``; of the others the desk saw ``contested`` otherwise."""

    right: int
    cases: int
    contested: int


@dataclass(frozen=True, slots=True)
class Age:
    """Numbers above ``over`` and up to ``up_to`` minutes old; None where the cases are too few."""

    over: int
    up_to: int
    door: Tally | None
    desk: Tally | None


def counted(record: Record, cases: Iterable[str]) -> Record:
    """The record with these cases; one that begins with ``-`` was taken back."""
    found = dict(record)
    for case in cases:
        name = case.removeprefix("-")
        found[name] = found.get(name, 0) + (1 if name == case else -1)
    return {name: times for name, times in found.items() if times}


def told(record: Record) -> list[Age]:
    """What may be told of a site, from the youngest numbers to the oldest."""
    found = [
        Age(over, up_to, _tally(record, By.DOOR, up_to), _tally(record, By.DESK, up_to))
        for over, up_to in pairwise((0, *BANDS))
    ]
    return [one for one in found if one.door or one.desk]


def _tally(record: Record, by: By, up_to: int) -> Tally | None:
    right, wrong, contested = (record.get(f"{by}:{up_to}:{how}", 0) for how in How)
    return Tally(right, right + wrong, contested) if right + wrong >= LEAST else None
