"""A shelf that is a folder on disk, for its owner alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from .down import ShelfDown


class Folder:
    """Files in ``path``, which is made when the first one comes."""

    def __init__(self, path: Path):
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    def names(self) -> list[str]:
        with _steady(self._path):
            found = self._path.iterdir() if self._path.is_dir() else ()
            return sorted(one.name for one in found if not one.name.startswith("."))

    def read(self, name: str) -> bytes | None:
        with _steady(self._path):
            try:
                return (self._path / name).read_bytes()
            except FileNotFoundError:
                return None

    def write(self, name: str, content: bytes) -> None:
        """Under another name first, so that a power cut leaves the old file or the new one."""
        with _steady(self._path):
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            half = self._path / f".{name}.{token_hex(4)}"
            try:
                _write(half, content)
                half.replace(self._path / name)
            finally:
                half.unlink(missing_ok=True)
            _settle(self._path)

    def remove(self, name: str) -> None:
        with _steady(self._path):
            (self._path / name).unlink(missing_ok=True)
            if self._path.is_dir():
                _settle(self._path)

    def sweep(self) -> None:
        """Whoever writes at this moment is told that it failed, and writes again."""
        with _steady(self._path):
            for half in self._path.glob(".*"):
                half.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """A name is on disk once its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _steady(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise ShelfDown(f"The archive in {str(path)!r} can't be used: {why}.") from error
