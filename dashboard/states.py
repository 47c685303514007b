"""A site and its bed groups as a board holds them, signed-in details included."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from . import planned
from .asking import Ask
from .beds import BedGroup, Figure, Hold, Site, available, held
from .calls import Call, LastCall
from .evening import Declarations
from .events import (
    Version,
)
from .record import Record


@dataclass(frozen=True, slots=True)
class GroupState:
    """A bed group, its figure and the holds on it: for signed-in people of its site only.

    ``tonight`` is what its desk declared of it, ended or not; ``asks`` what it is asked to keep.
    """

    group: BedGroup
    figure: Figure | None = None
    holds: tuple[Hold, ...] = ()
    tonight: Declarations = ()
    asks: tuple[Ask, ...] = ()

    def free(self, now: datetime) -> int | None:
        """Available beds at ``now``, whatever the age of the figure; None without one."""
        return None if self.figure is None else available(self.figure.open, held(self.holds, now))


@dataclass(frozen=True, slots=True)
class SiteState:
    """A site with its groups in their order, and the version that last touched it.

    ``evening`` is what its desk declared of the site itself, ended or not; ``record`` how often
    its numbers were right. ``call`` is who phones it, ``called`` the newest call that was made.
    """

    site: Site
    version: Version
    groups: tuple[GroupState, ...] = ()
    evening: Declarations = ()
    record: Record = field(default_factory=dict)
    call: Call | None = None
    called: LastCall | None = None

    def group(self, id_: str) -> GroupState | None:
        return next((state for state in self.groups if state.group.id == id_), None)

    def on(self, when: date) -> SiteState:
        """The same with the facts that hold on this day."""
        site, groups = self.site, self.groups
        if not (site.planned or site.place.planned or any(one.group.planned for one in groups)):
            return self
        site = replace(planned.as_of(site, when), place=planned.as_of(site.place, when))
        beds = [replace(one, group=planned.as_of(one.group, when)) for one in groups]
        return replace(self, site=site, groups=tuple(beds))

    def with_groups(self, groups: Iterable[GroupState]) -> SiteState:
        """The same site with these groups, in the site's own order."""
        order = sorted(groups, key=lambda one: (one.group.position, one.group.id))
        return replace(self, groups=tuple(order))


def alike(known: SiteState | None, state: SiteState) -> bool:
    """Whether nothing that is shown of a site differs, its place included."""
    return (
        known is not None
        and (known.site, known.site.place) == (state.site, state.site.place)
        and (known.groups, known.evening) == (state.groups, state.evening)
        and (known.record, known.call, known.called) == (state.record, state.call, state.called)
    )
