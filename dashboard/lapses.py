"""Which holds, asks and calls have run out of time, found without a look at every site.

Each ends by itself in every reading. This only finds out when to say so in the stream.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from heapq import heappop, heappush

from .asking import Ask
from .beds import Hold
from .board import Board
from .calls import Call, CallTaken
from .events import Asked, Event, Held, HoldExtended

Ending = Hold | Ask | Call


class Lapses:
    """The ends of what one board has that ends by itself, soonest first."""

    def __init__(self, board: Board):
        self._board = board
        self._ahead: list[tuple[datetime, str, str, str]] = []

    def begin(self) -> None:
        """Look at the whole board anew."""
        self._ahead = []
        for state in list(self._board.sites.values()):
            self.expect([state.call] if state.call else ())
            for one in state.groups:
                self.expect((*one.holds, *one.asks))

    def take(self, event: Event) -> None:
        """Take in an entry that the board has applied."""
        if isinstance(event, Held | HoldExtended):
            self.expect([event.hold])
        if isinstance(event, Asked):
            self.expect([event.ask])
        if isinstance(event, CallTaken):
            self.expect([event.call])

    def expect(self, found: Iterable[Ending]) -> None:
        """Note when these will end."""
        for one in found:
            heappush(self._ahead, (one.expires_at, one.id, one.site, one.group))

    @property
    def next(self) -> datetime | None:
        """When the next of them ends, or would have."""
        return self._ahead[0][0] if self._ahead else None

    def due(self, now: datetime) -> list[Ending]:
        """Those that the board still has although their time is over; each is told once."""
        found: list[Ending] = []
        while self._ahead and self._ahead[0][0] <= now:
            _, id_, site, group = heappop(self._ahead)
            found += [one for one in self._known(site, group) if one.id == id_]
        return [one for one in found if one.expires_at <= now]

    def _known(self, site: str, group: str) -> tuple[Ending, ...]:
        state = self._board.sites.get(site)
        if state and not group:
            return (state.call,) if state.call else ()
        found = state.group(group) if state else None
        return (*found.holds, *found.asks) if found else ()
