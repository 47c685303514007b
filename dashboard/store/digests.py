"""The figures of nights in the store: a hash with one field for each night that is over.

They can be made again from the entries at any time, and ``flask check`` does. Beside them stands
what the next count starts from: which sites there were, and what outlasts a night.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from ..board import Board, GroupState, SiteState
from ..clock import Day
from ..digest import Digest, SiteNight
from ..events import Event, Version
from ..nights import GRACE, Bounds, bounds, ends, nights
from . import declared, wire
from .archive import Archive
from .connection import Connection, steady
from .stream import Stream

NOTHING = SiteNight()
NEXT = "next"  # the field that says what the next count starts from
FORMAT = 1  # of a digest; one of another format is counted anew
AT_ONCE = 20_000  # entries; whoever waits for a page waits for no more than these
SKEW = timedelta(hours=1)  # by which times may step back in the stream


@dataclass(frozen=True, slots=True)
class _Start:
    """Where the next count starts: the board after the last entry that was counted, and the end
    of its night.
    """

    board: Board
    after: datetime | None = None


class Digests:
    """The store's side of what is kept of the nights that are over."""

    def __init__(self, connection: Connection, stream: Stream, archive: Archive):
        self._store, self._stream, self._archive = connection, stream, archive
        self._key = connection.key("digests")

    def nights(self) -> list[date]:
        """The nights of which something is kept, the oldest first. Raises StoreDown."""
        with steady():
            names = self._store.client.hkeys(self._key)
        return sorted(date.fromisoformat(name) for name in names if name != NEXT)

    def kept(self, wanted: Sequence[date]) -> list[Digest]:
        """Those of these nights that are there, in the same order. Raises StoreDown."""
        if not wanted:
            return []
        with steady():
            texts = self._store.client.hmget(self._key, [one.isoformat() for one in wanted])
        return [_digest(json.loads(text)) for text in texts if text]

    def count(self, day: Day, now: datetime, most: int | None = AT_ONCE) -> bool:
        """Counts the nights that are over and not counted yet; whether none of them is left.

        It stops after a night, once it has read ``most`` entries. Several may count at once: all
        come to the same figures. Raises StoreDown.
        """
        start = self._start(day)
        if start.after and now < ends(start.after, day) + GRACE:
            return True  # the night that began then lasts
        since = start.after - SKEW if start.after else None
        read = _Read(self._archive.events(since))
        for digest in nights(read, start.board, day, now, start.after):
            self._keep(digest, start.board)
            if most is not None and read.number >= most:
                return False
        return True

    def wrong(self, day: Day, now: datetime, hide: Collection[str] = ()) -> list[str]:
        """The nights whose kept figures are not those of the entries. Raises StoreDown.

        Sites that ``hide`` are left out: what told of them may have been erased since.
        """
        kept = {one.night: one for one in self.kept(self.nights())}
        if not kept:
            return []
        board = Board(day, self._version(None))
        found = nights(self._archive.events(), board, day, now, find_bounds=_as_kept(kept, day))
        made = {one.night: one for one in found}
        return [
            night.isoformat()
            for night in kept
            if night not in made or _but(kept[night], hide) != _but(made[night], hide)
        ]

    def _start(self, day: Day) -> _Start:
        with steady():
            text = self._store.client.hget(self._key, NEXT)
        told: dict[str, Any] = json.loads(text) if text else {}
        if told.get("format") != FORMAT:
            version = self._version(None)
            return _Start(Board(day, version))
        version = self._version(told["last"])
        board = Board(day, version, [_state(one, version) for one in told["sites"]])
        return _Start(board, wire.from_ms(told["after"]))

    def _version(self, entry: str | None) -> Version:
        epoch = self._stream.epoch()
        return Version.parse(f"{epoch}:{entry}") if entry else Version(epoch, 0, 0)

    def _keep(self, digest: Digest, board: Board) -> None:
        """The figures of one night and the next start, both or neither."""
        start = {
            "format": FORMAT,
            "last": board.version.entry,
            "after": wire.to_ms(digest.until),
            "sites": [_packed(state, digest.until) for state in board.sites.values()],
        }
        told = {digest.night.isoformat(): _told(digest), NEXT: json.dumps(start)}
        with steady():
            self._store.client.hset(self._key, mapping=told)


class _Read:
    """Entries, and how many were read."""

    def __init__(self, events: Iterable[Event]):
        self._events = iter(events)
        self.number = 0

    def __iter__(self) -> Iterator[Event]:
        for event in self._events:
            self.number += 1
            yield event


def _as_kept(kept: dict[date, Digest], day: Day) -> Any:
    """Where a night that is kept begins and ends, whatever the reset was moved to since."""

    def found(at: datetime, after: datetime | None) -> Bounds:
        for one in kept.values():
            if one.since <= at < one.until:
                return one.since, one.until
        return bounds(at, after, day)

    return found


def _but(digest: Digest, hide: Collection[str]) -> Digest:
    """The same without these sites."""
    sites = {id_: one for id_, one in digest.sites.items() if id_ not in hide}
    return replace(digest, sites=sites)


def _packed(state: SiteState, at: datetime) -> dict[str, Any]:
    lasting = [(group.group.id, one) for group in state.groups for one in group.tonight]
    return {
        "site": wire.pack(state.site),
        "groups": [wire.pack(one.group) for one in state.groups],
        "said": [[id_, declared.pack(one)] for id_, one in lasting if one.stands(at)],
    }


def _state(told: dict[str, Any], version: Version) -> SiteState:
    said = [(id_, declared.declaration(one, version.entry)) for id_, one in told["said"]]
    groups = [wire.group(text) for text in told["groups"]]
    states = [
        GroupState(one, tonight=tuple(what for id_, what in said if id_ == one.id))
        for one in groups
    ]
    return SiteState(wire.site(told["site"]), version).with_groups(states)


def _told(digest: Digest) -> str:
    sites = {id_: _short(one) for id_, one in digest.sites.items()}
    told: dict[str, Any] = {"night": digest.night.isoformat(), "sites": sites}
    told |= {"since": wire.to_ms(digest.since), "until": wire.to_ms(digest.until)}
    return json.dumps(told, separators=(",", ":"))


def _short(one: SiteNight) -> dict[str, Any]:
    """Only what says something."""
    told = {name: getattr(one, name) for name in SiteNight.__slots__}
    found = {name: value for name, value in told.items() if value != getattr(NOTHING, name)}
    return found | {"ages": one.ages.hex()}


def _digest(told: dict[str, Any]) -> Digest:
    return Digest(
        date.fromisoformat(told["night"]),
        wire.from_ms(told["since"]),
        wire.from_ms(told["until"]),
        {id_: _site(one) for id_, one in told["sites"].items()},
    )


def _site(told: dict[str, Any]) -> SiteNight:
    told["ages"] = bytes.fromhex(told["ages"])
    return SiteNight(**told)
