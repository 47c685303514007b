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
class Band:
    """Numbers of one age: above ``over`` and up to ``up_to`` minutes.

    ``contested`` of the wrong ones the desk saw otherwise.
    """

    by: By
    over: int
    up_to: int
    right: int
    cases: int
    contested: int


def counted(record: Record, cases: Iterable[str]) -> Record:
    """The record with these cases; one that begins with ``-`` was taken back."""
    found = dict(record)
    for case in cases:
        name = case.removeprefix("-")
        found[name] = found.get(name, 0) + (1 if name == case else -1)
    return {name: times for name, times in found.items() if times}


def bands(record: Record, by: By) -> list[Band]:
    """What may be told, from the youngest numbers to the oldest."""
    edges = pairwise((0, *BANDS))
    found = (_band(record, by, over, up_to) for over, up_to in edges)
    return [band for band in found if band.cases >= LEAST]


def _band(record: Record, by: By, over: int, up_to: int) -> Band:
    right, wrong, contested = (record.get(f"{by}:{up_to}:{how}", 0) for how in How)
    return Band(by, over, up_to, right, right + wrong, contested)
