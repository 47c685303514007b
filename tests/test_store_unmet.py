"""Unmet needs in the store: single counts, and no trace of what belonged together.

The traces are looked for where a server leaves them: in every key, in its log on disk, in the log
of slow commands.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from dashboard.embedded import Server
from dashboard.shortage import FROM
from dashboard.store import Store

DAY = date(2026, 11, 20)
NEED = ("two-spirit-word", "wheelchair-word", "youth-word")
COUNTED = "{riverbend}:unmet:2026-11-20"


@pytest.fixture
def own_server(engine: str, tmp_path: Path) -> Iterator[Server]:
    """A server whose files hold what this test wrote and nothing else."""
    binary = Path(shutil.which("redis-server") or "") if engine == "redis" else None
    server = Server(tmp_path / "var" / "store", tmp_path / "store.sock", binary)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def store(own_server: Server) -> Iterator[Store]:
    store = Store(f"unix://{own_server.path}", "riverbend")
    yield store
    store.connection.close()


def log(tmp_path: Path) -> bytes:
    """All that the server has written to disk."""
    files = (path for path in (tmp_path / "var").rglob("*") if path.is_file())
    return b"".join(path.read_bytes() for path in files)


def test_each_constraint_counts_by_itself_and_the_same_key_once(store: Store) -> None:
    assert not store.unmet.count(DAY, NEED, "first-key").repeated
    assert store.unmet.count(DAY, NEED, "first-key").repeated
    store.unmet.count(DAY, NEED[:1], "second-key")
    store.unmet.count(date(2026, 11, 21), NEED[:1], "third-key")
    assert store.unmet.kept([DAY]) == {DAY: {NEED[0]: 2, NEED[1]: 1, NEED[2]: 1}}


def test_the_same_key_with_another_need_counts_nothing_as_nobody_knows_the_first(
    store: Store,
) -> None:
    store.unmet.count(DAY, NEED[:1], "the-key")
    assert store.unmet.count(DAY, NEED[1:], "the-key").repeated
    assert store.unmet.kept([DAY]) == {DAY: {NEED[0]: 1}}


def test_no_key_entry_or_answer_tells_a_need(store: Store) -> None:
    store.unmet.count(DAY, NEED, "first-key")
    client = store.connection.client
    (answer,) = client.keys("{riverbend}:answer:*")
    assert set(client.keys("*")) == {COUNTED, answer}
    assert set(client.hgetall(COUNTED)) == {*NEED, ""}
    kept = client.get(answer) or ""
    assert "word" not in answer + kept
    store.unmet.count(DAY, NEED[:1], "second-key")
    (other,) = set(client.keys("{riverbend}:answer:*")) - {answer}
    assert client.get(other) == kept, "whatever was asked for"


def test_the_log_on_disk_learns_sums_of_five_needs_and_never_one(
    store: Store, tmp_path: Path
) -> None:
    for number in range(FROM - 1):
        store.unmet.count(DAY, NEED if number == 0 else NEED[:1], f"key-{number}")
        assert b"-word" not in log(tmp_path)
    store.unmet.count(DAY, NEED[1:2], "the-fifth")
    told = log(tmp_path)
    assert told.count(NEED[0].encode()) == told.count(NEED[2].encode()) == 1
    store.unmet.count(DAY, NEED, "a-sixth")
    assert log(tmp_path).count(b"-word") == told.count(b"-word")
    assert store.unmet.kept([DAY])[DAY] == {NEED[0]: 5, NEED[1]: 3, NEED[2]: 2}


def test_a_store_that_starts_again_has_what_its_log_learned(
    store: Store, own_server: Server, tmp_path: Path
) -> None:
    for number in range(FROM + 2):
        store.unmet.count(DAY, NEED[:2], f"key-{number}")
    own_server.stop()
    own_server.start()
    assert store.unmet.kept([DAY]) == {DAY: dict.fromkeys(NEED[:2], FROM)}
    assert store.unmet.count(DAY, NEED[:2], "key-6").repeated, "the tap itself is known"
    for number in range(FROM):
        store.unmet.count(DAY, NEED[:2], f"later-{number}")
    assert store.unmet.kept([DAY]) == {DAY: dict.fromkeys(NEED[:2], 2 * FROM)}
    assert store.connection.client.ttl(COUNTED) > 300 * 24 * 3600


def test_a_log_of_slow_commands_names_no_need(store: Store) -> None:
    """A whole script may be slow on a busy machine; one count of it never takes 10 ms."""
    client = store.connection.client
    client.config_set("slowlog-log-slower-than", 0)
    for number in range(FROM):
        store.unmet.count(DAY, NEED, f"key-{number}")
    slow = [one["command"] for one in client.slowlog_get(100)]
    whole = [one for one in slow if one.startswith(b"EVALSHA")]
    assert len(whole) >= FROM
    assert not [one for one in whole if b"word" in one]
