"""The API as a machine meets it: what it may read, what it may say, and every way to be refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from dashboard import create_app, machine
from dashboard.beds import Source, Status
from dashboard.clock import Freshness, horizons
from dashboard.config import Settings
from dashboard.facts import Guest, Season
from dashboard.store import Store

from . import riverbend, values
from .by_hand import wait_until

NOON = datetime.now(UTC).replace(hour=22, minute=0, second=5, microsecond=0)  # 2 or 3 pm there
NOT_SAVED = "We could not confirm this was saved. Trying again is safe."
MEN = "/api/v1/sites/riverbank/groups/men/reports"
HAVEN = "/api/v1/sites/haven/groups/family/reports"
ABSENT = object()


@dataclass
class Clock:
    """The community's clock, which only the test moves."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **much: float) -> datetime:
        self.now += timedelta(**much)
        return self.now


@dataclass
class Machine:
    """A machine with a token, or without."""

    app: Flask
    token: str = ""

    def post(self, path: str, body: object, key: str | None = None, **headers: str) -> TestResponse:
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if key is not None:
            headers["Idempotency-Key"] = key
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.app.test_client().post(path, data=content, headers=headers)

    def reports(self, open_: int, seen: datetime, key: str | None = None, **more: object) -> Any:
        return self.post(MEN, body(open_, seen, **more), key)


def body(open_: int = 4, seen: datetime = NOON, **more: object) -> dict[str, object]:
    told = {"open": open_, "kind": "change", "observed_at": seen.isoformat()} | more
    return {name: given for name, given in told.items() if given is not ABSENT}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(settings: Settings, clock: Clock) -> Iterator[Flask]:
    app = create_app(settings, clock=clock)
    store: Store = app.extensions["store"]
    store.profiles.save(values.SITES, values.GROUPS, "server", NOON)
    follower = app.extensions["follower"]
    yield app
    follower.stop()


@pytest.fixture
def store(app: Flask) -> Store:
    return app.extensions["store"]


@pytest.fixture
def desk_system_at_riverbank(app: Flask, store: Store) -> Machine:
    return Machine(app, store.tokens.create("riverbank desk system", ["riverbank"], "server", NOON))


@pytest.fixture
def city_feed(app: Flask, store: Store) -> Machine:
    return Machine(app, store.tokens.create("city feed", None, "server", NOON))


@pytest.fixture
def visitor(app: Flask) -> Machine:
    return Machine(app)


def read(app: Flask, **headers: str) -> TestResponse:
    """The board, as soon as it holds what the store holds."""
    follower, store = app.extensions["follower"], app.extensions["store"]
    app.test_client().get("/healthz")
    wait_until(lambda: store.stream.behind(follower.board.version)[0] == 0)
    return app.test_client().get("/api/v1/board", headers=headers)


def group(app: Flask, site: str = "riverbank", id_: str = "men") -> dict[str, Any]:
    sites = {one["id"]: one for one in read(app).json["sites"]}
    return next(one for one in sites[site]["groups"] if one["id"] == id_)


