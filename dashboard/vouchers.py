"""Motel vouchers: a pool of nights for each agency, and the turns that a night takes.

Nights are counted, never people: no name, no room, no reason about anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

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
    """An agency's nights: ``hand`` can be issued, ``out`` are issued and neither used nor back."""

    agency: str
    hand: int = 0
    out: int = 0
    used: int = 0
    returned: int = 0

    @property
    def issued(self) -> int:
        """All that were ever issued."""
        return self.out + self.used + self.returned
