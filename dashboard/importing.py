"""From two CSV tables to the sites and bed groups that differ from what is known, and back.

All is good or nothing is: a plan with a problem must not be saved. A site, bed group or further
column that the files do not name stays as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any, TypeVar

from . import columns, csvfiles, hushed
from .beds import BedGroup, Place, Site
from .cells import Refused
from .clock import Limits
from .columns import PLACE, Column
from .csvfiles import Line, Problem, Table
from .facts import Kind, Side

Profile = TypeVar("Profile", Site, BedGroup, Place)
SIDES = {"north shore": Side.NORTH, "south shore": Side.SOUTH}


@dataclass(slots=True)
class Plan:
    """What an import would save, in words too; ``remarks`` are what it leaves out."""

    sites: list[Site] = field(default_factory=list)
    groups: list[BedGroup] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def site_table(name: str, content: bytes) -> Table:
    return csvfiles.read(name, content, columns.SITE_NEEDS, [one.name for one in columns.SITE])


def group_table(name: str, content: bytes) -> Table:
    return csvfiles.read(name, content, columns.GROUP_NEEDS, [one.name for one in columns.GROUP])


def plan(
    sites: Table,
    groups: Table | None,
    known_sites: Mapping[str, Site],
    known_groups: Mapping[str, BedGroup],
) -> Plan:
    """What these tables change. ``known_groups`` are by ``site/group``."""
    made = Plan()
    for line in _unique(sites, "id"):
        _plan_site(made, sites, line, known_sites.get(line.cells["id"]))
    if groups is not None:
        there = {line.cells["id"] for line in sites.lines} | known_sites.keys()
        positions: Counter[str] = Counter()
        for line in _unique(groups, "site", "group"):
            _plan_group(made, groups, line, there, known_groups, positions)
    named = [(line.cells["site"], line.cells["group"]) for line in groups.lines] if groups else []
    _hush(made, hidden(made, known_sites), known_groups, named)
    found = [*sites.problems, *(groups.problems if groups else ())]
    made.problems = sorted(found, key=lambda one: (one.file != sites.name, one.line))
    return made


def _hush(
    made: Plan,
    turned: Collection[str],
    known: Mapping[str, BedGroup],
    named: Collection[tuple[str, str]],
) -> None:
    """The bed groups of sites that turn confidential name no source but one that a file says."""
    said = {f"{one.site}/{one.id}": one for one in made.groups}
    for id_, one in (dict(known) | said).items():
        if one.site in turned:
            source = one.source if (one.site, one.id) in named else ""
            if (quiet := hushed.group(one, source)) != one:
                said[id_] = quiet
    made.groups = list(said.values())


def _unique(table: Table, *names: str) -> Iterable[Line]:
    """The lines whose id no earlier line has; the others are bad."""
    seen: dict[tuple[str, ...], int] = {}
    for line in table.lines:
        id_ = tuple(line.cells[name] for name in names)
        if id_ in seen:
            said = "/".join(id_)[:90]
            table.refuse(line.number, f"{said!r} is in line {seen[id_]} already")
        else:
            seen[id_] = line.number
            yield line


def _plan_site(made: Plan, table: Table, line: Line, known: Site | None) -> None:
    given = _values(table, line, columns.SITE)
    if given is None:
        return None
    try:
        site = _site(known or Site(given["id"], given["name"]), given, line.cells)
    except Refused as error:
        return table.refuse(line.number, str(error), wrong=error.wrong)
    if site.confidential and line.cells["notes"]:
        text = "the notes are left out: those of a confidential site may tell its place"
        made.remarks.append(Problem(table.name, line.number, text))
    if known is None or (known, known.place) != (site, site.place):
        made.sites.append(site)
        made.changes.append(_told(f"site {site.id}", known, site, columns.SITE))
    return None


def _site(base: Site, given: dict[str, Any], cells: Mapping[str, str]) -> Site:
    """The site as the line says; Refused for a confidential one with a place."""
    tighter = _limits(given.pop("fresh", None), given.pop("stale", None))
    if "fresh_minutes" in cells or "stale_minutes" in cells:
        given["tighter"] = tighter
    told = {name: given.pop(name) for name in PLACE if name in given}
    if given["kind"] is Kind.CONFIDENTIAL:
        told.pop("notes", None)
        if named := [name for name, value in told.items() if value not in ("", Side.UNKNOWN)]:
            text = f"a confidential site can't have a place: empty its {', '.join(named)}"
            raise Refused(text, "has-a-place")
        if base.confidential:
            return _unproved(base, replace(base, **given))
        turned = hushed.site(_unproved(base, replace(base, **given, place=Place())))
        return replace(turned, source=given.get("source", ""))  # the file says so now
    if not cells.get("side") and told["area"]:
        told["side"] = SIDES.get(told["area"].casefold(), told.get("side", base.place.side))
    place = _unproved(base.place, replace(base.place, **told))
    return _unproved(base, replace(base, **given, place=place))


def _unproved(before: Profile, after: Profile) -> Profile:
    """Nobody has said so yet of a fact that the file changed."""
    same = [
        (fact, proof)
        for fact, proof in after.proofs
        if getattr(before, fact) == getattr(after, fact)
    ]
    return replace(after, proofs=tuple(same))


def _limits(fresh: int | None, stale: int | None) -> Limits | None:
    if fresh is None and stale is None:
        return None
    if fresh is None or stale is None or fresh >= stale:
        told = "fresh_minutes must be below stale_minutes, or both must be blank"
        raise Refused(told, "not-below")
    return Limits(timedelta(minutes=fresh), timedelta(minutes=stale))


def _plan_group(
    made: Plan,
    table: Table,
    line: Line,
    sites: set[str],
    known: Mapping[str, BedGroup],
    positions: Counter[str],
) -> None:
    given = _values(table, line, columns.GROUP)
    site = line.cells["site"]
    if given is not None and site not in sites:
        return table.refuse(line.number, f"there is no site {site!r}", "site", "unknown-word")
    if given is None:
        return None
    before = known.get(f"{site}/{given['id']}")
    base = before or BedGroup(site, given["id"], given["label"])
    group = _unproved(base, replace(base, **given, position=positions[site]))
    positions[site] += 1
    if group != before:
        made.groups.append(group)
        made.changes.append(_told(f"bed group {site}/{group.id}", before, group, columns.GROUP))
    return None


def _values(table: Table, line: Line, known: Iterable[Column]) -> dict[str, Any] | None:
    """The line's cells as values by field; None, and a problem for each, where some are bad."""
    found, good = {}, True
    for column in known:
        if column.name not in line.cells:
            continue
        cell = line.cells[column.name]
        try:
            found[column.field] = column.read(cell)
        except Refused as error:
            shown = "" if column.secret else f"is {cell[:60]!r}, but "
            told = f"{column.name} {shown}must be {error}"
            table.refuse(line.number, told, column.name, error.wrong)
            good = False
    return found if good else None


