"""The stream's entries as values: what happened, in the words of the product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, cast

from .asking import Ask, AskEnd
from .beds import BedGroup, Figure, Hold, HoldEnd, Site, Source
from .evening import Declaration, Topic
from .turnaways import TurnAway
from .visits import Dispute, Found

Point = tuple[int, int]


class Version(NamedTuple):
    """A point in the life of a community: which run of entries (``epoch``), and which of them."""

    epoch: str
    ms: int
    seq: int

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read ``epoch:ms-seq``; ValueError for anything else."""
        epoch, _, entry = text.partition(":")
        ms, dash, seq = entry.partition("-")
        if not (epoch.isascii() and epoch.isalnum() and dash and _digits(ms) and _digits(seq)):
            raise ValueError(f"not a version: {text[:80]!r}")
        return cls(epoch, int(ms), int(seq))

    def __str__(self) -> str:
        return f"{self.epoch}:{self.entry}"

    @property
    def entry(self) -> str:
        """The id of the entry in the stream."""
        return f"{self.ms}-{self.seq}"

    @property
    def point(self) -> Point:
        """The id as numbers. In one history points only grow, from epoch to epoch too."""
        return self.ms, self.seq

    def at(self, entry: str) -> Version:
        """The version of another entry in the same epoch."""
        ms, _, seq = entry.partition("-")
        return Version(self.epoch, int(ms), int(seq))


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 20


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the stream. ``version`` is the board's version once it is applied."""

    version: Version


@dataclass(frozen=True, slots=True)
class Reported(Event):
    """A report, the undoing of one (``kind`` "undo"), or a bed taken by arriving ("arrived").

    ``figure`` is the whole figure afterwards (None where an undo left none). A late report
    leaves the board alone: then ``figure`` is None and ``value`` is what it said. ``before`` is
    the number that it met. ``cases`` are what it adds to the site's record.
    """

    site: str
    group: str
    kind: str
    value: int | None
    before: int | None
    figure: Figure | None
    late: bool
    observed_at: datetime
    received_at: datetime
    source: Source
    who: str
    device: str = ""
    cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteSaved(Event):
    """A site was added or changed. ``moved``: its place changed; the entry says no more.

    ``before`` is the site as it was, without its place; None for a new one.
    """

    site: Site
    moved: bool
    who: str
    at: datetime
    before: Site | None = None


@dataclass(frozen=True, slots=True)
class GroupSaved(Event):
    """A bed group was added or changed; ``before`` is what it was."""

    group: BedGroup
    who: str
    at: datetime
    before: BedGroup | None = None


@dataclass(frozen=True, slots=True)
class Held(Event):
    """A bed is kept for someone on the way; again, where what ended the hold was undone.

    ``kept`` here and below is how many beds of the group are kept afterwards.
    """

    hold: Hold
    who: str = ""
    at: datetime | None = None
    source: Source | None = None
    device: str = ""
    kept: int | None = None


@dataclass(frozen=True, slots=True)
class HoldExtended(Event):
    """A hold lasts longer than ``before``."""

    hold: Hold
    before: datetime
    who: str
    at: datetime
    source: Source | None = None
    device: str = ""


@dataclass(frozen=True, slots=True)
class HoldEnded(Event):
    """A hold ended before or at its time. ``who`` is '' where the clock ended it."""

    hold: str
    site: str
    group: str
    reason: HoldEnd
    at: datetime
    who: str = ""
    source: Source | None = None
    device: str = ""
    kept: int | None = None


@dataclass(frozen=True, slots=True)
class Asked(Event):
    """Somebody asks a desk to keep a bed. It keeps none."""

    ask: Ask
    source: Source
    who: str
    at: datetime
    device: str = ""


@dataclass(frozen=True, slots=True)
class AskEnded(Event):
    """An ask was answered, withdrawn or gone. ``who`` is '' where the clock ended it.

    A yes has made a hold with the same id, one entry before.
    """

    ask: str
    site: str
    group: str
    reason: AskEnd
    at: datetime
    who: str = ""
    source: Source | None = None
    device: str = ""


@dataclass(frozen=True, slots=True)
class Declared(Event):
    """Something was declared for tonight, of a site or (``group``) of a bed group, or was ended.

    ``now`` is what stands afterwards, ``before`` what stood: None where there was nothing.
    """

    site: str
    group: str
    topic: Topic
    now: Declaration | None
    before: Declaration | None
    source: Source
    who: str
    at: datetime
    device: str = ""


@dataclass(frozen=True, slots=True)
class Noted(Event):
    """An act that changes no bed: a person invited, a token revoked. Kept for the record."""

    act: str
    about: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TurnedAway(Event):
    """A site turned somebody away, at ``observed_at``: an event, not a person."""

    site: str
    reason: TurnAway
    observed_at: datetime
    source: Source
    who: str
    at: datetime
    device: str = ""


@dataclass(frozen=True, slots=True)
class TurnAwayUndone(Event):
    """A turn-away was taken back; ``undoes`` is the id of its entry."""

    site: str
    undoes: str
    reason: TurnAway
    source: Source
    who: str
    at: datetime
    device: str = ""


@dataclass(frozen=True, slots=True)
class HandedOver(Event):
    """One shift of a site handed over to the next."""

    site: str
    source: Source
    who: str
    at: datetime
    device: str = ""


@dataclass(frozen=True, slots=True)
class Visited(Event):
    """What an agency found at a bed group, at a door or on the phone.

    ``shown`` is the number that the board gave then, None where it gave none. ``disputes``: the
    figure is disputed from ``observed_at`` on. ``withdraws``: the agency mends its own word, and
    the figure is disputed as ``left`` says, or no more.
    """

    site: str
    group: str
    found: Found
    reason: TurnAway | None
    agency: str
    shown: int | None
    disputes: bool
    withdraws: bool
    left: Dispute | None
    cases: tuple[str, ...]
    observed_at: datetime
    source: Source
    who: str
    at: datetime
    device: str = ""


def site_of(event: Event) -> str:
    """The id of the site that an entry is about; '' for one that is about none."""
    match event:
        case SiteSaved(site=site):
            return site.id
        case GroupSaved(group=group):
            return group.site
        case Asked(ask=ask):
            return ask.site
    hold = getattr(event, "hold", None)
    return hold.site if isinstance(hold, Hold) else str(getattr(event, "site", ""))


def told_at(event: Event) -> datetime:
    """When the store was told."""
    if isinstance(event, Reported):
        return event.received_at
    at = getattr(event, "at", None)
    return at if isinstance(at, datetime) else cast(Held, event).hold.made_at
