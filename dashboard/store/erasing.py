"""Erases what may tell where a confidential site is: in the stream, its log on disk, the archive.

It can be broken off anywhere: the site stands in ``forgetting`` until all is done, and whoever
archives next goes on. What the words of its place were is kept nowhere for that.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from itertools import count, islice
from secrets import token_hex
from typing import Any

from ..shelf import Shelf, ShelfDown
from . import sealed
from .alone import Alone
from .archive import BATCH, NOTHING, Archive, ArchiveGone
from .connection import Connection, StoreDown, steady
from .digests import NEXT
from .dump import Dump
from .forgotten import Forgetting
from .profiles import Profiles
from .sealed import BadNight, Entry, Seal, beside

PATIENCE = 10.0  # seconds that a coordinator waits for whoever archives at this moment


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done: entries of the stream, and nights of the archive, that are without it now.

    ``unread`` are files that could not be read, and so may still hold it: remove them by hand.
    """

    entries: int = 0
    nights: tuple[date, ...] = ()
    unread: tuple[str, ...] = ()


class Erasing:
    """The store's side of a site that turned confidential."""

    def __init__(self, connection: Connection, archive: Archive, profiles: Profiles, dump: Dump):
        self._store, self._archive, self._profiles = connection, archive, profiles
        self._alone, self._dump = Alone(connection), dump

    def erase(self, site: str, now: datetime, words: Collection[str] = ()) -> Erased:
        """Erases from all history what may tell where this site is; how it is now stays.

        To be called once the site is saved as confidential. ``words`` are those of its old place
        (its address, its area), which are looked for in every entry of the site. Returns once the
        log on disk is rewritten, too; done twice it does nothing. Raises KeyError for an unknown
        site, and StoreDown where it was broken off: the site stands in ``forgetting`` then.
        """
        with self._alone.having(PATIENCE) as mark:
            return self._erase(site, now, words, mark)

    def _erase(self, site: str, now: datetime, words: Collection[str], mark: str) -> Erased:
        try:
            return self._erase_all(site, now, words, mark)
        except ShelfDown as error:
            raise ArchiveGone(str(error)) from None

    def _erase_all(self, site: str, now: datetime, words: Collection[str], mark: str) -> Erased:
        forgetting = self._forgetting(site, words)
        with steady():
            self._store.client.sadd(self._store.key("forgetting"), site)
        entries = self._in_the_stream(forgetting)
        self._in_the_digests(forgetting)
        nights, unread = self._in_the_archive(forgetting, mark)
        self._profiles.save((), (), "", now)  # rewrites the log
        with steady():
            self._store.client.srem(self._store.key("forgetting"), site)
        return Erased(entries, nights, unread)

    def resume(self, now: datetime) -> None:
        """Ends what was broken off, unless another process is at it. Raises StoreDown."""
        if not self.waits():
            return
        with self._alone.having() as mark:
            with steady():
                sites = self._store.client.smembers(self._store.key("forgetting")) if mark else ()
            for site in sorted(sites):
                self._erase(site, now, (), mark)

    def waits(self) -> bool:
        """Whether a site turned confidential whose history is not erased yet. Raises StoreDown."""
        with steady():
            return bool(self._store.client.exists(self._store.key("forgetting")))

    def _forgetting(self, site: str, words: Collection[str]) -> Forgetting:
        with steady():
            text = self._store.client.hget(self._store.key("sites"), site)
            groups = self._store.client.hgetall(self._store.key("groups"))
        if text is None:
            raise KeyError(site)
        ours = {id_: one for id_, one in groups.items() if id_.startswith(f"{site}/")}
        return Forgetting(site, text, ours, tuple(words))

    # -- the stream

    def _in_the_stream(self, forgetting: Forgetting) -> int:
        """How many entries changed. The whole stream is written anew, with the same ids.

        Even where none changes: of entries that were trimmed, bytes may be left in its memory.
        """
        self._dump.sweep()
        changed = sum(one != forgetting.applied(one) for _, one in self._stream())
        new = self._store.key("loading", token_hex(8))
        try:
            self._swap(new, forgetting)
        finally:
            with steady():
                self._store.client.delete(new)
        return changed

    def _swap(self, new: str, forgetting: Forgetting) -> None:
        last, written, entries = NOTHING, 0, self._stream()
        while some := list(islice(entries, BATCH)):
            with steady(), self._store.client.pipeline(transaction=False) as pipe:
                for id_, fields in some:
                    pipe.xadd(new, dict(forgetting.applied(fields)), id_)
                pipe.execute()
            last, written = some[-1][0], written + len(some)
        asked = {"last": last, "count": written}
        if written and not self._run("swap", [new, self._key("erasing")], asked):
            raise StoreDown("the stream changed while it was written anew")

    def _stream(self) -> Iterator[Entry]:
        key, after = self._store.key("events"), "-"
        while True:
            with steady():
                found = self._store.client.xrange(key, after, count=BATCH)
            if not found:
                return
            yield from found
            after = f"({found[-1][0]}"

    def _in_the_digests(self, forgetting: Forgetting) -> None:
        """What the next night's figures start from holds the sites as they were."""
        with steady():
            text = self._store.client.hget(self._key("digests"), NEXT)
            told = json.loads(text or "{}")
            if (kept := forgetting.applied_within(told)) != told:
                self._store.client.hset(self._key("digests"), NEXT, json.dumps(kept))

    # -- the archive

    def _in_the_archive(
        self, forgetting: Forgetting, mark: str
    ) -> tuple[tuple[date, ...], tuple[str, ...]]:
        if (shelf := self._archive.shelf) is None:
            return (), ()
        shelf.sweep()
        before, unread = self._archive.seals(), list[str]()
        seals = list(self._anew(shelf, before, forgetting, unread))
        if seals != before:
            self._reseal(before, seals, mark)
        for seal in seals:
            beside = shelf.read(seal.beside)
            ours = beside is not None or seal.file not in unread  # else it is on another machine
            if ours and beside != seal.text.encode():
                shelf.write(seal.beside, seal.text.encode())
        unread += self._strays(shelf, seals, forgetting)
        files = {seal.file for seal in before}
        return tuple(one.night for one in seals if one.file not in files), tuple(unread)

    def _anew(
        self, shelf: Shelf, seals: Iterable[Seal], forgetting: Forgetting, unread: list[str]
    ) -> Iterator[Seal]:
        """The seals, chained anew; a night that changes gets a new file."""
        before = ""
        for seal in seals:
            made = seal
            try:
                made = self._rewritten(shelf, seal, forgetting)
            except ArchiveGone:
                unread.append(seal.file)
            made = replace(made, before=before)
            before = made.sum
            yield made

    def _rewritten(self, shelf: Shelf, seal: Seal, forgetting: Forgetting) -> Seal:
        entries = self._archive.shelved(seal)
        kept = [(id_, forgetting.applied(fields)) for id_, fields in entries]
        if kept == entries:
            return seal
        content = sealed.pack(self._store.community, seal.night, kept)
        names = (sealed.name(seal.night, number) for number in count(2))
        file = next(name for name in names if shelf.read(name) in (None, content))
        shelf.write(file, content)
        return replace(seal, file=file, sha256=sha256(content).hexdigest())

    def _reseal(self, before: list[Seal], seals: list[Seal], mark: str) -> None:
        told = [{"file": seal.file, "text": seal.text} for seal in seals]
        gone = sorted({seal.file for seal in before} - {seal.file for seal in seals})
        asked = {"gone": gone, "seals": told, "known": len(before), "mark": mark}
        if not self._run("reseal", [self._key("archive"), self._key("archiving")], asked):
            raise StoreDown("a night was archived at the same time")

    def _strays(self, shelf: Shelf, seals: Iterable[Seal], forgetting: Forgetting) -> Iterator[str]:
        """Files that no seal of the store names: of another history, or from before a rewriting."""
        known = {name for seal in seals for name in (seal.file, seal.beside)}
        spans = {(seal.first, seal.last, seal.entries) for seal in seals}
        for file in shelf.names():
            if file in known or not file.endswith(".gz"):
                continue
            try:
                entries = sealed.unpack(shelf.read(file) or b"")
            except BadNight:
                yield file
                continue
            if _span(entries) in spans:
                shelf.remove(file)
                shelf.remove(beside(file))
            else:
                self._mend(shelf, file, entries, forgetting)

    def _mend(self, shelf: Shelf, file: str, entries: list[Entry], forgetting: Forgetting) -> None:
        """A night of another history keeps its name; nothing in the store vouches for it."""
        kept = [(id_, forgetting.applied(fields)) for id_, fields in entries]
        if kept != entries:
            night = date.fromisoformat(file[:10])
            shelf.write(file, sealed.pack(self._store.community, night, kept))
            shelf.remove(beside(file))

    def _key(self, name: str) -> str:
        return self._store.key(name)

    def _run(self, script: str, keys: list[str], asked: dict[str, Any]) -> bool:
        key = token_hex(16)
        return bool(self._store.run(script, keys, "", key, key, asked)["outcome"] == "saved")


def _span(entries: list[Entry]) -> tuple[str, str, int] | None:
    return (entries[0][0], entries[-1][0], len(entries)) if entries else None
