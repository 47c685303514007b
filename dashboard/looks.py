"""Counts the pages that are looked at, and nothing about who looks.

Answering a request costs one step of a counter in memory. Every few seconds a thread adds up what
came; while the store is away it goes on counting. A cache in front hides looks, and a worker that
is killed takes a few along: so it is always "at least".
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from itertools import count
from secrets import token_hex
from threading import Event, Lock, Thread

from .store import StoreDown
from .store.looks import Looked, piece

EVERY = 10.0  # seconds
NO_LOOK = "bedboard.no_look"  # in the environment of a request that nobody looks at the answer of
log = logging.getLogger(__name__)


class Looks:
    """One worker's count. ``look`` may be called from any thread; ``stopped`` ends adding up."""

    def __init__(
        self, kept: Looked | None, now: Callable[[], datetime], stopped: Event | None = None
    ):
        self._counter = count()
        self.look: Callable[[], int] = self._counter.__next__  # one step, even among threads
        self._asked = 0
        self._kept, self._now, self._stopped = kept, now, stopped or Event()
        self._worker = ""
        self._lock = Lock()
        self._told, self._begun = 0, now()
        self._totals: dict[int, int] = {}
        self._unsaved: set[int] = set()

    def seen(self) -> int:
        """How many looks there were in this process."""
        with self._lock:
            self._asked += 1  # asking the counter moves it on
            return next(self._counter) - self._asked + 1

    def start(self) -> None:
        """Adds up from now on, in this process; again is fine."""
        with self._lock:
            if self._worker or self._kept is None:
                return
            self._worker, self._begun = token_hex(4), self._now()
        Thread(target=self._run, name="looks", daemon=True).start()

    def _run(self) -> None:
        while not self._stopped.wait(EVERY):
            try:
                self.add_up()
            except StoreDown:
                continue  # what was counted stays, and goes with the next
            except Exception:
                log.exception("looks could not be added up")

    def add_up(self) -> None:
        """Tells the store what came since the last time. Raises StoreDown, and loses nothing.

        It belongs to the five minutes in which that time began: never to later ones than it should.
        """
        seen, number = self.seen(), piece(self._begun)
        self._begun = self._now()
        if seen > self._told:
            self._totals[number] = self._totals.get(number, 0) + seen - self._told
            self._unsaved.add(number)
            self._told = seen
        if self._kept and self._unsaved:
            self._kept.keep(
                self._worker, {one: self._totals[one] for one in self._unsaved}, self._begun
            )
            self._unsaved.clear()
            self._totals = {number: self._totals.get(number, 0)}
