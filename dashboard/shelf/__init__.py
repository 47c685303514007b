"""Where the files of the archive stand: in a folder of our own, or with whoever stores them for us.

A shelf knows names and bytes, and nothing of what is in them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from .. import address
from ..config import Settings
from .bucket import Bucket
from .down import ShelfDown as ShelfDown
from .folder import Folder

__all__ = ["Bucket", "Folder", "Shelf", "ShelfDown", "folder", "of"]


class Shelf(Protocol):
    """Files by name. Whatever is there is whole; every method raises ShelfDown."""

    def names(self) -> list[str]:
        """The names of all files, sorted."""

    def read(self, name: str) -> bytes | None:
        """What the file holds; None where there is none."""

    def write(self, name: str, content: bytes) -> None:
        """Keeps a file, in place of any of that name, before it returns."""

    def remove(self, name: str) -> None:
        """Takes a file away; one that is not there is fine."""

    def sweep(self) -> None:
        """Takes away what writers that were killed left half done."""


def of(settings: Settings) -> Shelf:
    """The shelf of these settings."""
    if settings.archive_bucket:
        return Bucket(address.Bucket.parse(settings.archive_bucket), settings.community)
    return Folder(folder(settings))


def folder(settings: Settings) -> Path:
    """Where a community's archive stands, if no bucket is configured."""
    return settings.var / "archive" / settings.community
