"""Cold-weather mode: alerts that a named coordinator issues, extends and cancels; never a feed.

An alert begins and ends by itself: whoever reads one asks whether it is on at that moment. What was
issued is never rewritten: an extension or a cancellation is an entry of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .clock import Alert
from .events import Event

LONGEST = timedelta(days=14)  # that an alert lasts
FARTHEST = timedelta(days=7)  # until it begins


class Cold(StrEnum):
    """What the weather is: the fixed list of templates."""

    EXTREME_COLD = "extreme-cold"
    WIND_CHILL = "wind-chill"
    SNOW = "snow"
    ICE = "ice"


class Reason(StrEnum):
    """Why an alert is issued."""

    FORECAST = "forecast"
    WARNING = "weather-warning"
    ALREADY = "cold-already"
    SHELTERS_FULL = "shelters-full"
    BY_ORDER = "by-order"


class Ending(StrEnum):
    """Why an alert is cancelled."""

    WARMER = "warmer"
    FORECAST_CHANGED = "forecast-changed"
    BY_ORDER = "by-order"
    MISTAKE = "mistake"


class Act(StrEnum):
    """What a person did with an alert."""

    ISSUED = "issued"
    EXTENDED = "extended"
    CANCELLED = "cancelled"


class Origin(StrEnum):
    """Where a draft comes from."""

    TEMPLATE = "template"
    WARNING = "weather-warning"


TEMPLATES: dict[Cold, Reason] = dict.fromkeys(Cold, Reason.FORECAST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued(Alert):
    """An alert as it stands. ``until`` is when it ends, or ended: a cancelled one ended early.

    ``area`` '' is everywhere. ``who`` issued it; ``version`` is the id of the entry that last
    changed it. Raises ValueError for one that ends before it begins.
    """

    id: str
    cold: Cold
    reason: Reason
    who: str
    issued_at: datetime
    version: str = ""
    cancelled: Ending | None = None

    def __post_init__(self) -> None:
        if self.until < self.since or (self.until == self.since and not self.cancelled):
            raise ValueError("an alert ends after it begins")


@dataclass(frozen=True, slots=True)
class AlertSaid(Event):
    """An alert was issued, extended or cancelled; ``before`` is None for a new one."""

    act: Act
    alert: Issued
    before: Issued | None
    who: str
    at: datetime


# The code of the sentence that tells each kind of entry in the record.
TOLD: dict[Act, str] = {one: f"alert-{one}" for one in Act}


@dataclass(frozen=True, slots=True)
class Draft:
    """An alert that nobody has issued: it changes nothing, and every coordinator may mend it."""

    cold: Cold
    reason: Reason
    area: str
    since: datetime
    until: datetime
    who: str
    at: datetime
    origin: Origin = Origin.TEMPLATE


class Outcome(StrEnum):
    """What the store answers. ``clash``: one of the same kind is on there already."""

    SAVED = "saved"
    CLASH = "clash"
    CHANGED = "changed"
    OVER = "over"
    UNKNOWN = "unknown"
    KEY_REUSED = "key-reused"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an act; ``alert`` is what stands instead where it was not saved."""

    outcome: Outcome
    version: str = ""
    alert: Issued | None = None


def with_alert(alerts: Iterable[Alert], said: Issued) -> tuple[Alert, ...]:
    """The same with this one in the place of what it was before."""
    return in_order([*(one for one in alerts if _id(one) != said.id), said])


def in_order(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    return tuple(sorted(alerts, key=lambda one: (one.since, _id(one))))


def _id(alert: Alert) -> str:
    return alert.id if isinstance(alert, Issued) else ""


def lasting(alerts: Iterable[Alert], since: datetime) -> tuple[Alert, ...]:
    """Those that were, are or will be on after ``since``."""
    return tuple(one for one in alerts if one.until > since and one.until > one.since)


def concerning(alerts: Iterable[Alert], area: str) -> tuple[Alert, ...]:
    """Those that concern a site in this area; one whose area nobody knows hears of all."""
    told = area.casefold()
    return tuple(one for one in alerts if not (told and one.area and one.area.casefold() != told))


def on(alerts: Iterable[Alert], now: datetime) -> bool:
    """Whether any of them is on."""
    return any(one.since <= now < one.until for one in alerts)


def announced(alerts: Iterable[Alert], now: datetime) -> list[Issued]:
    """Those that are on or still to come, as pages and machines tell them."""
    return [one for one in lasting(alerts, now) if isinstance(one, Issued)]


def turns(alerts: Iterable[Alert], now: datetime) -> list[datetime]:
    """The instants still to come at which one of them begins or ends."""
    return [edge for one in lasting(alerts, now) for edge in (one.since, one.until) if edge > now]
