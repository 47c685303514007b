"""Where a page stands: the version that it shows, and the moment for which it shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..events import Version

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Position:
    """The last entry that a page took in, and the instant up to which the clock was told."""

    version: Version
    at: datetime

    @classmethod
    def parse(cls, text: str, now: datetime) -> Position:
        """Read ``epoch:ms-seq`` or ``epoch:ms-seq@ms``; ValueError for anything else.

        Without a moment, or with one that is still to come, it is ``now``.
        """
        version, _, ms = text.partition("@")
        if len(ms) > 14 or not (ms.isascii() and ms.isdigit()):
            return cls(Version.parse(version), now)
        return cls(Version.parse(version), min(_EPOCH + timedelta(milliseconds=int(ms)), now))

    def __str__(self) -> str:
        return f"{self.version}@{(self.at - _EPOCH) // timedelta(milliseconds=1)}"
