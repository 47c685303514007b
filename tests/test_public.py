"""The public pages: what they say of every kind of site, and what they never say."""

from __future__ import annotations

import gzip
import re
from datetime import time, timedelta
from itertools import product
from pathlib import Path

import brotli
import pytest
from flask.testing import FlaskClient
from flask_babel import force_locale

from dashboard import create_app
from dashboard.board import Board
from dashboard.cards import Deck
from dashboard.clock import Day
from dashboard.config import Settings
from dashboard.events import Version
from dashboard.facts import Guest
from dashboard.rows import Moment
from dashboard.voice import Language, Voice

from .riverbend import FOUR_TWELVE, NO, NORTH, YES, Follower, Town, riverbend

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


def test_staff_find_their_way_in_from_any_public_page_in_its_language(visitor: FlaskClient) -> None:
    for page in ("/", "/sites/maple-house", "/how-we-count"):
        assert 'href="/sign-in"' in visitor.get(page).text
        assert 'href="/sign-in?lang=fr"' in visitor.get(f"{page}?lang=fr").text


def test_the_board_says_the_time_and_how_long_it_is_to_five(visitor: FlaskClient) -> None:
    page = words(visitor.get("/").text)
    assert "4:12 pm" in page
    assert "48 minutes to 5 pm, when shelters often fill." in page


def test_after_five_the_clock_says_when_beds_may_open_again(
    visitor: FlaskClient, town: Town
) -> None:
    town.now += timedelta(hours=1)
    assert re.search(
        r'<p class="hour" data-until="\d+">It is past 5\xa0pm. Call before you go: '
        r"some beds may open again at 8\xa0pm.",
        visitor.get("/").text,
    )


def test_every_group_has_its_number_its_guests_and_its_time(visitor: FlaskClient) -> None:
    card = words(card_of(visitor.get("/").text, "maple-house"))
    assert "6 open" in card
    assert "2 Women's beds Confirmed 4:06 pm 6 min ago" in card
    assert "4 Men's beds Confirmed 4:06 pm 6 min ago" in card
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
    assert app.test_client().post("/api/v1/sites/a/groups/b/reports").status_code == 503
    app = create_app(Settings(secret_key=KEY), Follower(Town().board, FOUR_TWELVE))
    assert "We can’t reach our data right now" in app.test_client().get("/").text


def test_every_header_of_a_public_page_is_this_one(visitor: FlaskClient) -> None:
    headers = dict(visitor.get("/").headers)
    assert headers.pop("ETag")
    assert headers.pop("Content-Length")
    assert set(headers.pop("Vary").split(", ")) == {"Accept-Encoding", "Accept-Language"}
    assert headers == {
        "Cache-Control": "public, max-age=0, s-maxage=5, stale-while-revalidate=10",
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
        "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'",
        "Content-Type": "text/html; charset=utf-8",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), "
        "browsing-topics=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


def test_only_a_secure_page_asks_to_stay_secure(visitor: FlaskClient) -> None:
    secure = visitor.get("/", base_url="https://beds.example")
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in visitor.get("/").headers


@pytest.mark.parametrize("path", ["/", "/sites/maple-house", "/how-we-count", "/none", "/?who=man"])
def test_no_page_has_script_or_style_in_it(visitor: FlaskClient, path: str) -> None:
    page = visitor.get(path)
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert not re.findall(r"<script(?! src=)|<style|\sstyle=|\son\w+=|hx-on|javascript:", page.text)


def test_a_page_is_not_sent_twice_until_something_or_the_clock_changes_it(
    visitor: FlaskClient, town: Town
) -> None:
    def again(etag: str) -> int:
        return visitor.get("/", headers={"If-None-Match": etag}).status_code

    first = visitor.get("/").headers["ETag"]
    assert again(first) == 304
    town.now += timedelta(seconds=29)
    assert again(first) == 304
    town.now += timedelta(seconds=2)
    assert again(first) == 200
    second = visitor.get("/").headers["ETag"]
    town.report("maple-house", "men", 1)
    assert again(second) == 200


