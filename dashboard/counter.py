"""What a desk sees of its bed groups: the figure it gave, who gave it, and what can be taken back.

Unlike a public row it holds open counts and, for the site's own people, how many are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from .beds import BedGroup, Hold, Source, available
from .board import GroupState, SiteState
from .clock import Day, Freshness, Horizons
from .evening import Declaration, Topic, find, standing
from .evening import tonight as as_tonight
from .events import Event, Reported, Version
from .holds import coming, latest_end
from .visits import Dispute


@dataclass(frozen=True, slots=True)
class Row:
    """One bed group. ``open`` is None until it is counted after the day's reset.

    ``last`` is the report that made the figure, if the stream still has it; ``by`` the name of
    who sent it, '' for a machine; ``undoes`` the version to take back, '' where there is none.
    ``holds`` are for the site's own people, in the order in which people are expected. ``full``:
    the board shows no bed, whoever looks. ``disputed``: what an agency found instead.
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
    holds: tuple[Hold, ...] = ()
    full: bool = False
    disputed: Dispute | None = None

    @property
    def kept(self) -> int:
        """How many beds are kept for people on the way."""
        return len(self.holds)

    @property
    def short(self) -> int:
        """How many beds more are kept than there are."""
        return max(0, self.kept - (self.open or 0)) if self.trusted else 0

    @property
    def trusted(self) -> bool:
        return self.freshness in (Freshness.FRESH, Freshness.AGEING)

    @property
    def shown(self) -> int:
        """What the public sees where the figure is trusted."""
        return available(self.open or 0, self.kept)


@dataclass(frozen=True, slots=True)
class Coming:
    """A hold as the desk sees it. ``more``: whether it can be kept longer."""

    hold: Hold
    group: BedGroup
    more: bool


def on_the_way(rows: Iterable[Row], state: SiteState, day: Day, now: datetime) -> list[Coming]:
    """Every open hold of a site, in the order in which people are expected."""
    site = as_tonight(state.site, state.evening, now)
    found = [
        Coming(hold, row.group, latest_end(hold, site, day) > hold.expires_at)
        for row in rows
        for hold in row.holds
    ]
    return sorted(found, key=lambda one: (one.hold.comes_at, one.hold.made_at, one.hold.id))


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
    holds = tuple(coming(one.holds, now)) if own else ()
    freshness = judge.judge(one.figure.observed_at if one.figure else None)
    if one.figure is None or freshness is Freshness.NEVER:
        return Row(one.group, freshness, _capacity(one, now), holds=holds)
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
        holds=holds,
        full=freshness is not Freshness.STALE and not one.free(now),
        disputed=one.figure.disputed,
    )


def _capacity(one: GroupState, now: datetime) -> int | None:
    said = find(one.tonight, Topic.CAPACITY, now)
    return said.count if said else one.group.capacity


def newest(*versions: str) -> Version | None:
    """The newest of what was written, if anything was."""
    return max((Version.parse(one) for one in versions if one), default=None)
