"""A site turns confidential: what may tell where it is leaves the stream, the log, the archive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.beds import Place
from dashboard.config import Settings
from dashboard.digest import SiteNight
from dashboard.embedded import Server
from dashboard.events import GroupSaved, Reported, SiteSaved
from dashboard.facts import Kind
from dashboard.follower import Follower
from dashboard.planned import Planned, Proof
from dashboard.shelf import Folder, folder
from dashboard.store import (
    ArchiveGone,
    OtherArchive,
    Store,
    StoreDown,
    differences,
    faults,
)
from dashboard.store.sealed import unpack

from . import values
from .by_hand import wait_until
from .test_store_archive import FAR, KEEP, Killed, Mortal, report
from .values import DAY

NOW = datetime.now(UTC)
LATER = NOW + timedelta(days=60)
OPERATOR = "Seymour Street Society"
ADDRESS = "815 Seymour St"
WAS = replace(
    values.RIVERBANK, name="Seymour House", operator=OPERATOR, source="seymour-house.example.org"
)
WAS_GROUP = replace(values.WOMEN, label="Seymour dorm")
NOW_GROUP = replace(values.WOMEN, label="Women's beds")
HIDES = replace(WAS, name="Rose", operator="", source="", kind=Kind.CONFIDENTIAL, place=Place())


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    made = Store(settings.store_url, settings.community, shelf=Folder(folder(settings)))
    made.connection.check()
    yield made
    made.connection.close()


def hide(store: Store) -> None:
    """A site that was on the map, with reports, and hides now."""
    store.profiles.save([WAS, values.NORTHSIDE], [WAS_GROUP], "p-cor", NOW)
    report(store, 3, NOW)
    report(store, 4, NOW)
    store.profiles.save([replace(WAS, phone="250-555-0100")], [NOW_GROUP], "p-cor", NOW)
    note = {"kind": "note", "act": "plan", "about": f"riverbank {ADDRESS}", "who": "p-cor"}
    events = store.connection.key("events")
    told = str(int(NOW.timestamp() * 1000))
    store.connection.client.xadd(events, note | {"now": told})  # type: ignore[arg-type]
    store.profiles.save([HIDES], [], "p-cor", NOW)


def traces(store: Store, settings: Settings, server: Server) -> list[str]:
    """Everything that is kept, wherever: keys, values, the log on disk, the archive."""
    found = []
    client = store.connection.client
    said = "".join(store.dump.lines(NOW)).encode()
    told = repr(client.xrange(store.connection.key("events"))).encode()
    archived = {one.name: one.read_bytes() for one in folder(settings).glob("*")}
    unpacked = repr([store.archive.shelved(seal) for seal in store.archive.seals()]).encode()
    logged = {str(one): one.read_bytes() for one in server.folder.rglob("*") if one.is_file()}
    every = {"dump": said, "stream": told, "nights": unpacked} | archived | logged
    for where, what in every.items():
        found += [where for word in (b"eymour", ADDRESS.encode()) if word.lower() in what.lower()]
    return found


def test_nothing_that_tells_where_it_was_is_left_anywhere(
    store: Store, settings: Settings, server: Server
):
    hide(store)
    store.archiving.daily(FAR, LATER, timedelta(days=3650))
    before = list(store.archive.events())
    assert {"dump", "stream", "nights"} <= set(traces(store, settings, server))
    done = store.erasing.erase("riverbank", NOW, [ADDRESS])
    assert done.entries == 6
    assert len(done.nights) == 1
    assert not done.unread
    assert traces(store, settings, server) == []
    after = list(store.archive.events())
    assert [one.version for one in after] == [one.version for one in before]
    assert [type(one) for one in after] == [type(one) for one in before]
    assert [one for one in after if isinstance(one, Reported)] == [
        one for one in before if isinstance(one, Reported)
    ]
    names = {one.site.name for one in after if isinstance(one, SiteSaved)}
    assert names == {"Rose", "Northside"}
    assert {one.group.label for one in after if isinstance(one, GroupSaved)} == {"Women's beds"}
    assert list(faults(store.archive)) == []
    kept, rebuilt = store.stream.snapshot(DAY), store.archive.rebuilt(DAY)
    assert differences(kept, rebuilt, NOW) == []


def test_words_of_the_place_that_look_like_codes_or_numbers_spoil_no_entry(store: Store):
    hide(store)
    entries = list(store.archive.events())
    told = next(one for one in entries if isinstance(one, Reported))
    number = str(int(told.received_at.timestamp() * 1000))[-5:]  # a door code in its notes, say
    words = {"desk", "open", "report", "change", "women", "riverbank", number, number[:4]}
    store.erasing.erase("riverbank", NOW, words)
    after = list(store.archive.events())
    assert [one for one in after if isinstance(one, Reported)] == [
        one for one in entries if isinstance(one, Reported)
    ]
    kept, rebuilt = store.stream.snapshot(DAY), store.archive.rebuilt(DAY)
    assert differences(kept, rebuilt, NOW) == []


def test_what_the_reports_count_on_from_holds_it_no_more(
    store: Store, settings: Settings, server: Server
):
    told = NOW - timedelta(days=3)
    store.profiles.save([WAS], [WAS_GROUP], "p-cor", told)
    store.digests.count(FAR, NOW - timedelta(days=1))
    kept = store.connection.client.hgetall(store.connection.key("digests"))
    assert OPERATOR in repr(kept)
    hide(store)
    store.erasing.erase("riverbank", NOW, [ADDRESS])
    assert traces(store, settings, server) == []
    assert store.digests.wrong(FAR, LATER) == []


def test_what_was_counted_of_a_night_is_still_so_once_the_site_is_shown_again(
    store: Store, settings: Settings, server: Server
):
    told = NOW - timedelta(days=3)
    says = Proof("815 Seymour St", told.date())
    plan = Planned("capacity", 14, date(2030, 1, 1), None, says)
    small = replace(WAS_GROUP, capacity=17, planned=(plan,), source="Seymour list")
    away = replace(WAS, proofs=(("phone", says),), until=date(2040, 1, 1))
    store.profiles.save([away], [small], "p-cor", told)
    for hours in range(30):
        report(store, 3, told + timedelta(hours=hours))
    store.digests.count(FAR, NOW - timedelta(days=1))
    assert any(one.beds == 17 for one in figures(store))
    store.profiles.save([], [replace(NOW_GROUP, capacity=20)], "p-cor", NOW)
    hide(store)
    store.erasing.erase("riverbank", NOW, [ADDRESS, "Women"])
    assert traces(store, settings, server) == []
    store.profiles.save([replace(HIDES, kind=Kind.WINTER)], [], "p-cor", NOW)
    assert store.digests.wrong(FAR, LATER) == []


def figures(store: Store) -> list[SiteNight]:
    kept = store.digests.kept(store.digests.nights())
    return [one.sites["riverbank"] for one in kept if "riverbank" in one.sites]


def test_it_reaches_nights_that_the_store_has_no_more(
    store: Store, settings: Settings, server: Server
):
    hide(store)
    store.archiving.daily(FAR, LATER, timedelta(days=10))
    done = store.erasing.erase("riverbank", NOW, [ADDRESS])
    assert (done.entries, len(done.nights)) == (1, 1)  # the newest entry is in the stream too
    assert traces(store, settings, server) == []
    assert list(faults(store.archive)) == []
    assert Folder(folder(settings)).names() == [
        f"{done.nights[0]}-2.jsonl.gz",
        f"{done.nights[0]}-2.jsonl.gz.seal",
    ]


def test_done_again_it_does_nothing(store: Store, settings: Settings):
    hide(store)
    store.archiving.daily(FAR, LATER, KEEP)
    store.erasing.erase("riverbank", NOW, [ADDRESS])
    names = Folder(folder(settings)).names()
    again = store.erasing.erase("riverbank", NOW, [ADDRESS])
    assert (again.entries, again.nights) == (0, ())
    assert Folder(folder(settings)).names() == names


def test_open_pages_follow_through_it(store: Store, settings: Settings):
    hide(store)
    follower = Follower(store, DAY, lambda: NOW)
    follower.start()
    assert follower.ready.wait(30)
    store.erasing.erase("riverbank", NOW, [ADDRESS])
    report(store, 7, NOW + timedelta(minutes=1))
    newest = store.stream.snapshot(DAY)
    wait_until(lambda: follower.board.version == newest.version, 30)
    assert differences(follower.board, newest, NOW) == []
    assert follower.away_since is None
    follower.stop()


def test_a_later_night_follows_from_the_seals_that_were_made_anew(store: Store, settings: Settings):
    hide(store)
    store.archiving.daily(FAR, LATER, KEEP)
    store.erasing.erase("riverbank", NOW)
    report(store, 5, NOW + timedelta(minutes=1))
    assert len(store.archiving.daily(FAR, LATER, KEEP).written) == 1
    assert list(faults(store.archive)) == []


def test_killed_at_any_step_the_next_round_ends_it(
    store: Store, settings: Settings, server: Server
):
    hide(store)
    store.archiving.daily(FAR, LATER, timedelta(days=10))
    for step in range(60):
        shelf = Mortal(folder(settings), step, after=step % 2 == 0)
        mortal = Store(settings.store_url, settings.community, shelf=shelf)
        try:
            mortal.erasing.erase("riverbank", NOW, [ADDRESS])
            break
        except Killed:
            shelf.steps = 999
            assert len(list(mortal.archive.events())) == 9
        finally:
            mortal.connection.close()
    else:
        pytest.fail("it never ended")
    assert step > 3
    assert traces(store, settings, server) == []
    assert list(faults(store.archive)) == []


def test_what_was_broken_off_is_ended_without_its_words(store: Store, settings: Settings):
    hide(store)
    store.archiving.daily(FAR, LATER, timedelta(days=3650))
    forgetting = store.connection.key("forgetting")
    store.connection.client.sadd(forgetting, "riverbank")
    store.erasing.resume(NOW)
    assert not store.connection.client.exists(forgetting)
    assert OPERATOR not in repr(list(store.archive.events()))


def test_a_site_that_was_only_saved_as_confidential_is_forgotten_by_the_next_round(store: Store):
    """Whoever saved it was killed before it could ask for more."""
    hide(store)
    assert store.erasing.waits()
    assert OPERATOR in repr(list(store.archive.events()))
    store.erasing.resume(NOW)
    assert not store.erasing.waits()
    assert OPERATOR not in repr(list(store.archive.events()))


def test_what_an_erasure_that_was_killed_left_half_written_is_no_trace(
    store: Store, settings: Settings, server: Server
):
    hide(store)
    half = store.connection.key("loading", "0123456789abcdef")
    store.connection.client.copy(store.connection.key("events"), half)
    store.erasing.erase("riverbank", NOW, [ADDRESS])
    assert not store.connection.client.exists(half)
    assert traces(store, settings, server) == []


def test_a_file_that_can_not_be_read_is_named(store: Store, settings: Settings):
    hide(store)
    store.archiving.daily(FAR, LATER, timedelta(days=3650))
    (path,) = folder(settings).glob("*.gz")
    path.write_bytes(b"broken")
    assert store.erasing.erase("riverbank", NOW).unread == (path.name,)
    with pytest.raises(ArchiveGone):
        store.archive.shelved(store.archive.seals()[0])


def test_files_of_another_history_are_mended_too(store: Store, settings: Settings, tmp_path: Path):
    hide(store)
    (seal,) = store.archiving.daily(FAR, LATER, timedelta(days=3650)).written
    store.connection.client.flushall()
    store.connection.check()
    hide(store)
    store.archiving.daily(FAR, LATER, timedelta(days=3650))
    store.erasing.erase("riverbank", NOW, [ADDRESS])
    content = Folder(folder(settings)).read(seal.file)
    assert content
    assert "eymour" not in repr(unpack(content))


def test_where_the_archive_is_away_it_is_told_and_ended_later(store: Store, settings: Settings):
    hide(store)
    store.archiving.daily(FAR, LATER, KEEP)
    kept = folder(settings).rename(folder(settings).with_name("away"))
    folder(settings).write_text("in the way")
    with pytest.raises(StoreDown, match="can't be used"):
        store.erasing.erase("riverbank", NOW)
    folder(settings).unlink()
    kept.rename(folder(settings))
    store.erasing.resume(NOW)
    assert OPERATOR not in repr(list(store.archive.entries()))
    assert list(faults(store.archive)) == []


class Slow(Folder):
    """A shelf on which something else happens before the first file is written."""

    def __init__(self, path: Path, meanwhile: Callable[[], object]):
        super().__init__(path)
        self._meanwhile: Callable[[], object] | None = meanwhile

    def write(self, name: str, content: bytes) -> None:
        if meanwhile := self._meanwhile:
            self._meanwhile = None
            meanwhile()
        super().write(name, content)


def test_what_was_read_before_an_erasure_is_not_sealed_after_it(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    """Whoever archives has read the night; then all is erased; then it goes on."""
    monkeypatch.setattr("dashboard.store.erasing.PATIENCE", 0.0)
    hide(store)
    slow = Slow(folder(settings), lambda: store.erasing.erase("riverbank", NOW, [ADDRESS]))
    late = Store(settings.store_url, settings.community, shelf=slow)
    assert not late.archiving.daily(FAR, LATER, KEEP).written
    late.connection.close()
    assert OPERATOR not in repr(list(store.archive.entries()))
    assert len(store.archiving.daily(FAR, LATER, KEEP).written) == 1
    assert OPERATOR not in repr([store.archive.shelved(one) for one in store.archive.seals()])


def test_on_a_machine_with_another_archive_it_leaves_no_seal_of_files_that_are_not_there(
    store: Store, settings: Settings, tmp_path: Path
):
    hide(store)
    (seal,) = store.archiving.daily(FAR, LATER, timedelta(days=3650)).written
    other = Folder(tmp_path / "another disk")
    elsewhere = Store(settings.store_url, settings.community, shelf=other)
    assert elsewhere.erasing.erase("riverbank", NOW).unread == (seal.file,)
    assert other.names() == []
    report(store, 5, NOW)
    with pytest.raises(OtherArchive):
        elsewhere.archiving.daily(FAR, LATER, KEEP)
    elsewhere.connection.close()


def test_a_site_that_nobody_knows_is_refused(store: Store):
    with pytest.raises(KeyError):
        store.erasing.erase("nowhere", NOW)
