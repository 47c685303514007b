"""Strings that break software, wherever one can be put in: no 5xx, nothing unescaped, nothing lost.

Our own list is always there; the well-known long one joins it where it lies beside the project.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from markupsafe import escape

from dashboard import columns, create_app, csvfiles, importing
from dashboard.config import Settings
from dashboard.store import Store

from . import values
from .by_hand import SOAK, wait_until
from .test_cli import done, flask

NOW = datetime.now(UTC)
LONG_LIST = Path(__file__).parents[2] / "shared" / "data" / "naughty_strings.txt"
OURS = [
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "{{ 7*7 }}{% include '/etc/passwd' %}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "%(count)s %s %n %d",
    "{0}{name!r}{__class__}",
    '=HYPERLINK("http://example.org","x")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1)",
    "-1",
    "0x7f",
    "1e999",
    "NaN",
    "-0.0",
    "٣٤",
    "４",
    "²",
    "null",
    "None",
    "[]",
    '{"a": 1}',
    "../../etc/passwd",
    "..%2f..%2f",
    "a/b",
    "a\\b",
    "riverbank ",
    "RIVERBANK",
    "'; DROP TABLE beds;--",
    "FLUSHALL",
    "*1\r\n$8\r\nFLUSHALL\r\n",
    "line\nbreak",
    "tab\there",
    "nul\x00byte",
    "bell\x07 escape\x1b[31mred",
    "\u202egnp.exe",
    "\u200bzero\u200bwidth\ufeff",
    "\u2028line\u2029paragraph\u0085",
    "Ṱ̺̺o͞ in̸voke",
    "田中さんにあげて下さい",
    "שָׁלוֹם مرحبا",
    "👩‍👩‍👧‍👦 🏳️‍🌈",
    "İıſK",
    "ﷺ" * 40,
    "a" * 5000,
    "\U000e0041\U0010ffff",
    "é" + "\u0301" * 30,
]
STRINGS = list(
    dict.fromkeys(
        [
            *OURS,
            *(
                line
                for line in (LONG_LIST.read_text().split("\n") if LONG_LIST.exists() else ())
                if line and not line.startswith("#")
            ),
        ]
    )
)
# Long strings much alike: `make soak` runs them all.
SOME = STRINGS if SOAK else [*OURS, *STRINGS[len(OURS) :: 5]]
IDS = ("0x7f", "1e999", "null", "riverbank ")  # strange, but an id may look so
SURROGATE = "\ud800"


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    store: Store = app.extensions["store"]
    store.profiles.save(values.SITES, values.GROUPS, "server", NOW)
    app.test_client().get("/healthz")
    app.extensions["follower"].ready.wait(60)
    yield app
    app.extensions["follower"].stop()


@pytest.fixture
def store(app: Flask) -> Store:
    return app.extensions["store"]


@pytest.fixture
def token(store: Store) -> str:
    return store.tokens.create("feed", None, "server", NOW)


def in_a_header(text: str) -> str:
    """The text as its UTF-8 bytes stand in a header; a header has no line breaks."""
    return text.encode().decode("latin-1").replace("\n", " ").replace("\r", " ").replace("\0", " ")


def path(site: str, group: str) -> str:
    return f"/api/v1/sites/{quote(site, safe='')}/groups/{quote(group, safe='')}/reports"


def test_no_string_in_a_report_is_taken_or_breaks_anything(app: Flask, store: Store, token: str):
    before = store.stream.latest(1)[0].version
    headers = {"Authorization": f"Bearer {token}"}
    fields = ("open", "kind", "observed_at", "capacity", "surge", "expected_version")
    for text in [*SOME, SURROGATE]:
        told = dict.fromkeys(fields, text) | {f"{text}!": text}
        answer = app.test_client().post(
            path("riverbank", "men"), data=json.dumps(told)[:8000], headers=headers
        )
        assert answer.status_code in (400, 422), text
        assert answer.mimetype == "application/json"
        if answer.status_code == 422:
            assert answer.json["errors"].keys() >= set(fields), text
    assert store.stream.latest(1)[0].version == before


def test_no_string_in_an_address_finds_or_breaks_anything(app: Flask, token: str):
    body = {"open": 1, "kind": "change", "observed_at": NOW.isoformat()}
    client, headers = app.test_client(), {"Authorization": f"Bearer {token}"}
    for text in SOME:
        for site, group in ((text, "men"), ("riverbank", text), (text, text)):
            answer = client.post(path(site, group), json=body, headers=headers)
            assert answer.status_code in (404, 405, 308), text
        for place in ("/sites", "/api/v1", ""):
            answer = client.get(f"{place}/{quote(text, safe='')}")
            assert answer.status_code in (404, 405, 308), text


def test_no_string_in_a_header_gets_in_or_breaks_anything(app: Flask, token: str):
    body = {"open": 1, "kind": "change", "observed_at": NOW.isoformat()}
    client = app.test_client()
    for text in map(in_a_header, SOME):
        for shown in (text, f"Bearer {text}", f"Basic {text}"):
            answer = client.post(
                path("riverbank", "men"), json=body, headers={"Authorization": shown}
            )
            assert answer.status_code == 401, text
        keyed = {"Authorization": f"Bearer {token}", "Idempotency-Key": text}
        answer = client.post(path("riverbank", "men"), json=body, headers=keyed)
        assert answer.status_code in (201, 422), text
        names = ("Accept-Language", "If-None-Match", "User-Agent", "Origin", "Cookie", "Accept")
        for place in ("/", "/api/v1/board", "/sites/riverbank"):
            answer = client.get(place, headers=dict.fromkeys(names, text))
            assert answer.status_code in (200, 304), text


def test_no_string_in_a_query_is_sent_back_unescaped(app: Flask):
    client = app.test_client()
    for text in SOME:
        asked = {"who": text, "need": text, "side": text, "lang": text, text[:50]: text}
        for place in ("/", "/sites/riverbank", "/api/v1/board", "/nothing"):
            answer = client.get(place, query_string=asked)
            assert answer.status_code in (200, 404), text
            if "<" in text:
                assert text not in answer.text


def kept(text: str, longest: int) -> bool:
    """Whether an import should take this text for a name: the rule, told a second time."""
    return (
        text.strip() == text
        and len(text) <= longest
        and text.isascii()
        and text.isprintable()
        and any(not letter.isspace() for letter in text)
    )


def test_each_string_in_an_import_is_kept_as_it_is_or_refused_by_its_line(
    app: Flask, store: Store, tmp_path: Path
):
    """Every string as the name, operator, address, notes and label of a site of its own."""
    rows = [
        [f"site-{number}", text, text, "emergency", text, text, "", "", "", "", text, "", text]
        for number, text in enumerate(SOME)
    ]
    table = importing.site_table("s", csvfiles.write(columns.SITE_NEEDS, rows).encode())
    plan = importing.plan(table, None, {}, {})
    bad = {line.cells["id"] for line in table.lines} - {site.id for site in plan.sites}
    assert bad == {rows[number][0] for number in _refused(table, plan)}
    good = [row for row in rows if row[0] not in bad]
    assert {row[1] for row in rows if kept(row[1], 20)} <= {row[1] for row in good}
    groups = [[row[0], "beds", row[1], "4", "adults", "all year"] for row in good]
    (tmp_path / "s.csv").write_text(csvfiles.write(columns.SITE_NEEDS, good), newline="")
    (tmp_path / "g.csv").write_text(csvfiles.write(columns.GROUP_NEEDS, groups), newline="")
    done(flask(app, "sites", "import", tmp_path / "s.csv", "--groups", tmp_path / "g.csv"))
    _nothing_lost(store, good)
    _nothing_unescaped(app, store, good)
    assert "nothing to change" in done(
        flask(app, "sites", "import", tmp_path / "s.csv", "--groups", tmp_path / "g.csv")
    )
    done(flask(app, "check"))


def _refused(table: csvfiles.Table, plan: importing.Plan) -> set[int]:
    """The places in the list of the lines that have a problem."""
    lines = {problem.line for problem in plan.problems}
    return {number for number, line in enumerate(table.lines) if line.number in lines}


def _nothing_lost(store: Store, rows: list[list[str]]) -> None:
    sites, groups = store.profiles.sites(), store.profiles.groups()
    for id_, text, *_ in rows:
        site = sites[id_]
        assert (site.name, site.operator, site.source) == (text.strip(),) * 3
        assert (site.place.area, site.place.address, site.place.notes) == (text.strip(),) * 3
        assert groups[f"{id_}/beds"].label == text.strip()


def _nothing_unescaped(app: Flask, store: Store, rows: list[list[str]]) -> None:
    follower = app.extensions["follower"]
    wait_until(lambda: store.stream.behind(follower.board.version)[0] == 0)
    client = app.test_client()
    told = {one["id"]: one["name"] for one in client.get("/api/v1/board").json["sites"]}
    board = client.get("/").text
    for id_, text, *_ in rows:
        page = client.get(f"/sites/{id_}")
        assert page.status_code == 200
        assert told[id_] == text.strip()
        for html in (board, page.text):
            assert escape(text.strip()) in html
            if "<" in text:
                assert text.strip() not in html


def test_strings_in_the_cells_with_fixed_words_are_refused_by_their_line():
    for number, name in enumerate(columns.SITE_NEEDS):
        if name in ("name", "operator", "area", "address", "notes", "as_of", "source", "phone"):
            continue
        for text in (text for text in OURS if name != "id" or text not in IDS):
            row = ["riverbank", "Riverbank", "", "emergency", *[""] * 9]
            row[number] = text
            table = importing.site_table("s", csvfiles.write(columns.SITE_NEEDS, [row]).encode())
            problems = importing.plan(table, None, {}, {}).problems
            assert [problem.line for problem in problems] == [2], (name, text)
            assert len(str(problems[0])) < 600


def test_any_string_is_a_file_that_says_what_is_wrong_with_it():
    for text in STRINGS:
        plan = importing.plan(importing.site_table("s", text.encode()), None, {}, {})
        assert plan.problems, text


def test_any_string_is_a_label_or_is_refused(app: Flask, store: Store):
    for text in OURS:
        if text.startswith("-") or "\0" in text:
            continue  # what a command line can't carry, or takes for an option
        result = flask(app, "tokens", "create", text, "--all-sites")
        assert result.exit_code in (0, 1, 2)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        if result.exit_code == 0:
            assert text.strip() in {token.label for token in store.tokens.all()}
    labels = [token.label for token in store.tokens.all()]
    assert len(labels) > 20
    assert "<script>alert(1)</script>" in labels
