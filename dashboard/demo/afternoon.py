"""What happens in Riverbend, and at which minute of its day: a function of a seed alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from heapq import heappop, heappush
from random import Random

from ..turnaways import TurnAway

Group = tuple[str, str]  # a site's id and a bed group's


class Deed(StrEnum):
    """What somebody in Riverbend does about one bed group."""

    COUNT = "count"
    CONFIRM = "confirm"
    ARRIVE = "arrive"  # somebody takes a bed
    LEAVE = "leave"  # a bed comes free
    HOLD = "hold"
    ARRIVED = "arrived"  # whom the bed was held for
    RELEASE = "release"
    TURN_AWAY = "turn-away"  # somebody who can't be given a bed


@dataclass(frozen=True, slots=True)
class Act:
    """One deed. ``minute`` since Riverbend's midnight; ``open`` is the figure that it leaves.

    ``hold`` names the hold that it makes or ends, ``reason`` is why somebody was turned away.
    """

    minute: float
    group: Group
    deed: Deed
    open: int
    hold: str = ""
    reason: TurnAway | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """A stretch of a group's day: counted at ``minute``, then drifting to ``then`` until ``by``.

    Nobody reports again where ``by`` is None.
    """

    minute: float
    open: int
    then: int = 0
    by: float | None = None

    def goal(self, minute: float) -> int:
        """About how many beds are open at this minute."""
        if self.by is None or minute >= self.by:
            return self.then
        done = (minute - self.minute) / (self.by - self.minute)
        return round(self.open + done * (self.then - self.open))


def at(hour: int, minute: int = 0) -> int:
    """A wall time as minutes since midnight."""
    return hour * 60 + minute


REASONS = (*[TurnAway.FULL] * 4, TurnAway.PET, TurnAway.RULES, TurnAway.NOT_FOR_THEM)
FIRST, LAST = at(16, 5), at(23, 30)  # when the reports come thick
COURSES: dict[Group, tuple[Leg, ...]] = {
    ("heronfoot-house", "women"): (
        Leg(at(15, 58), 5, 1, at(17)),
        Leg(at(20, 30), 3, 0, at(22, 40)),
    ),
    ("heronfoot-house", "men"): (
        Leg(at(15, 4), 11, 9, at(16)),
        Leg(at(16, 1), 9, 0, at(16, 52)),
        Leg(at(20, 30), 4, 0, at(22, 20)),
    ),
    ("kettle-lane", "men"): (
        Leg(at(15, 47), 8, 0, at(16, 58)),
        Leg(at(21), 5, 1, at(23)),
    ),
    ("kettle-lane", "women"): (Leg(at(15, 52), 4, 0, at(17, 5)), Leg(at(21), 2, 0, at(22))),
    ("kettle-lane", "pods"): (Leg(at(15, 49), 2, 0, at(16, 35)),),
    ("ninebark-lodge", "beds"): (
        Leg(at(15, 31), 7, 0, at(16, 47)),
        Leg(at(20), 3, 0, at(21, 30)),
    ),
    ("ninebark-lodge", "seniors"): (Leg(at(14, 20), 2, 2),),
    ("slatebridge-hall", "beds"): (Leg(at(13, 8), 4, 4),),
    ("quillwort-rooms", "beds"): (
        Leg(at(16, 2), 3, 1, at(17, 10)),
        Leg(at(21), 2, 0, at(23)),
    ),
    ("thimbleberry-house", "youth"): (
        Leg(at(15, 20), 5, 3, at(17)),
        Leg(at(20, 30), 4, 2, at(23)),
    ),
    ("tern-cottage", "room"): (Leg(at(15, 40), 1, 0, at(16, 30)),),
    ("saltlick-mats", "mats"): (Leg(at(21), 16, 2, at(23, 20)),),
}
# Where somebody is on the way already when the play begins: at the desk that visitors sign in to.
AWAITED = (("heronfoot-house", "women"), ("heronfoot-house", "men"))


def plan(seed: int) -> tuple[Act, ...]:
    """Riverbend's day in order: counts in the afternoon, beds that go, a second wave at night."""
    return tuple(_Day(Random(seed)).acts())  # noqa: S311 (a play, not a secret)


class _Day:
    """Walks through one day and remembers what is open, and who is on the way."""

    def __init__(self, chance: Random):
        self._chance = chance
        self._open: dict[Group, int] = {}
        self._leg: dict[Group, Leg] = {}
        self._held: dict[Group, str] = {}
        self._due: list[tuple[float, int, Group, Leg | None]] = []  # a leg begins, or a hold ends
        self._count = 0

    def acts(self) -> Iterator[Act]:
        for group, legs in COURSES.items():
            for leg in legs:
                self._expect(leg.minute, group, leg)
        minute = float(FIRST)
        while minute < LAST:
            while self._due and self._due[0][0] <= minute:
                yield self._came(*heappop(self._due))
            if minute == FIRST:
                yield from (self._hold(minute, group) for group in AWAITED)
            yield self._somebody(minute)
            minute += self._gap(minute)

    def _expect(self, minute: float, group: Group, leg: Leg | None) -> None:
        self._count += 1
        heappush(self._due, (minute, self._count, group, leg))

    def _gap(self, minute: float) -> float:
        """Minutes until the next deed: seconds before five and when beds are released."""
        busy = minute < at(17, 10) or at(20, 25) <= minute < at(22)
        return self._chance.uniform(4, 11) / 60 if busy else self._chance.uniform(15, 45) / 60

    def _came(self, minute: float, _order: int, group: Group, leg: Leg | None) -> Act:
        if leg is not None:
            self._leg[group], self._open[group] = leg, leg.open
            return Act(minute, group, Deed.COUNT, leg.open)
        hold, open_ = self._held.pop(group), self._open[group]
        if open_ and self._chance.random() < 0.7:
            self._open[group] = open_ - 1
            return Act(minute, group, Deed.ARRIVED, open_ - 1, hold)
        return Act(minute, group, Deed.RELEASE, open_, hold)

    def _somebody(self, minute: float) -> Act:
        """What the next person does: what brings a group nearer to its goal, or says it again."""
        group = self._chance.choice([one for one, leg in self._leg.items() if leg.by is not None])
        deed, open_ = self._deed(group, self._leg[group], minute)
        self._open[group] = open_
        if deed is Deed.TURN_AWAY:
            return Act(minute, group, deed, open_, reason=self._chance.choice(REASONS))
        return self._hold(minute, group) if deed is Deed.HOLD else Act(minute, group, deed, open_)

    def _hold(self, minute: float, group: Group) -> Act:
        self._expect(minute + self._chance.uniform(4, 15), group, None)
        self._held[group] = f"hold-{self._count}"
        return Act(minute, group, Deed.HOLD, self._open[group], self._held[group])

    def _deed(self, group: Group, leg: Leg, minute: float) -> tuple[Deed, int]:
        free, goal, luck = self._open[group], leg.goal(minute), self._chance.random()
        kept = group in self._held
        if free - kept > goal:
            if luck < 0.2 and not kept:
                return Deed.HOLD, free
            return (Deed.COUNT, goal) if luck > 0.85 else (Deed.ARRIVE, free - 1)
        if free < goal or (free == goal and luck < 0.15 and leg.open > 1):
            return Deed.LEAVE, free + 1
        return (Deed.TURN_AWAY if free == 0 and luck > 0.8 else Deed.CONFIRM), free
