"""Kamloops, from its own files: what its board shows before anybody has reported, and what never.

The confidential site has no place in any byte that the product writes or sends.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from dashboard import create_app
from dashboard.config import Settings
from dashboard.embedded import Server
from dashboard.store import Store

from .by_hand import tell, wait_until
from .test_cli import GROUPS, SITES, done, flask

EVENING = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)  # 5:30 pm in Kamloops
HIDDEN = ("Hidden Lane", "Secret Quarter", "blue door", "never show or store")
PAGES = ("/", "/?lang=fr", "/how-we-count", "/sites/y-womens-shelter", "/sites/olive-branch")


@pytest.fixture
def own_server(engine: str, tmp_path: Path) -> Iterator[Server]:
    """A server whose files hold what this test wrote and nothing else."""
    binary = Path(shutil.which("redis-server") or "") if engine == "redis" else None
    server = Server(tmp_path / "var" / "store", tmp_path / "store.sock", binary)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def app(own_server: Server, tmp_path: Path) -> Iterator[Flask]:
    settings = Settings(
        var=tmp_path / "var", redis_url=f"unix://{own_server.path}", secret_key="x" * 32
    )
    app = create_app(settings, clock=lambda: EVENING)
    done(flask(app, "sites", "import", SITES, "--groups", GROUPS))
    yield app
    app.extensions["follower"].stop()


@pytest.fixture
def store(app: Flask) -> Store:
    return app.extensions["store"]


def board(app: Flask) -> dict[str, dict]:
    """The API's sites by id, as soon as they are what the store holds."""
    app.test_client().get("/healthz")
    follower = app.extensions["follower"]
    newest = app.extensions["store"].stream.latest(1)[0].version
    wait_until(lambda: follower.board.version == newest)
    return {one["id"]: one for one in app.test_client().get("/api/v1/board").json["sites"]}


def test_what_is_due_tonight_is_never_reported_and_what_is_seasonal_is_closed(app: Flask):
    groups = {
        f"{site['id']}/{group['id']}": (group["status"], group["freshness"])
        for site in board(app).values()
        for group in site["groups"]
    }
    assert len(groups) == 16
    seasonal = {name for name, (status, _) in groups.items() if status == "closed"}
    assert seasonal == {
        "emerald-centre/extreme-weather",
        "merit-place/extreme-weather",
        "rosethorn/extreme-weather",
        "yacht-club/winter",
    }
    others = {shown for name, shown in groups.items() if name not in seasonal}
    assert others == {("call-first", "never")}


def test_each_site_has_the_status_of_its_bed_groups(app: Flask):
    sites = board(app)
    assert {id_ for id_, one in sites.items() if one["status"] == "no-beds"} == {"crossroads-inn"}
    closed = {id_ for id_, one in sites.items() if one["status"] == "closed"}
    assert closed == {"rosethorn", "yacht-club"}
    page = app.test_client().get("/").text
    assert "Crossroads Inn" in page
    assert all(one["name"] in page for id_, one in sites.items() if id_ != "y-womens-shelter")


def test_no_count_is_invented(app: Flask):
    counts = [group["available"] for site in board(app).values() for group in site["groups"]]
    assert set(counts) == {None}


def test_the_confidential_site_is_a_phone_line_only(app: Flask):
    shown = board(app)["y-womens-shelter"]
    page = app.test_client().get("/").text
    assert "Call 211" in page[page.index("Violence at home?") :]
    assert (shown["status"], shown["area"], shown["groups"]) == ("confidential", None, [])
    assert app.test_client().get("/sites/y-womens-shelter").status_code == 404


def everything(app: Flask, store: Store, server: Server) -> Iterator[tuple[str, bytes]]:
    """Every byte that the product keeps or sends: pages, API, commands, dump, files, memory."""
    board(app)
    for path in (*PAGES, "/api/v1/board"):
        yield path, app.test_client().get(path).data
    for words in (("sites", "export", "-", "--groups", "-"), ("check",), ("tokens", "list")):
        yield " ".join(words), done(flask(app, *words)).encode()
    yield "dump", "\n".join(store.dump.lines(EVENING)).encode()
    yield "slow log", repr(store.connection.client.slowlog_get(1000)).encode()
    yield "stream", repr(list(store.stream.events())).encode()
    yield "board", repr(app.extensions["follower"].board.sites).encode()
    for path in server.folder.parent.rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes()


