"""History that lasts: one reader of archive and stream, and what makes it safe to trim."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex

import pytest

from dashboard.beds import Source
from dashboard.clock import horizons
from dashboard.config import Settings
from dashboard.events import Noted, Reported, told_at
from dashboard.people import Hand
from dashboard.reports import Report, ReportKind
from dashboard.shelf import Folder, ShelfDown, folder
from dashboard.store import (
    ArchiveGone,
    OtherArchive,
    OtherHistory,
    Store,
    StoreDown,
    differences,
    sealed,
)
from dashboard.store.sealed import BadNight, Seal

from . import values
from .values import DAY, at

KEEP = timedelta(days=35)
TODAY = datetime.now(UTC)
TOMORROW, MUCH_LATER = TODAY + timedelta(days=2), TODAY + timedelta(days=60)

# A day that does not end while a test runs, for what is archived by the ids of a store of now.
FAR = replace(DAY, reset=(TODAY + timedelta(hours=12)).astimezone(DAY.zone).time())


class Killed(BaseException):
    """The process ended here."""


@pytest.fixture
def shelf(settings: Settings) -> Folder:
    return Folder(folder(settings))


@pytest.fixture
def store(settings: Settings, shelf: Folder) -> Iterator[Store]:
    made = Store(settings.store_url, settings.community, shelf=shelf)
    made.connection.check()
    yield made
    made.connection.close()


def old(store: Store, night: int, count: int = 3) -> None:
    """Notes of an evening in November 2026, as a store of then would have them."""
    for number in range(count):
        told = int(at("16:00", night).timestamp() * 1000) + number
        fields = {"kind": "note", "act": "invite", "about": f"{night}/{number}", "who": "p-cor"}
        entry = fields | {"now": str(told)}
        store.connection.client.xadd(store.connection.key("events"), entry, f"{told}-0")  # type: ignore[arg-type]


def nights(store: Store, *which: int) -> None:
    for night in which:
        old(store, night)
    assert store.stream.events()


def told(store: Store, since: datetime | None = None, until: datetime | None = None) -> list[str]:
    found = store.archive.events(since, until)
    return [one.about for one in found if isinstance(one, Noted)]


def of(*which: int) -> list[str]:
    return [f"{night}/{number}" for night in which for number in range(3)]


def report(store: Store, open_: int, now: datetime) -> None:
    said = Report(
        *("riverbank", "women", ReportKind.CHANGE, open_, now, Source.DESK, "p-river"),
        token_hex(8),
    )
    store.reports.report(said, horizons(now, DAY), now)


def left(store: Store) -> int:
    return store.connection.client.xlen(store.connection.key("events"))


def test_the_reader_gives_what_was_told_in_a_window_oldest_first(store: Store):
    nights(store, 1, 2, 3)
    since, until = at("08:00", 2), at("08:00", 3)
    assert told(store, since, until) == of(2)
    every = list(store.archive.events())
    assert every == list(store.stream.events())
    assert told(store) == of(1, 2, 3)


def test_a_night_that_has_ended_is_archived_and_the_running_one_is_not(store: Store):
    nights(store, 1, 2, 3)
    done = store.archiving.daily(DAY, at("20:00", 3), KEEP)
    assert [str(seal.night) for seal in done.written] == ["2026-11-01", "2026-11-02"]
    assert [seal.entries for seal in done.written] == [3, 3]
    assert not done.trimmed
    assert store.archiving.daily(DAY, at("20:00", 3), KEEP).written == ()
    assert len(store.archiving.daily(DAY, at("20:00", 4), KEEP).written) == 1


def test_a_night_is_no_sooner_archived_than_the_store_can_have_gone_back(store: Store):
    nights(store, 1)
    assert not store.archiving.daily(DAY, at("08:59", 2), KEEP).written
    assert store.archiving.daily(DAY, at("09:00", 2), KEEP).written


def test_the_stream_is_trimmed_by_archived_nights_alone_and_the_reader_misses_nothing(
    store: Store,
):
    nights(store, 1, 2, 3, 4)
    done = store.archiving.daily(DAY, at("20:00", 4), timedelta(days=1))
    assert [seal.night.day for seal in done.trimmed] == [1, 2]
    assert left(store) == 6
    assert told(store) == of(1, 2, 3, 4)
    assert told(store, at("08:00", 2), at("08:00", 3)) == of(2)
    assert told(store, at("16:00", 4)) == of(4)


def test_the_newest_entry_stays_so_that_readers_know_where_they_are(store: Store):
    nights(store, 1)
    seen = store.stream.snapshot(DAY).version
    store.archiving.daily(DAY, MUCH_LATER, timedelta(days=10))
    assert left(store) == 1
    assert store.stream.follow(seen, 0) == []
    assert store.stream.snapshot(DAY).version == seen
    assert told(store) == of(1)
    old(store, 5)
    assert told(store) == of(1, 5)
    store.archiving.daily(DAY, MUCH_LATER, timedelta(days=10))
    assert told(store) == of(1, 5)


def test_a_reader_that_slept_longer_than_the_stream_is_told_to_start_anew(store: Store):
    nights(store, 1, 2)
    slept = store.stream.snapshot(DAY).version
    nights(store, 3)
    store.archiving.daily(DAY, MUCH_LATER, timedelta(days=10))
    with pytest.raises(OtherHistory):
        store.stream.follow(slept, 0)


def test_the_board_is_the_same_out_of_the_archive_as_out_of_the_hashes(store: Store):
    store.profiles.save(values.SITES, values.GROUPS, "server", TODAY)
    for open_ in range(5):
        report(store, open_, TODAY)
    hand = Hand("p-river", Source.DESK)
    whole = list(store.archive.events())
    store.archiving.daily(DAY, MUCH_LATER, timedelta(days=10))
    assert left(store) == 1
    assert list(store.archive.events()) == whole
    kept, rebuilt = store.stream.snapshot(DAY), store.archive.rebuilt(DAY)
    assert differences(kept, rebuilt, TODAY) == []
    assert kept.version == rebuilt.version
    assert hand.who == next(one.who for one in whole if isinstance(one, Reported))
    report(store, 9, TODAY + timedelta(minutes=1))
    rebuilt = store.archive.rebuilt(DAY)
    assert differences(store.stream.snapshot(DAY), rebuilt, TODAY) == []


def test_each_seal_vouches_for_its_file_and_for_the_seal_before(store: Store, shelf: Folder):
    nights(store, 1, 2, 3)
    done = store.archiving.daily(DAY, at("20:00", 4), KEEP)
    names = shelf.names()
    assert names == [
        f"2026-11-0{night}.jsonl.gz{end}" for night in (1, 2, 3) for end in ("", ".seal")
    ]
    beside = [Seal.parse(shelf.read(name) or b"") for name in names[1::2]]
    assert beside == list(done.written) == store.archive.seals()
    assert list(sealed.unchained(beside)) == []
    assert list(sealed.unchained([beside[0], beside[2]])) == [beside[2]]
    assert list(sealed.unchained(beside[1:])) == [beside[1]]
    text = gzip.decompress(shelf.read(names[0]) or b"").decode()
    head, first, *_ = map(json.loads, text.splitlines())
    assert head["night"] == "2026-11-01"
    assert first["fields"]["about"] == "1/0"


def test_the_archive_is_for_its_owner_alone(store: Store, settings: Settings):
    nights(store, 1)
    store.archiving.daily(DAY, MUCH_LATER, KEEP)
    modes = {one.stat().st_mode & 0o777 for one in folder(settings).iterdir()}
    assert modes == {0o600}
    assert folder(settings).stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-9]),
        lambda path: path.write_bytes(path.read_bytes().replace(b"\x00", b"\x01", 1)),
        lambda path: path.write_bytes(gzip.compress(b"{}\n")),
    ],
)
def test_a_night_that_is_lost_or_altered_is_never_trimmed_and_never_read(
    store: Store, settings: Settings, harm: Callable[[Path], None]
):
    nights(store, 1, 2)
    store.archiving.daily(DAY, at("20:00", 3), KEEP)
    path = folder(settings) / "2026-11-01.jsonl.gz"
    whole = path.read_bytes()
    harm(path)
    with pytest.raises(ArchiveGone, match="2026-11-01"):
        store.archiving.daily(DAY, MUCH_LATER, timedelta(days=10))
    assert told(store) == of(1, 2)
    path.write_bytes(whole)
    store.archiving.daily(DAY, MUCH_LATER, timedelta(days=10))
    harm(path)
    with pytest.raises(ArchiveGone, match="2026-11-01"):
        told(store)
    assert told(store, at("12:00", 2)) == of(2)


def test_a_machine_with_another_archive_neither_writes_nor_reads_a_gap(
    store: Store, settings: Settings, tmp_path: Path
):
    nights(store, 1)
    store.archiving.daily(DAY, at("20:00", 2), KEEP)
    elsewhere = Store(
        settings.store_url, settings.community, shelf=Folder(tmp_path / "another disk")
    )
    nights(store, 2)
    with pytest.raises(OtherArchive, match="2026-11-01"):
        elsewhere.archiving.daily(DAY, MUCH_LATER, KEEP)
    assert told(elsewhere) == of(1, 2)
    store.archiving.daily(DAY, MUCH_LATER, timedelta(days=10))
    with pytest.raises(ArchiveGone):
        told(elsewhere)


def test_what_another_history_left_on_the_shelf_is_not_overwritten(store: Store, shelf: Folder):
    nights(store, 1)
    store.archiving.daily(DAY, at("20:00", 2), KEEP)
    before = shelf.read("2026-11-01.jsonl.gz")
    store.connection.client.flushall()
    old(store, 1, count=2)
    (seal,) = store.archiving.daily(DAY, at("20:00", 2), KEEP).written
    assert seal.file == "2026-11-01-2.jsonl.gz"
    assert shelf.read("2026-11-01.jsonl.gz") == before


def test_two_that_archive_at_once_write_each_night_once(store: Store, settings: Settings):
    nights(store, 1, 2)
    key = store.connection.key("archiving")
    store.connection.client.set(key, "another", px=60_000)
    assert not store.archiving.daily(DAY, MUCH_LATER, KEEP).written
    store.connection.client.delete(key)
    # Even one whose lease has run out can't put a night in twice.
    seals = store.archiving.daily(DAY, MUCH_LATER, KEEP).written
    late = replace(seals[1], file="2026-11-02-2.jsonl.gz")
    with store.archiving._alone.having() as mark:
        assert not store.archiving._seal(late, seals[0], mark)
    assert store.archive.seals() == list(seals)


class Mortal(Folder):
    """A shelf on which a process is killed at the nth step, before or after it."""

    def __init__(self, path: Path, step: int, after: bool):
        super().__init__(path)
        self.steps, self.after = step, after

    def _step(self, now: bool) -> None:
        if now == self.after:
            return
        self.steps -= 1
        if self.steps < 0:
            raise Killed

    def write(self, name: str, content: bytes) -> None:
        self._step(True)
        super().write(name, content)
        self._step(False)

    def read(self, name: str) -> bytes | None:
        self._step(True)
        found = super().read(name)
        self._step(False)
        return found


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_step_nothing_is_lost_and_nothing_is_double(
    store: Store, settings: Settings, after: bool
):
    """At each step of the shelf in turn; the next one to come goes on from there."""
    nights(store, 1, 2, 3)
    for step in range(40):
        shelf = Mortal(folder(settings), step, after)
        mortal = Store(settings.store_url, settings.community, shelf=shelf)
        try:
            mortal.archiving.daily(DAY, MUCH_LATER, timedelta(days=10))
        except Killed:
            shelf.steps = 999
            assert told(mortal) == of(1, 2, 3)
            store.connection.client.delete(store.connection.key("archiving"))
        else:
            break
        finally:
            mortal.connection.close()
    else:
        pytest.fail("it never ended")
    assert step > 3
    assert told(store) == of(1, 2, 3)
    assert [seal.entries for seal in store.archive.seals()] == [3, 3, 3]
    assert left(store) == 1


def test_a_shelf_that_is_full_or_gone_stops_the_archive_and_nothing_else(
    store: Store, settings: Settings
):
    nights(store, 1)
    folder(settings).parent.mkdir(exist_ok=True)
    folder(settings).write_text("a file, where a folder should be")
    with pytest.raises(ShelfDown, match="can't be used"):
        store.archiving.daily(DAY, MUCH_LATER, KEEP)
    assert told(store) == of(1)
    assert left(store) == 3
    folder(settings).unlink()
    assert store.archiving.daily(DAY, MUCH_LATER, KEEP).written


def test_a_reader_in_the_middle_of_the_stream_goes_on_in_the_archive(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    """What it was about to read is archived and trimmed under its hands."""
    monkeypatch.setattr("dashboard.store.archive.BATCH", 2)
    nights(store, 1, 2, 3)
    reading = store.archive.events()
    first = next(reading)
    store.archiving.daily(DAY, MUCH_LATER, timedelta(days=10))
    rest = [one.about for one in reading if isinstance(one, Noted)]
    assert isinstance(first, Noted)
    assert [first.about, *rest] == of(1, 2, 3)


def test_entries_that_are_gone_from_both_are_an_error_and_no_gap(store: Store):
    nights(store, 1, 2)
    store.archiving.daily(DAY, MUCH_LATER, timedelta(days=10))
    store.connection.client.delete(store.connection.key("archive"))
    with pytest.raises(StoreDown):
        told(store)


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"night": "x"}', b"\xff"])
def test_a_seal_that_is_none_is_refused(text: bytes):
    with pytest.raises(BadNight):
        Seal.parse(text)


def test_a_window_finds_an_entry_by_when_it_was_told_wherever_its_night_ended(store: Store):
    """The ids are the store's clock, what was told is the product's: a simulated one, say."""
    store.profiles.save(values.SITES, (), "server", at("10:00", 9))
    store.archiving.daily(DAY, MUCH_LATER, timedelta(days=10))
    found = list(store.archive.events(at("08:00", 9), at("08:00", 10)))
    assert {told_at(one) for one in found} == {at("10:00", 9)}
    assert len(found) == 3
    assert not list(store.archive.events(at("08:00", 10)))
