"""Turned away: at one site, for one of nine reasons. An event, never a person.

One person may be turned away three times in a night, and one tap may stand for a couple; so these
are times, and nobody may read them as people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

UNDO_FOR = timedelta(minutes=1)


class TurnAway(StrEnum):
    """Why somebody was turned away."""

    FULL = "full"
    NOT_FOR_THEM = "not-for-them"
    RULES = "rules"
    PET = "pet"
    CART = "cart"
    PARTNER = "partner"
    CURFEW = "curfew"
    FELT_UNSAFE = "felt-unsafe"
    COULD_NOT_GET_HERE = "could-not-get-here"


@dataclass(frozen=True, slots=True)
class TurningAway:
    """One on its way to the store; ``key`` makes sending it again safe."""

    reason: TurnAway
    observed_at: datetime
    key: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a site turned somebody away since the day's reset, by reason, in their order.

    ``undoes`` is the version of the newest that can still be taken back, '' where there is none;
    ``reason`` why that was, and ``until`` the last instant at which it can.
    """

    counts: Mapping[TurnAway, int] = field(default_factory=dict)
    undoes: str = ""
    reason: TurnAway | None = None
    until: datetime | None = None

    @property
    def times(self) -> int:
        return sum(self.counts.values())


def ordered(reasons: Iterable[TurnAway]) -> dict[TurnAway, int]:
    """How often each reason stands there, the most frequent first."""
    found = Counter(reasons)
    order = list(TurnAway)
    return dict(sorted(found.items(), key=lambda one: (-one[1], order.index(one[0]))))
