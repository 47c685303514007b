"""The words and rules of the product: sites, bed groups, figures, holds, status.

Values only. Nothing here reads a clock, a file or a socket; every rule is a function of its
values and of ``now``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from .clock import Freshness, Limits
from .facts import Guest, Holding, Kind, Known, Saying, Season, Side, Sobriety, WayIn
from .planned import Plans, Proofs
from .visits import Dispute

MOST = 9_999  # a count above this is a slip of the finger
FEW = 2


class Status(StrEnum):
    """What the board says of a bed group or a site, in the order in which it is shown."""

    OPEN = "open"
    FEW = "few"
    CALL_FIRST = "call-first"
    FULL = "full"
    CLOSED = "closed"
    NO_BEDS = "no-beds"
    CONFIDENTIAL = "confidential"


class Source(StrEnum):
    DESK = "desk"
    PHONE = "phone"
    TEXT = "text"
    API = "api"
    OUTREACH = "outreach"


class HoldEnd(StrEnum):
    """Why a hold ended: by its holder, by the desk, by the clock, or for a lower count."""

    RELEASED = "released"
    ARRIVED = "arrived"
    DID_NOT_COME = "did-not-come"
    LAPSED = "lapsed"
    TAKEN_BACK = "taken-back"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a site is, and notes that may tell it: kept apart, never in the stream."""

    area: str = ""
    address: str = ""
    side: Side = Side.UNKNOWN
    notes: str = ""
    planned: Plans = ()
    proofs: Proofs = ()

    def __bool__(self) -> bool:
        return self != Place()


@dataclass(frozen=True, slots=True)
class Site:
    """A shelter or programme at one place, run by one operator.

    Raises ValueError for a confidential site with a place: such a site can't be built.
    ``since`` and ``until`` are the first and the last local date on which the site runs, ``paused``
    that it does not for now; ``planned`` what holds on some days only (``planned.as_of``), and
    ``proofs`` who says so of single facts. ``tighter`` are its own, stricter limits of age.
    ``says`` is what a confidential one tells outreach people beside its phone number, and
    ``tells_outreach``: its counts, and whom it takes, too.
    """

    id: str
    name: str
    operator: str = ""
    kind: Kind = Kind.EMERGENCY
    phone: str = ""
    who: tuple[Guest, ...] = ()
    sobriety: Sobriety = Sobriety.UNKNOWN
    way_in: WayIn = WayIn.UNKNOWN
    intake_opens: time | None = None
    last_check_in: time | None = None
    curfew: time | None = None
    release: time | None = None
    pets: Known = Known.UNKNOWN
    couples: Known = Known.UNKNOWN
    storage: Known = Known.UNKNOWN
    carts: Known = Known.UNKNOWN
    wheelchair: Known = Known.UNKNOWN
    lower_bunk: Known = Known.UNKNOWN
    meals: Known = Known.UNKNOWN
    indigenous_led: Known = Known.UNKNOWN
    indigenous_programming: Known = Known.UNKNOWN
    harm_reduction: Known = Known.UNKNOWN
    large_pets: Known = Known.UNKNOWN
    service_animals: Known = Known.UNKNOWN
    late_arrivals: Known = Known.UNKNOWN
    without_id: Known = Known.UNKNOWN
    asks_call_first: bool = False
    tells_outreach: bool = False
    says: tuple[Saying, ...] = ()
    tighter: Limits | None = None
    source: str = ""
    as_of: str = ""
    verified_on: date | None = None
    since: date | None = None
    until: date | None = None
    paused: bool = False
    planned: Plans = ()
    proofs: Proofs = ()
    place: Place = field(default=Place(), compare=False)

    def __post_init__(self) -> None:
        if not self.id or not self.name:
            raise ValueError("a site needs an id and a name")
        if self.confidential and self.place:
            raise ValueError("a confidential site can't have a place")

    @property
    def confidential(self) -> bool:
        return self.kind is Kind.CONFIDENTIAL