def test_the_board_says_what_the_public_may_know_and_nothing_else(
    app: Flask, city_feed: Machine, clock: Clock
):
    city_feed.reports(4, NOON - timedelta(minutes=10), capacity=20)
    app.extensions["store"].holds.keep(
        values.hold("h1", values.MEN, NOON), horizons(NOON, values.DAY), values.VAN
    )
    answer = read(app)
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    told = answer.json
    assert list(told) == ["community", "version", "as_of", "alerts", "sites"]
    assert told["community"] == "kamloops"
    assert told["as_of"] == NOON.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    sites = {one["id"]: one for one in told["sites"]}
    assert {name: given for name, given in sites["riverbank"].items() if name != "groups"} == {
        "id": "riverbank",
        "name": "Riverbank House",
        "kind": "emergency",
        "area": "South Shore",
        "phone": "250-555-0142",
        "status": "open",
        "tonight": [],
    }
    assert sites["riverbank"]["groups"][1] == {
        "id": "men",
        "label": "Men's beds",
        "for": ["men"],
        "capacity": 20,
        "surge": 0,
        "out_of_service": 0,
        "available": 3,
        "status": "open",
        "freshness": "fresh",
        "observed_at": (NOON - timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "age_seconds": 600,
        "source": "api",
        "disputed_at": None,
    }
    assert sites["riverbank"]["groups"][0]["status"] == "call-first"
    assert sites["riverbank"]["groups"][0]["available"] is None
    assert sites["riverbank"]["groups"][0]["observed_at"] is None
    assert sites["northside"]["groups"][1]["status"] == "closed"


def test_a_confidential_site_is_a_name_and_a_phone_number_even_with_a_count(
    app: Flask, city_feed: Machine
):
    said = city_feed.post(HAVEN, body(3))
    assert said.status_code == 201
    assert said.json["group"]["available"] == 3
    told = {one["id"]: one for one in read(app).json["sites"]}["haven"]
    assert told == {
        "id": "haven",
        "name": "Haven",
        "kind": "confidential",
        "area": None,
        "phone": "250-555-0199",
        "status": "confidential",
        "tonight": [],
        "groups": [],
    }


def test_any_page_may_read_the_board_and_no_cookie_comes_with_it(app: Flask):
    answer = read(app)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Expose-Headers"] == "ETag"
    assert "Set-Cookie" not in answer.headers
    asked = app.test_client().options("/api/v1/board")
    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Headers"] == "If-None-Match"
    assert "Access-Control-Allow-Origin" not in app.test_client().options(MEN).headers


def test_what_has_not_changed_is_not_sent_again(app: Flask, city_feed: Machine, clock: Clock):
    city_feed.reports(4, clock())
    first = read(app)
    clock.forward(seconds=20)
    again = read(app, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    city_feed.reports(5, clock())
    assert read(app, **{"If-None-Match": first.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    ("minutes", "then"), [(1, "fresh"), (60, "ageing"), (180, "stale")], ids=str
)
def test_no_304_ever_passes_a_clock_boundary(
    app: Flask, city_feed: Machine, clock: Clock, minutes: int, then: str
):
    """An evening's figure at its last instant of a state, which is inside a minute, and after."""
    seen = clock.forward(hours=4, seconds=-17)
    city_feed.reports(4, seen)
    clock.now = seen + timedelta(minutes=minutes)
    before = read(app)
    mark = {"If-None-Match": before.headers["ETag"]}
    assert read(app, **mark).status_code == 304
    clock.forward(milliseconds=1)
    assert read(app, **mark).status_code == (304 if then == "fresh" else 200)
    assert group(app)["freshness"] == then
    clock.now = clock().replace(second=0) + timedelta(minutes=1, seconds=1)
    assert read(app, **mark).status_code == 200


def test_two_processes_give_the_same_mark(app: Flask, settings: Settings, clock: Clock):
    other = create_app(settings, clock=clock)
    first = read(app).headers["ETag"]
    clock.forward(seconds=3)
    assert read(other, **{"If-None-Match": first}).status_code == 304
    other.extensions["follower"].stop()


def test_the_board_says_since_when_it_is_not_updating(app: Flask):
    read(app)
    app.extensions["follower"].away_since = NOON - timedelta(minutes=3)
    told = app.test_client().get("/api/v1/board").json
    assert told["not_updating_since"] == (NOON - timedelta(minutes=3)).strftime(
        "%Y-%m-%dT%H:%M:%S.000Z"
    )


def test_no_board_yet_is_503_and_not_an_empty_board(settings: Settings, tmp_path: Path):
    app = create_app(replace(settings, redis_url=f"unix://{tmp_path}/nobody.sock"))
    answer = app.test_client().get("/api/v1/board")
    app.extensions["follower"].stop()
    assert answer.status_code == 503
    assert answer.json == {"errors": {"request": "service unavailable"}}
    assert answer.headers["Retry-After"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_report_is_on_the_board_and_its_answer_shows_it(app: Flask, city_feed: Machine):
    answer = city_feed.reports(7, NOON - timedelta(minutes=1), out_of_service=2, surge=1)
    assert answer.status_code == 201
    assert answer.json["late"] is False
    shown = answer.json["group"]
    assert shown.pop("version") == answer.json["entry"]
    assert shown == group(app)
    assert read(app).json["version"] == answer.json["entry"]
    figure = app.extensions["follower"].board.sites["riverbank"].groups[1].figure
    assert (figure.out_of_service, figure.surge, figure.who) == (2, 1, "api:city feed")


def test_the_answer_needs_no_board_that_is_current(app: Flask, city_feed: Machine, store: Store):
    read(app)
    new = replace(values.MATS, id="chairs", season=Season.WINTER)
    app.extensions["follower"].board.sites.pop("northside")
    store.profiles.save([], [new], "server", NOON)
    answer = city_feed.post("/api/v1/sites/northside/groups/chairs/reports", body(2))
    assert (answer.status_code, answer.json["group"]["available"]) == (201, 2)


def test_a_repeated_key_is_answered_as_the_first_time(app: Flask, city_feed: Machine):
    first = city_feed.reports(4, NOON, "key-1")
    city_feed.reports(9, NOON + timedelta(seconds=1), "key-2")
    again = city_feed.reports(4, NOON, "key-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == first.json
    assert group(app)["available"] == 9


def test_without_a_key_each_report_is_its_own(app: Flask, city_feed: Machine):
    first, second = city_feed.reports(4, NOON), city_feed.reports(4, NOON)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json["entry"] != second.json["entry"]


def test_a_key_is_refused_for_another_report_and_for_another_sender(
    city_feed: Machine, desk_system_at_riverbank: Machine
):
    city_feed.reports(4, NOON, "key-1")
    for answer in (
        city_feed.reports(5, NOON, "key-1"),
        desk_system_at_riverbank.reports(4, NOON, "key-1"),
        city_feed.post(MEN.replace("men", "women"), body(4), "key-1"),
    ):
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == ["Idempotency-Key"]


def test_the_same_observed_at_never_renews_age(app: Flask, city_feed: Machine, clock: Clock):
    seen = clock()
    city_feed.reports(4, seen)
    clock.forward(minutes=30)
    city_feed.reports(4, seen)
    assert group(app)["age_seconds"] == 30 * 60
    ahead = clock() + timedelta(seconds=100)
    city_feed.reports(4, ahead)
    clock.forward(minutes=10)
    city_feed.reports(5, ahead)
    assert group(app)["age_seconds"] == 10 * 60
    assert group(app)["available"] == 5


def test_a_late_report_is_kept_in_history_and_says_so(app: Flask, city_feed: Machine):
    city_feed.reports(4, NOON)
    answer = city_feed.reports(9, NOON - timedelta(minutes=5))
    assert (answer.status_code, answer.json["late"]) == (201, True)
    assert answer.json["group"]["available"] == 4
    assert group(app)["available"] == 4


def test_a_report_from_before_the_reset_revives_nothing(app: Flask, city_feed: Machine):
    answer = city_feed.reports(9, NOON - timedelta(days=1))
    assert (answer.status_code, answer.json["late"]) == (201, True)
    assert answer.json["group"]["freshness"] == "never"
    assert answer.json["group"]["version"] is None
    assert group(app)["status"] == "call-first"


def test_a_confirmation_renews_age_and_needs_the_right_figure(
    app: Flask, city_feed: Machine, clock: Clock
):
    first = city_feed.reports(4, clock())
    clock.forward(minutes=20)
    assert city_feed.reports(4, clock(), kind="confirm").status_code == 201
    assert group(app)["age_seconds"] == 0
    answer = city_feed.reports(3, clock(), kind="confirm")
    assert answer.status_code == 409
    assert list(answer.json["errors"]) == ["open"]
    assert answer.json["yours"]["open"] == 3
    assert answer.json["current"]["open"] == 4
    assert answer.json["current"]["version"] > first.json["entry"]


def test_nothing_can_be_confirmed_where_nothing_was_counted(city_feed: Machine):
    answer = city_feed.reports(0, NOON, kind="confirm")
    assert (answer.status_code, answer.json["current"]) == (409, None)


def test_a_version_that_no_longer_holds_is_a_conflict_that_shows_both_figures(
    app: Flask, city_feed: Machine
):
    seen = read(app).json["version"]
    first = city_feed.reports(4, NOON, expected_version=seen)
    assert first.status_code == 201
    assert city_feed.reports(5, NOON, expected_version=first.json["entry"]).status_code == 201
    answer = city_feed.reports(6, NOON, expected_version=seen)
    assert answer.status_code == 409
    assert list(answer.json["errors"]) == ["expected_version"]
    assert (answer.json["yours"]["open"], answer.json["current"]["open"]) == (6, 5)
    assert group(app)["available"] == 5


def test_a_conflict_can_be_settled_with_what_it_shows(city_feed: Machine):
    city_feed.reports(4, NOON)
    current = city_feed.reports(6, NOON, kind="confirm").json["current"]
    answer = city_feed.reports(6, NOON, expected_version=current["version"])
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "Basic eDp5",
        "beds_x",
        "Bearer é\xff",
        "x" * 9,
    ],
)
def test_who_shows_no_token_that_works_is_401(app: Flask, header: str | None):
    headers = {} if header is None else {"Authorization": header}
    answer = app.test_client().post(MEN, json=body(), headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert list(answer.json["errors"]) == ["authorization"]


def test_a_revoked_token_is_401_at_once(city_feed: Machine, store: Store):
    assert city_feed.reports(4, NOON).status_code == 201
    store.tokens.revoke("city feed", "server", NOON)
    assert city_feed.reports(4, NOON).status_code == 401


@pytest.mark.parametrize("site", ["northside", "haven", "nowhere"])
def test_a_token_learns_nothing_of_sites_outside_its_reach(
    desk_system_at_riverbank: Machine, site: str
):
    answer = desk_system_at_riverbank.post(f"/api/v1/sites/{site}/groups/mats/reports", body())
    assert answer.status_code == 403
    assert answer.json == {"errors": {"site": "This token does not reach this site."}}


@pytest.mark.parametrize("place", ["riverbank/groups/none", "nowhere/groups/men", "a%00b/groups/é"])
def test_a_bed_group_that_is_not_there_is_404(city_feed: Machine, place: str):
    answer = city_feed.post(f"/api/v1/sites/{place}/reports", body())
    assert (answer.status_code, list(answer.json["errors"])) == (404, ["group"])


@pytest.mark.parametrize(
    ("field", "given"),
    [
        *(("open", bad) for bad in (ABSENT, None, "4", 4.0, 4.5, True, [4], {"n": 4}, -1, 10_000)),
        *(("open", bad) for bad in (10**100, -(10**4299), 1e300)),
        *(("kind", bad) for bad in (ABSENT, None, "", "adjust", "CHANGE", 1, ["change"], {})),
        *(("observed_at", bad) for bad in (ABSENT, None, "", "now", 1_700_000_000, True, [])),
        *(
            ("observed_at", bad)
            for bad in ("2026-11-20T16:12:00", "2026-13-40T00:00:00Z", "9" * 99)
        ),
        *(
            ("observed_at", bad)
            for bad in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00")
        ),
        ("observed_at", (NOON + timedelta(minutes=2, seconds=1)).isoformat()),
        ("observed_at", (NOON - timedelta(days=7, seconds=1)).isoformat()),
        *(("capacity", bad) for bad in ("20", -1, 10_000, 2.0, False)),
        *(("surge", bad) for bad in ("x", -1, 10_000)),
        *(("out_of_service", bad) for bad in ([], -5, 10_000)),
        *(("expected_version", bad) for bad in ("", "1", "a:b", "a:1-1-1", 5, "é:1-1", "x" * 400)),
        ("held", 1),
        ("name", "somebody"),
    ],
    ids=lambda value: str(value)[:24] if value is not ABSENT else "absent",
)
def test_each_field_that_cannot_be_used_is_422_with_a_sentence(
    app: Flask, city_feed: Machine, field: str, given: object
):
    answer = city_feed.post(MEN, body(**{field: given}))
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]
    assert answer.json["errors"][field].endswith(".")
    assert group(app)["freshness"] == "never"


def test_every_wrong_field_is_named_at_once(city_feed: Machine):
    answer = city_feed.post(MEN, {"open": -1, "kind": "x", "name": "somebody"}, key="two words")
    assert set(answer.json["errors"]) == {"open", "kind", "observed_at", "name", "Idempotency-Key"}


@pytest.mark.parametrize("key", ["", "two words", "é", "x" * 201, "tab\tbed"])
def test_a_key_that_cannot_be_used_is_422(city_feed: Machine, key: str):
    answer = city_feed.reports(4, NOON, key)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["Idempotency-Key"])


def test_the_longest_key_and_the_edges_of_observed_at_are_taken(city_feed: Machine):
    assert city_feed.reports(4, NOON, "x" * 200).status_code == 201
    assert city_feed.reports(4, NOON - timedelta(days=7)).status_code == 201
    assert city_feed.reports(9999, NOON + timedelta(minutes=2)).status_code == 201


def test_a_stamp_a_little_ahead_is_taken_as_now(app: Flask, city_feed: Machine):
    city_feed.reports(4, NOON + timedelta(minutes=2))
    assert group(app)["observed_at"] == read(app).json["as_of"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"open=4",
        b"[]",
        b'"x"',
        b"null",
        b"{",
        b'{"open": NaN}',
        b'{"open": Infinity}',
        b'{"open": ' + b"9" * 5000 + b"}",
        b"[" * 8000,
        b"\xff\xfe{\x00}\x00",
        b'{"open": "\xff"}',
    ],
    ids=lambda content: repr(content[:16]),
)
def test_what_is_not_one_json_object_is_400(city_feed: Machine, content: bytes):
    answer = city_feed.post(MEN, content)
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["body"])


