"""A secret in a file that only its owner can read, made at the first start."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path


def kept(path: Path, least: int, make: Callable[[], str]) -> str:
    """What the file holds, or what ``make`` makes where that has fewer characters than ``least``.

    Two starts at once agree on one. Raises OSError.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with open(descriptor, "r+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if len(key := file.read().strip()) >= least:
            return key
        file.seek(0)
        file.truncate()
        file.write(key := make())
        file.flush()
        os.fsync(file.fileno())
        return key
