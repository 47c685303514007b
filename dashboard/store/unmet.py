"""Unmet needs in the store: a hash of counts for each day, and nothing else anywhere.

No entry of the stream, no who, no digest of what was asked; the log on disk learns only sums of
at least five needs (``lua/unmet.lua`` says how).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from ..reports import Answer, Outcome
from ..shortage import FROM, Counts
from .connection import Connection, fingerprint

KEPT = timedelta(days=400)  # as long as a report of a season may ask for them
NOBODY = ""  # whose need it was is nobody's to know, and who counted it neither


class Unmet:
    """The store's side of what was asked for and not found."""

    def __init__(self, connection: Connection):
        self._store = connection

    def count(self, day: date, words: Iterable[str], key: str) -> Answer:
        """Adds one to the count of each word on this day; once for each ``key``.

        Raises StoreDown: then try again, with the same key.
        """
        asked: dict[str, Any] = dict.fromkeys(("who", "digest", "keep", "spare"), "")
        asked |= {"batch": FROM, "lasts": KEPT // timedelta(seconds=1)}
        asked["words"] = list(words)  # behind all else: unmet.lua says why
        digest = fingerprint("unmet")
        said = self._store.run("unmet", [self._key(day)], NOBODY, f"unmet:{key}", digest, asked)
        return Answer(Outcome(said["outcome"]), repeated=bool(said.get("repeated")))

    def kept(self, days: Sequence[date]) -> dict[date, Counts]:
        """What was counted on each of these days; not yet what may be shown. Raises StoreDown."""

        def read(pipe: Any) -> None:
            for day in days:
                pipe.hgetall(self._key(day))

        found = self._store.transaction(read)
        return {
            day: {word: int(count) for word, count in kept.items() if word}
            for day, kept in zip(days, found, strict=True)
        }

    def _key(self, day: date) -> str:
        return self._store.key("unmet", day.isoformat())
