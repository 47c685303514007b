"""Has each night counted, and put in the archive, by whichever web process comes first.

It needs no process and no clock of its own: web workers are alive wherever the product is, and a
night that nobody archived in time is archived by the next round.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Lock, Thread

from .clock import Day
from .shelf import ShelfDown
from .store import OtherArchive, Store, StoreDown

FIRST = 20.0  # seconds after the start, when whoever waits for a page has one
EVERY = 600.0  # seconds between two rounds: one asks the store three things where nothing is to do
log = logging.getLogger(__name__)


class Archivist:
    """One worker's rounds. ``keep`` is for how long the stream has what is archived."""

    def __init__(
        self,
        store: Store,
        day: Callable[[], Day],
        now: Callable[[], datetime],
        keep: timedelta,
        stopped: Event,
    ):
        self._store, self._day, self._now, self._keep = store, day, now, keep
        self._stopped = stopped
        self._lock, self._started = Lock(), False
        self._said = ""

    def start(self) -> None:
        """Goes its rounds from now on, in this process; again is fine."""
        with self._lock:
            if not self._started:
                self._started = True
                Thread(target=self._run, name="archivist", daemon=True).start()

    def _run(self) -> None:
        pause = FIRST
        while not self._stopped.wait(pause):
            self.round()
            pause = EVERY

    def round(self) -> None:
        """Archives what is to be archived. What goes wrong is said once, and tried again."""
        try:
            self._store.erasing.resume(self._now())
            self._store.archiving.daily(self._day(), self._now(), self._keep)
            self._store.digests.count(self._day(), self._now(), most=None)
        except (StoreDown, ShelfDown, OtherArchive) as error:
            if str(error) != self._said:
                log.warning("a night was not archived: %s", error)
            self._said = str(error)
        except Exception:
            log.exception("a night was not archived")
        else:
            self._said = ""