def test_a_body_that_is_too_large_is_413(city_feed: Machine):
    answer = city_feed.post(MEN, b" " * 9000)
    assert answer.status_code == 413
    assert list(answer.json["errors"]) == ["request"]


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("get", "/api/v1/nothing", 404),
        ("get", "/api/", 404),
        ("post", "/api/v1/board", 405),
        ("get", MEN, 405),
        ("put", MEN, 405),
    ],
)
def test_every_error_is_json(app: Flask, method: str, path: str, code: int):
    answer = app.test_client().open(path, method=method)
    assert (answer.status_code, answer.mimetype) == (code, "application/json")
    assert list(answer.json) == ["errors"]
    assert "Set-Cookie" not in answer.headers


def test_a_fault_of_ours_is_json_too(app: Flask, city_feed: Machine, monkeypatch):
    monkeypatch.setattr(app.extensions["store"].reports, "report", lambda *_: 1 / 0)
    answer = city_feed.reports(4, NOON)
    assert answer.status_code == 500
    assert answer.json == {"errors": {"request": "internal server error"}}


def test_a_store_that_is_away_may_have_saved_the_report(
    app: Flask, settings: Settings, tmp_path: Path
):
    read(app)
    app.extensions["store"] = Store(f"unix://{tmp_path}/nobody.sock", settings.community)
    answer = Machine(app, "beds_x").reports(4, NOON)
    assert answer.status_code == 503
    assert answer.json == {"errors": {"request": NOT_SAVED}}


