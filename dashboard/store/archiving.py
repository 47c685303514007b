"""Puts nights that have ended in the archive, and only then takes them out of the stream.

First the file, then its seal beside it, then the seal in the store; the stream is trimmed by a
night whose file was read back from the shelf and proved. So wherever a process is killed, nothing
is lost, and who comes next goes on: what was done stands, what was half done is done again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import count
from secrets import token_hex

from ..clock import Day, last_reset, next_reset
from ..events import Version, told_at
from ..shelf import Shelf
from . import sealed
from .alone import Alone
from .archive import BATCH, NOTHING, Archive
from .connection import Connection, steady
from .instants import from_ms, to_ms
from .sealed import BadNight, Entry, Seal, point
from .stream import Stream

GRACE = timedelta(hours=1)  # after a night's end: a store that fails over may still go back


class OtherArchive(Exception):
    """The store knows nights that are not on this shelf; the message is one plain sentence."""


@dataclass(frozen=True, slots=True)
class Archived:
    """What was done: nights written, and nights of which the stream has no entries any more."""

    written: tuple[Seal, ...] = ()
    trimmed: tuple[Seal, ...] = ()


class Archiving:
    """The store's side of whoever keeps the archive. All methods raise StoreDown and ShelfDown."""

    def __init__(self, connection: Connection, stream: Stream, archive: Archive):
        self._store, self._stream, self._archive = connection, stream, archive
        self._alone = Alone(connection)

    def daily(self, day: Day, now: datetime, keep: timedelta) -> Archived:
        """Archives every night that has ended, and trims those that ended longer ago than ``keep``.

        Does nothing while another process does it. Raises OtherArchive.
        """
        with self._alone.having() as mark:
            if not mark:
                return Archived()
            written = tuple(self._write_ended(day, now, mark))
            return Archived(written, tuple(self._trim(day, now - keep, mark)))

    def _write_ended(self, day: Day, now: datetime, mark: str) -> Iterator[Seal]:
        seals = self._archive.seals()
        if seals and self._shelf.read(seals[-1].beside) is None:
            raise OtherArchive(
                f"The night of {seals[-1].night} was archived, but its seal is not in this "
                "archive. Do all machines of this board use the same one?"
            )
        while entries := self._ended(seals[-1] if seals else None, day, now):
            seal = self._write(entries, seals[-1] if seals else None, day)
            if not self._seal(seal, seals[-1] if seals else None, mark):
                return
            seals.append(seal)
            yield seal

    @property
    def _shelf(self) -> Shelf:
        if self._archive.shelf is None:
            raise OtherArchive("No place was given for the archive.")
        return self._archive.shelf

    def _ended(self, newest: Seal | None, day: Day, now: datetime) -> list[Entry]:
        """The entries of the next night that is over, by the ids of the store; or none."""
        key, after = self._store.key("events"), f"({newest.last if newest else NOTHING}"
        with steady():
            first = self._store.client.xrange(key, after, count=1)
        if not first:
            return []
        end = next_reset(from_ms(point(first[0][0])[0]), day)
        if end + GRACE > now:
            return []
        found: list[Entry] = []
        while some := self._some(key, after, to_ms(end) - 1):
            found += some
            after = f"({some[-1][0]}"
        return found

    def _some(self, key: str, after: str, last: int) -> list[Entry]:
        with steady():
            return list(self._store.client.xrange(key, after, last, BATCH))

    def _write(self, entries: list[Entry], newest: Seal | None, day: Day) -> Seal:
        """The night on the shelf, with its seal beside it; both were read back."""
        night = last_reset(from_ms(point(entries[0][0])[0]), day).astimezone(day.zone).date()
        content = sealed.pack(self._store.community, night, entries)
        file, content = self._placed(night, content)
        told = [at for id_, fields in entries for at in self._told(id_, fields)]
        seal = Seal(
            night,
            file,
            len(entries),
            first=entries[0][0],
            last=entries[-1][0],
            since=min(told),
            until=max(told),
            sha256=sha256(content).hexdigest(),
            before=newest.sum if newest else "",
        )
        self._shelf.write(seal.beside, seal.text.encode())
        self._archive.shelved(seal)
        return seal

    def _placed(self, night: date, content: bytes) -> tuple[str, bytes]:
        """Under the night's name; what another history left under it stays, and keeps the name."""
        files = (sealed.name(night, number) for number in count(1))
        file = next(one for one in files if self._fits(one, content))
        there = self._shelf.read(file)
        if there is None:
            self._shelf.write(file, content)
        return file, there or content

    def _fits(self, file: str, content: bytes) -> bool:
        there = self._shelf.read(file)
        return there is None or _same(there, content)

    def _told(self, id_: str, fields: Mapping[str, str]) -> list[int]:
        """When an entry was told, in ms, by whatever version of the product reads it."""
        told = [fields.get(name, "") for name in ("received", "now")]
        at = [int(one) for one in told if one.isdigit()] or [point(id_)[0]]
        try:
            event = self._stream.read(Version("0", *point(id_)), fields)
        except (KeyError, ValueError):  # damaged: kept as it is
            return at
        return [*at, to_ms(told_at(event))]

    def _seal(self, seal: Seal, newest: Seal | None, mark: str) -> bool:
        """Notes it in the store; whether nobody else has archived or erased meanwhile."""
        asked: dict[str, object] = {
            "file": seal.file,
            "text": seal.text,
            "last": newest.text if newest else "",
        }
        asked |= {"first": seal.first, "to": seal.last, "mark": mark}
        return self._run("seal", ["archive", "archiving"], asked | {"count": seal.entries})

    def _trim(self, day: Day, before: datetime, mark: str) -> Iterator[Seal]:
        """Trims by the nights that ended before then, one at a time, each proved once more."""
        trimmed = self._archive.trimmed()
        for seal in self._archive.seals():
            if next_reset(from_ms(point(seal.last)[0]), day) > before:
                return
            if point(seal.last) > point(trimmed):
                self._archive.shelved(seal)
                asked: dict[str, object] = {"file": seal.file, "text": seal.text, "mark": mark}
                if not self._run("trim", ["archive", "trimmed", "archiving"], asked):
                    return
                yield seal

    def _run(self, script: str, names: list[str], asked: dict[str, object]) -> bool:
        key, keys = token_hex(16), [self._store.key(name) for name in names]
        return bool(self._store.run(script, keys, "", key, key, asked)["outcome"] == "saved")


def _same(one: bytes, other: bytes) -> bool:
    try:
        return sealed.unpack(one) == sealed.unpack(other)
    except BadNight:
        return False
