"""The one reader of all that ever happened: out of the archive, then out of the stream.

Whoever adds up the past (the record, a report, ``rebuilt``, ``flask check``) asks here, and never
the stream itself, which is trimmed once its entries stand in the archive.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ..events import Event, told_at
from .stream import Stream


class Archive:
    """The store's side of everything that reads the past."""

    def __init__(self, stream: Stream):
        self._stream = stream

    def events(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Event]:
        """Every entry told from ``since`` on and before ``until``, without gap or double.

        They come in the order of the stream, oldest first. "Told" is when the product was told
        (``told_at``), and ``None`` is no bound. Where several machines serve one board their
        clocks may differ a little, so times may step back by as much. It reads as it is asked
        for: what nobody takes costs nothing. Raises StoreDown.
        """
        for event in self._stream.events():
            at = told_at(event)
            if (since is None or since <= at) and (until is None or at < until):
                yield event
