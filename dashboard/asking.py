"""Asking a desk to keep a bed: a question that a person answers within ten minutes, or it is gone.

An ask keeps no bed. Only the desk's yes does, and only where its number leaves one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .beds import BedGroup, Status
from .clock import Freshness
from .facts import Holding

ANSWER_IN = timedelta(minutes=10)
IN_VAIN = 6  # asks of an agency at a site within an hour that came to nothing: then it calls


class Way(StrEnum):
    """How somebody gets a bed of a group kept: by a tap, by the desk's yes, or by phone alone."""

    AT_ONCE = "at-once"
    ASK = "ask"
    CALL = "call"


class AskEnd(StrEnum):
    """What became of an ask: the desk's yes or no, ten minutes without either, or no need."""

    YES = "yes"
    NO = "no"
    GONE = "gone"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Ask:
    """A bed asked for by an agency. Never a name. A yes makes a hold with the same id.

    ``expires_at`` is when the question is gone, ``arrives_at`` when they say they would be there.
    """

    id: str
    site: str
    group: str
    agency: str
    made_at: datetime
    expires_at: datetime
    arrives_at: datetime
    who: str = ""

    def waits(self, now: datetime) -> bool:
        """Whether it can still be answered; it ends to the instant, with nobody's help."""
        return now < self.expires_at


def waiting(asks: Iterable[Ask], now: datetime) -> list[Ask]:
    """Those that can still be answered, the oldest first."""
    return sorted((ask for ask in asks if ask.waits(now)), key=lambda ask: (ask.made_at, ask.id))


def way(group: BedGroup, status: Status, freshness: Freshness, available: int | None) -> Way:
    """How a bed of this group can be kept now; ``available`` is what the board shows.

    Where it shows no number, nobody can trust one, or somebody disputes it: the desk is asked.
    """
    if group.holds is Holding.COUNTS_ONLY or status is Status.CLOSED:
        return Way.CALL
    if available is None:
        return Way.ASK
    if available <= group.walk_in:
        return Way.CALL
    at_once = group.holds is Holding.AT_ONCE and freshness is Freshness.FRESH
    return Way.AT_ONCE if at_once else Way.ASK
