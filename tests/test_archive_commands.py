"""The archive at work: by a worker's rounds, by the commands, and looked over by `flask check`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from flask import Flask

from dashboard import create_app
from dashboard.archivist import Archivist
from dashboard.config import Settings
from dashboard.shelf import Folder, folder
from dashboard.store import Store

from . import values
from .test_cli import done, flask
from .test_store_archive import MUCH_LATER, old
from .values import DAY

KEEP = timedelta(days=10)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    made = Store(settings.store_url, settings.community, shelf=Folder(folder(settings)))
    made.connection.check()
    yield made
    made.connection.close()


@pytest.fixture
def app(settings: Settings) -> Flask:
    return create_app(settings)


@pytest.fixture
def long_ago(store: Store) -> Store:
    """Nights of an earlier year, and sites of today."""
    for year in (0, 1):
        told = int(datetime(2025, 11, 1 + year, 20, tzinfo=UTC).timestamp() * 1000)
        entry = {"kind": "note", "act": "invite", "about": "x", "who": "p-cor", "now": str(told)}
        store.connection.client.xadd(store.connection.key("events"), entry, f"{told}-0")  # type: ignore[arg-type]
    store.profiles.save(values.SITES, values.GROUPS, "server", datetime.now(UTC))
    return store


def test_the_commands_write_list_and_check(app: Flask, long_ago: Store):
    said = done(flask(app, "archive", "write"))
    assert "2025-11-01.jsonl.gz: 1 entry" in said
    assert said.splitlines()[-1] == "Archived 2 nights, trimmed 2."
    assert done(flask(app, "archive", "write")) == "Archived 0 nights, trimmed 0.\n"
    listed = done(flask(app, "archive", "list"))
    assert "2025-11-02  1 entry  archive  " in listed
    assert listed.splitlines()[-1] == "2 nights."
    assert "The history alone gives the board" in done(flask(app, "check"))
    assert len(list(long_ago.archive.events())) == 2 + len(values.SITES) + len(values.GROUPS)


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (lambda path: (path / "2025-11-01.jsonl.gz").unlink(), "its file is not there"),
        (lambda path: (path / "2025-11-01.jsonl.gz").write_bytes(b"x"), "was altered"),
        (lambda path: (path / "2025-11-02.jsonl.gz.seal").write_text("{}"), "the seal beside it"),
        (lambda path: (path / "2024-01-01.jsonl.gz").write_text(""), "of another history"),
    ],
)
def test_check_names_what_is_wrong_with_the_archive(
    app: Flask, long_ago: Store, settings: Settings, harm: Callable[[Path], None], sentence: str
):
    long_ago.archiving.daily(DAY, datetime.now(UTC), timedelta(days=3650))
    done(flask(app, "check"))
    harm(folder(settings))
    result = flask(app, "check")
    assert result.exit_code == 1
    assert sentence in result.output
    assert "The archive is not as the store knows it." in result.output


def test_check_sees_a_stream_that_differs_from_its_archive(app: Flask, long_ago: Store):
    long_ago.archiving.daily(DAY, datetime.now(UTC), timedelta(days=3650))
    key = long_ago.connection.key("events")
    long_ago.connection.client.xtrim(key, maxlen=9, approximate=False)
    result = flask(app, "check")
    assert "2025-11-01.jsonl.gz: the stream has other entries of that night." in result.output


def test_a_night_that_was_left_out_of_the_chain_is_missed(app: Flask, long_ago: Store):
    long_ago.archiving.daily(DAY, datetime.now(UTC), KEEP)
    long_ago.connection.client.hdel(long_ago.connection.key("archive"), "2025-11-01.jsonl.gz")
    result = flask(app, "check")
    assert "2025-11-02.jsonl.gz: its seal does not follow from the one before." in result.output


def archivist(store: Store, now: datetime, stopped: Event | None = None) -> Archivist:
    return Archivist(store, lambda: DAY, lambda: now, KEEP, stopped or Event())


def test_a_worker_archives_by_itself_and_says_once_what_stands_in_its_way(
    store: Store, settings: Settings, caplog: pytest.LogCaptureFixture
):
    old(store, 1)
    rounds = archivist(store, MUCH_LATER)
    folder(settings).parent.mkdir(exist_ok=True)
    folder(settings).write_text("in the way")
    rounds.round()
    rounds.round()
    (said,) = [one.message for one in caplog.records if "not archived" in one.message]
    assert f"The archive in {str(folder(settings))!r} can't be used" in said
    folder(settings).unlink()
    rounds.round()
    assert len(store.archive.seals()) == 1


def test_a_worker_goes_its_rounds_in_a_thread_that_ends_with_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("dashboard.archivist.FIRST", 0.0)
    old(store, 1)
    went, stopped = Event(), Event()
    rounds = archivist(store, MUCH_LATER, stopped)
    monkeypatch.setattr(rounds, "round", went.set)
    rounds.start()
    rounds.start()
    assert went.wait(30)
    stopped.set()


def test_the_application_knows_its_archivist(app: Flask):
    assert isinstance(app.extensions["archivist"], Archivist)