def _told(what: str, before: Any, after: Any, known: Iterable[Column]) -> str:
    """One line for one change, for instance "site pathways: phone '' → '211'"."""
    if before is None:
        return f"new {what}: {(after.name if isinstance(after, Site) else after.label)!r}"
    differ = [_change(one, before, after) for one in known if one.name not in ("id", "group")]
    order = [] if before == after or any(differ) else ["order"]
    return f"{what}: {', '.join([*filter(None, differ), *order]) or 'place'}"


def _change(column: Column, before: Any, after: Any) -> str:
    old, new = column.cell(before), column.cell(after)
    if old == new:
        return ""
    return f"{column.name} changed" if column.secret else f"{column.name} {old!r} → {new!r}"


def site_file(sites: Iterable[Site]) -> str:
    """Every site as a CSV text that imports as it is."""
    rows = [[one.cell(site) for one in columns.SITE] for site in sites]
    return csvfiles.write([one.name for one in columns.SITE], rows)


def group_file(groups: Iterable[BedGroup]) -> str:
    """Every bed group as a CSV text that imports as it is, in each site's own order."""
    ordered = sorted(groups, key=lambda one: (one.site, one.position, one.id))
    rows = [[one.cell(group) for one in columns.GROUP] for group in ordered]
    return csvfiles.write([one.name for one in columns.GROUP], rows)


def hidden(plan: Plan, known: Mapping[str, Site]) -> dict[str, set[str]]:
    """The sites that turn confidential, with the words of the place that they had."""
    turned = (known[one.id] for one in plan.sites if one.confidential and one.id in known)
    return {one.id: words_of(one.place) for one in turned if not one.confidential}


def words_of(place: Place) -> set[str]:
    """What tells a place, to be looked for wherever it may still stand."""
    planned = {str(one.value) for one in place.planned if one.fact != "side"}
    return {place.address, place.area, *place.notes.splitlines(), *planned} - {""}


def fingerprint(marks: Iterable[str]) -> str:
    """One short text for what a plan was made from."""
    return sha256("\n".join(marks).encode()).hexdigest()
