"""The stream and the snapshot: how a reader gets a board, keeps it current, and checks it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from ..asking import Ask, waiting
from ..beds import Hold
from ..board import Board, GroupState, SiteState
from ..clock import Day
from ..evening import Declarations
from ..events import Event, Version, site_of
from ..holds import coming
from . import alerted, asked, called, declared, epochs, settings, wire
from .connection import BLOCK, Connection, steady

CHUNK = 500  # entries that are read at once, backwards
MOST_READ = 20_000  # entries that somebody looks back through: a busy city's three days


class OtherHistory(Exception):
    """The store has not what this version saw, or goes on in another epoch: take a snapshot."""


class Stream:
    """The store's side of every reader."""

    def __init__(self, connection: Connection):
        self._store = connection

    def snapshot(self, day: Day) -> Board:
        """The board as the hashes have it, at the version of the newest entry. Raises StoreDown."""
        beds = ("sites", "places", "groups", "figures", "holds", "declared", "asks", "record")
        names = (*beds, "calls", "called", "alerts", "settings")

        def read(pipe: Any) -> None:
            self._ask_epoch(pipe)
            pipe.xrevrange(self._store.key("events"), count=1)
            for name in names:
                pipe.hgetall(self._store.key(name))

        told, server, last, *hashes = self._store.transaction(read)
        sites, places, groups, figures, holds, said, asks, tallies, calls, made, *more = hashes
        issued, settled = more
        version = Version(_epoch(told, server), 0, 0)
        version = version.at(last[0][0]) if last else version
        kept = [wire.hold(text) for text in holds.values()]
        open_ = [asked.ask(json.loads(text)) for text in asks.values()]
        evenings, records = declared.by_place(said), _records(tallies)
        phoned, last = called.calls(calls), called.last_calls(made)
        states = {
            id_: SiteState(
                wire.site(text, places.get(id_)),
                version,
                evening=evenings.get(f"{id_}/", ()),
                record=records.get(id_, {}),
                call=phoned.get(id_),
                called=last.get(id_),
            )
            for id_, text in sites.items()
        }
        board = Board(day, version, states.values(), settings.settlement(settled))
        board.alerts = alerted.standing(issued)
        for id_ in groups:
            site, _, _ = id_.partition("/")
            state = board.sites[site]
            one = _group(groups[id_], figures.get(id_), kept, evenings.get(id_, ()), open_)
            board.sites[site] = state.with_groups((*state.groups, one))
        return board

    def follow(self, version: Version, seconds: float = BLOCK) -> list[Event]:
        """The entries after ``version``, waiting up to ``seconds`` for one.

        0 seconds does not wait. Raises OtherHistory, StoreDown.
        """
        key, wait = self._store.key("events"), int(seconds * 1000) or None
        # On one connection, so that the server which gives the entries also says whose they are.
        with steady(), self._store.listener.pipeline(transaction=False) as pipe:
            pipe.xread({key: version.entry}, 1000, wait)
            pipe.xrange(key, version.entry, version.entry)
            self._ask_epoch(pipe)
            found, seen, told, server = pipe.execute()
        if _epoch(told, server) != version.epoch or (version.ms and not seen):
            raise OtherHistory
        entries = found[0][1] if found else []
        return [self.read(version.at(id_), entry) for id_, entry in entries]

    def epoch(self) -> str:
        """Which run of entries goes on; '0' for a memory that is empty. Raises StoreDown."""
        with steady(), self._store.client.pipeline(transaction=False) as pipe:
            self._ask_epoch(pipe)
            return _epoch(*pipe.execute())

    def _ask_epoch(self, pipe: Any) -> None:
        pipe.hmget(self._store.key("epoch"), epochs.NOW, epochs.SERVER)
        pipe.info("replication")

    def behind(self, version: Version) -> tuple[int, datetime | None]:
        """How many entries came after ``version``, 1000 at most, and when the first of them did.

        Of another epoch it is all of them. Raises StoreDown.
        """
        epoch, key = self.epoch(), self._store.key("events")
        after = f"({version.entry}" if version.epoch == epoch else "-"
        with steady():
            found = self._store.client.xrange(key, after, count=1000)
        return len(found), wire.from_ms(version.at(found[0][0]).ms) if found else None

    def events(self) -> Iterator[Event]:
        """Every entry, oldest first. Raises StoreDown."""
        last = Version(self.epoch(), 0, 0)
        while True:
            with steady():
                key = self._store.key("events")
                found = self._store.client.xrange(key, min=f"({last.entry}", count=1000)
            if not found:
                return
            for id_, entry in found:
                yield self.read(last.at(id_), entry)
            last = last.at(found[-1][0])

    def latest(self, count: int) -> list[Event]:
        """The newest entries, newest first. Raises StoreDown."""
        version = Version(self.epoch(), 0, 0)
        with steady():
            found = self._store.client.xrevrange(self._store.key("events"), count=count)
        return [self.read(version.at(id_), entry) for id_, entry in found]

    def back(self, site: str, since: datetime, most: int = MOST_READ) -> Iterator[Event]:
        """What happened at a site, newest first: back to ``since``, or through ``most`` entries.

        It reads no further than its reader asks for. Raises StoreDown.
        """
        before, version = "+", Version(self.epoch(), 0, 0)
        for _ in range(0, most, CHUNK):
            with steady():
                key = self._store.key("events")
                found = self._store.client.xrevrange(key, before, "-", CHUNK)
            for id_, entry in found:
                told = entry.get("received") or entry.get("now")
                if told and wire.from_ms(told) < since:
                    return
                if any(site in text for text in entry.values()):
                    event = self.read(version.at(id_), entry)
                    if site_of(event) == site:
                        yield event
            if len(found) < CHUNK:
                return
            before = f"({found[-1][0]}"

    def entries(self, ids: Iterable[str]) -> dict[str, Event]:
        """These entries by their ids, as far as the stream still has them. Raises StoreDown."""
        wanted, key = list(ids), self._store.key("events")

        def read(pipe: Any) -> None:
            for id_ in wanted:
                pipe.xrange(key, id_, id_)
            self._ask_epoch(pipe)

        *found, told, server = self._store.transaction(read)
        memory = Version(_epoch(told, server), 0, 0)
        return {id_: self.read(memory.at(id_), entry) for one in found for id_, entry in one}

    def rebuilt(self, day: Day) -> Board:
        """The board from the stream alone. Raises StoreDown."""
        board = Board(day, Version(self.epoch(), 0, 0))
        for event in self.events():
            board.apply(event)
        return board

    def read(self, version: Version, entry: Mapping[str, str]) -> Event:
        """One entry as a value, with the place that its site has now. Raises StoreDown."""
        return wire.event(version, entry, self._place)

    def _place(self, site: str) -> str | None:
        with steady():
            found = self._store.client.hget(self._store.key("places"), site)
        return None if found is None else str(found)


