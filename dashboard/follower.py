"""Keeps one Board current: a snapshot, then the stream, on a thread of its own.

When the store is away the last board stays, and ``away_since`` says so; when it is back, a new
snapshot is compared with what is known and only what differs is told. A store that is back without
any site has lost its memory: sites are never deleted. The last board stays then too, in doubt.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Condition, Event, Thread

from .asking import Ask
from .board import Board
from .calls import Call
from .clock import Day
from .lapses import Lapses
from .store import BLOCK, MemoryGone, OtherHistory, Store, StoreDown

PACE = 0.005  # seconds between two looks, so that a flood is taken in by the handful
RETRY = 0.5  # seconds between two tries to reach a store that is away
log = logging.getLogger(__name__)


class Follower:
    """A Board that follows its store. Safe to read from any thread.

    ``ready`` is set by the first snapshot. ``changed`` is notified whenever the board or the
    connection has changed; ``turn`` counts those changes. ``mark`` is a file that says, to
    processes that start later too, that the store once knew sites.
    """

    def __init__(
        self, store: Store, day: Day, now: Callable[[], datetime], mark: Path | None = None
    ):
        self.board = board = Board(day)
        self.ready = Event()
        self.changed = Condition()
        self.turn = 0
        self.away_since: datetime | None = None
        self.gone = False  # away because the store has lost its memory
        self._store = store
        self._lapses = Lapses(board)
        self._now = now
        self._mark = mark
        self.stopped = Event()
        self._listeners: list[Callable[[], None]] = []
        self._thread: Thread | None = None

    @property
    def connected(self) -> bool:
        alive = self._thread is not None and self._thread.is_alive()
        return alive and self.ready.is_set() and self.away_since is None

    def start(self) -> None:
        """Starts following; again is fine."""
        with self.changed:
            if self._thread is None:  # made here: one made before a fork counts as ended after it
                self._thread = Thread(target=self._run, name="follower", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Stops following; returns at once, the thread ends within its current wait."""
        self.stopped.set()
        self._tell()

    def listen(self, call: Callable[[], None]) -> None:
        """Have ``call`` called, from the follower's thread, whenever something has changed."""
        self._listeners.append(call)

    def wait(self, turn: int, seconds: float) -> int:
        """Waits until something has changed since ``turn``; returns the turn it is now."""
        with self.changed:
            self.changed.wait_for(lambda: self.turn != turn or self.stopped.is_set(), seconds)
            return self.turn

    def _run(self) -> None:
        while not self.stopped.is_set():
            try:
                self._catch_up()
                while not self.stopped.is_set():
                    self._follow()
                    self.stopped.wait(PACE)
            except Exception as error:
                # Not only an absent store: whatever it is, a board that stands still must say so.
                self._lose(error)
                self.stopped.wait(RETRY)

    def _catch_up(self) -> None:
        self._store.connection.check()
        newer = self._store.stream.snapshot(self.board.first)
        if newer.sites:
            self._note()
        elif self.board.sites or (self._mark and self._mark.exists()):
            raise MemoryGone("it answers, but its memory is gone: load a dump, or import the sites")
        self.board.become(newer)
        self._lapses.begin()
        self.gone, self.away_since = False, None
        self.ready.set()
        self._tell()

    def _follow(self) -> None:
        self._let_lapse()
        try:
            events = self._store.stream.follow(self.board.version, self._patience())
        except OtherHistory:  # the store has restarted, was promoted, emptied or replaced
            return self._catch_up()
        for event in events:
            self.board.apply(event)
            self._lapses.take(event)
        if events:
            self._tell()
        return None

    def _let_lapse(self) -> None:
        """Writes down what has ended by itself; of all that notice, one is first."""
        due, now = self._lapses.due(self._now()), self._now()
        for one in due:
            try:
                if isinstance(one, Ask):
                    self._store.asks.lapse(one, now)
                elif isinstance(one, Call):
                    self._store.calls.lapse(one, now)
                else:
                    self._store.holds.lapse(one, now)
            except StoreDown as error:  # an end needs no entry; whoever follows will say so again
                log.warning("could not write down that something is over: %s", error)
                self._lapses.expect([one])

    def _patience(self) -> float:
        """Seconds to wait for an entry: until the next hold ends, at most."""
        ahead = self._lapses.next
        if ahead is None:
            return BLOCK
        return min(BLOCK, max(PACE, (ahead - self._now()).total_seconds()))

    def _lose(self, error: Exception) -> None:
        gone = self.gone or isinstance(error, MemoryGone)
        if self.stopped.is_set() or (self.away_since and self.gone == gone):
            return
        log.warning("the store is away: %s", error)
        self.away_since, self.gone = self.away_since or self._now(), gone
        if gone and self.board.sites:
            self.board.lose()
        self._tell()

    def _note(self) -> None:
        if self._mark and not self._mark.exists():
            try:
                self._mark.touch(0o600)
            except OSError as error:  # no room, say: the next snapshot tries again
                log.warning("can't write %s: %s", self._mark, error)

    def _tell(self) -> None:
        with self.changed:
            self.turn += 1
            self.changed.notify_all()
        for call in self._listeners:
            call()
