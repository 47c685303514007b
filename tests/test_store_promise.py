"""What a store promises is found out at the start, and a promise it can't make is not made."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashboard.embedded import Server
from dashboard.store import Promise, Store, StoreDown, StoreUnfit
from tests.by_hand import ask, tell, wait_until
from tests.values import NOW, SITES


@pytest.fixture
def loose(server: Server, redis_url: str) -> Iterator[Server]:
    """A store whose settings a test may loosen; they are mended afterwards."""
    yield server
    for setting in ("appendonly yes", "appendfsync always", "maxmemory-policy noeviction"):
        assert tell(server, f"CONFIG SET {setting}") == "+OK"
    settled = {"aof_rewrite_in_progress:0", "aof_rewrite_scheduled:0"}
    wait_until(lambda: settled <= set(ask(server, "INFO persistence")))


def opened(server: Server, may_lose: bool = False) -> Store:
    return Store(f"unix://{server.path}", "riverbend", may_lose)


def test_a_log_written_at_every_report_is_a_promise(loose: Server) -> None:
    assert opened(loose).connection.check() is Promise.SAVED


@pytest.mark.parametrize("setting", ["appendonly no", "maxmemory-policy allkeys-lru"])
def test_a_store_that_may_forget_is_refused_in_words(loose: Server, setting: str) -> None:
    assert tell(loose, f"CONFIG SET {setting}") == "+OK"
    with pytest.raises(StoreUnfit, match="can lose what it has acknowledged"):
        opened(loose).connection.check()


def test_one_that_may_forget_is_accepted_when_somebody_says_so(loose: Server) -> None:
    assert tell(loose, "CONFIG SET appendonly no") == "+OK"
    assert opened(loose, may_lose=True).connection.check() is Promise.SENT


def test_a_log_written_later_is_waited_for_at_each_report_where_the_store_can(
    loose: Server, engine: str
) -> None:
    assert tell(loose, "CONFIG SET appendfsync everysec") == "+OK"
    if engine == "redis":  # 7.0 has no WAITAOF
        with pytest.raises(StoreUnfit):
            opened(loose).connection.check()
        return
    store = opened(loose)
    assert store.connection.check() is Promise.CONFIRMED
    store.profiles.save(SITES, [], "test", NOW)
    assert set(store.profiles.sites()) == {site.id for site in SITES}
    assert tell(loose, "CONFIG SET appendonly no") == "+OK"
    with pytest.raises(StoreDown):  # not on disk, so not acknowledged
        store.profiles.save(SITES[:1], [], "test", NOW)


def test_no_store_at_all_is_said_within_moments(tmp_path) -> None:
    store = Store(f"unix://{tmp_path}/nobody.sock", "riverbend")
    with pytest.raises(StoreDown):
        store.connection.check()
