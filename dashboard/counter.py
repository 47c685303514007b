"""What a desk sees of its bed groups: the figure it gave, who gave it, and what can be taken back.

Unlike a public row it holds open counts and, for the site's own people, how many are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from .beds import BedGroup, Source, available, held
from .board import GroupState, SiteState
from .clock import Freshness, Horizons
from .evening import Declaration, Topic, find, standing
from .events import Event, Reported, Version


@dataclass(frozen=True, slots=True)
class Row:
    """One bed group. ``open`` is None until it is counted after the day's reset.

    ``last`` is the report that made the figure, if the stream still has it; ``by`` the name of
    who sent it, '' for a machine; ``undoes`` the version to take back, '' where there is none.
    """

    group: BedGroup
    freshness: Freshness
    capacity: int | None = None
    open: int | None = None
    at: datetime | None = None
    source: Source | None = None
    last: Reported | None = None
    by: str = ""
    undoes: str = ""
    kept: int = 0

    @property
    def trusted(self) -> bool:
        return self.freshness in (Freshness.FRESH, Freshness.AGEING)

    @property
    def shown(self) -> int:
        """What the public sees where the figure is trusted."""
        return available(self.open or 0, self.kept)


def entries(state: SiteState) -> list[str]:
    """The entries of the stream that made the figures of a site."""
    return [one.figure.version for one in state.groups if one.figure]


def people(told: Iterable[Event]) -> set[str]:
    """Who made them."""
    return {event.who for event in told if isinstance(event, Reported)}


def tonight(state: SiteState, now: datetime) -> list[tuple[BedGroup | None, Declaration]]:
    """What its desk declared and still stands: of the site (None), then of each bed group."""
    site = [(None, one) for one in standing(state.evening, now)]
    return [*site, *((of.group, one) for of in state.groups for one in standing(of.tonight, now))]


def rows(
    state: SiteState,
    judge: Horizons,
    now: datetime,
    told: Mapping[str, Event],
    names: Mapping[str, str],
    own: bool,
) -> Sequence[Row]:
    """Every bed group of a site. ``own``: for one of its own people, who may know what is kept."""
    return [_row(one, judge, now, told, names, own) for one in state.groups]


def _row(
    one: GroupState,
    judge: Horizons,
    now: datetime,
    told: Mapping[str, Event],
    names: Mapping[str, str],
    own: bool,
) -> Row:
    kept = held(one.holds, now) if own else 0
    freshness = judge.judge(one.figure.observed_at if one.figure else None)
    if one.figure is None or freshness is Freshness.NEVER:
        return Row(one.group, freshness, _capacity(one, now), kept=kept)
    event = told.get(one.figure.version)
    last = event if isinstance(event, Reported) else None
    return Row(
        one.group,
        freshness,
        _capacity(one, now),
        open=one.figure.open,
        at=one.figure.observed_at,
        source=one.figure.source,
        last=last,
        by=names.get(last.who if last else one.figure.who, ""),
        undoes=str(last.version) if last and last.kind != "undo" else "",
        kept=kept,
    )


def _capacity(one: GroupState, now: datetime) -> int | None:
    said = find(one.tonight, Topic.CAPACITY, now)
    return said.count if said else one.group.capacity


def newest(*versions: str) -> Version | None:
    """The newest of what was written, if anything was."""
    return max((Version.parse(one) for one in versions if one), default=None)
