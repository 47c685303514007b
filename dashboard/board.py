"""The read model: all that a reader of the stream knows, signed-in details included.

A Board changes only by ``apply``. Each site's state is replaced whole, data first and version
last, so a reader on another thread sees a version that is never newer than what it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from .alerts import AlertSaid, with_alert
from .asking import Ask
from .beds import BedGroup, Hold
from .calls import CallEnded, CallTaken
from .clock import Alert, Day
from .customs import SettingChanged, Settlement, settled_with
from .customs import day as as_settled
from .evening import with_said
from .events import (
    Asked,
    AskEnded,
    Declared,
    Event,
    GroupSaved,
    Held,
    HoldEnded,
    HoldExtended,
    Reported,
    SiteSaved,
    Version,
    Visited,
)
from .journal import Journal
from .record import counted
from .seen import listed_alike, seen_by_public
from .states import GroupState as GroupState
from .states import SiteState as SiteState
from .states import alike
from .visits import Dispute

NOWHEN = Version("none", 0, 0)
LOST = "lost"  # the epoch of a board whose store knows nothing of it any more


class Board:
    """One community's sites, as of one version. ``first`` is its day by the environment alone."""

    def __init__(
        self,
        first: Day,
        version: Version = NOWHEN,
        states: Iterable[SiteState] = (),
        settlement: Settlement = (),
    ):
        self.first = first
        self.settle(settlement)
        self.alerts: tuple[Alert, ...] = ()
        self.sites: dict[str, SiteState] = {state.site.id: state for state in states}
        self.lost = False  # every figure is only the last known, whatever its age
        self.version = version
        self.shape = version  # what is older, or not in the journal, needs the whole board
        self._journal = Journal(version)
        self._public = Journal(version)

    def settle(self, settlement: Settlement) -> None:
        """Let this stand of the community's settings; ``day`` follows."""
        self.settlement, self.day = settlement, as_settled(self.first, settlement)

    def apply(self, event: Event) -> str | None:
        """Take in one entry; returns the id of the site that it touched, if any.

        An entry at or before the board's version changes nothing. Raises KeyError for an entry
        about a site or bed group that no earlier entry brought: this is not its stream.
        """
        if event.version <= self.version:
            return None
        if isinstance(event, AlertSaid | SettingChanged):  # it may be seen anywhere
            if isinstance(event, AlertSaid):
                self.alerts = with_alert(self.alerts, event.alert)
            else:
                self.settle(settled_with(self.settlement, event.settled))
            self._begin(event.version, event.version)
            self.version = event.version
            return None
        touched = self._touch(event)
        known = self.sites.get(touched.site.id) if touched else None
        if touched is None:
            self._note(event.version, ())
        elif known and listed_alike(known.site, touched.site):
            self.sites[touched.site.id] = replace(touched, version=event.version)
            self._note(event.version, [touched.site.id], public=seen_by_public(event, touched.site))
        else:
            self.sites[touched.site.id] = replace(touched, version=event.version)
            self._begin(event.version, event.version)
        self.version = event.version
        return touched.site.id if touched else None

    def _note(self, version: Version, sites: Sequence[str], public: bool = True) -> None:
        self._public.add(version, sites if public else ())
        self._journal.add(version, sites)

    def _touch(self, event: Event) -> SiteState | None:
        match event:
            case SiteSaved(version=version, site=site):
                known = self.sites.get(site.id)
                return replace(known, site=site) if known else SiteState(site, version)
            case GroupSaved(group=group):
                return self._regroup(group)
            case Reported(late=False, site=site, group=group, figure=figure, cases=cases):
                changed = self._change(site, group, figure=figure)
                return replace(changed, record=counted(changed.record, cases))
            case Visited():
                return self._visited(event)
            case Held(hold=hold) | HoldExtended(hold=hold):
                kept = self._others(hold.site, hold.group, hold.id)
                return self._change(hold.site, hold.group, holds=(*kept, hold))
            case HoldEnded(hold=id_, site=site, group=group):
                return self._change(site, group, holds=self._others(site, group, id_))
            case Asked(ask=ask):
                asks = (*self._asks(ask.site, ask.group, ask.id), ask)
                return self._change(ask.site, ask.group, asks=asks)
            case AskEnded(ask=id_, site=site, group=group):
                return self._change(site, group, asks=self._asks(site, group, id_))
            case Declared(site=site, group=""):
                state = self.sites[site]
                return replace(state, evening=with_said(state.evening, event.topic, event.now))
            case Declared(site=site, group=group):
                said = with_said(self._state(site, group).tonight, event.topic, event.now)
                return self._change(site, group, tonight=said)
            case CallTaken(site=site, call=call):
                return replace(self.sites[site], call=call)
            case CallEnded(site=site):
                return self._called(event)
            case _:
                return None

    def _called(self, event: CallEnded) -> SiteState:
        state = self.sites[event.site]
        over = state.call is None or state.call.id == event.call
        return replace(state, call=None if over else state.call, called=event.last or state.called)

    def _visited(self, event: Visited) -> SiteState | None:
        state = self.sites[event.site]
        figure = self._state(event.site, event.group).figure
        if figure and (event.disputes or event.withdraws):
            said = event.left
            if event.disputes:
                said = Dispute(event.observed_at, event.found, event.agency)
            disputed = replace(figure, disputed=said)
            state = self._change(event.site, event.group, figure=disputed)
        elif not event.cases:
            return None
        return replace(state, record=counted(state.record, event.cases))

    def _regroup(self, group: BedGroup) -> SiteState:
        state = self.sites[group.site]
        if state.group(group.id) is None:
            return state.with_groups((*state.groups, GroupState(group)))
        changed = self._change(group.site, group.id, group=group)
        return changed.with_groups(changed.groups)

    def _state(self, site: str, group: str) -> GroupState:
        found = self.sites[site].group(group)
        if found is None:
            raise KeyError(f"{site}/{group}")
        return found

    def _others(self, site: str, group: str, id_: str) -> tuple[Hold, ...]:
        return tuple(one for one in self._state(site, group).holds if one.id != id_)

    def _asks(self, site: str, group: str, but: str) -> tuple[Ask, ...]:
        return tuple(one for one in self._state(site, group).asks if one.id != but)

    def _change(self, site: str, id_: str, **fields: object) -> SiteState:
        changed = replace(self._state(site, id_), **fields)  # type: ignore[arg-type]
        state = self.sites[site]
        groups = tuple(changed if one.group.id == id_ else one for one in state.groups)
        return replace(state, groups=groups)

    def _begin(self, version: Version, shape: Version) -> None:
        """From here on every reader that saw less needs the whole board."""
        self.shape = shape
        self._public = Journal(version)
        self._journal = Journal(version)

    def changed_since(self, version: Version, public: bool = False) -> list[str] | None:
        """The sites touched after ``version``, or None where only the whole board will do.

        ``public``: only those of which the public can see a difference.

        The whole board is also for who saw an entry that the store has lost since, as after a
        failover, even where later entries have passed its id.
        """
        journal = self._public if public else self._journal
        known = journal.since(version)
        if known is not None:
            return known
        older = self.shape.point < version.point < journal.start.point
        if version.epoch != self.version.epoch or not older:
            return None
        sites = list(self.sites.items())
        return [id_ for id_, state in sites if state.version.point > version.point]

    def become(self, newer: Board) -> list[str] | None:
        """Take over a snapshot; returns the sites that differ, or None where all must be shown.

        What is the same keeps its version, so a reader that saw it is not told again.
        """
        differ = [
            id_ for id_, state in newer.sites.items() if not alike(self.sites.get(id_), state)
        ]
        same = newer.version.epoch == self.version.epoch
        whole = self.lost or newer.sites.keys() != self.sites.keys()
        whole = whole or newer.alerts != self.alerts
        whole = whole or newer.settlement != self.settlement
        whole = whole or bool(same and differ and newer.version <= self.version)  # it went back
        pairs = (
            ((self.sites[one].site, newer.sites[one].site) for one in differ) if not whole else ()
        )
        whole = whole or not all(listed_alike(*pair) for pair in pairs)
        for id_ in newer.sites.keys() - set(differ):
            newer.sites[id_] = self.sites[id_]
        self.settle(newer.settlement)
        self.sites, self.alerts, self.lost = newer.sites, newer.alerts, False
        if whole:
            self._begin(newer.version, max(newer.version, self.version if same else newer.version))
        else:
            self._note(newer.version, differ)
        self.version = newer.version
        return None if whole else differ

    def lose(self) -> None:
        """Its store knows nothing of it any more: it stays, and tells only what was last known."""
        self.lost = True
        version = self.version._replace(epoch=LOST)
        self._begin(version, version)
        self.version = version
