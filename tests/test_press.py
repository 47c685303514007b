"""The printed board: the same for everybody, never older than it says, and cheap to hand out."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta

import brotli
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from dashboard import create_app
from dashboard.config import Settings
from dashboard.press import Page, printed

from .riverbend import FOUR_TWELVE, Follower, Town, riverbend
from .values import version

KEY = "a key for tests alone, never for a board"


@pytest.fixture
def town() -> Town:
    return riverbend()


@pytest.fixture
def visitor(town: Town) -> FlaskClient:
    settings = Settings(community="riverbend", community_name="Riverbend", secret_key=KEY)
    app = create_app(settings, Follower(town.board), clock=lambda: town.now)
    return app.test_client()


@given(st.floats(0, 7200), st.floats(0, 7200))
def test_nothing_that_a_cache_keeps_outlives_the_next_change_by_the_clock(
    ahead: float, passed: float
) -> None:
    change = FOUR_TWELVE + timedelta(seconds=ahead)
    now = FOUR_TWELVE + timedelta(seconds=min(passed, ahead))
    sheet = printed(Page("", version(1), None, change, change))
    told = sheet.cache_control(now)
    kept = sum(int(number) for number in re.findall(r"(?:s-maxage|revalidate)=(\d+)", told))
    assert now + timedelta(seconds=kept) <= change
    assert kept <= 15
    assert "max-age=0" in told


def test_what_a_cache_may_keep_is_the_same_for_everybody(visitor: FlaskClient) -> None:
    plain = visitor.get("/")
    visitor.set_cookie("bedboard", "somebody")
    known = visitor.get("/", headers={"User-Agent": "another", "X-Forwarded-For": "192.0.2.7"})
    assert known.data == plain.data
    assert dict(known.headers) == dict(plain.headers)


def test_the_board_is_handed_out_without_a_template_or_the_store(
    visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = visitor.get("/")
    app = visitor.application

    def broken(*_: object, **__: object) -> None:
        raise AssertionError("this board was printed already")

    monkeypatch.setattr(app.jinja_env, "get_template", broken)
    monkeypatch.setattr(app, "update_template_context", broken)
    app.extensions["store"] = None
    assert visitor.get("/").data == first.data


def test_every_encoding_carries_the_same_words_and_the_same_mark(visitor: FlaskClient) -> None:
    plain = visitor.get("/", headers={"Accept-Encoding": "identity"})
    packed = visitor.get("/", headers={"Accept-Encoding": "gzip"})
    small = visitor.get("/", headers={"Accept-Encoding": "gzip, br"})
    assert gzip.decompress(packed.data) == brotli.decompress(small.data) == plain.data
    assert [one.headers.get("Content-Encoding") for one in (plain, packed, small)] == [
        None,
        "gzip",
        "br",
    ]
    assert len({one.headers["ETag"] for one in (plain, packed, small)}) == 1


def test_a_language_in_the_address_is_an_edition_of_its_own(visitor: FlaskClient) -> None:
    by_browser = visitor.get("/", headers={"Accept-Language": "fr"}).text
    by_address = visitor.get("/?lang=fr", headers={"Accept-Language": "en"}).text
    assert '<html lang="fr">' in by_browser
    assert '<html lang="fr">' in by_address
    assert 'href="/how-we-count"' in by_browser
    assert 'href="/how-we-count?lang=fr"' in by_address


def test_one_report_prints_one_card_anew(
    visitor: FlaskClient, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.get("/")
    deck = visitor.application.extensions["deck"]
    made, make = [], deck._make
    monkeypatch.setattr(
        deck, "_make", lambda m, row, v: made.append(row.site.id) or make(m, row, v)
    )
    town.report("cedar-hall", "beds", 5, 0)
    assert "Cedar Hall" in visitor.get("/").text
    assert made == ["cedar-hall"]
