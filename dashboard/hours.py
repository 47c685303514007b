"""The clock of one site tonight: until when somebody can come, and when they must leave for it.

A night runs from one daily reset to the next, so "1 am" is always the one of this night. Instants
are computed from ``now`` at every look; nothing here is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from .clock import Day, last_reset, next_instant
from .facts import Known
from .rows import SiteRow
from .travel import Leg, Way


class CheckIn(StrEnum):
    """Whether somebody who stands at the door now can check in."""

    ON = "on"
    LATER = "later"
    LATE = "late"  # it has ended, but the site takes people who come late
    ENDED = "ended"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Hours:
    """What a site's clock shows on the night of ``now``; None where nobody knows a time.

    ``opens`` and ``until`` are the first and the last check-in, ``curfew`` when doors close,
    ``release`` when beds that nobody claimed open again.
    """

    now: datetime
    opens: datetime | None = None
    until: datetime | None = None
    curfew: datetime | None = None
    release: datetime | None = None
    late: bool = False

    @property
    def check_in(self) -> CheckIn:
        if self.until and self.until <= self.now:
            return CheckIn.LATE if self.late else CheckIn.ENDED
        if self.opens and self.opens > self.now:
            return CheckIn.LATER
        return CheckIn.ON if self.until else CheckIn.UNKNOWN

    @property
    def over(self) -> bool:
        """Whether the site is no option any more tonight."""
        return self.check_in is CheckIn.ENDED

    @property
    def shut(self) -> bool:
        """Whether its doors have closed; who lets in whom then is for the site to say."""
        return self.curfew is not None and self.curfew <= self.now

    @property
    def releases(self) -> datetime | None:
        """When unclaimed beds open again, where that is still to come."""
        return self.release if self.release and self.release > self.now else None

    @property
    def end(self) -> datetime | None:
        """By when somebody must be there: whichever comes next of last check-in and curfew.

        None where nobody knows either, once both are past, and where people may come late.
        """
        known = () if self.late or self.over else (self.until, self.curfew)
        return min((one for one in known if one and one > self.now), default=None)


@dataclass(frozen=True, slots=True)
class Leave:
    """One way to a site: its minutes, and the last instant to leave (None: no end is known)."""

    way: Way
    minutes: int
    by: datetime | None
    missed: bool = False  # that instant has passed: nobody gets there in time this way


def hours(row: SiteRow, day: Day, now: datetime) -> Hours:
    """The clock of a site, with what its desk has said of tonight."""
    if row.site.confidential:
        return Hours(now)
    site, morning = row.site, last_reset(now, day)
    return Hours(
        now,
        opens=tonight(site.intake_opens, morning, day),
        until=tonight(site.last_check_in, morning, day),
        curfew=tonight(site.curfew, morning, day),
        release=tonight(site.release, morning, day),
        late=site.late_arrivals is Known.YES,
    )


def tonight(wall: time | None, morning: datetime, day: Day) -> datetime | None:
    """The instant of a wall time in the night that begins with this reset."""
    return None if wall is None else next_instant(morning, wall, day.zone)


def leaves(found: Hours, leg: Leg) -> tuple[Leave, ...]:
    """When to leave for a site, each way that is known; nothing once nobody can come."""
    return () if found.over else tuple(_leaves(found, leg))


def _leaves(found: Hours, leg: Leg) -> Iterable[Leave]:
    for way, minutes in leg.ways():
        by = found.end - timedelta(minutes=minutes) if found.end else None
        yield Leave(way, minutes, by, by is not None and by < found.now)