def test_a_store_that_lost_its_memory_blames_no_token(app: Flask, city_feed: Machine, store: Store):
    store.connection.client.flushall()
    answer = city_feed.reports(4, NOON)
    assert answer.status_code == 503
    assert answer.json == {
        "errors": {"request": "Our records were lost, and this was not saved. Try again later."}
    }
    assert int(answer.headers["Retry-After"]) > 0


def test_the_process_is_healthy_and_the_board_is_ready(settings: Settings):
    app = create_app(settings)
    app.extensions["store"].profiles.save(values.SITES, values.GROUPS, "server", NOON)
    assert app.test_client().get("/healthz").status_code == 200
    wait_until(lambda: app.test_client().get("/readyz").status_code == 200)
    told = app.test_client().get("/readyz").json
    app.extensions["follower"].stop()
    assert told.pop("version") == str(app.extensions["follower"].board.version)
    lag = {"entries": 0, "seconds": 0.0}
    assert told == {"ready": True, "store": "reachable", "board": "current", "lag": lag}


def test_a_board_that_stopped_following_is_not_ready(app: Flask, clock: Clock, store: Store):
    read(app)
    app.extensions["follower"].stop()
    app.extensions["follower"] = riverbend.Follower(store.stream.snapshot(values.DAY))
    store.profiles.save([replace(values.NORTHSIDE, phone="211")], [], "server", NOON)
    clock.now = datetime.now(UTC) + timedelta(seconds=9)
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert (answer.json["ready"], answer.json["board"]) == (False, "behind")
    assert answer.json["lag"]["entries"] == 1
    assert answer.json["lag"]["seconds"] > 5


