"""Whether the archive is whole, chained, and the same as the stream where both have a night."""

from __future__ import annotations

from collections.abc import Iterator

from ..shelf import Shelf
from .archive import NOTHING, Archive, ArchiveGone
from .sealed import Seal, beside, point, unchained


def faults(archive: Archive) -> Iterator[str]:
    """A sentence for each that is wrong. Raises StoreDown, ShelfDown."""
    if (shelf := archive.shelf) is None:
        return
    names = shelf.names()  # first: a file is there before anybody knows of it
    seals, trimmed = archive.known()
    for seal in unchained(seals):
        yield f"{seal.file}: its seal does not follow from the one before."
    last = NOTHING
    for seal in seals:
        yield from _faults_of(archive, shelf, seal, last)
        last = seal.last
    if point(last) < point(trimmed):
        yield "The stream was trimmed further than the archive goes."
    known = {name for seal in seals for name in (seal.file, seal.beside)}
    for name in names:
        if name not in known and beside(name) not in known:
            yield f"{name}: nothing in the store knows of it; it may be of another history."


def _faults_of(archive: Archive, shelf: Shelf, seal: Seal, last: str) -> Iterator[str]:
    if not point(last) < point(seal.first) <= point(seal.last):
        yield f"{seal.file}: it begins before the night before it ends."
    if shelf.read(seal.beside) != seal.text.encode():
        yield f"{seal.file}: the seal beside it is not the one that the store has."
    try:
        shelved = archive.shelved(seal)
    except ArchiveGone as gone:
        yield f"{seal.file}: {gone}."
        return
    there = archive.still_there(seal)
    if point(seal.last) > point(archive.trimmed()) and there != shelved:
        yield f"{seal.file}: the stream has other entries of that night."
