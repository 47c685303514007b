"""Facts that hold from one day until another: kept beside a site's own, and read as of a day.

A planned value takes effect by itself, at the daily reset that begins its day, and ends at the
reset after its last one. So every page that counts on the reset counts on it too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from .clock import Day, last_reset


@dataclass(frozen=True, slots=True)
class Proof:
    """Who says that a fact is so, and on which day somebody last made sure of it."""

    source: str = ""
    verified_on: date | None = None

    def __bool__(self) -> bool:
        return bool(self.source or self.verified_on)


@dataclass(frozen=True, slots=True)
class Planned:
    """The value of one fact from a day until another, both included; None is without an end.

    ``fact`` is the name of the field that it stands for. Raises ValueError for no time at all.
    """

    fact: str
    value: Any
    since: date | None = None
    until: date | None = None
    proof: Proof = Proof()

    def __post_init__(self) -> None:
        if self.since and self.until and self.until < self.since:
            raise ValueError(f"{self.fact} can't end before it begins")

    def holds(self, today: date) -> bool:
        begun = self.since is None or self.since <= today
        return begun and not self.over(today)

    def over(self, today: date) -> bool:
        return self.until is not None and self.until < today


Plans = tuple[Planned, ...]
Proofs = tuple[tuple[str, Proof], ...]  # by fact, in the order of their names


class Kept(Protocol):
    """What has facts with plans and proofs: a site, its place, a bed group."""

    @property
    def planned(self) -> Plans: ...
    @property
    def proofs(self) -> Proofs: ...


class Runs(Protocol):
    """What runs on some days and not on others."""

    @property
    def paused(self) -> bool: ...
    @property
    def since(self) -> date | None: ...
    @property
    def until(self) -> date | None: ...


Facts = TypeVar("Facts", bound=Kept)


def today(now: datetime, day: Day) -> date:
    """The date of the community's day that ``now`` lies in: it begins with the daily reset."""
    return last_reset(now, day).astimezone(day.zone).date()


def as_of(kept: Facts, when: date) -> Facts:
    """The same with the values that hold on this day; of two, the one that began later."""
    found = {one.fact: one.value for one in _in_order(kept.planned) if one.holds(when)}
    return replace(kept, **found) if found else kept  # type: ignore[type-var]


def _in_order(plans: Plans) -> list[Planned]:
    return sorted(plans, key=lambda one: one.since or date.min)


def changed(kept: Facts, values: dict[str, Any], proof: Proof, when: date) -> Facts:
    """The same with these values from now on, said by whom ``proof`` names.

    A plan for one of them that runs on this day ends with it; one that is still to come stays.
    """
    plans = [one for one in kept.planned if not (one.fact in values and one.holds(when))]
    proofs = dict(kept.proofs) | dict.fromkeys(values, proof)
    return _with(kept, plans, proofs, values)


def verified(kept: Facts, facts: Iterable[str], proof: Proof) -> Facts:
    """The same, and these facts are as ``proof`` says, whatever they are."""
    return _with(kept, kept.planned, dict(kept.proofs) | dict.fromkeys(facts, proof), {})


def planning(kept: Facts, plans: Iterable[Planned]) -> Facts:
    """The same with these plans too; one for the same fact and days gives way."""
    new = list(plans)
    times = {(one.fact, one.since, one.until) for one in new}
    stay = [one for one in kept.planned if (one.fact, one.since, one.until) not in times]
    return _with(kept, [*stay, *new], dict(kept.proofs), {})


def settled(kept: Facts, when: date) -> Facts:
    """The same without plans that are over, and with those begun for good as its own values."""
    begun = [one for one in _in_order(kept.planned) if one.holds(when) and one.until is None]
    values = {one.fact: one.value for one in begun}
    proofs = dict(kept.proofs) | {one.fact: one.proof for one in begun}
    since = {one.fact: one.since or date.min for one in begun}
    stay = [one for one in kept.planned if not (one.over(when) or _passed(one, since))]
    return _with(kept, stay, proofs, values)


def _passed(one: Planned, since: dict[str, date]) -> bool:
    """Whether a plan that began no earlier than this one, and for good, has taken its place."""
    return one.fact in since and (one.since or date.min) <= since[one.fact]


def _with(
    kept: Facts, plans: Iterable[Planned], proofs: dict[str, Proof], values: dict[str, Any]
) -> Facts:
    ordered = sorted(
        plans, key=lambda one: (one.fact, one.since or date.min, one.until or date.max)
    )
    said = tuple(
        sorted(((fact, one) for fact, one in proofs.items() if one), key=lambda one: one[0])
    )
    return replace(kept, **values, planned=tuple(ordered), proofs=said)  # type: ignore[type-var]


def proof_of(kept: Kept, fact: str) -> Proof:
    """Who says so of this fact; nobody where only the whole site was verified."""
    return dict(kept.proofs).get(fact, Proof())


def unsourced(kept: Facts) -> Facts:
    """The same without who says so of anything; when it was verified stays."""
    plans = [replace(one, proof=replace(one.proof, source="")) for one in kept.planned]
    proofs = {fact: replace(proof, source="") for fact, proof in kept.proofs}
    return _with(kept, plans, proofs, {})


def runs(one: Runs, when: date) -> bool:
    """Whether it runs on this day: neither paused, nor before its first day or after its last."""
    return within(one, when) and not one.paused


def within(one: Runs, when: date) -> bool:
    """Whether it is there on this day at all, paused or not."""
    return (one.since is None or one.since <= when) and not ended(one, when)


def ended(one: Runs, when: date) -> bool:
    """Whether its last day is over."""
    return one.until is not None and one.until < when