@dataclass(frozen=True, slots=True)
class BedGroup:
    """Beds in a site that one kind of guest may use. ``capacity`` None is unknown.

    ``position`` is its place in the site's own order, from 0. A fact that is unknown here is as
    the site says. ``holds``: how outreach may keep its beds, and ``walk_in`` how many of the open
    ones no hold can take.
    """

    site: str
    id: str
    label: str
    capacity: int | None = None
    guests: tuple[Guest, ...] = ()
    season: Season = Season.ALL_YEAR
    label_fr: str = ""
    position: int = 0
    pets: Known = Known.UNKNOWN
    large_pets: Known = Known.UNKNOWN
    couples: Known = Known.UNKNOWN
    wheelchair: Known = Known.UNKNOWN
    lower_bunk: Known = Known.UNKNOWN
    holds: Holding = Holding.AT_ONCE
    walk_in: int = 0
    source: str = ""
    verified_on: date | None = None
    since: date | None = None
    until: date | None = None
    paused: bool = False
    planned: Plans = ()
    proofs: Proofs = ()

    def __post_init__(self) -> None:
        if not self.id or not self.label:
            raise ValueError("a bed group needs an id and a label")
        if not 0 <= self.walk_in <= MOST:
            raise ValueError(f"beds for who walks in must be from 0 to {MOST}")
        if self.capacity is not None and not 0 <= self.capacity <= MOST:
            raise ValueError(f"capacity must be from 0 to {MOST}")


@dataclass(frozen=True, slots=True)
class Was:
    """The number that a figure comes from, and when it was last observed: what makes a trend."""

    open: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Figure:
    """What the desk last said of a bed group: beds open, *including* those kept by holds.

    ``counted_at`` is when a number (not an adjustment) was last observed; ``version`` the id of
    the stream entry that made the figure. ``capacity`` None: as the bed group says.
    ``disputed``: somebody at the door found otherwise, and the desk has said nothing since.
    ``was``: what it was about an hour before it last changed, None where it never did today.
    """

    open: int
    observed_at: datetime
    received_at: datetime
    counted_at: datetime
    source: Source
    who: str
    version: str
    capacity: int | None = None
    surge: int = 0
    out_of_service: int = 0
    disputed: Dispute | None = None
    was: Was | None = None

    def __post_init__(self) -> None:
        for count in (self.open, self.capacity or 0, self.surge, self.out_of_service):
            if not 0 <= count <= MOST:
                raise ValueError(f"a count must be from 0 to {MOST}")


@dataclass(frozen=True, slots=True)
class Hold:
    """A bed kept for someone on the way: an agency, a code for the door, an end. Never a name.

    ``arrives_at`` is when they said they would be there; without it they come by the end.
    ``extended``: the holder's one extension is used up. ``who`` made it.
    """

    id: str
    site: str
    group: str
    agency: str
    code: str
    made_at: datetime
    expires_at: datetime
    arrives_at: datetime | None = None
    extended: bool = False
    who: str = ""

    @property
    def comes_at(self) -> datetime:
        """When they are expected."""
        return self.arrives_at or self.expires_at

    def keeps(self, now: datetime) -> bool:
        """Whether it still keeps a bed; it ends to the instant, with nobody's help."""
        return now < self.expires_at


def held(holds: tuple[Hold, ...], now: datetime) -> int:
    """How many beds are kept at ``now``."""
    return sum(hold.keeps(now) for hold in holds)


def available(open_: int, kept: int) -> int:
    """Open beds that nobody is on the way to; never below 0, never above ``open_``."""
    return max(0, open_ - kept)


def status_of(free: int) -> Status:
    """The status of a trusted number of available beds."""
    if free > FEW:
        return Status.OPEN
    return Status.FEW if free else Status.FULL


def group_status(
    season: Season, freshness: Freshness, free: int | None, alert_on: bool, asks_call_first: bool
) -> Status:
    """The status of one bed group.

    A seasonal group is closed until its alert is on or its desk counts it that day: people
    decide, by issuing an alert or by counting.
    """
    if (
        season.seasonal
        and freshness is Freshness.NEVER
        and not (season is Season.ALERT and alert_on)
    ):
        return Status.CLOSED
    if asks_call_first or free is None or freshness in (Freshness.STALE, Freshness.NEVER):
        return Status.CALL_FIRST
    return status_of(free)
