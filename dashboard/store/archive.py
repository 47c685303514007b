"""The one reader of all that ever happened: out of the archive, then out of the stream.

Whoever adds up the past (the record, a report, ``rebuilt``, ``flask check``) asks here, and never
the stream itself, which is trimmed once its entries stand in the archive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from ..board import Board
from ..clock import Day
from ..events import Event, Version, told_at
from ..shelf import Shelf, ShelfDown
from .connection import Connection, StoreDown, steady
from .instants import to_ms
from .sealed import BadNight, Entry, Seal, point, proved
from .stream import Stream

BATCH = 1000  # entries that are read at once
NOTHING = "0-0"  # the id before the first


class ArchiveGone(StoreDown):
    """What the stream no longer has is not in the archive that this process reads."""


class Archive:
    """The store's side of everything that reads the past."""

    def __init__(self, connection: Connection, stream: Stream, shelf: Shelf | None = None):
        self._store, self._stream, self.shelf = connection, stream, shelf

    def events(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Event]:
        """Every entry told from ``since`` on and before ``until``, without gap or double.

        They come in the order of the stream, oldest first. "Told" is when the product was told
        (``told_at``), and ``None`` is no bound. Where several machines serve one board their
        clocks may differ a little, so times may step back by as much. It reads as it is asked
        for: what nobody takes costs nothing. Raises StoreDown, and ArchiveGone, which is one.
        """

        def wanted(seal: Seal) -> bool:
            early = since is not None and seal.until < to_ms(since)
            return not early and (until is None or seal.since < to_ms(until))

        version = Version(self._stream.epoch(), 0, 0)
        for id_, fields in self.entries(wanted):
            event = self._stream.read(version.at(id_), fields)
            at = told_at(event)
            if (since is None or since <= at) and (until is None or at < until):
                yield event

    def rebuilt(self, day: Day) -> Board:
        """The board from the entries alone. Raises StoreDown."""
        board = Board(day, Version(self._stream.epoch(), 0, 0))
        for event in self.events():
            board.apply(event)
        return board

    def seals(self) -> list[Seal]:
        """Every night that stands in the archive, oldest first. Raises StoreDown."""
        return self.known()[0]

    def entries(self, wanted: Callable[[Seal], bool] = lambda _: True) -> Iterator[Entry]:
        """Entries as they were written: of the nights that are wanted, then what came after."""
        seen = NOTHING
        while True:
            seals, trimmed = self.known()
            for seal in seals:
                if point(seal.last) > point(seen):
                    if wanted(seal):
                        night, begun = self.night(seal, trimmed), point(seen)
                        yield from (one for one in night if point(one[0]) > begun)
                    seen = seal.last
            if point(trimmed) > point(seen):
                raise ArchiveGone("entries were trimmed that no archived night has")
            while some := self._after(seen):
                yield from some
                seen = some[-1][0]
            if point(self.trimmed()) <= point(seen):
                return

    def night(self, seal: Seal, trimmed: str = "") -> list[Entry]:
        """The entries of a night: from the stream while it has them, else from the shelf."""
        if point(seal.last) > point(trimmed or self.trimmed()):
            found = self.still_there(seal)
            if len(found) == seal.entries:
                return found
        return self.shelved(seal)

    def shelved(self, seal: Seal) -> list[Entry]:
        """The entries of a night's file, proved. Raises ArchiveGone."""
        try:
            return proved(seal, self.shelf.read(seal.file) if self.shelf else None)
        except (BadNight, ShelfDown) as error:
            raise ArchiveGone(f"the night of {seal.night} can't be read: {error}") from None

    def still_there(self, seal: Seal) -> list[Entry]:
        """What the stream has of a night."""
        found: list[Entry] = []
        key, after = self._store.key("events"), seal.first
        with steady():
            while some := self._store.client.xrange(key, after, seal.last, BATCH):
                found += some
                after = f"({some[-1][0]}"
        return found

    def _after(self, seen: str) -> list[Entry]:
        """The next entries of the stream; none where what comes next was trimmed meanwhile."""

        def read(pipe: Any) -> None:
            pipe.xrange(self._store.key("events"), f"({seen}", count=BATCH)
            pipe.get(self._store.key("trimmed"))

        found, trimmed = self._store.transaction(read)
        return [] if point(trimmed or NOTHING) > point(seen) else found

    def known(self) -> tuple[list[Seal], str]:
        """The seals, oldest first, and the id of the last entry that was trimmed by them."""

        def read(pipe: Any) -> None:
            pipe.hvals(self._store.key("archive"))
            pipe.get(self._store.key("trimmed"))

        texts, trimmed = self._store.transaction(read)
        seals = sorted(map(Seal.parse, texts), key=lambda seal: point(seal.last))
        return seals, trimmed or NOTHING

    def trimmed(self) -> str:
        """The id of the last entry that the stream has no more. Raises StoreDown."""
        with steady():
            return str(self._store.client.get(self._store.key("trimmed")) or NOTHING)
