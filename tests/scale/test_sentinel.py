"""A primary that dies under load: reports go on, and what was acknowledged is there, once.

Two replicas, three sentinels, all real. In its last moments the primary is cut off from its
replicas, so that what it still takes in dies with it.
"""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest

from dashboard.beds import BedGroup, Site, Source
from dashboard.clock import horizons
from dashboard.events import Reported, Version
from dashboard.follower import Follower
from dashboard.reports import Outcome, Report, ReportKind
from dashboard.store import Store, StoreDown, differences
from tests.by_hand import wait_until
from tests.values import DAY

from .servers import Watched, running, server_of

pytestmark = pytest.mark.scale
DESKS = 4
SECONDS = 20.0 if os.environ.get("SOAK") else 1.0  # of load before the primary dies, and after
CUT_OFF = 0.5  # seconds for which it lives on without its replicas
SITE = Site("hall", "Hall")
GROUPS = [BedGroup("hall", f"beds{desk}", "Beds", position=desk) for desk in range(DESKS)]


@pytest.fixture
def watched(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Watched]:
    watched = Watched(tmp_path, server_of(getattr(request, "param", "redis")))
    with running(watched.nodes):
        watched.form()
        yield watched


def opened(watched: Watched, replicas: int) -> Store:
    store = Store(watched.url, "riverbend", replicas=replicas)
    store.connection.check()
    return store


def report(store: Store, desk: int, open_: int) -> Outcome:
    """Numbers are never used twice, so an entry says which report it was."""
    now = datetime.now(UTC)
    place = ("hall", f"beds{desk}", ReportKind.CHANGE, open_, now, Source.DESK, f"p-{desk}")
    sent = Report(*place, f"{desk}/{open_}")
    return store.reports.report(sent, horizons(now, DAY), now).outcome


@dataclass
class Load:
    """Desks that report without a pause, and send the same again until it is acknowledged."""

    store: Store
    acknowledged: list[tuple[str, int]] = field(default_factory=list)
    refused: int = 0
    stopped: Event = field(default_factory=Event)

    def start(self) -> None:
        self.threads = [Thread(target=self._desk, args=(desk,)) for desk in range(DESKS)]
        for thread in self.threads:
            thread.start()

    def _desk(self, desk: int) -> None:
        for open_ in range(9_999):
            while not self._sent(desk, open_):
                if self.stopped.wait(0.05):
                    return
            if self.stopped.is_set():
                return

    def _sent(self, desk: int, open_: int) -> bool:
        try:
            assert report(self.store, desk, open_) in (Outcome.SAVED, Outcome.LATE)
        except StoreDown:
            self.refused += 1
            return False
        self.acknowledged.append((f"beds{desk}", open_))
        return True

    def stop(self) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join(10)


def kept(store: Store) -> Counter[tuple[str, int]]:
    events = [event for event in store.stream.events() if isinstance(event, Reported)]
    return Counter((event.group, event.value or 0) for event in events)


def ordeal(watched: Watched, replicas: int) -> tuple[Load, Counter[tuple[str, int]]]:
    """Load, a cut, a death, a promotion, more load; what was said, and what is there."""
    store = opened(watched, replicas)
    store.profiles.save([SITE], GROUPS, "test", datetime.now(UTC))
    load = Load(store)
    load.start()
    try:
        time.sleep(SECONDS)
        watched.cut()
        time.sleep(CUT_OFF)
        watched.primary.kill()
        died, before = time.monotonic(), len(load.acknowledged)
        wait_until(lambda: len(load.acknowledged) > before + DESKS, 40)
        away = time.monotonic() - died
        time.sleep(SECONDS)
    finally:
        load.stop()
    found = kept(store)
    lost = [one for one in load.acknowledged if one not in found]
    print(
        f"\nreplicas to confirm: {replicas}; acknowledged {len(load.acknowledged)}, "
        f"lost {len(lost)}, doubled {sum(many > 1 for many in found.values())}, "
        f"refused and sent again {load.refused}; reports went on after {away:.1f} s"
    )
    store.connection.close()
    return load, found


