"""Motel vouchers: a pool of nights for each agency, and the turns that a night takes.

Nights are counted, never people: no name, no room, no reason about anybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from .beds import Source
from .events import Event

MOST = 999  # nights in one turn


class Turn(StrEnum):
    """What happens to nights. A night goes from hand out, and from there back or is used."""

    ISSUED = "issued"
    RETURNED = "returned"
    USED = "used"
    ADDED = "added"
    TAKEN = "taken"


class Why(StrEnum):
    """Why a coordinator changes what an agency has in hand."""

    BOUGHT = "bought"
    MOVED = "moved"
    ENDED = "ended"
    RECOUNTED = "recounted"


@dataclass(frozen=True, slots=True)
class Pool:
    """An agency's nights: ``hand`` can be issued, ``out`` are issued and neither used nor back.

    ``version`` is the id of the entry that left it so.
    """

    agency: str
    hand: int = 0
    out: int = 0
    used: int = 0
    returned: int = 0
    version: str = field(default="", compare=False)

    @property
    def issued(self) -> int:
        """All that were ever issued."""
        return self.out + self.used + self.returned


@dataclass(frozen=True, slots=True)
class VouchersTurned(Event):
    """So many nights took a turn. ``before`` is None where the agency had no pool yet."""

    turn: Turn
    nights: int
    why: Why | None
    before: Pool | None
    after: Pool
    source: Source
    who: str
    at: datetime


# Each turn, and the code of its sentence.
TOLD: dict[Turn, str] = {turn: f"vouchers-{turn}" for turn in Turn}


def differing(kept: Iterable[Pool], turned: Iterable[VouchersTurned]) -> list[str]:
    """The agencies whose pool is not what these entries lead to, one following from the other.

    Entries after a pool's own version are left out: it was read before them.
    """
    pools = {pool.agency: pool for pool in kept}
    stands: dict[str, Pool] = {}
    odd: set[str] = set()
    for event in turned:
        agency = event.after.agency
        if (
            agency not in pools
            or event.version.point <= event.version.at(pools[agency].version).point
        ):
            if stands.get(agency) != event.before:
                odd.add(agency)
            stands[agency] = event.after
    odd |= {agency for agency, pool in pools.items() if stands.get(agency) != pool}
    return sorted(odd | (stands.keys() - pools.keys()))
