"""The public pages: what they say of every kind of site, and what they never say."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from dashboard import create_app
from dashboard.config import Settings

from .riverbend import FOUR_TWELVE, Follower, Town, riverbend

KEY = "a key for tests alone, never for a board"


@pytest.fixture
def town() -> Town:
    return riverbend()


@pytest.fixture
def visitor(town: Town) -> FlaskClient:
    """Someone who reads the board of Riverbend at 4:12 pm."""
    settings = Settings(community="riverbend", community_name="Riverbend", secret_key=KEY)
    app = create_app(settings, Follower(town.board), clock=lambda: town.now)
    return app.test_client()


def words(html: str) -> str:
    """What a person reads: no tags, every space a plain one."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).replace("\xa0", " ")


def card_of(html: str, site: str) -> str:
    found = re.search(rf'<article class="card" id="site-{site}".*?</article>', html, re.S)
    assert found, f"no card for {site}"
    return found[0]


def test_the_board_says_the_time_and_how_long_it_is_to_five(visitor: FlaskClient) -> None:
    page = words(visitor.get("/").text)
    assert "4:12 pm" in page
    assert "48 minutes to 5 pm, when shelters often fill." in page


def test_after_five_the_clock_says_when_beds_may_open_again(
    visitor: FlaskClient, town: Town
) -> None:
    town.now += timedelta(hours=1)
    assert re.search(
        r'<p class="hour" data-from="\d+">It is past 5\xa0pm. Call before you go: '
        r"some beds may open again at 8\xa0pm.",
        visitor.get("/").text,
    )


def test_every_group_has_its_number_its_guests_and_its_time(visitor: FlaskClient) -> None:
    card = words(card_of(visitor.get("/").text, "maple-house"))
    assert "6 open" in card
    assert "2 Women's beds women Confirmed 4:06 pm 6 min ago" in card
    assert "4 Men's beds men Confirmed 4:06 pm 6 min ago" in card
    assert "Check-in until 9 pm" in card


def test_a_stale_figure_leaves_the_headline_and_a_missing_one_says_so(visitor: FlaskClient) -> None:
    page = visitor.get("/").text
    assert "Call first. Last known 4 at 1:10 pm." in words(card_of(page, "northside"))
    assert "Call first. No count yet today." in words(card_of(page, "birch-lodge"))
    assert "No phone known, call 211" in words(card_of(page, "birch-lodge"))


def test_a_confidential_site_is_one_phone_line_and_nothing_else(visitor: FlaskClient) -> None:
    page = visitor.get("/").text
    assert "Violence at home? Call 250-555-0199" in words(page)
    assert "safe-home" not in page
    assert "Safe Home" not in page
    assert visitor.get("/sites/safe-home").status_code == 404


def test_the_board_needs_no_cookie_and_no_other_host(visitor: FlaskClient) -> None:
    answer = visitor.get("/")
    assert "Set-Cookie" not in answer.headers
    assert not re.findall(
        r'(?:src|srcset|@import|rel="stylesheet" href)="?(?:https?:)?//', answer.text
    )


def test_an_unread_store_is_a_page_in_plain_words() -> None:
    app = create_app(Settings(secret_key=KEY), Follower(Town().board), clock=lambda: FOUR_TWELVE)
    answer = app.test_client().get("/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "The board is starting" in answer.text
