"""A report on its way to the store, and what the store answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .beds import Figure, Source


class ReportKind(StrEnum):
    CHANGE = "change"
    ADJUST = "adjust"
    CONFIRM = "confirm"
    FULL = "full"  # as many open as are kept, whatever that is: nobody else may come


@dataclass(frozen=True, slots=True)
class Report:
    """One statement about one bed group, checked and ready for the store.

    ``value`` is beds open (a change), plus or minus n (an adjustment) or the figure that was
    seen (a confirmation). ``stamp`` is what a machine wrote as observed-at, before it was
    limited to now; a screen has none. ``expected`` is a version of the board that the sender
    saw. ``seen`` is the figure that a number was typed over, '' where there was none: another
    figure now is a conflict. ``key`` makes sending it again safe. The three counts: None leaves as
    it is. ``device`` is the enrolled device that it came from.

    ``minds_held``: a number below the beds that are kept is not taken as it is, unless it ends
    enough of them: ``ending`` are the ids of those holds.
    """

    site: str
    group: str
    kind: ReportKind
    value: int
    observed_at: datetime
    source: Source
    who: str
    key: str
    stamp: datetime | None = None
    expected: str | None = None
    capacity: int | None = None
    surge: int | None = None
    out_of_service: int | None = None
    device: str = ""
    minds_held: bool = False
    ending: tuple[str, ...] = ()
    seen: str | None = None


class Outcome(StrEnum):
    """What the store answers to an intention; only the first two wrote something.

    ``below-held``: fewer beds than are kept for people on the way, so somebody must choose whose
    hold ends.
    """

    SAVED = "saved"
    LATE = "late"
    CONFLICT = "conflict"
    ASK_NUMBER = "ask-number"
    BELOW_ZERO = "below-zero"
    TOO_MANY = "too-many"
    NOT_NEWEST = "not-newest"
    TOO_LATE = "too-late"
    BELOW_HELD = "below-held"
    NO_BED = "no-bed"
    NOT_FRESH = "not-fresh"
    TOO_MANY_HOLDS = "too-many-holds"
    COUNTS_ONLY = "counts-only"
    ASK_DESK = "ask-desk"
    DISPUTED = "disputed"
    NO_ASK = "no-ask"
    NO_HOLD = "no-hold"
    NO_CALL = "no-call"
    TOO_OFTEN = "too-often"
    AT_LIMIT = "at-limit"
    NO_GROUP = "no-group"
    TOO_MANY_WATCHES = "too-many-watches"
    NO_WATCH = "no-watch"
    KEY_REUSED = "key-reused"


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome, the version it made, and the figure as it is now (None where there is none).

    ``repeated``: the key had been answered before, and this is that answer. ``short``: how many
    holds more would have to end for the number to be taken.
    """

    outcome: Outcome
    version: str = ""
    figure: Figure | None = None
    repeated: bool = False
    short: int = 0

    @property
    def kept(self) -> bool:
        """Whether a report is now in the stream."""
        return self.outcome in (Outcome.SAVED, Outcome.LATE)
