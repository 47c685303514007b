"""The public board as finished bytes: made when something has changed, then handed to everybody.

A sheet is good for one version of the board and until the clock next changes a word of it, so
nothing stale is ever served as fresh. Who asks for it needs neither the store nor a template.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Condition, Lock, Thread
from time import monotonic, sleep
from typing import NamedTuple

from .events import Version
from .squeeze import ENCODINGS, squeezed
from .voice import Language

MINUTE = timedelta(minutes=1)
HOT = 60.0  # seconds for which a sheet that was asked for is made again by itself
SHARED = 5  # seconds that a cache in front may answer for us, where the clock allows it
STALE = 10  # seconds more while it asks
LATE = 0.5  # seconds that a reader may be handed the last sheet while the next is printed


class Edition(NamedTuple):
    """Which of the boards: its language, and whether its address names it."""

    language: Language
    named: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A board to be printed: its words, and when the clock alone changes a figure or a minute."""

    html: str
    version: Version
    away_since: datetime | None
    changes_at: datetime
    next_minute: datetime

    @property
    def good_until(self) -> datetime:
        """When the clock alone changes a word of it."""
        return min(self.changes_at, self.next_minute)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One printed board. ``bodies`` by content encoding: '', 'gzip' and 'br'."""

    page: Page
    etag: str
    bodies: dict[str, bytes]

    def good(self, version: Version, away_since: datetime | None, now: datetime) -> bool:
        """Whether it still says what is so."""
        page = self.page
        same = page.version == version and page.away_since == away_since
        return same and now < page.good_until

    def cache_control(self, now: datetime) -> str:
        """How long a cache may keep it: nothing kept outlives the next change by the clock."""
        left = int((self.page.changes_at - now).total_seconds())
        shared = min(SHARED, left // 2)
        if shared < 1:
            return "max-age=0, must-revalidate"
        stale = min(STALE, left - shared)
        return f"public, max-age=0, s-maxage={shared}, stale-while-revalidate={stale}"


class Press:
    """Prints boards: ``compose`` makes the words of an edition as of a moment."""

    def __init__(
        self,
        compose: Callable[[Edition, datetime], Page],
        state: Callable[[], tuple[Version, datetime | None]],
        clock: Callable[[], datetime],
    ):
        self._compose, self.state, self._clock = compose, state, clock
        self._sheets: dict[Edition, Sheet] = {}
        self._asked: dict[Edition, float] = {}
        self._printing = Lock()
        self._news = Condition()
        self._runs = False
        self._heard = 0.0  # the newest news
        self._waits: float | None = None  # the oldest that is not printed yet

    def sheet(self, edition: Edition, now: datetime) -> Sheet:
        """The board as of ``now``; printed here only where nobody has printed it yet."""
        self._asked[edition] = monotonic()
        found = self._sheets.get(edition)
        if found and found.good(*self.state(), now):
            return found
        return self._print(edition, now)

    def _print(self, edition: Edition, now: datetime) -> Sheet:
        with self._printing:
            found = self._sheets.get(edition)
            if not (found and found.good(*self.state(), now)):
                found = self._sheets[edition] = printed(self._compose(edition, now))
            return found

    def seconds_left(self) -> float:
        """For how long what is printed now is good, if nobody reports."""
        return self._until_the_clock(list(self._sheets.values()))

    def hear(self) -> None:
        """Something has changed: what people are asking for is printed before they ask again."""
        with self._news:
            if not self._runs:
                self._runs = True
                Thread(target=self._run, name="press", daemon=True).start()
            self._heard = monotonic()
            if self._waits is None:
                self._waits = self._heard
            self._news.notify()

    @property
    def prints(self) -> bool:
        """Whether news is being printed and will be done in a moment; then nobody need wait."""
        waits = self._waits
        return waits is not None and monotonic() - waits < LATE

    def _run(self) -> None:
        while True:
            started = monotonic()
            hot = [one for one, asked in list(self._asked.items()) if started - asked < HOT]
            sheets = [self._print(edition, self._clock()) for edition in hot]
            with self._news:
                self._waits = self._heard if self._heard > started else None
                if not hot and self._waits is None:  # nobody reads: the next news begins anew
                    self._runs = False
                    return
            sleep(monotonic() - started)  # never more than half of a processor
            with self._news:
                if self._heard <= started:
                    self._news.wait(self._until_the_clock(sheets))

    def _until_the_clock(self, sheets: list[Sheet]) -> float:
        ends = [one.page.good_until for one in sheets]
        return max(0.0, (min(ends) - self._clock()).total_seconds()) if ends else HOT


def printed(page: Page) -> Sheet:
    """A page in every encoding that a browser may ask for."""
    body = page.html.encode()
    bodies = {encoding: squeezed(body, encoding) for encoding in ("", *ENCODINGS)}
    return Sheet(page, f'W/"{sha256(body).hexdigest()[:24]}"', bodies)
