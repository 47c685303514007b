"""What somebody found at a door or on the phone, and when that contradicts the board.

A contradiction marks a figure as disputed: it is no younger, no older and no other number than
before, and whoever said it stays unnamed in public. Only a new word of the desk ends it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .turnaways import TurnAway

MOST = 6  # that an agency may tell of one site within an hour
GRACE = timedelta(minutes=10)  # in which a figure may have changed between a door and a tap
SLIP = timedelta(minutes=1)  # in which an agency may mend its word


class Found(StrEnum):
    """What became of a visit or a call."""

    GOT_IN = "got-in"
    WAS_FULL = "was-full"
    REFUSED = "refused"
    NO_ANSWER = "no-answer"


# Why a site refused somebody whom it had a bed for.
REASONS = (
    TurnAway.NOT_FOR_THEM,
    TurnAway.RULES,
    TurnAway.PET,
    TurnAway.CART,
    TurnAway.PARTNER,
    TurnAway.CURFEW,
)


@dataclass(frozen=True, slots=True)
class Dispute:
    """What an agency found at ``at``, and a figure says otherwise. For signed-in people."""

    at: datetime
    found: Found
    agency: str


@dataclass(frozen=True, slots=True)
class Visit:
    """One on its way to the store; ``key`` makes sending it again safe.

    ``promised``: the board gave a number that its reader could rely on. ``reason`` is there where
    somebody was refused.
    """

    site: str
    group: str
    agency: str
    found: Found
    observed_at: datetime
    promised: bool
    key: str
    reason: TurnAway | None = None

    def __post_init__(self) -> None:
        if (self.found is Found.REFUSED) != (self.reason is not None):
            raise ValueError("a refusal has a reason, and nothing else has one")
