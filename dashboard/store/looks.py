"""How often pages were looked at, in pieces of five minutes, for two days: numbers and no more.

A worker writes its own totals, not what came since, so writing one again changes nothing. Nothing
about who looked, from where or with what ever comes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from .connection import Connection, steady

PIECE = 300  # seconds
KEPT = timedelta(days=2)


class Looked:
    """The store's side of counting looks."""

    def __init__(self, connection: Connection):
        self._store = connection
        self._key = connection.key("looks")

    def keep(self, worker: str, totals: Mapping[int, int], now: datetime) -> None:
        """The looks that this worker has counted in each piece. Raises StoreDown.

        What is older than two days goes, and all of it two days after the last look.
        """
        oldest = piece(now - KEPT)
        with steady():
            known = self._store.client.hkeys(self._key)
            old = [field for field in known if int(field.partition(":")[0]) < oldest]
            with self._store.client.pipeline(transaction=False) as pipe:
                new = {f"{number}:{worker}": total for number, total in totals.items()}
                pipe.hset(self._key, mapping=new)
                if old:
                    pipe.hdel(self._key, *old)
                pipe.expire(self._key, KEPT)
                pipe.execute()

    def since(self, at: datetime) -> int:
        """Looks in the pieces that began at ``at`` or later: never too many. Raises StoreDown."""
        first = piece(at) + bool(at.timestamp() % PIECE)
        with steady():
            kept = self._store.client.hgetall(self._key)
        pieces = ((int(field.partition(":")[0]), total) for field, total in kept.items())
        return sum(int(total) for number, total in pieces if number >= first)


def piece(at: datetime) -> int:
    """The number of the five minutes that an instant lies in."""
    return int(at.timestamp() // PIECE)
