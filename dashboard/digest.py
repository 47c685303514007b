"""What is kept of a night that is over: a few numbers for each site, and nobody's name.

A count is of times, never of people, and nothing is added up by who did it. Of a site that hides
nothing is kept at all where any of its bed groups is small: a figure of three beds is people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from .board import SiteState

SMALL = 5  # beds, below which a bed group of a site that hides is not told
HOURS = tuple(range(12, 24))  # at which the age of every number is looked at
AGES = (60, 180)  # minutes: up to the first, up to the second, older, and not counted tonight

AGED = len(AGES) + 2  # ages that are told apart
Ages = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SiteNight:
    """One night of one site.

    ``counted``: its desk said a number. ``full``: how many minutes after noon no bed group of it
    had a bed left, for the first time; None where one always had, 0 where it was so at noon.
    ``again``: it had a bed again later. ``taken`` of ``beds`` at midnight, of the bed groups whose
    capacity is known and whose number was not stale. ``ages``: for each of ``HOURS`` how many bed
    groups had a number of each age, one byte each. ``turned`` away by reason, holds ``kept`` and
    their ``ends``, ``calls`` by what came of them.
    """

    counted: bool = False
    full: int | None = None
    again: bool = False
    taken: int = 0
    beds: int = 0
    ages: bytes = b""
    turned: Mapping[str, int] = field(default_factory=dict)
    kept: int = 0
    ends: Mapping[str, int] = field(default_factory=dict)
    calls: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Digest:
    """One night, from the reset on the local date ``night`` until the next."""

    night: date
    since: datetime
    until: datetime
    sites: Mapping[str, SiteNight]


def told(state: SiteState) -> bool:
    """Whether figures of this site may stand in a report."""
    beds = [one.group.capacity or 0 for one in state.groups]
    return not state.site.confidential or (bool(beds) and min(beds) >= SMALL)


def total(counts: Mapping[str, int]) -> int:
    return sum(counts.values())


def counted(counts: Counter[str]) -> dict[str, int]:
    """Those that are there, in an order that is always the same."""
    return {name: counts[name] for name in sorted(counts) if counts[name] > 0}
