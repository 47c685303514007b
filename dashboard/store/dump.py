"""A whole community as lines of JSON, and back: every key as of one moment, whatever it is for.

Only what somebody waits for tonight is left out: a file would keep it longer.

The first line says what it is, the last how many lines stand before it and their SHA-256. A load
writes under names of its own and renames all at the end, so nobody ever sees half of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from itertools import chain, islice
from secrets import token_hex
from typing import Any, BinaryIO

from .connection import LUA, Connection, StoreDown, steady
from .watches import NAMES as NIGHTLY

FORMAT = "shelter bed board"
VERSION = 1
BATCH = 1000  # commands, or entries, in one go
SETTLE = 10_000  # ms that the disk and the replicas have to confirm a whole load
WRITES = {"string": "SET", "hash": "HSET", "list": "RPUSH", "set": "SADD", "zset": "ZADD"}


class BadDump(ValueError):
    """A file that is no dump, or not all of one; the message is a sentence."""


class NotEmpty(Exception):
    """The community to load into has sites, people or tokens."""


class Dump:
    """The store's side of moving a community to another server."""

    def __init__(self, connection: Connection):
        self._store = connection
        self._every = connection.key("")
        self._loading = connection.key("loading", "")

    def lines(self, now: datetime) -> Iterator[str]:
        """The dump, line by line, without line ends. Raises StoreDown."""
        return signed(chain([self.head(now)], self._keys()))

    def head(self, now: datetime) -> dict[str, object]:
        """The first line of a dump of this community."""
        community = self._store.community
        made = now.isoformat(timespec="seconds")
        return {"format": FORMAT, "version": VERSION, "community": community, "made_at": made}

    def _keys(self) -> Iterator[dict[str, Any]]:
        """One record for each key, and after a stream one for each entry of it."""
        for key, kind, expires, value in sorted(self._read()):
            if key.removeprefix(self._every) in NIGHTLY:
                continue
            told = {"key": key.removeprefix(self._every), "type": kind}
            if expires > 0:
                told["expires"] = expires
            if kind == "stream":
                yield told | {"last": value[0]}
                yield from self._entries(key, value[0])
            else:
                yield told | {"value": _sorted(value, kind)}

    def _read(self) -> list[list[Any]]:
        return list(self._eval("dump", self._every, f"{self._every}*", self._loading))

    def _entries(self, key: str, last: str) -> Iterator[dict[str, Any]]:
        after = "-"
        while True:
            with steady():
                found = self._store.listener.xrange(key, after, last, BATCH)
            if not found:
                return
            for id_, fields in found:
                yield {"entry": id_, "fields": fields}
            after = f"({found[-1][0]}"

    def sweep(self) -> None:
        """Removes what a load, or an erasure, that was killed left half done. Raises StoreDown."""
        self._eval("sweep", self._every, f"{self._loading}*")

    def load(self, file: BinaryIO) -> int:
        """Brings a community in: all of it or nothing; returns how many keys it has.

        Raises BadDump, NotEmpty or StoreDown, all without a trace.
        """
        verify(file)
        self.sweep()
        mark = f"{self._loading}{token_hex(8)}"
        try:
            return self._load(file, mark)
        finally:
            self._eval("sweep", self._every, f"{mark}*")

    def _load(self, file: BinaryIO, mark: str) -> int:
        client, keys = self._store.client, 0
        with steady():
            client.set(mark, "loading")
        file.seek(0)
        commands = _commands(file, f"{mark}:")
        while some := list(islice(commands, BATCH)):
            keys += sum(command[0] in (*WRITES.values(), "XSETID") for command in some)
            with steady(), client.pipeline(transaction=False) as pipe:
                for command in some:
                    pipe.execute_command(*command)
                pipe.execute()
        said = self._eval("load", mark, self._every, self._loading, f"{mark}:")
        if said != "saved":
            raise NotEmpty if said == "not-empty" else StoreDown("another load took over")
        self._settle()
        return keys

    def _settle(self) -> None:
        """Waits until it is kept, where the store does not promise that with each answer."""
        with steady(), self._store.listener.pipeline(transaction=False) as pipe:
            self._store.confirm(pipe, SETTLE)
            self._store.confirmed(pipe.execute())

    def _eval(self, script: str, key: str, *arguments: str) -> Any:
        with steady():
            text = (LUA / f"{script}.lua").read_text()
            return self._store.listener.eval(text, 1, key, *arguments)


def signed(records: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Records as the lines of a dump, and at last how many there are and their checksum."""
    digest, count = sha256(), 0
    for told in records:
        line = json.dumps(told, ensure_ascii=False)
        digest.update(line.encode() + b"\n")
        count += 1
        yield line
    yield json.dumps({"lines": count, "sha256": digest.hexdigest()})


def _sorted(value: list[str], kind: str) -> list[str]:
    """The same value in the same order each time, so that two dumps can be compared."""
    if kind == "set":
        return sorted(value)
    if kind == "hash":
        return list(chain(*sorted(zip(value[::2], value[1::2], strict=True))))
    return value


def verify(file: BinaryIO) -> None:
    """Reads a dump to its end; BadDump where it is not whole and unaltered."""
    digest, count, last = sha256(), 0, b""
    file.seek(0)
    for line in file:
        if count:
            digest.update(last)
        elif not _is_head(line):
            raise BadDump("This is not a dump that this version can read.")
        count, last = count + 1, line
    end = _record(last)
    if end.get("lines") != count - 1 or "sha256" not in end:
        raise BadDump("The file is cut short: its last line is missing.")
    if end["sha256"] != digest.hexdigest():
        raise BadDump("The file was altered: its checksum does not agree.")


def _is_head(line: bytes) -> bool:
    head = _record(line)
    return head.get("format") == FORMAT and head.get("version") == VERSION


def _record(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _commands(lines: Iterable[bytes], start: str) -> Iterator[tuple[Any, ...]]:
    """What writes the keys of a dump under names that begin with ``start``."""
    key = last = ""
    for told in map(_record, lines):
        if last and "entry" not in told:
            yield ("XSETID", key, last)
            last = ""
        match told:
            case {"key": str() as name, "type": "stream", "last": str() as last}:
                key = start + name
            case {"key": str() as name, "type": str() as kind, "value": list() as value} if (
                kind in WRITES
            ):
                key = start + name
                yield (WRITES[kind], key, *_arguments(value, kind))
                if "expires" in told:
                    yield ("PEXPIREAT", key, told["expires"])
            case {"entry": str() as entry, "fields": dict() as fields} if last:
                yield ("XADD", key, entry, *chain(*fields.items()))
            case {"format": _} | {"sha256": _}:
                pass
            case _:
                raise BadDump("There is a line in it that this version can't read.")


def _arguments(value: list[str], kind: str) -> list[str]:
    if kind == "zset":  # listed as member, score; written as score, member
        return list(chain(*zip(value[1::2], value[::2], strict=True)))
    return value
