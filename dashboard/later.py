"""For whom nothing fits now: when beds may open, whom to call first, where it is warm.

Nothing here is a promise. The order of the calls follows what counts do in public feeds: the older
a number, the likelier it has changed (1 in 10 after 2 to 4 hours, 3 in 10 after 8 to 16).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from .beds import Status
from .evening import Topic
from .hours import Hours
from .rows import GroupRow, SiteRow

NO_INTAKE = (Status.CLOSED, Status.NO_BEDS, Status.CONFIDENTIAL)
Hoped = Mapping[str, Sequence[GroupRow]]


@dataclass(frozen=True, slots=True)
class Release:
    """The sites whose unclaimed beds may open at one instant. ``wall`` is that time there."""

    at: datetime
    wall: time
    rows: tuple[SiteRow, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A site to call for one of its bed groups. ``again``: another of them is likelier."""

    row: SiteRow
    group: GroupRow
    again: bool = False


def releases(rows: Iterable[SiteRow], clocks: Mapping[str, Hours]) -> list[Release]:
    """The second wave in its order: every release that is still to come tonight."""
    found: dict[datetime, list[SiteRow]] = {}
    for row in rows:
        at = clocks[row.site.id].releases
        if at and row.status not in NO_INTAKE:
            found.setdefault(at, []).append(row)
    return [
        Release(at, same[0].site.release or time(0), tuple(sorted(same, key=_name)))
        for at, same in sorted(found.items())
    ]


def calls(rows: Iterable[SiteRow], clocks: Mapping[str, Hours], hoped: Hoped) -> list[Call]:
    """Whom to call, since only a call can tell: the likeliest to have a bed first.

    ``hoped`` are the bed groups by site that the person may hope for.
    """
    found = sorted(
        (
            Call(row, group)
            for row in rows
            if row.status not in NO_INTAKE and not clocks[row.site.id].over
            for group in hoped[row.site.id]
            if group.status is Status.CALL_FIRST or group.disputed_at
        ),
        key=lambda call: (chance(call.group), _name(call.row), call.group.group.position),
    )
    sites = [call.row.site.id for call in found]
    return [replace(call, again=sites.index(sites[at]) < at) for at, call in enumerate(found)]


def chance(row: GroupRow) -> tuple[int, float, int]:
    """How likely a call finds a bed; the smallest is the likeliest.

    First the last known beds, the youngest number first; then what nobody has counted, or
    somebody at the door disputes; then the last known "full", the oldest first, since that has
    changed most often.
    """
    if row.last_known is None or row.observed_at is None or row.disputed_at:
        return 1, 0.0, 0
    seen = row.observed_at.timestamp()
    return (0, -seen, -row.last_known) if row.last_known else (2, seen, 0)


def saying(rows: Iterable[SiteRow], topic: Topic) -> list[SiteRow]:
    """The sites whose desk says this tonight, by name."""
    return sorted((row for row in rows if any(one.topic is topic for one in row.lines)), key=_name)


def _name(row: SiteRow) -> str:
    return row.site.name.casefold()
