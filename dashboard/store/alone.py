"""One process at a time writes the archive: the scripts that change its seals ask whose turn it is.

Whoever must not wait for long takes over: what the one before it had begun is then refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex
from time import monotonic, sleep

from .connection import Connection, steady

LEASE = 600_000  # ms that one process has it
LOOK = 0.05  # seconds between two tries


class Alone:
    """The turn to write the archive, which lapses where its process was killed."""

    def __init__(self, connection: Connection):
        self._store = connection
        self.key = connection.key("archiving")

    @contextmanager
    def having(self, patience: float | None = None) -> Iterator[str]:
        """The mark of whoever has the turn; '' where another has it.

        With ``patience``, in seconds, it waits for the other, and then takes over. Raises
        StoreDown.
        """
        mark = token_hex(8)
        ours = self._taken(mark, patience)
        try:
            yield mark if ours else ""
        finally:
            with steady():
                if self._store.client.get(self.key) == mark:
                    self._store.client.delete(self.key)

    def _taken(self, mark: str, patience: float | None) -> bool:
        ends = monotonic() + (patience or 0.0)
        while True:
            with steady():
                if self._store.client.set(self.key, mark, nx=True, px=LEASE):
                    return True
                if monotonic() >= ends:
                    force = patience is not None
                    return force and bool(self._store.client.set(self.key, mark, px=LEASE))
            sleep(LOOK)
