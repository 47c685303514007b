"""A follower of a real store: it catches up, survives the store, and tells only what differs."""

from __future__ import annotations

import shutil

import pytest

from dashboard.beds import Source, Status
from dashboard.clock import horizons
from dashboard.embedded import Server
from dashboard.follower import Follower
from dashboard.reports import Report, ReportKind
from dashboard.rows import Moment
from dashboard.store import MemoryGone, Store, StoreDown, differences
from tests.by_hand import tell, value, wait_until
from tests.values import DAY, GROUPS, NOW, SITES


@pytest.fixture
def own_server(tmp_path):
    """A server that this test may kill."""
    running = Server(tmp_path / "own", tmp_path / "own.sock")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def store(own_server):
    store = Store(f"unix://{own_server.path}", "riverbend")
    store.profiles.save(SITES, GROUPS, "test", NOW)
    yield store
    store.connection.close()


@pytest.fixture
def follower(store):
    follower = Follower(store, DAY, lambda: NOW)
    follower.start()
    assert follower.ready.wait(60)
    yield follower
    follower.stop()


def report(store, open_, key):
    sent = Report(
        *("riverbank", "women", ReportKind.CHANGE, open_, NOW, Source.DESK, "p-desk", key)
    )
    return store.reports.report(sent, horizons(NOW, DAY), NOW)


def shown(follower):
    figure = follower.board.sites["riverbank"].group("women").figure
    return figure.open if figure else None


def test_a_report_reaches_the_board_and_wakes_who_waits(store, follower):
    turn = follower.turn
    report(store, 4, "one")
    assert follower.wait(turn, 5) > turn
    wait_until(lambda: shown(follower) == 4)


def test_only_the_sites_that_changed_are_told(store, follower):
    before = follower.board.version
    report(store, 4, "one")
    wait_until(lambda: shown(follower) == 4)
    assert follower.board.changed_since(before) == ["riverbank"]
    assert follower.board.changed_since(follower.board.version) == []


def test_a_version_of_another_memory_gets_the_whole_board(follower):
    other = follower.board.version._replace(epoch="ffff")
    assert follower.board.changed_since(other) is None


def test_the_last_board_stays_while_the_store_is_away_and_catches_up(own_server, store, follower):
    report(store, 4, "one")
    wait_until(lambda: shown(follower) == 4)
    before = follower.board.version
    own_server.stop()
    wait_until(lambda: not follower.connected)
    assert (follower.away_since, shown(follower)) == (NOW, 4)
    with pytest.raises(StoreDown):
        report(store, 5, "two")
    own_server.start()
    wait_until(lambda: follower.connected)
    assert follower.board.changed_since(before) == [], "nothing differs, so nothing is told"
    report(store, 5, "two")
    wait_until(lambda: shown(follower) == 5)
    assert differences(store.stream.snapshot(DAY), follower.board, NOW) == []


def test_a_store_that_was_emptied_is_noticed_at_the_next_entry(own_server, store, follower):
    before = follower.board.version
    assert tell(own_server, "FLUSHALL SYNC") == "+OK"
    store.profiles.save(SITES[:1], GROUPS[:1], "test", NOW)
    wait_until(lambda: len(follower.board.sites) == 1)
    assert follower.board.changed_since(before) is None


def test_an_entry_that_the_store_lost_is_noticed_before_the_next_is_taken_in(
    own_server, store, follower
):
    report(store, 4, "one")
    wait_until(lambda: shown(follower) == 4)
    kept = value(own_server, f"HGET {store.connection.key('figures')} riverbank/women")
    report(store, 5, "two")
    wait_until(lambda: shown(follower) == 5)
    seen = follower.board.version
    tell(own_server, f"XDEL {store.connection.key('events')} {seen.entry}")
    store.connection.client.hset(store.connection.key("figures"), "riverbank/women", kept)
    store.profiles.save(SITES[1:2], (), "test", NOW)
    wait_until(lambda: shown(follower) == 4)
    assert follower.board.changed_since(seen) == ["riverbank"]


def test_a_store_without_its_memory_leaves_the_last_board_in_doubt(own_server, store, follower):
    report(store, 4, "one")
    wait_until(lambda: shown(follower) == 4)
    before = follower.board.version
    own_server.stop()
    shutil.move(own_server.folder, own_server.folder.with_name("elsewhere"))
    own_server.start()
    wait_until(lambda: follower.gone)
    row = Moment(follower.board, NOW).row("riverbank")
    assert (row.status, row.available, row.groups[0].last_known) == (Status.CALL_FIRST, None, 4)
    assert (follower.connected, follower.away_since) == (False, NOW)
    assert follower.board.changed_since(before) is None
    with pytest.raises(MemoryGone):
        store.tokens.find("a token that worked yesterday", NOW)
    store.profiles.save(SITES, GROUPS, "test", NOW)
    wait_until(lambda: follower.connected)
    assert (follower.gone, shown(follower)) == (False, None)


def test_a_process_that_starts_later_knows_too_that_there_was_a_memory(own_server, store, tmp_path):
    first, second = (Follower(store, DAY, lambda: NOW, tmp_path / "known") for _ in range(2))
    first.start()
    assert first.ready.wait(60)
    first.stop()
    assert tell(own_server, "FLUSHALL SYNC") == "+OK"
    second.start()
    wait_until(lambda: second.gone)
    assert not second.ready.is_set(), "it has no board that it could show"
    second.stop()


def test_a_board_that_can_not_go_on_says_so_and_recovers(store, follower):
    client, groups = store.connection.client, store.connection.key("groups")
    known = client.hget(groups, "riverbank/women")
    client.hset(groups, "riverbank/women", known[:-1] + ', "of a later version": 1}')
    client.xadd(store.connection.key("events"), {"kind": "group", "group": '{"later": 1}'})
    wait_until(lambda: not follower.connected)
    assert follower.away_since == NOW
    client.hset(groups, "riverbank/women", known)
    wait_until(lambda: follower.connected)
    report(store, 4, "one")
    wait_until(lambda: shown(follower) == 4)
