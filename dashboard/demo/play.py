"""Plays Riverbend's day into a store, act by act, as its desks would.

Every act carries a key, so playing it again changes nothing: a play that was killed starts over
and catches up. A bed group that a visitor reported is theirs: the play leaves it alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random

from .. import codes, distances, holds, importing
from ..beds import Hold, HoldEnd, Source
from ..board import GroupState
from ..clock import Day, Horizons, instant
from ..people import Hand
from ..reports import Outcome, Report, ReportKind
from ..rows import Moment
from ..store import Grip, Store
from ..turnaways import TurnAway, TurningAway
from .afternoon import Act, Deed
from .cast import AGENCY, PLAYER

EXAMPLES = Path(__file__).parents[2] / "examples"
HAND = Hand(PLAYER.id, Source.DESK)
STEPS = {Deed.ARRIVE: -1, Deed.ARRIVED: -1, Deed.LEAVE: 1}


def build(store: Store, now: datetime) -> None:
    """Brings in Riverbend's sites and areas, as the commands do. Raises StoreDown."""
    sites, groups = (EXAMPLES / f"riverbend_{name}.csv" for name in ("sites", "bed_groups"))
    found = importing.plan(
        importing.site_table(sites.name, sites.read_bytes()),
        importing.group_table(groups.name, groups.read_bytes()),
        store.profiles.sites(),
        store.profiles.groups(),
    )
    if found.problems:
        raise ValueError("; ".join(map(str, found.problems)))
    store.profiles.save(found.sites, found.groups, PLAYER.id, now)
    areas = EXAMPLES / "riverbend_areas.csv"
    town = distances.plan(distances.table(areas.name, areas.read_bytes()), store.areas.travel())
    store.areas.save(town.areas, town.legs, PLAYER.id, now)


def when(act: Act, date_: date, day: Day) -> datetime:
    """The instant of an act on this date."""
    midnight = instant(date_, time(0), day.zone)
    return (midnight + timedelta(minutes=act.minute)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a day is played: a store, and the rules of its community's day."""

    store: Store
    day: Day

    def perform(self, act: Act, date_: date, number: int, now: datetime) -> None:
        """Does the ``number``th act of this date. Raises StoreDown: then do it again."""
        site, group = act.group
        board = self.store.stream.snapshot(self.day)
        state = board.sites[site].group(group)
        if state is None:
            raise KeyError(f"{site}/{group}")
        scene = _Scene(self.store, state, Moment(board, now).judge(board.sites[site].site), now)
        if act.hold and scene.keep(act, f"{date_}-{act.hold}"):
            return
        if act.reason:
            scene.turn_away(site, act.reason, f"{date_}-{number}")
        elif act.deed not in (Deed.HOLD, Deed.RELEASE) and not scene.is_a_visitors:
            scene.say(act, when(act, date_, self.day), f"{date_}-{number}")


@dataclass(frozen=True, slots=True)
class _Scene:
    """One bed group as it is, and what can be done about it."""

    store: Store
    state: GroupState
    judge: Horizons
    now: datetime

    @property
    def is_a_visitors(self) -> bool:
        """Whether somebody who plays with the demo reported last; their number stays."""
        return self.state.figure is not None and self.state.figure.who != PLAYER.id

    def keep(self, act: Act, id_: str) -> bool:
        """Makes the act's hold, or ends it; False where there was none to end."""
        if act.deed is Deed.HOLD:
            self.store.holds.keep(self._hold(act, id_), self.judge, HAND)
            return True
        grip = Grip(id_, HAND, f"demo-{id_}", site=act.group[0])
        if act.deed is Deed.ARRIVED and not self.is_a_visitors:
            said = self.store.holds.arrive(grip, self.now, self.judge, self.now)
        else:
            reason = HoldEnd.ARRIVED if act.deed is Deed.ARRIVED else HoldEnd.RELEASED
            said = self.store.holds.end(grip, reason, self.now)
        return said.outcome is Outcome.SAVED

    def _hold(self, act: Act, id_: str) -> Hold:
        chance = Random(id_)  # noqa: S311 (a play, not a secret)
        arrives = self.now + timedelta(minutes=chance.choice(holds.ARRIVALS))
        place = (*act.group, AGENCY, codes.code(chance))
        return Hold(id_, *place, self.now, self.now + holds.FIRST, arrives, who=PLAYER.id)

    def turn_away(self, site: str, reason: TurnAway, key: str) -> None:
        """Notes that somebody got no bed."""
        hand = Hand(PLAYER.id, Source.DESK)
        turned = TurningAway(reason, self.now, f"demo-{key}")
        self.store.turned.turn_away(site, turned, hand, self.judge.reset, self.now)

    def say(self, act: Act, observed: datetime, key: str) -> None:
        """Reports what the act says; one that the store refuses is nobody's loss."""
        kind, value = self._told(act)
        report = Report(*act.group, kind, value, observed, Source.DESK, PLAYER.id, f"demo-{key}")
        self.store.reports.report(report, self.judge, self.now)

    def _told(self, act: Act) -> tuple[ReportKind, int]:
        if act.deed in STEPS:
            return ReportKind.ADJUST, STEPS[act.deed]
        if act.deed is Deed.COUNT:
            return ReportKind.CHANGE, act.open
        return ReportKind.CONFIRM, self.state.figure.open if self.state.figure else act.open
