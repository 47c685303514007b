"""The areas and their minutes as they come in: from a CSV table, and from the coordinator's form.

All of a table is good, or nothing of it is taken. What it does not name stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from . import cells, csvfiles, forms
from .csvfiles import Line, Problem, Table
from .forms import Reading, Unfit, Wrong
from .travel import AREA_LENGTH, LONGEST, MOST_AREAS, UNKNOWN, Leg, Pair, Travel, ordered, pair

COLUMNS = ("from", "to", "walk_minutes", "drive_minutes")
Fields = Mapping[str, str]


@dataclass(slots=True)
class Plan:
    """What an import would save, in words too."""

    areas: list[str] = field(default_factory=list)
    legs: dict[Pair, Leg] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def table(name: str, content: bytes) -> Table:
    return csvfiles.read(name, content, COLUMNS, COLUMNS)


def plan(read: Table, known: Travel) -> Plan:
    """What this table changes. A line without ``to`` only names an area."""
    made, seen, travel = Plan(), dict[Pair, int](), known
    for line in read.lines:
        try:
            travel = _take(made, line, travel, seen)
        except cells.Refused as error:
            read.refuse(line.number, str(error))
    if len(travel.areas) > MOST_AREAS:
        read.refuse(0, f"that would be {len(travel.areas)} areas; at most {MOST_AREAS} are kept")
    made.problems = read.problems
    return made


def _take(made: Plan, line: Line, travel: Travel, seen: dict[Pair, int]) -> Travel:
    """One line into the plan; returns the areas with those that it brought. Raises Refused."""
    names = [_name(line, "from"), *([_name(line, "to")] if line.cells["to"] else [])]
    leg = Leg(_minutes(line, "walk_minutes"), _minutes(line, "drive_minutes"))
    for name in names:
        if not travel.find(name):
            travel = replace(travel, areas=(*travel.areas, name))
            made.areas.append(name)
            made.changes.append(f"new area {name!r}")
    if len(names) == 2:
        _leg(made, pair(*map(travel.find, names)), leg, travel, seen, line.number)
    elif leg:
        raise cells.Refused("there are minutes, but not to where: fill in 'to'")
    return travel


def _leg(
    made: Plan, between: Pair, leg: Leg, travel: Travel, seen: dict[Pair, int], number: int
) -> None:
    told = " and ".join(map(repr, between))
    if between in seen:
        raise cells.Refused(f"{told} are in line {seen[between]} already, there or back")
    seen[between] = number
    before = travel.legs.get(between, UNKNOWN)
    if leg != before:
        made.legs[between] = leg
        made.changes.append(f"between {told}: {_told(before)} → {_told(leg)}")


def _name(line: Line, column: str) -> str:
    try:
        return cells.title(line.cells[column], AREA_LENGTH)
    except cells.Refused as error:
        raise cells.Refused(f"{column} must be {error}") from None


def _minutes(line: Line, column: str) -> int | None:
    try:
        return cells.number(line.cells[column], 0, LONGEST)
    except cells.Refused as error:
        said = line.cells[column][:60]
        raise cells.Refused(f"{column} is {said!r}, but must be {error}") from None


def _told(leg: Leg) -> str:
    said = [f"{minutes} min {way}" for way, minutes in leg.ways()]
    return ", ".join(said) or "not known"


def file(travel: Travel) -> str:
    """All of it as a CSV text that imports as it is."""
    named = {name for between in travel.legs for name in between}
    alone: list[list[str]] = [[name, "", "", ""] for name in travel.areas if name not in named]
    timed = [[*between, *map(_cell, (leg.walk, leg.drive))] for between, leg in _sorted(travel)]
    return csvfiles.write(COLUMNS, [*alone, *timed])


def _sorted(travel: Travel) -> Iterable[tuple[Pair, Leg]]:
    return sorted(travel.legs.items(), key=lambda one: ordered(one[0]))


def _cell(minutes: int | None) -> str:
    return "" if minutes is None else str(minutes)


def added(given: Fields, travel: Travel) -> str:
    """The ``name`` of a new area. Raises Refused."""
    reading, name = Reading(), ""
    with reading.of("name"):
        name = forms.words(given.get("name"), AREA_LENGTH)
        if travel.find(name):
            raise Unfit(Wrong.TAKEN)
        if len(travel.areas) >= MOST_AREAS:
            raise Unfit(Wrong.TOO_MANY)
    reading.done()
    return name


def timed(given: Fields, area: str, travel: Travel) -> dict[Pair, Leg]:
    """The legs from ``area`` that differ, from fields ``walk.AREA`` and ``drive.AREA``.

    A field that is not there stays as it is. Raises Refused.
    """
    reading, legs = Reading(), {}
    for other in travel.areas:
        before = travel.leg(area, other)
        leg = Leg(
            _typed(reading, given, f"walk.{other}", before.walk),
            _typed(reading, given, f"drive.{other}", before.drive),
        )
        if leg != before:
            legs[pair(area, other)] = leg
    reading.done()
    return legs


def _typed(reading: Reading, given: Fields, name: str, before: int | None) -> int | None:
    text = given.get(name)
    if text is None:
        return before
    with reading.of(name):
        if text.strip():
            return _whole(text)
    return None


def _whole(text: str) -> int:
    try:
        return forms.count(text, 0, LONGEST)
    except Unfit as unfit:
        raise Unfit(Wrong.TOO_LONG if unfit.wrong is Wrong.TOO_MANY else unfit.wrong) from None
