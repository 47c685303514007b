"""A night in the archive: one file of JSON lines, compressed, and the seal that vouches for it.

Each seal carries the checksum of its file and the sum of the seal before, so that no night can be
altered, left out or put between without its being seen.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256

from ..events import Point

FORMAT = "shelter bed board archive"
VERSION = 1
Entry = tuple[str, Mapping[str, str]]


class BadNight(ValueError):
    """A file that is no night, not all of one, or not the one that was sealed."""


@dataclass(frozen=True, slots=True)
class Seal:
    """What is known of a night's file. ``first`` and ``last`` are the ids of its entries.

    ``since`` and ``until`` are when the first and the last of them were told, in ms: the least and
    the greatest. ``before`` is the sum of the seal before, '' for the first of all.
    """

    night: date
    file: str
    entries: int
    first: str
    last: str
    since: int
    until: int
    sha256: str
    before: str

    @property
    def sum(self) -> str:
        """What the next seal carries."""
        return sha256(self.text.encode()).hexdigest()

    @property
    def text(self) -> str:
        """As it stands in the store and beside its file."""
        return json.dumps(asdict(self) | {"night": self.night.isoformat()}, sort_keys=True)

    @property
    def beside(self) -> str:
        """The name of the file in which the seal stands."""
        return beside(self.file)

    @classmethod
    def parse(cls, text: str | bytes) -> Seal:
        """Raises BadNight."""
        try:
            told = json.loads(text)
            return cls(**told | {"night": date.fromisoformat(told["night"])})
        except (ValueError, KeyError, TypeError) as error:
            raise BadNight(f"not a seal: {error}") from None


def beside(file: str) -> str:
    return f"{file}.seal"


def name(night: date, number: int = 1) -> str:
    """The name of a night's file; a number above 1 is of one that was written anew."""
    again = f"-{number}" if number > 1 else ""
    return f"{night.isoformat()}{again}.jsonl.gz"


def point(id_: str) -> Point:
    """The id of an entry as numbers, which can be compared."""
    ms, _, seq = id_.partition("-")
    return int(ms), int(seq)


def pack(community: str, night: date, entries: Iterable[Entry]) -> bytes:
    """The file of a night: the same bytes for the same entries."""
    head = {"format": FORMAT, "version": VERSION, "community": community, "night": str(night)}
    lines = [head, *({"entry": id_, "fields": fields} for id_, fields in entries)]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    return gzip.compress(text.encode("utf-8", "surrogatepass"), mtime=0)


def unpack(content: bytes) -> list[Entry]:
    """The entries of a night's file. Raises BadNight."""
    try:
        text = gzip.decompress(content).decode("utf-8", "surrogatepass")
        head, *lines = map(json.loads, text.split("\n")[:-1])
        if (head["format"], head["version"]) != (FORMAT, VERSION):
            raise BadNight("not a night that this version can read")
        return [(str(one["entry"]), dict(one["fields"])) for one in lines]
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise BadNight(str(error)) from None


def proved(seal: Seal, content: bytes | None) -> list[Entry]:
    """The entries of the file, if it is the one that was sealed. Raises BadNight."""
    if content is None:
        raise BadNight("its file is not there")
    if sha256(content).hexdigest() != seal.sha256:
        raise BadNight("its file was altered: the checksum does not agree")
    entries = unpack(content)
    ends = (entries[0][0], entries[-1][0], len(entries)) if entries else None
    if ends != (seal.first, seal.last, seal.entries):
        raise BadNight("its file holds other entries than were sealed")
    return entries


def unchained(seals: Iterable[Seal]) -> Iterator[Seal]:
    """Those, oldest first, that do not carry the sum of the one before."""
    before = ""
    for seal in seals:
        if seal.before != before:
            yield seal
        before = seal.sum
