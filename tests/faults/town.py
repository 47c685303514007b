"""A running product with a crowd of open pages, and the proof that nothing was lost under load."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from dashboard.beds import BedGroup, Site
from dashboard.events import Reported
from dashboard.facts import Guest
from dashboard.store import Store
from tests.by_hand import wait_until
from tests.processes.product import Product, parent_of
from tests.values import DAY, HAVEN

from .crowd import Crowd
from .machine import Ledger, Machine
from .page import Fresh

STREAMS = 500
SETTLE = 90.0  # seconds; a page that found no place may pause long before it tries again
SITES = (*(Site(f"s{number}", f"Shelter {number}") for number in range(12)), HAVEN)
GROUPS = tuple(
    BedGroup(site.id, name, name.title(), 40, (guest,), position=place)
    for site in SITES[:12]
    for place, (name, guest) in enumerate((("women", Guest.WOMEN), ("men", Guest.MEN)))
)
Record = Callable[[str, object], None]


class Town:
    """The product, its store, and its crowd. ``redis_url`` where the store is not its own."""

    def __init__(self, var: Path, streams: int = STREAMS, **settings: str):
        self.product = Product(var, THREADS="8", WORKERS="2", COMMUNITY="riverbend", **settings)
        self.process = self.product.start()
        self.store = Store(
            settings.get("REDIS_URL", f"unix://{self.product.store.path}"), "riverbend"
        )
        self.store.profiles.save(SITES, GROUPS, "test", datetime.now(UTC))
        self.token = self.store.tokens.create("machine", None, "test", datetime.now(UTC))
        wait_until(lambda: len(self.fresh().cards) == 12)
        wait_until((var / "pages.sock").exists)
        self.crowd = Crowd(self.product.port, streams)
        self.crowd.start()
        wait_until(lambda: self.crowd.streaming == streams, SETTLE)

    def fresh(self) -> Fresh:
        return Fresh.get(self.product.port)

    def machine(self, pause: float = 0.05) -> Machine:
        groups = [(group.site, group.id) for group in GROUPS]
        return Machine(self.product.port, self.token, groups, pause)

    # -- the proof

    @contextmanager
    def under_load(self, record: Record, pause: float = 0.05) -> Iterator[Load]:
        """Reports flow while the block runs; at its end all must be as if nothing had happened."""
        wait_until(self.crowd.at_home, SETTLE)
        load = Load(self, self.machine(pause))
        load.machine.start()
        load.keeps(5)
        try:
            yield load
        finally:
            load.machine.stop()
        missed = self.settle()
        record("figures", load.figures(missed))
        self.prove(load.machine.ledger)
        assert missed == 0, "pages that do not show what a fresh page shows"

    def settle(self) -> int:
        """Waits until every page has heard all; returns how many differ from a fresh page."""
        newest = self.newest
        wait_until(lambda: self.crowd.at(newest), SETTLE)
        expected = self._fresh_at(newest).cards
        assert len(expected) == 12
        return self.crowd.differ_from(expected)

    def _fresh_at(self, version: str) -> Fresh:
        """A fresh page at this version: one worker may be behind another for a moment."""
        found: list[Fresh] = []

        def there() -> bool:
            found[:] = [self.fresh()]
            return found[0].version == version

        wait_until(there, SETTLE)
        return found[0]

    @property
    def newest(self) -> str:
        """The version of the newest entry in the store."""
        return str(self.store.stream.snapshot(DAY).version)

    def prove(self, ledger: Ledger) -> None:
        """Every acknowledged report is in the stream, and none is there twice."""
        assert not ledger.refused, ledger.refused
        assert ledger.kept.keys() == ledger.sent.keys(), "each was sent until it was answered"
        entries = [event for event in self.store.stream.events() if isinstance(event, Reported)]
        ids = {event.version.entry: event for event in entries}
        told = Counter((event.site, event.group, event.value) for event in entries)
        for key, report in ledger.sent.items():
            kept = ids[ledger.kept[key].partition(":")[2]]  # each run of a store is an epoch
            assert (kept.site, kept.group, kept.value) == report
            assert told[report] == 1, f"{key} was kept {told[report]} times"

    # -- its processes

    @property
    def master(self) -> int:
        return self.product.pid("gunicorn", parent=self.product.pid("dashboard.run"))

    @property
    def workers(self) -> set[int]:
        master = self.master
        return {
            pid
            for pid, command in self.product.pids().items()
            if "gunicorn" in command and parent_of(pid) == master
        }

    @property
    def hub(self) -> int:
        return self.product.pid("dashboard.live")

    @property
    def valkey(self) -> int:
        return self.product.pid("valkey-server")

    def close(self) -> None:
        self.crowd.close()
        self.store.connection.close()
        self.process.terminate()
        self.process.wait(30)
        self.product.end()


class Load:
    """Reports that flow, and what has happened to the streams since they began to."""

    def __init__(self, town: Town, machine: Machine):
        self.town, self.machine = town, machine
        self._before = town.crowd.counts.copy()

    def keeps(self, more: int) -> None:
        """Returns when so many more reports have been acknowledged."""
        aim = len(self.machine.ledger.kept) + more
        wait_until(lambda: len(self.machine.ledger.kept) >= aim or self._failed(), SETTLE)
        assert not self._failed(), self.machine.ledger.refused

    def _failed(self) -> bool:
        return bool(self.machine.ledger.refused)

    @property
    def dropped(self) -> int:
        return self.counts.dropped

    @property
    def counts(self):
        return self.town.crowd.counts.since(self._before)

    def figures(self, missed: int) -> str:
        counts, ledger = self.counts, self.machine.ledger
        return (
            f"{len(self.town.crowd.pages)} streams: {counts.dropped} dropped, "
            f"{counts.opened} opened again, {counts.refused} tries refused, "
            f"{counts.silent} given up as silent, {missed} at another board in the end; "
            f"{len(ledger.kept)} reports kept in {ledger.tries} tries, "
            f"{ledger.unsure} answered 'not confirmed', {ledger.unanswered} not answered"
        )


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    os.kill(pid, number)