def test_a_304_never_serves_a_stale_figure_as_fresh(visitor: FlaskClient, town: Town) -> None:
    """The band of a figure may change within a minute: its end is in the key."""
    town.report("maple-house", "men", 4, minutes=60)
    town.report("maple-house", "women", 2, minutes=60 - 0.1)
    etag = visitor.get("/").headers["ETag"]
    town.now += timedelta(seconds=7)
    assert visitor.get("/", headers={"If-None-Match": etag}).status_code == 200


def test_what_someone_asked_for_is_kept_by_nobody(visitor: FlaskClient) -> None:
    answer = visitor.get("/?who=woman&need=pets&side=south")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_the_form_without_script_puts_misfits_last_with_the_reason(visitor: FlaskClient) -> None:
    page = visitor.get("/?who=woman&need=pets").text
    misfits = page[page.index('data-part="misfit"') :]
    assert 'id="site-maple-house"' in misfits
    assert "No pets" in words(card_of(misfits, "maple-house"))
    assert 'id="site-cedar-hall"' in misfits
    assert 'id="site-northside"' not in misfits
    assert "Pets: ask" in words(card_of(page, "northside"))


def test_the_card_is_the_same_html_in_the_page_and_on_its_own(
    visitor: FlaskClient, town: Town
) -> None:
    for language in Language:
        page = visitor.get(f"/?lang={language}").text
        app = visitor.application
        moment = Moment(town.board, town.now)
        voice = Voice(language, town.board.day.zone, town.now)
        with app.app_context(), force_locale(language):
            for row in moment.rows():
                if not row.site.confidential:
                    assert Deck(app.jinja_env).card(moment, row, voice).html in page


def test_the_script_is_given_the_wall_clock_and_needs_no_zones_of_its_own(
    visitor: FlaskClient,
) -> None:
    assert 'data-ahead="-480"' in visitor.get("/").text


def test_a_filter_changes_no_card(visitor: FlaskClient) -> None:
    plain, asked = visitor.get("/").text, visitor.get("/?who=woman&need=pets&side=north").text
    for site in ("maple-house", "harbour-rooms", "cedar-hall"):
        assert card_of(plain, site) == card_of(asked, site)


def test_the_address_beats_the_browser_and_the_browser_beats_english(visitor: FlaskClient) -> None:
    french = {"Accept-Language": "fr-CA,fr;q=0.9,en;q=0.5"}
    assert '<html lang="fr">' in visitor.get("/", headers=french).text
    assert '<html lang="en">' in visitor.get("/?lang=en", headers=french).text
    assert '<html lang="en">' in visitor.get("/", headers={"Accept-Language": "de"}).text
    assert '<html lang="en">' in visitor.get("/?lang=xx").text


def test_a_language_in_the_address_stays_in_every_link(visitor: FlaskClient) -> None:
    page = visitor.get("/?lang=fr").text
    links = re.findall(r'(?:href|action)="(/[^"]*)"', page)
    inside = [link for link in links if not link.startswith("/static/")]
    assert inside
    assert [link for link in inside if "lang=" not in link] == []
    assert 'name="lang" value="fr"' in page


def test_french_says_the_time_as_it_is_said_here(visitor: FlaskClient) -> None:
    page = words(visitor.get("/?lang=fr").text)
    assert "À jour à 16 h 12" in page
    assert "48 minutes avant 17 h" in page
    assert "Confirmé à 16 h 06 il y a 6 min" in page


def test_a_label_of_its_own_is_translated_or_keeps_its_language(
    visitor: FlaskClient, town: Town
) -> None:
    town.group("maple-house", "quiet", "Quiet room")
    town.group("maple-house", "elders", "Elders' room", label_fr="Chambre des aînés")
    card = card_of(visitor.get("/?lang=fr").text, "maple-house")
    assert '<span lang="en">Quiet room</span>' in card
    assert "Chambre des aînés" in card
    assert "Lits pour femmes" in card


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/none", 404),
        ("GET", "/sites/none", 404),
        ("POST", "/", 405),
        ("GET", "/sites/%00", 404),
        ("GET", "/?lang=%ff&who=%00&need=%f0", 200),
    ],
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_wrong_request_is_answered_in_plain_words(
    visitor: FlaskClient, method: str, path: str, code: int, language: str
) -> None:
    answer = visitor.open(path, method=method, headers={"Accept-Language": language})
    assert answer.status_code == code
    assert f'<html lang="{language}">' in answer.text