def test_nothing_acknowledged_is_lost_or_doubled_when_a_replica_must_confirm_it(
    watched: Watched,
) -> None:
    for server in watched.servers:
        server.tell("CONFIG", "SET", "min-replicas-to-write", 1, "min-replicas-max-lag", 2)
    load, found = ordeal(watched, replicas=1)
    assert load.refused, "the ordeal was one"
    assert [one for one in load.acknowledged if found[one] != 1] == []
    assert max(found.values()) == 1


def test_the_same_ordeal_loses_reports_where_no_replica_confirms_them(watched: Watched) -> None:
    """That the proof above is one, and what the setting is for."""
    load, found = ordeal(watched, replicas=0)
    assert [one for one in load.acknowledged if one not in found]
    assert max(found.values()) == 1


@pytest.mark.parametrize("watched", ["redis", "valkey"], indirect=True)
def test_a_report_that_no_replica_has_is_not_called_saved_by_sending_it_again(
    watched: Watched,
) -> None:
    """Least of all by another machine, which has written nothing that it could wait for."""
    store, elsewhere = opened(watched, 1), opened(watched, 1)
    store.profiles.save([SITE], GROUPS, "test", datetime.now(UTC))
    assert report(store, 0, 1) is Outcome.SAVED
    for replica in watched.servers[1:]:
        replica.signal(signal.SIGSTOP)
    for machine in (store, store, elsewhere):
        with pytest.raises(StoreDown, match="replicas"):
            report(machine, 0, 2)
    for replica in watched.servers[1:]:
        replica.signal(signal.SIGCONT)
    assert report(elsewhere, 0, 2) is Outcome.SAVED
    assert kept(store)["beds0", 2] == 1
    for machine in (store, elsewhere):
        machine.connection.close()


def test_who_saw_what_the_failover_took_back_ends_at_the_new_primarys_board(
    watched: Watched,
) -> None:
    """A page that comes back to the machine where it saw it, and one that goes to another."""
    now = datetime.now(UTC)
    stores = [opened(watched, 0) for _ in range(3)]
    stores[0].profiles.save([SITE, Site("annex", "Annex")], GROUPS, "test", now)
    stores[0].profiles.save([], [BedGroup("annex", "mats", "Mats")], "test", now)
    here, there = (Follower(store, DAY, lambda: now) for store in stores[:2])
    for follower in (here, there):
        follower.start()
        assert follower.ready.wait(60)
    assert report(stores[2], 0, 5) is Outcome.SAVED
    wait_until(lambda: number(here) == number(there) == 5)
    base = here.board.version
    watched.cut()
    there.stop()  # it sees nothing of what follows
    assert report(stores[2], 0, 77) is Outcome.SAVED
    wait_until(lambda: number(here) == 77)
    seen = Version.parse(str(here.board.version))
    watched.primary.kill()
    wait_until(lambda: watched.promoted() is not None, 40)
    wait_until(lambda: here.connected and number(here) == 5)
    assert here.board.version.epoch != seen.epoch
    place = ("annex", "mats", ReportKind.CHANGE, 3, now, Source.DESK, "p", "later")
    later = Report(*place)
    wait_until(lambda: saved(stores[2], later, now))
    wait_until(lambda: here.board.version.point > seen.point)
    assert set(here.board.changed_since(seen) or here.board.sites) >= {"hall", "annex"}
    assert here.board.changed_since(base) is None or "annex" in here.board.changed_since(base)
    elsewhere = Follower(stores[1], DAY, lambda: now)
    elsewhere.start()
    assert elsewhere.ready.wait(60)
    wait_until(lambda: elsewhere.board.version == here.board.version)
    assert elsewhere.board.changed_since(seen) is None, "only the whole board will do"
    truth = stores[2].stream.snapshot(DAY)
    for follower in (here, elsewhere):
        assert differences(truth, follower.board, now) == []
        follower.stop()
    for store in stores:
        store.connection.close()


def number(follower: Follower) -> int | None:
    group = follower.board.sites["hall"].group("beds0")
    return group.figure.open if group and group.figure else None


def saved(store: Store, sent: Report, now: datetime) -> bool:
    try:
        return store.reports.report(sent, horizons(now, DAY), now).outcome is Outcome.SAVED
    except StoreDown:
        return False
