"""Who may do what at a desk's device: levels that follow from a shift and the clock alone.

A PIN or a passkey opens a shift. It ends after twelve hours, or by hand. Who does nothing for a
quarter of an hour must tap their name again before a count, and sign in again for all else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from .people import Person

SHIFT_LASTS = timedelta(hours=12)
IDLE = timedelta(minutes=15)


class Level(IntEnum):
    """What may be done here now: each level holds the ones before it."""

    NOBODY = 0  # look
    COUNTING = 1  # report, adjust, confirm
    FULL = 2

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Device:
    """A browser that was made the desk of one site. ``id`` is public, its secret is not here.

    ``link_ends``: until when the link can be opened that makes a browser this device; None once
    one is. ``used_at``: about when it last asked for something.
    """

    id: str
    name: str
    site: str
    made_at: datetime
    link_ends: datetime | None = None
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """One person's shift on one device. ``whole``: nothing has happened that asks for the PIN."""

    person: Person
    began_at: datetime
    acted_at: datetime
    whole: bool

    def runs(self, now: datetime) -> bool:
        return self.began_at <= now < self.began_at + SHIFT_LASTS

    def idle(self, now: datetime) -> bool:
        return abs(now - self.acted_at) >= IDLE  # a clock that went back proves nothing

    def level(self, now: datetime) -> Level:
        """For whoever is at the device; somebody idle counts as gone."""
        if not self.runs(now) or self.idle(now):
            return Level.NOBODY
        return Level.FULL if self.whole else Level.COUNTING


@dataclass(frozen=True, slots=True)
class Presence:
    """A device, the shifts that run on it, and who of them tapped last (a person's id or '')."""

    device: Device
    shifts: tuple[Shift, ...]
    hand: str
    now: datetime

    def shift(self, person: str) -> Shift | None:
        """The shift of this person that runs now, if any."""
        found = (one for one in self.shifts if one.person.id == person and one.runs(self.now))
        return next(found, None)

    @property
    def level(self) -> Level:
        shift = self.shift(self.hand)
        return shift.level(self.now) if shift else Level.NOBODY

    @property
    def person(self) -> Person | None:
        """Who is at the device; nobody where they have to tap first."""
        shift = self.shift(self.hand)
        return shift.person if shift and self.level else None