def test_a_broken_page_says_so_without_the_store_and_tells_nothing(town: Town) -> None:
    class Broken(Follower):
        @property
        def board(self) -> Board:
            raise RuntimeError("a secret of the inside")

        @board.setter
        def board(self, value: Board) -> None:
            pass

    app = create_app(Settings(secret_key=KEY), Broken(town.board), clock=lambda: town.now)
    answer = app.test_client().get("/?lang=fr")
    assert answer.status_code == 500
    assert "Une panne est survenue chez nous" in answer.text
    assert "secret" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_store_that_is_away_leaves_the_board_and_says_since_when(town: Town) -> None:
    away = Follower(town.board, away_since=town.now - timedelta(minutes=7))
    app = create_app(Settings(secret_key=KEY), away, clock=lambda: town.now)
    page = words(app.test_client().get("/").text)
    assert "New counts can’t reach us since 4:05 pm." in page
    assert "Maple House" in page


@pytest.mark.parametrize(
    ("lang", "sentence", "call"),
    [
        ("en", "Our records were lost at 4:05 pm. These are the last we know: call first.", "Call"),
        ("fr", "Nos données ont été perdues à 16 h 05.", "Appelez"),
    ],
)
def test_a_store_without_its_memory_leaves_only_last_known_numbers(
    town: Town, lang: str, sentence: str, call: str
) -> None:
    following = Follower(town.board, away_since=town.now - timedelta(minutes=7))
    following.gone = True
    town.board.lose()
    app = create_app(Settings(secret_key=KEY), following, clock=lambda: town.now)
    html = app.test_client().get(f"/?lang={lang}").text
    assert sentence in words(html)
    assert "Last known 12 at" in words(html) or lang == "fr"
    statuses = set(re.findall(r'class="figure" data-status="([^"]*)"', html))
    assert statuses == {"call-first", "closed", "no-beds"}, "no number that looks trusted, no full"


def test_a_process_that_never_saw_the_lost_board_says_so_and_shows_no_empty_one() -> None:
    following = Follower(Town().board, away_since=FOUR_TWELVE)
    following.gone = True
    app = create_app(Settings(secret_key=KEY), following, clock=lambda: FOUR_TWELVE)
    answer = app.test_client().get("/")
    assert answer.status_code == 503
    assert "Our records were lost. Call a shelter that you know, or call 211." in answer.text


def test_a_board_without_any_site_does_not_say_that_no_bed_is_open() -> None:
    following = Follower(Board(Day(), Version("a1b2", 1, 0)))
    app = create_app(Settings(secret_key=KEY), following, clock=lambda: FOUR_TWELVE)
    page = words(app.test_client().get("/").text)
    assert "No shelter is on this board. Call 211." in page
    assert "No open bed is known" not in page


def test_a_demonstration_says_so_on_every_page(town: Town) -> None:
    settings = Settings(secret_key=KEY, demo=True)
    demo = create_app(settings, Follower(town.board), clock=lambda: town.now).test_client()
    for path in ("/", "/sites/maple-house", "/how-we-count", "/none"):
        assert "All numbers are made up" in demo.get(path).text


def test_a_site_has_a_page_with_its_address_and_where_its_facts_are_from(
    visitor: FlaskClient, town: Town
) -> None:
    town.site("elm", "Elm", place=NORTH, source="community list", as_of="2025-05", curfew=time(23))
    page = words(visitor.get("/sites/elm").text)
    assert "8 Ferry Road, North Shore" in page
    assert "community list , 2025-05. Not yet checked by the site: ask." in page
    assert "Doors close 11 pm" in page


