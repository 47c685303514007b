"""What a person may ask of a board, and how well each site fits: yes, no, or unknown.

Unknown is "ask", never "no". A choice is never stored; without script it is a plain query.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .beds import BedGroup, Site, Status
from .facts import Guest, Known, Side, Sobriety
from .rows import GroupRow, SiteRow, of_groups


class Choice(StrEnum):
    """One thing asked for; the same word stands in the address and in ``data-`` attributes."""

    WOMAN = "woman"
    MAN = "man"
    TRANS = "trans"
    YOUTH = "youth"
    SENIOR = "senior"
    FAMILY = "family"
    PETS = "pets"
    COUPLE = "couple"
    STORAGE = "storage"
    WHEELCHAIR = "wheelchair"
    SOBRIETY = "sobriety"
    NORTH = "north"
    SOUTH = "south"


WHO = tuple(Choice)[:6]
NEEDS = tuple(Choice)[6:11]
SIDES = tuple(Choice)[11:]

ADULT = frozenset({Guest.ADULTS})
ANY_GENDER = frozenset({Guest.SENIORS, Guest.YOUTH, Guest.COUPLES, Guest.FAMILIES})
TAKEN: dict[Choice, frozenset[Guest]] = {
    Choice.WOMAN: ADULT | {Guest.WOMEN},
    Choice.MAN: ADULT | {Guest.MEN},
    Choice.TRANS: ADULT | {Guest.TRANS, Guest.NON_BINARY, Guest.TWO_SPIRIT},
    Choice.YOUTH: frozenset({Guest.YOUTH}),
    Choice.SENIOR: ADULT | {Guest.SENIORS},
    Choice.FAMILY: frozenset({Guest.FAMILIES}),
}
ASKED: dict[Choice, frozenset[Guest]] = {
    Choice.WOMAN: ANY_GENDER,
    Choice.MAN: ANY_GENDER,
    Choice.TRANS: ANY_GENDER | {Guest.WOMEN, Guest.MEN},
    Choice.YOUTH: frozenset({Guest.FAMILIES, Guest.CHILDREN}),
    Choice.SENIOR: frozenset({Guest.WOMEN, Guest.MEN, Guest.COUPLES, Guest.FAMILIES}),
    Choice.FAMILY: frozenset({Guest.CHILDREN}),
}
SOBER = {
    Sobriety.NONE: Known.YES,
    Sobriety.ZERO_USE: Known.NO,
    Sobriety.REQUIRED: Known.NO,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one person asks for: at most one who, any needs, at most one side of the river."""

    who: Choice | None = None
    needs: tuple[Choice, ...] = ()
    side: Choice | None = None

    @classmethod
    def read(cls, who: str | None, needs: Iterable[str], side: str | None) -> Wanted:
        """From the words of a query; a word that is not a choice is as if it were not there."""
        asked = set(needs)
        return cls(
            next((one for one in WHO if one == who), None),
            tuple(one for one in NEEDS if one in asked),
            next((one for one in SIDES if one == side), None),
        )

    @property
    def choices(self) -> tuple[Choice, ...]:
        ends = (self.who, *self.needs, self.side)
        return tuple(one for one in ends if one)


@dataclass(frozen=True, slots=True)
class Fit:
    """How a site answers every choice. ``figures`` are the site's row as some guests see it."""

    no: tuple[Choice, ...]
    ask: tuple[Choice, ...]
    figures: tuple[Figure, ...]

    @property
    def apart(self) -> list[Choice]:
        """The guests for whom another figure than the site's own is shown."""
        return [who for figure in self.figures for who in figure.who] + [
            who for who in WHO if who in self.no
        ]

    def misfits(self, wanted: Wanted) -> bool:
        return any(choice in self.no for choice in wanted.choices)


@dataclass(frozen=True, slots=True)
class Figure:
    """The number for the guests ``who``. ``ask``: the site must say whether they may have it."""

    row: SiteRow
    who: tuple[Choice, ...]
    ask: bool = False


def fit(row: SiteRow) -> Fit:
    """How this site answers every choice."""
    answers = {choice: _answer(choice, row) for choice in Choice}
    return Fit(
        tuple(choice for choice, known in answers.items() if known is Known.NO),
        tuple(choice for choice, known in answers.items() if known is Known.UNKNOWN),
        tuple(_figures(row, answers)),
    )


def takes(group: BedGroup, who: Choice) -> Known:
    """Whether a bed group is for this guest; a group that doesn't say is unknown."""
    guests = set(group.guests)
    if guests & TAKEN[who]:
        return Known.YES
    return Known.UNKNOWN if not guests or guests & ASKED[who] else Known.NO


def refused(group: BedGroup) -> list[Choice]:
    """The guests that this bed group is not for."""
    return [who for who in WHO if takes(group, who) is Known.NO]


def needs_of(site: Site) -> dict[Choice, Known]:
    """What a site says about each need."""
    return {
        Choice.SOBRIETY: SOBER.get(site.sobriety, Known.UNKNOWN),
        Choice.PETS: site.pets,
        Choice.COUPLE: site.couples,
        Choice.STORAGE: best((site.storage, site.carts)),
        Choice.WHEELCHAIR: site.wheelchair,
    }


def best(answers: Iterable[Known]) -> Known:
    """Yes if any is; no only if all are."""
    found = set(answers)
    if Known.YES in found:
        return Known.YES
    return Known.NO if found == {Known.NO} else Known.UNKNOWN


def _answer(choice: Choice, row: SiteRow) -> Known:
    if choice in WHO:
        return best(takes(one.group, choice) for one in _due(row))
    if choice in SIDES:
        return _side(choice, row.site.place.side)
    if choice is Choice.COUPLE and any(Guest.COUPLES in one.group.guests for one in _due(row)):
        return Known.YES
    return needs_of(row.site)[choice]


def _side(choice: Choice, side: Side) -> Known:
    if side is Side.UNKNOWN:
        return Known.UNKNOWN
    return Known.YES if choice.value == side.value else Known.NO


def _due(row: SiteRow) -> Sequence[GroupRow]:
    """The bed groups that a person may hope for tonight; of a closed site, all."""
    return [one for one in row.groups if one.status is not Status.CLOSED] or row.groups


def _figures(row: SiteRow, answers: dict[Choice, Known]) -> Iterable[Figure]:
    """One figure for each set of guests that sees another figure than the site's own."""
    seen: dict[tuple[SiteRow, bool], list[Choice]] = {}
    for who in WHO if row.groups else ():
        known = answers[who]
        if known is Known.NO:
            continue
        groups = tuple(one for one in row.groups if takes(one.group, who) is known)
        part = of_groups(row.site, row.version, groups)
        same = (part.available, part.status) == (row.available, row.status)
        if known is Known.UNKNOWN or not same:
            seen.setdefault((part, known is Known.UNKNOWN), []).append(who)
    for (part, ask), choices in seen.items():
        yield Figure(part, tuple(choices), ask)
