"""A whole community as a file, and back: nothing lost, nothing half done, either way round."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread

import pytest
from flask import Flask

from dashboard import create_app
from dashboard.beds import Source
from dashboard.clock import Day, horizons
from dashboard.config import Settings
from dashboard.embedded import Server
from dashboard.follower import Follower
from dashboard.reports import Outcome, Report, ReportKind
from dashboard.store import BadDump, NotEmpty, Store, StoreDown, differences

from . import values
from .by_hand import wait_until
from .test_cli import done, flask

NOW = datetime.now(UTC)
DAY = Day()


@pytest.fixture
def store(settings: Settings) -> Store:
    return Store(settings.store_url, settings.community)


@pytest.fixture
def other(settings: Settings) -> Store:
    return Store(settings.store_url, "elsewhere")


@pytest.fixture
def app(settings: Settings) -> Flask:
    return create_app(settings)


def report(store: Store, open_: int, key: str, now: datetime = NOW) -> Outcome:
    said = Report(
        *("riverbank", "women", ReportKind.CHANGE, open_, now, Source.API, "api:feed", key),
        stamp=now,
    )
    return store.reports.report(said, horizons(now, DAY), now).outcome


def fill(store: Store) -> None:
    """A community with sites, figures, a hold, a token, and every type of key that Redis has."""
    store.profiles.save(values.SITES, values.GROUPS, "server", NOW)
    for number in range(5):
        assert report(store, number, f"key {number}") is Outcome.SAVED
    store.holds.keep(values.hold("h1", values.WOMEN, NOW), horizons(NOW, DAY), values.VAN)
    store.tokens.create("feed", None, "server", NOW)
    client, key = store.connection.client, store.connection.key
    client.rpush(key("a-list"), "b", "a", "b")
    client.sadd(key("a-set"), "é", 'quo"te')
    client.zadd(key("a-zset"), {"one": 1.5, "two": -2})
    client.set(key("a-string"), "line\nbreak\x00\u2028", px=3_600_000)


def told(store: Store) -> bytes:
    return "".join(f"{line}\n" for line in store.dump.lines(NOW)).encode()


def keys(store: Store) -> set[str]:
    return set(store.connection.client.keys(store.connection.key("*")))


def body(dump: bytes) -> list[bytes]:
    """The records, without the head, which names the community, and the checksum."""
    return dump.splitlines()[1:-1]


def signed(lines: list[bytes]) -> io.BytesIO:
    """These lines with the right last line."""
    text = b"".join(line + b"\n" for line in lines)
    end = {"lines": len(lines), "sha256": sha256(text).hexdigest()}
    return io.BytesIO(text + json.dumps(end).encode())


def test_a_community_comes_back_as_it_was_under_another_name(store: Store, other: Store):
    fill(store)
    dump = told(store)
    assert other.dump.load(io.BytesIO(dump)) == len(keys(store))
    assert body(told(other)) == body(dump)
    assert differences(other.stream.snapshot(DAY), store.stream.rebuilt(DAY), NOW) == []
    assert other.stream.snapshot(DAY).version == store.stream.snapshot(DAY).version
    assert {key.replace("elsewhere", "kamloops") for key in keys(other)} == keys(store)


def test_what_was_answered_before_the_move_is_answered_the_same_after_it(
    store: Store, other: Store
):
    fill(store)
    other.dump.load(io.BytesIO(told(store)))
    again = Report(
        *("riverbank", "women", ReportKind.CHANGE, 4, NOW, Source.API, "api:feed", "key 4"),
        stamp=NOW,
    )
    answer = other.reports.report(again, horizons(NOW, DAY), NOW)
    assert answer.repeated
    assert other.stream.snapshot(DAY).version == store.stream.snapshot(DAY).version


def test_new_reports_go_on_after_the_last_entry_of_before(store: Store, other: Store):
    fill(store)
    before = store.stream.snapshot(DAY).version
    other.dump.load(io.BytesIO(told(store)))
    assert report(other, 7, "a new key") is Outcome.SAVED
    assert other.stream.snapshot(DAY).version > before


def test_a_community_that_is_there_is_not_touched(store: Store, other: Store):
    fill(store)
    other.profiles.save(values.SITES[:1], [], "server", NOW)
    before = told(other)
    with pytest.raises(NotEmpty):
        other.dump.load(io.BytesIO(told(store)))
    assert body(told(other)) == body(before)


@pytest.mark.parametrize("what", ["sites", "people", "tokens"])
def test_whatever_people_brought_in_makes_a_community_one_that_is_there(
    store: Store, other: Store, what: str
):
    fill(store)
    other.connection.client.hset(other.connection.key(what), "id", "{}")
    with pytest.raises(NotEmpty):
        other.dump.load(io.BytesIO(told(store)))
    assert keys(other) == {other.connection.key(what)}


def test_the_first_link_of_a_new_server_gives_way_to_a_load(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
):
    """The server may run already: its board becomes the one that was loaded.

    Older entries wake nobody: it looks when its patience ends, here after one second.
    """
    monkeypatch.setattr("dashboard.follower.BLOCK", 1.0)
    fill(store)
    assert other.people.first_link(NOW)
    follower = Follower(other, DAY, lambda: NOW)
    follower.start()
    follower.ready.wait(60)
    other.dump.load(io.BytesIO(told(store)))
    assert body(told(other)) == body(told(store))
    wait_until(lambda: follower.board.version == store.stream.snapshot(DAY).version)
    assert differences(follower.board, store.stream.snapshot(DAY), NOW) == []
    follower.stop()


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (lambda dump: dump[:-30], "cut short"),
        (lambda dump: b"".join(dump.splitlines(True)[:-1]), "cut short"),
        (lambda dump: dump.replace(b"Riverbank", b"Riverbend", 1), "altered"),
        (lambda dump: b"".join((lines := dump.splitlines(True))[:3] + lines[4:]), "cut short"),
        (lambda dump: dump.replace(b'"version": 1', b'"version": 9', 1), "not a dump"),
        (lambda dump: b"id,name\n1,2\n", "not a dump"),
        (lambda dump: b"", "cut short"),
        (lambda dump: b"\xff\xfe\x00", "not a dump"),
        (lambda dump: b"[1]\n[2]\n", "not a dump"),
    ],
)
def test_a_file_that_is_not_whole_or_not_unaltered_changes_nothing(
    store: Store, other: Store, harm, sentence: str
):
    fill(store)
    with pytest.raises(BadDump, match=sentence):
        other.dump.load(io.BytesIO(harm(told(store))))
    assert keys(other) == set()


@pytest.mark.parametrize(
    "bad",
    [b"[]", b"{}", b'{"key": "x", "type": "magic", "value": []}', b'{"entry": "1-1", "fields": 3}'],
)
def test_a_signed_file_with_a_strange_line_changes_nothing(store: Store, other: Store, bad: bytes):
    fill(store)
    lines = told(store).splitlines()[:-1]
    with pytest.raises(BadDump):
        other.dump.load(signed([*lines, bad]))
    assert keys(other) == set()


def test_a_load_that_the_store_refuses_midway_leaves_nothing(store: Store, other: Store):
    fill(store)
    lines = told(store).splitlines()[:-1]
    bad = [
        b'{"key": "zz", "type": "stream", "last": "1-1"}',
        b'{"entry": "no", "fields": {"a":""}}',
    ]
    with pytest.raises(StoreDown):
        other.dump.load(signed([*lines, *bad]))
    assert keys(other) == set()


def test_what_a_killed_load_left_is_no_part_of_a_dump_and_is_swept_by_the_next(
    store: Store, other: Store
):
    fill(store)
    left = other.connection.key("loading", "abc", "sites")
    other.connection.client.hset(left, "x", "y")
    assert body(told(other)) == []
    other.dump.load(io.BytesIO(told(store)))
    assert left not in keys(other)


@pytest.fixture
def reporting(store: Store) -> Iterator[None]:
    """A desk that does not stop reporting."""
    fill(store)
    stop = Event()

    def run() -> None:
        number = 0
        while not stop.is_set():
            report(store, number % 9, f"more {number}", datetime.now(UTC))
            number += 1

    thread = Thread(target=run)
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.mark.usefixtures("reporting")
def test_a_dump_and_a_check_while_reports_flow_are_of_one_moment(
    app: Flask, settings: Settings, tmp_path: Path
):
    for number in range(5):
        done(flask(app, "check"))
        there = create_app(replace(settings, community=f"copy{number}"))
        done(flask(app, "dump", tmp_path / "d"))
        done(flask(there, "load", tmp_path / "d"))
        done(flask(there, "check"))


def test_the_command_writes_a_file_for_its_owner_alone(
    app: Flask, store: Store, settings: Settings, tmp_path: Path
):
    fill(store)
    done(flask(app, "dump", tmp_path / "d"))
    assert (tmp_path / "d").stat().st_mode & 0o777 == 0o600
    refused = flask(app, "load", tmp_path / "d")
    assert refused.exit_code == 1
    assert "'kamloops' is not empty" in refused.output
    there = create_app(replace(settings, community="elsewhere"))
    piped = flask(there, "load", "-", given=(tmp_path / "d").read_bytes())
    assert done(piped) == f"Loaded {len(keys(store))} keys.\n"
    assert "no folder" in flask(app, "dump", tmp_path / "none" / "d").output


def test_a_community_moves_between_the_two_kinds_of_server(
    store: Store, engine: str, tmp_path: Path
):
    """From this engine to the embedded one; both ways, as this runs on both engines."""
    fill(store)
    there = Server(tmp_path / "there", tmp_path / "there.sock")
    there.start()
    try:
        moved = Store(f"unix://{there.path}", "kamloops")
        moved.dump.load(io.BytesIO(told(store)))
        assert body(told(moved)) == body(told(store))
        store.connection.client.flushall()
        store.dump.load(io.BytesIO(told(moved)))
        assert body(told(moved)) == body(told(store))
    finally:
        there.stop()
