"""Which site the clock alone changes, and when: what has passed, and what comes next.

Kept by touching only the sites that an entry or the clock has touched, so that a report costs
the same whatever the number of sites.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import datetime, timedelta
from heapq import heappop, heappush
from operator import itemgetter

from ..board import Board
from ..events import Version
from ..rows import Moment
from .position import Position

MEMORY = timedelta(hours=26)  # how long a page may sleep and still be told only what it missed


class Almanac:
    """The changes by the clock of one board. ``keep`` must be called before each question."""

    def __init__(self, board: Board, now: datetime):
        self._board = board
        self._open(now)

    def _open(self, now: datetime) -> None:
        self._version, self._since = self._board.version, now
        self._ahead: list[tuple[datetime, str, Version]] = []
        self._passed: list[tuple[datetime, str]] = []
        self._look(list(self._board.sites), Moment(self._board, now))

    def keep(self, now: datetime) -> None:
        """Take in the entries since the last look, and let pass what is due by ``now``."""
        version = self._board.version
        touched = self._board.changed_since(self._version)
        if touched is None:
            return self._open(now)
        moment = Moment(self._board, now)
        self._look(touched, moment)
        self._version = version
        due = []
        while self._ahead and self._ahead[0][0] <= now:
            at, site, known = heappop(self._ahead)
            state = self._board.sites.get(site)
            if state and state.version == known:
                self._passed.append((at, site))
                due.append(site)
        self._look(due, moment)
        self._since = max(self._since, now - MEMORY)
        del self._passed[: bisect_left(self._passed, (self._since, ""))]
        return None

    def _look(self, sites: list[str], moment: Moment) -> None:
        """Note when each of them will next change by itself."""
        for site in sites:
            row = moment.row(site)
            if row and row.changes_at:
                entry = (row.changes_at, site, row.version)
                heappush(self._ahead, entry)

    @property
    def next(self) -> datetime | None:
        """When the clock alone will next change a site."""
        return self._ahead[0][0] if self._ahead else None

    def changed(self, seen: Position, public: bool = False) -> list[str] | None:
        """The sites that differ from what a page at ``seen`` shows; None: all of them may."""
        touched = self._board.changed_since(seen.version, public)
        if touched is None:
            return None
        if seen.at < self._since:
            return list(self._board.sites)
        aged = [
            site
            for _, site in self._passed[bisect_right(self._passed, seen.at, key=itemgetter(0)) :]
        ]
        return list(dict.fromkeys([*touched, *aged]))
