"""Which holds have run out of time, found without a look at every site.

A hold ends by itself in every reading. This only finds out when to say so in the stream.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from heapq import heappop, heappush

from .beds import Hold
from .board import Board
from .events import Event, Held, HoldExtended


class Lapses:
    """The ends of the holds of one board, soonest first."""

    def __init__(self, board: Board):
        self._board = board
        self._ahead: list[tuple[datetime, str, str, str]] = []

    def begin(self) -> None:
        """Look at the whole board anew."""
        self._ahead = []
        for state in list(self._board.sites.values()):
            for one in state.groups:
                self.expect(one.holds)

    def take(self, event: Event) -> None:
        """Take in an entry that the board has applied."""
        if isinstance(event, Held | HoldExtended):
            self.expect([event.hold])

    def expect(self, holds: Iterable[Hold]) -> None:
        """Note when these will end."""
        for hold in holds:
            heappush(self._ahead, (hold.expires_at, hold.id, hold.site, hold.group))

    @property
    def next(self) -> datetime | None:
        """When the next of them ends, or would have."""
        return self._ahead[0][0] if self._ahead else None

    def due(self, now: datetime) -> list[Hold]:
        """Those that the board still has although their time is over; each is told once."""
        found = []
        while self._ahead and self._ahead[0][0] <= now:
            _, id_, site, group = heappop(self._ahead)
            found += [hold for hold in self._holds(site, group) if hold.id == id_]
        return [hold for hold in found if not hold.keeps(now)]

    def _holds(self, site: str, group: str) -> tuple[Hold, ...]:
        state = self._board.sites.get(site)
        found = state.group(group) if state else None
        return found.holds if found else ()
