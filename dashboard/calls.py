"""Calls to sites that somebody phones for their counts: one caller for a site at a time.

Whoever takes a site has it for ten minutes. It ends when the counts are in or nobody answered, is
given back, or lapses by itself to the instant; until then nobody else is sent to phone that desk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .beds import Source
from .events import Event

LEASE = timedelta(minutes=10)
AGAIN = timedelta(minutes=15)  # after which a site that nobody answered at is offered again


class CallEnd(StrEnum):
    """What became of a call. Of the last two nobody knows whether anybody phoned."""

    COUNTED = "counted"
    NO_ANSWER = "no-answer"
    GIVEN_BACK = "given-back"
    LAPSED = "lapsed"


MADE = (CallEnd.COUNTED, CallEnd.NO_ANSWER)


@dataclass(frozen=True, slots=True)
class Call:
    """A site that ``who`` phones, and nobody else until ``expires_at``."""

    id: str
    site: str
    who: str
    made_at: datetime
    expires_at: datetime

    @property
    def group(self) -> str:
        """A call is about a whole site."""
        return ""

    def lasts(self, now: datetime) -> bool:
        """Whether it still keeps others away; it ends to the instant, with nobody's help."""
        return now < self.expires_at


@dataclass(frozen=True, slots=True)
class LastCall:
    """The newest call that was made to a site; ``version`` is the id of its entry."""

    end: CallEnd
    at: datetime
    who: str
    version: str

    def again_at(self) -> datetime | None:
        """From when on it is worth another try, where nobody answered."""
        return self.at + AGAIN if self.end is CallEnd.NO_ANSWER else None


@dataclass(frozen=True, slots=True)
class CallTaken(Event):
    """Somebody is about to phone a site."""

    call: Call
    site: str
    who: str
    at: datetime
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class CallEnded(Event):
    """A call ended. ``caller`` had it; ``who`` ended it, '' where the clock did."""

    call: str
    site: str
    end: CallEnd
    caller: str
    who: str
    at: datetime
    source: Source | None = None

    @property
    def last(self) -> LastCall | None:
        """What it leaves behind: nothing where nobody can say that it was made."""
        made = self.end in MADE
        return LastCall(self.end, self.at, self.caller, self.version.entry) if made else None


# Each kind of entry, and the code of its sentence; of an end, what became of it is a part of it.
TOLD: dict[type[CallTaken] | CallEnd, str] = {
    CallTaken: "call",
    **{end: f"call-{end}" for end in CallEnd},
}
