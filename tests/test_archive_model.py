"""Any sequence of entries, archiving, trimming, erasing and readers in between loses nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded_by
from hypothesis import strategies as st

from dashboard.events import Event, Noted
from dashboard.shelf import Folder
from dashboard.store import Store, faults
from dashboard.store.alone import Alone

from . import values
from .by_hand import wait_until
from .test_store_archive import report
from .values import DAY, at

EXAMPLES = 400 if os.environ.get("SOAK") else 20
WRITERS, NIGHTS = (8, 200) if os.environ.get("SOAK") else (4, 12)
KILLS = 40 if os.environ.get("SOAK") else 2
BEGIN = at("12:00", 1)
ADDRESS = "1 Example St"
communities = count()

step = st.one_of(
    st.tuples(st.just("tell"), st.integers(0, 30), st.integers(1, 5)),  # hours on, entries
    st.tuples(st.just("archive"), st.integers(0, 90), st.integers(0, 5)),  # hours on, days kept
    st.tuples(st.just("read"), st.integers(0, 90), st.integers(0, 90)),  # from, hours
    st.tuples(st.just("open"), st.just(0), st.just(0)),
    st.tuples(st.just("go on"), st.integers(1, 9), st.just(0)),  # entries
    st.tuples(st.just("erase"), st.just(0), st.just(0)),
)


class Model:
    """What was told, beside a store that was told the same."""

    def __init__(self, url: str, path: Path):
        self.store = Store(url, f"town{next(communities)}", shelf=Folder(path))
        self.store.connection.check()
        self.now, self.told = BEGIN, list[tuple[datetime, str]]()
        self.readers: list[tuple[Iterator[Event], list[str]]] = []
        site = '{"id": "haven", "name": "Haven", "kind": "confidential"}'
        self.store.connection.client.hset(self.store.connection.key("sites"), "haven", site)

    def tell(self, hours: int, entries: int) -> None:
        self.now += timedelta(hours=hours, milliseconds=1)
        for _ in range(entries):
            self.now += timedelta(milliseconds=1)
            name, told = str(len(self.told)), int(self.now.timestamp() * 1000)
            entry = {"kind": "note", "act": "haven", "about": name, "who": "", "now": str(told)}
            entry["more"] = f"haven was at {ADDRESS}"
            events = self.store.connection.key("events")
            self.store.connection.client.xadd(events, entry, f"{told}-0")  # type: ignore[arg-type]
            self.told.append((datetime.fromtimestamp(told / 1000, UTC), name))

    def archive(self, hours: int, days: int) -> None:
        self.store.archiving.daily(DAY, self.now + timedelta(hours=hours), timedelta(days=days))

    def read(self, since: int, hours: int) -> None:
        start = BEGIN + timedelta(hours=since)
        end = start + timedelta(hours=hours)
        found = names(self.store.archive.events(start, end))
        assert found == [name for when, name in self.told if start <= when < end]

    def open(self) -> None:
        self.readers.append((self.store.archive.events(), []))

    def go_on(self, entries: int) -> None:
        for reader, seen in self.readers:
            seen += names(islice(reader, entries))

    def erase(self) -> None:
        self.store.erasing.erase("haven", self.now, [ADDRESS])
        assert ADDRESS not in repr(list(self.store.archive.entries()))

    def end(self) -> None:
        every = [name for _, name in self.told]
        for reader, seen in self.readers:
            seen += names(reader)
            assert seen == every[: len(seen)], "a reader that was under way"
        assert names(self.store.archive.events()) == every
        assert list(faults(self.store.archive)) == []
        self.store.connection.close()


def names(events: Iterator[Event]) -> list[str]:
    return [one.about for one in events if isinstance(one, Noted)]


@bounded_by(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(step, max_size=14))
def test_whatever_happens_each_entry_is_read_once_and_in_order(
    redis_url: str, steps: list[tuple[str, int, int]]
):
    with TemporaryDirectory() as path:
        model = Model(redis_url, Path(path) / "archive")
        acts = {"tell": model.tell, "archive": model.archive, "read": model.read}
        for act, one, other in steps:
            if act in acts:
                acts[act](one, other)
            elif act == "go on":
                model.go_on(one)
            else:
                {"open": model.open, "erase": model.erase}[act]()
        model.end()


@contextmanager
def everybodys(_: Alone, patience: float | None = None) -> Iterator[str]:
    yield "everybody's"


def test_many_archive_at_once_while_desks_report_and_each_night_stands_once(
    redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """It is everybody's turn at once: nothing but the scripts keeps order."""
    monkeypatch.setattr(Alone, "having", everybodys)
    model = Model(redis_url, tmp_path)
    model.store.connection.client.set(Alone(model.store.connection).key, "everybody's")
    for _ in range(NIGHTS):
        model.tell(24, 3)
    model.store.profiles.save([values.RIVERBANK], [values.WOMEN], "test", datetime.now(UTC))
    later = datetime.now(UTC) + timedelta(days=60)
    wrong: list[BaseException] = []

    def archive() -> None:
        store = Store(redis_url, model.store.connection.community, shelf=Folder(tmp_path))
        try:
            for days in (30, 10, 10):
                store.archiving.daily(DAY, later, timedelta(days=days))
        except BaseException as error:
            wrong.append(error)
        finally:
            store.connection.close()

    threads = [Thread(target=archive) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for open_ in range(20):
        report(model.store, open_, datetime.now(UTC))
        assert names(model.store.archive.events()) == [name for _, name in model.told]
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(list(model.store.archive.events())) == len(model.told) + 22
    found = list(faults(model.store.archive))
    assert [one for one in found if "nothing in the store knows" not in one] == []
    model.store.connection.close()


def _wait_for_files(child: subprocess.Popen[bytes], path: Path, most: int) -> None:
    """Another number for each kill, so that each falls elsewhere."""
    wait_until(lambda: child.poll() is not None or len(list(path.iterdir())) >= most, 60)


ARCHIVING = """
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from dashboard.shelf import Folder
from dashboard.store import Store
from dashboard.clock import Day
store = Store(sys.argv[1], sys.argv[2], shelf=Folder(Path(sys.argv[3])))
store.connection.check()
store.archiving.daily(Day(), datetime(2100, 1, 1, tzinfo=timezone.utc), timedelta(days=10))
"""


@pytest.mark.processes
def test_a_process_that_is_killed_while_it_archives_loses_and_doubles_nothing(
    redis_url: str, tmp_path: Path
):
    """Wherever the kill falls; after it somebody else reads, and at last ends the work."""
    model = Model(redis_url, tmp_path)
    town, every = model.store.connection.community, []
    for number in range(KILLS):
        for _ in range(10):
            model.tell(24, 2)
        every = [name for _, name in model.told]
        words = [sys.executable, "-c", ARCHIVING, redis_url, town, str(tmp_path)]
        with subprocess.Popen(words) as child:
            _wait_for_files(child, tmp_path, number * 20 + number % 7 * 3 + 1)
            child.kill()
        model.store.connection.client.delete(model.store.connection.key("archiving"))
        assert names(model.store.archive.events()) == every
    model.archive(24 * 60, 10)
    assert names(model.store.archive.events()) == every
    assert len(model.store.archive.seals()) == 10 * KILLS
    assert list(faults(model.store.archive)) == []
    assert model.store.connection.client.xlen(model.store.connection.key("events")) == 1
    model.store.connection.close()