def test_a_store_that_is_away_is_not_ready_but_the_process_is_healthy(
    settings: Settings, tmp_path: Path
):
    app = create_app(replace(settings, redis_url=f"unix://{tmp_path}/nobody.sock"))
    answer = app.test_client().get("/readyz")
    healthy = app.test_client().get("/healthz").status_code
    app.extensions["follower"].stop()
    assert (answer.status_code, answer.json["store"], healthy) == (503, "away", 200)


DOCS = (Path(__file__).parents[1] / "docs" / "api.md").read_text()


def test_the_documents_name_every_field_that_may_be_sent_or_is_answered(
    app: Flask, city_feed: Machine
):
    answer = city_feed.reports(4, NOON).json
    board = read(app).json
    conflict = city_feed.reports(3, NOON, kind="confirm").json
    sent = [*machine.FIELDS, machine.KEY]
    parts = (answer, answer["group"], board, board["sites"][0], board["sites"][0]["groups"][0])
    for name in [*sent, *(name for part in parts for name in part), *conflict]:
        assert name in DOCS, f"say in docs/api.md what {name} is"
    counting = set(Source) - {Source.OUTREACH}  # who keeps beds, and counts none
    for word in (*Status, *Freshness, *Guest, *counting):
        assert f"`{word}`" in DOCS


def test_the_report_in_the_documents_is_one_that_is_taken(city_feed: Machine, clock: Clock):
    clock.now = datetime(2026, 11, 21, 0, 10, tzinfo=UTC)
    example = re.search(r"-d '(.*)'", DOCS)
    assert example
    assert city_feed.post(MEN, example[1].encode()).status_code == 201


def test_a_machine_that_speaks_french_is_answered_in_french(city_feed: Machine):
    answer = city_feed.post(MEN, body(open=-1), **{"Accept-Language": "fr-CA"})
    assert answer.json == {"errors": {"open": "Ce nombre ne peut pas être sous 0."}}