def found(app: Flask, store: Store, server: Server, words: tuple[str, ...]) -> list[str]:
    return [
        f"{word} in {place}"
        for place, content in everything(app, store, server)
        for word in words
        if word.encode() in content
    ]


def test_the_search_finds_what_is_there(app: Flask, store: Store, own_server: Server):
    places = found(app, store, own_server, ("142 Tranquille Rd",))
    assert any("appendonly" in place for place in places)
    assert any("dump" in place for place in places)


def test_nothing_tells_where_the_confidential_site_is(app: Flask, store: Store, own_server: Server):
    assert found(app, store, own_server, HIDDEN) == []


def changed(path: Path, **cells: str) -> Path:
    """A copy of the sites file in which Olive Branch has these cells."""
    with SITES.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["id"] == "olive-branch":
            row.update(cells)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_a_site_that_turns_confidential_leaves_no_trace_of_its_place(
    app: Flask, store: Store, own_server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    store.connection.client.config_set("slowlog-log-slower-than", 0)
    place = {"address": "9 Hidden Lane", "area": "Secret Quarter", "notes": "the blue door"}
    done(flask(app, "sites", "import", changed(tmp_path / "a.csv", **place)))
    assert found(app, store, own_server, HIDDEN)
    kept = changed(tmp_path / "b.csv", kind="confidential", address="", area="", notes="blue door")
    said = done(flask(app, "sites", "import", kept))
    assert not any(word in said for word in HIDDEN)
    assert store.profiles.sites()["olive-branch"].confidential
    assert found(app, store, own_server, HIDDEN) == []
    assert not any(word in caplog.text for word in HIDDEN)
    shown = board(app)["olive-branch"]
    assert (shown["status"], shown["area"]) == ("confidential", None)


def test_an_erasure_that_broke_off_is_ended_by_the_next_import(
    app: Flask, store: Store, own_server: Server, tmp_path: Path
):
    done(flask(app, "sites", "import", changed(tmp_path / "a.csv", address="9 Hidden Lane")))
    kept = changed(tmp_path / "b.csv", kind="confidential", address="", area="", notes="")
    assert tell(own_server, "ACL SETUSER default -bgrewriteaof") == "+OK"
    refused = flask(app, "sites", "import", kept)
    assert tell(own_server, "ACL SETUSER default +bgrewriteaof") == "+OK"
    assert "We could not confirm that this was saved. Trying again is safe." in refused.output
    assert (refused.exit_code, store.profiles.erasing()) == (1, True)
    assert found(app, store, own_server, ("9 Hidden Lane",))
    assert "There is nothing to change." in done(flask(app, "sites", "import", kept))
    assert found(app, store, own_server, ("9 Hidden Lane",)) == []
    assert not store.profiles.erasing()


def test_a_refused_import_does_not_keep_or_repeat_the_place_of_a_confidential_site(
    app: Flask, store: Store, own_server: Server, tmp_path: Path
):
    bad = changed(tmp_path / "a.csv", kind="confidential", address="9 Hidden Lane")
    refused = flask(app, "sites", "import", bad)
    assert refused.exit_code == 1
    assert "line 11: a confidential site can't have a place" in refused.output
    assert "Hidden" not in refused.output
    assert found(app, store, own_server, HIDDEN) == []


def test_a_dump_of_kamloops_is_kamloops(app: Flask, store: Store):
    lines = [json.loads(line) for line in store.dump.lines(EVENING)]
    assert lines[0]["community"] == "kamloops"
    kept = next(line for line in lines if line.get("key") == "places")
    assert "y-womens-shelter" not in kept["value"]
