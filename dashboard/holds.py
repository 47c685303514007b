"""How long a bed may be kept for someone on the way. Functions of values and of ``now``.

90 minutes, once 60 more, never past 2½ hours or the site's last check-in: holds that nothing
releases hide beds, and long ones get traded.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from .beds import Hold, Site
from .clock import Day, last_reset, next_instant

FIRST = timedelta(minutes=90)
LONGER = timedelta(minutes=60)  # the holder's one extension
A_LITTLE = timedelta(minutes=30)  # what the desk adds
LONGEST = timedelta(minutes=150)
ARRIVALS = (20, 40, 60, 90)  # minutes in which somebody can say that they will be there


def last_check_in(site: Site, day: Day, now: datetime) -> datetime | None:
    """The last check-in of the day that began with the last reset; None where none is known."""
    if site.last_check_in is None:
        return None
    return next_instant(last_reset(now, day), site.last_check_in, day.zone)


def first_end(site: Site, day: Day, now: datetime) -> datetime | None:
    """Until when a hold that is made now would last; None after the last check-in."""
    last = last_check_in(site, day, now)
    if last and last <= now:
        return None
    return min(now + FIRST, last) if last else now + FIRST


def latest_end(hold: Hold, site: Site, day: Day) -> datetime:
    """The end past which this hold can't be extended."""
    last, longest = last_check_in(site, day, hold.made_at), hold.made_at + LONGEST
    return min(longest, last) if last else longest


def coming(holds: Iterable[Hold], now: datetime) -> list[Hold]:
    """Those that keep a bed, in the order in which people are expected."""
    kept = (hold for hold in holds if hold.keeps(now))
    return sorted(kept, key=lambda hold: (hold.comes_at, hold.made_at, hold.id))
