"""A community that does not exist, on an afternoon that begins whenever somebody starts it.

A demo has a data folder of its own and a store of its own, so no made-up number can ever reach a
real board; its clock runs at the real pace, but from five past four in the afternoon.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, time
from pathlib import Path

from ..clock import instant
from ..config import Settings
from ..embedded import CannotStart

OPENS = time(16, 5)
STARTED = "demo-started"


def afresh(settings: Settings) -> None:
    """Empties the demo's data folder and starts its clock. Whoever calls it holds the folder.

    Raises CannotStart where the folder holds a store that no demo made.
    """
    store, mark = settings.var / "valkey", settings.var / STARTED
    if store.exists() and not mark.exists():
        raise CannotStart(
            f"VAR is {str(settings.var)!r}, which holds a board that is no demo: a demo starts "
            "afresh each time, so it needs another folder."
        )
    shutil.rmtree(store, ignore_errors=True)
    for one in (mark, settings.mark):
        one.unlink(missing_ok=True)
    _started(mark)


def clock(settings: Settings) -> Callable[[], datetime]:
    """What time it is in the demo: five past four when it was started, and the real pace since."""
    started = _started(settings.var / STARTED)
    zone = settings.day.zone
    ahead = instant(started.astimezone(zone).date(), OPENS, zone) - started
    return lambda: datetime.now(UTC) + ahead


def _started(mark: Path) -> datetime:
    """When the demo was started, which the first process to ask writes down for all others."""
    if not mark.exists():
        ours = mark.with_name(f"{STARTED}.{os.getpid()}")
        ours.write_text(datetime.now(UTC).isoformat(), encoding="ascii")
        with suppress(FileExistsError):  # another process was first
            os.link(ours, mark)
        ours.unlink()
    return datetime.fromisoformat(mark.read_text(encoding="ascii"))