def test_how_we_count_gives_the_thresholds_of_this_community(visitor: FlaskClient) -> None:
    page = words(visitor.get("/how-we-count").text)
    assert "3 pm to midnight, and on very cold nights up to 1 h up to 3 h after that" in page
    assert "The public is not watched" in page


def test_a_name_with_markup_is_only_a_name(visitor: FlaskClient, town: Town) -> None:
    town.site("odd", "<script>alert(1)</script>", phone='"><img src=x>')
    page = visitor.get("/").text
    assert "<script>alert" not in page
    assert "<img" not in page


def test_a_file_with_its_fingerprint_may_be_kept_for_ever(visitor: FlaskClient) -> None:
    address = re.findall(r'href="(/static/app.css\?v=\w+)"', visitor.get("/").text)[0]
    answer = visitor.get(address, headers={"Accept-Encoding": "br"})
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == "br"
    assert b"--paper" in brotli.decompress(answer.data)
    assert b"/*" not in brotli.decompress(answer.data), "its comments stay at home"
    assert "immutable" not in visitor.get("/static/app.css").headers["Cache-Control"]


def test_thirty_sites_and_the_style_fit_in_the_first_flight(visitor: FlaskClient) -> None:
    """Fourteen kilobytes are what a server may send before it must wait for an answer."""
    town = Town()
    for number, (guest, facts) in enumerate(product(Guest, ({}, {"pets": YES}, {"storage": NO}))):
        if number == 30:
            break
        name = f"{guest.title()} House {number}"
        town.site(f"house-{number}", name, phone=f"250-555-01{number:02}", place=NORTH, **facts)
        town.group(f"house-{number}", "main", "Emergency beds", guest)
        town.group(f"house-{number}", "mats", "Mats")
        town.report(f"house-{number}", "main", number % 7, number)
    app = create_app(Settings(secret_key=KEY), Follower(town.board), clock=lambda: town.now)
    page = app.test_client().get("/").data
    assert page.count(b"<article") == 30
    style = Path(app.static_folder or "", "app.css").read_bytes()
    assert len(gzip.compress(page, 6)) + len(gzip.compress(style, 6)) < 14 * 1024


def test_the_scripts_of_a_public_page_stay_small() -> None:
    """Six kilobytes as they travel, all three together."""
    scripts = [Path("static", name).read_bytes() for name in ("app.js", "filters.js", "exit.js")]
    assert sum(len(gzip.compress(script, 6)) for script in scripts) < 6 * 1024


def test_after_midnight_it_is_night_and_no_longer_past_five(
    visitor: FlaskClient, town: Town
) -> None:
    town.now += timedelta(hours=9)
    page = re.sub(r"<p[^>]* hidden>.*?</p>", "", visitor.get("/").text, flags=re.S)
    assert "It is night. Call before you go" in page
    assert "It is past" not in page


def test_a_board_with_nothing_open_says_so_and_one_with_beds_does_not(
    visitor: FlaskClient, town: Town
) -> None:
    assert "No open bed is known" not in visitor.get("/").text
    town.now += timedelta(hours=12)
    assert "No open bed is known right now." in visitor.get("/").text


def test_a_label_that_names_its_guests_is_not_said_twice(visitor: FlaskClient) -> None:
    page = visitor.get("/").text
    assert "Women’s beds women" not in words(card_of(page, "maple-house")).replace("'", "’")
    assert "Mats adults" in words(card_of(page, "station-hall"))


def test_a_changed_board_links_to_its_source(town: Town) -> None:
    settings = Settings(secret_key=KEY, source_url="https://source.example/board")
    page = create_app(settings, Follower(town.board), clock=lambda: town.now).test_client().get("/")
    assert '<a href="https://source.example/board" rel="noreferrer">Source code</a>' in page.text


@pytest.mark.parametrize("path", ["/", "/?who=man", "/how-we-count", "/static/app.js"])
def test_a_phone_that_knows_no_brotli_gets_gzip(visitor: FlaskClient, path: str) -> None:
    packed = visitor.get(path, headers={"Accept-Encoding": "gzip"})
    plain = visitor.get(path, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in packed.headers["Vary"]
