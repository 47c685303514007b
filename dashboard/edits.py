"""What differs between two states of a site or bed group, fact by fact, as codes and values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from .beds import BedGroup, Site
from .columns import GROUP, PLACE, SITE, Column
from .planned import Kept, Planned, Proof, proof_of

NOBODY = Proof()
IDS = ("id", "site", "group")


class How(StrEnum):
    """What becomes of a fact."""

    CHANGED = "changed"
    PLANNED = "planned"
    UNPLANNED = "unplanned"
    VERIFIED = "verified"
    ERASED = "erased"  # the place of a site that turns confidential, which is not repeated


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that differs. ``column`` is its name in the files; the days are those of a plan."""

    column: str
    how: How
    before: Any = None
    after: Any = None
    since: date | None = None
    until: date | None = None
    proof: Proof = NOBODY


def columns_of(one: Site | BedGroup) -> tuple[Column, ...]:
    """Every fact of it but its ids, in the order of the files."""
    return tuple(column for column in _all(one) if column.name not in IDS)


def _all(one: Site | BedGroup) -> tuple[Column, ...]:
    return SITE if isinstance(one, Site) else GROUP


def owner(one: Site | BedGroup, field: str) -> Kept:
    """What keeps this fact: the site or bed group, or the place of the site."""
    return one.place if isinstance(one, Site) and field in PLACE else one


def changes(before: Site | BedGroup, after: Site | BedGroup) -> list[Change]:
    """What differs of the same site or bed group, in the order of the files."""
    found: list[Change] = []
    for column in columns_of(after):
        found += _of(column, before, after)
    places = [getattr(one, "position", 0) + 1 for one in (before, after)]
    if places[0] != places[1]:
        found.append(Change("order", How.CHANGED, places[0], places[1]))
    return found


def _of(column: Column, before: Site | BedGroup, after: Site | BedGroup) -> Iterator[Change]:
    old, new = column.value(before), column.value(after)
    if isinstance(after, Site) and after.confidential and column.secret:
        if old != new:
            yield Change(column.name, How.ERASED)
        return
    were, are = owner(before, column.field), owner(after, column.field)
    proof = proof_of(are, column.field)
    if old != new:
        yield Change(column.name, How.CHANGED, old, new, proof=proof)
    elif proof != proof_of(were, column.field):
        yield Change(column.name, How.VERIFIED, old, new, proof=proof)
    for one in _plans(are, column.field) - _plans(were, column.field):
        yield _plan(column, How.PLANNED, one, old)
    for one in _plans(were, column.field) - _plans(are, column.field):
        yield _plan(column, How.UNPLANNED, one, old)


def _plans(kept: Kept, field: str) -> set[Planned]:
    return {one for one in kept.planned if one.fact == field}


def _plan(column: Column, how: How, one: Planned, old: object) -> Change:
    return Change(column.name, how, old, one.value, one.since, one.until, one.proof)