def _epoch(told: Sequence[str | None], server: dict[str, Any]) -> str:
    return epochs.current(dict(zip((epochs.NOW, epochs.SERVER), told, strict=True)), server)


def _records(tallies: dict[str, str]) -> dict[str, dict[str, int]]:
    """Each site's record, from fields like ``emerald/door:30:right``."""
    found: dict[str, dict[str, int]] = {}
    for name, times in tallies.items():
        site, _, case = name.rpartition("/")
        if int(times):
            found.setdefault(site, {})[case] = int(times)
    return found


def _group(
    text: str, figure: str | None, holds: list[Hold], tonight: Declarations, asks: list[Ask]
) -> GroupState:
    group = wire.group(text)
    place = (group.site, group.id)
    told = json.loads(figure) if figure else {}
    return GroupState(
        group,
        wire.figure(told) if "open" in told else None,
        tuple(one for one in holds if (one.site, one.group) == place),
        tonight,
        tuple(one for one in asks if (one.site, one.group) == place),
    )


def differences(hashes: Board, rebuilt: Board, now: datetime) -> list[str]:
    """Where two boards disagree; what ended does not count.

    As ``site``, ``site/group`` or ``settings: name``.
    """
    found = sorted(set(hashes.sites) ^ set(rebuilt.sites))
    found += ["alerts"] if hashes.alerts != rebuilt.alerts else []
    odd = {one.name for one in set(hashes.settlement) ^ set(rebuilt.settlement)}
    found += [f"settings: {name}" for name in sorted(odd)]
    for id_ in sorted(set(hashes.sites) & set(rebuilt.sites)):
        one, other = hashes.sites[id_], rebuilt.sites[id_]
        if _whole(one) != _whole(other):
            found.append(id_)
        ours, theirs = (_comparable(state, now) for state in (one, other))
        found += sorted(f"{id_}/{name}" for name, *_ in ours ^ theirs)
    return list(dict.fromkeys(found))


def _whole(state: SiteState) -> tuple[object, ...]:
    return state.site, state.evening, state.record, state.call, state.called


def _comparable(state: SiteState, now: datetime) -> set[tuple[str, object, object]]:
    return {
        (
            one.group.id,
            (one.group, one.figure, one.tonight),
            (tuple(coming(one.holds, now)), tuple(waiting(one.asks, now))),
        )
        for one in state.groups
    }
