"""Signing in and out, links that let people in, and how guessing is slowed without locking out."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard import create_app
from dashboard.access import first_link
from dashboard.config import Settings
from dashboard.door import Closed, Door
from dashboard.store import Store

from .desks import CAST, PASSWORD, PROOF, Browser, Town, riverbend

SECURE = {"base_url": "https://board.example"}
NEW = "a kettle sings in November"


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        yield town


@pytest.fixture
def visitor(town: Town) -> Browser:
    return town.as_("visitor")


def link_for(town: Town, id_: str) -> str:
    return f"/welcome?link={town.store.people.reset_link(id_, 'server', town.now)}"


def set_password(browser: Browser, path: str, **fields: str) -> int:
    browser.open(path)
    given = browser.form("/welcome") | {"password": NEW} | fields
    return browser.post("/welcome", given, follow=False).status_code


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("desk_at_riverbank", "/desk/riverbank"),
        ("coordinator", "/tonight"),
        ("caller", "/tonight"),
        ("outreach", "/outreach"),
    ],
)
def test_everybody_starts_where_they_work(visitor: Browser, name: str, start: str) -> None:
    visitor.sign_in(CAST[name].login)
    answer = visitor.open("/sign-in")
    assert answer.request.path == start
    assert f"Sign out {CAST[name].name}" in visitor.words


def test_whoever_has_no_desk_is_told_what_they_can_do(visitor: Browser) -> None:
    visitor.sign_in(CAST["outreach"].login)
    visitor.open("/desk")
    assert "No desk is yours" in visitor.words
    assert "To report for a site, ask your coordinator." in visitor.words


def test_a_login_is_the_same_in_any_letters(visitor: Browser) -> None:
    assert visitor.sign_in("  CORY@Example.ORG ").status_code == 303


@pytest.mark.parametrize(
    ("login", "password"),
    [("sam", "not his password"), ("nobody", PASSWORD), ("", PASSWORD), ("sam", "")],
)
def test_a_wrong_login_and_a_wrong_password_are_told_the_same(
    visitor: Browser, login: str, password: str
) -> None:
    answer = visitor.sign_in(login, password)
    assert answer.status_code == 422
    assert "That login and password do not fit together." in visitor.words
    assert visitor.open("/desk", follow=False).status_code == 303


def test_the_login_stays_in_the_form_and_the_password_does_not(visitor: Browser) -> None:
    visitor.sign_in("sam", "not his password")
    assert visitor.form("/sign-in")["login"] == "sam"
    assert "not his password" not in visitor.page


def test_signing_out_ends_the_session_on_the_server(town: Town) -> None:
    browser = town.as_("desk_at_riverbank")
    cookie = browser.client.get_cookie("bedboard")
    assert cookie
    browser.open("/desk")
    browser.post("/sign-out", browser.form("/sign-out"))
    browser.client.set_cookie("bedboard", cookie.value)
    assert browser.open("/desk", follow=False).status_code == 303


def test_signing_in_makes_the_session_new(town: Town) -> None:
    browser = town.as_("visitor")
    browser.open("/sign-in")
    before = browser.client.get_cookie("bedboard")
    browser.sign_in("sam")
    with browser.client.session_transaction() as session:
        one = session["token"]
    browser.open("/desk")
    browser.post("/sign-out", browser.form("/sign-out"))
    browser.sign_in("sam")
    with browser.client.session_transaction() as session:
        assert session["token"] != one
    assert before
    assert before.value != browser.client.get_cookie("bedboard").value  # type: ignore[union-attr]


def test_the_cookies_are_for_this_server_alone(visitor: Browser) -> None:
    answer = visitor.sign_in("sam", **SECURE)
    session, device = sorted(answer.headers.getlist("Set-Cookie"), key=len, reverse=True)[:2]
    for cookie in (session, device):
        assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
    named = {cookie.split("=")[0]: cookie for cookie in (session, device)}
    assert "Path=/sign-in" in named["bedboard_device"].split("; ")
    plain = Browser(visitor.town).sign_in("sam")
    assert "Secure" not in plain.headers["Set-Cookie"]


@pytest.mark.parametrize("path", ["/", "/how-we-count", "/sites/riverbank", "/nowhere"])
def test_a_public_page_sets_no_cookie_and_reads_none(town: Town, path: str) -> None:
    for name in ("visitor", "desk_at_riverbank"):
        answer = town.as_(name).open(path, follow=False)
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")


@pytest.mark.parametrize(
    "next_",
    ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", "\\\\e", "desk",
     "/\t/elsewhere.example", "/ok\r\nX-Header: 1", "javascript:alert(1)", "/%09/\x00"],
)  # fmt: skip
def test_nobody_is_sent_elsewhere_after_signing_in(visitor: Browser, next_: str) -> None:
    visitor.open("/sign-in", query_string={"next": next_})
    fields = {"login": "sam", "password": PASSWORD, "next": next_}
    answer = visitor.send("/sign-in", fields, follow=False)
    assert answer.location == "/desk"


def test_a_form_that_is_older_than_its_session_asks_again_and_keeps_the_login(
    visitor: Browser,
) -> None:
    visitor.open("/sign-in")
    form = visitor.form("/sign-in") | {"login": "sam", "password": PASSWORD}
    visitor.client.delete_cookie("bedboard")
    answer = visitor.post("/sign-in", form)
    assert answer.request.path == "/sign-in"
    assert PASSWORD not in answer.request.url
    assert "This page was open for too long." in visitor.words
    assert visitor.form("/sign-in")["login"] == "sam"
    assert visitor.send("/sign-in", {"password": PASSWORD}, follow=False).status_code == 303


def test_guessing_is_slowed_in_clear_words_even_with_the_right_password(
    visitor: Browser, town: Town
) -> None:
    for _ in range(5):
        assert visitor.sign_in("sam", "guess, guess, guess").status_code == 422
    answer = visitor.sign_in("sam")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "30"
    assert "Too many tries. Try again in 1 minute." in visitor.words
    assert visitor.form("/sign-in")["login"] == "sam"
    town.later(seconds=31)
    assert visitor.sign_in("sam", "guess, guess, guess").status_code == 422
    assert visitor.sign_in("sam").headers["Retry-After"] == "60"
    town.later(seconds=61)
    assert visitor.sign_in("sam").status_code == 303


def test_an_unknown_login_is_slowed_like_a_known_one(visitor: Browser) -> None:
    answers = [visitor.sign_in("nobody", "guess, guess, guess").status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]


def test_strangers_lock_out_no_browser_that_has_signed_in_before(
    visitor: Browser, town: Town
) -> None:
    tablet = town.as_("desk_at_riverbank")
    tablet.open("/desk")
    tablet.post("/sign-out", tablet.form("/sign-out"))
    for _ in range(6):
        visitor.sign_in("sam", "guess, guess, guess")
    assert town.as_("coordinator").open("/people").status_code == 200
    assert visitor.sign_in("sam").status_code == 429
    assert tablet.sign_in("sam").status_code == 303, "its own count"


def test_a_browser_that_is_signed_in_stays_so_while_strangers_guess(
    visitor: Browser, town: Town
) -> None:
    tablet = town.as_("desk_at_riverbank")
    for _ in range(8):
        visitor.sign_in("sam", "guess, guess, guess")
    assert tablet.open("/desk/riverbank").status_code == 200


def test_an_enrolled_browser_is_slowed_too_by_its_own_failures(town: Town) -> None:
    tablet = town.as_("desk_at_riverbank")
    tablet.open("/desk")
    tablet.post("/sign-out", tablet.form("/sign-out"))
    codes = [tablet.sign_in("sam", "guess, guess, guess").status_code for _ in range(6)]
    assert codes == [422] * 5 + [429]
    assert Browser(town).sign_in("sam").status_code == 303, "others are not slowed by it"


def test_a_device_cookie_opens_no_other_account_and_can_not_be_made_up(town: Town) -> None:
    own = town.as_("desk_at_northside")
    own.open("/desk")
    own.post("/sign-out", own.form("/sign-out"))
    codes = [own.sign_in("sam", "guess, guess, guess").status_code for _ in range(5)]
    forger = Browser(town)
    forger.client.set_cookie("bedboard_device", '["x","sam"].signed', path="/sign-in")
    assert [*codes, forger.sign_in("sam").status_code] == [422] * 5 + [429]


def test_one_address_can_not_try_many_accounts(town: Town) -> None:
    codes = [Browser(town).sign_in(f"login {n}", "guess, guess").status_code for n in range(31)]
    assert codes == [422] * 30 + [429]
    elsewhere = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.9"}}
    assert Browser(town).sign_in("sam", **elsewhere).status_code == 303
    client = town.store.connection.client
    kept = " ".join(repr(client.dump(key)) + key for key in client.keys("*"))
    assert "tries:" in kept
    assert "203.0.113.9" not in kept


def test_old_addresses_told_in_the_new_way_are_not_one_household(town: Town) -> None:
    door = Door(town.store.tries, "a key for tests alone")
    browser = door.browser(None)
    for _ in range(30):
        door.missed(browser, "sam", "::ffff:203.0.113.9")
    door.knock("sam", browser, "::ffff:203.0.113.10", town.now)
    for stranger in ("::ffff:203.0.113.9", "203.0.113.9"):
        with pytest.raises(Closed):
            door.knock("sam", browser, stranger, town.now)


def test_a_link_lets_somebody_choose_a_password_and_ends_their_other_sessions(
    visitor: Browser, town: Town
) -> None:
    elsewhere = town.as_("desk_at_riverbank")
    path = link_for(town, "p-river")
    visitor.open(path)
    visitor.open(path)
    assert "Welcome, Sam" in visitor.words
    assert set_password(visitor, path) == 303
    assert visitor.open("/desk").request.path == "/desk/riverbank"
    assert elsewhere.open("/desk", follow=False).status_code == 303
    assert Browser(town).sign_in("sam").status_code == 422
    assert Browser(town).sign_in("sam", NEW).status_code == 303
    assert Browser(town).open(path).status_code == 410


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("too short", "That is too short."),
        ("passwordpassword", "That is too easy to guess."),
        ("x" * 257, "That is too long."),
        ("", "That is too short."),
    ],
)
def test_a_weak_password_is_refused_and_the_link_stays(
    visitor: Browser, town: Town, password: str, why: str
) -> None:
    path = link_for(town, "p-river")
    assert set_password(visitor, path, password=password) == 422
    assert why in visitor.words
    assert set_password(visitor, path) == 303


@pytest.mark.parametrize("link", ["", "made.up", "first", "p-river.x"])
def test_a_link_that_never_was_says_that_it_has_ended(visitor: Browser, link: str) -> None:
    assert visitor.open("/welcome", query_string={"link": link}).status_code == 410
    assert "This link has ended" in visitor.words


def test_the_first_start_makes_one_link_for_the_first_coordinator(
    settings: Settings, redis_url: str
) -> None:
    old, new = first_link(settings), first_link(settings)
    assert old
    assert new
    town = Town(create_app(settings), Store(redis_url, settings.community))
    first = Browser(town)
    assert first.open(old).status_code == 410
    assert first.open(new).status_code == 200
    assert set_password(first, new, name="", login="") == 422
    assert "Please fill this in." in first.words
    fields = {"name": "Dana Whitefeather", "login": "Dana@example.org"}
    assert set_password(first, new, **fields) == 303
    assert first.open("/people").status_code == 200
    assert first_link(settings) is None
    assert parse_qs(urlsplit(new).query)["link"][0].startswith("first.")
    town.app.extensions["follower"].stop()
    town.store.connection.close()


def test_a_disabled_person_is_out_and_told_nothing_more_than_others(town: Town) -> None:
    tablet = town.as_("desk_at_riverbank")
    town.store.people.disable("p-river", "p-cor", town.now)
    assert tablet.open("/desk", follow=False).status_code == 303
    answer = Browser(town).sign_in("sam")
    assert answer.status_code == 422
    assert "That login and password do not fit together." in answer.text


def test_passwords_and_tokens_are_nowhere_in_the_store(town: Town) -> None:
    browser = town.as_("desk_at_riverbank")
    path = link_for(town, "p-north")
    with browser.client.session_transaction() as session:
        token = session["token"]
    client = town.store.connection.client
    kept = [repr(client.dump(key)) + key for key in client.keys("*")]
    for secret in (PASSWORD, token, path.partition(".")[2]):
        assert not [text for text in kept if secret in text]
    assert [text for text in kept if PROOF[-20:] in text], "the search would find it"


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/sign-in", ("put", "delete", "patch")),
        ("/sign-out", ("get", "put", "delete")),
        ("/welcome", ("put", "delete")),
    ],
)
def test_another_method_is_refused(visitor: Browser, path: str, methods: tuple[str, ...]) -> None:
    for method in methods:
        assert getattr(visitor.client, method)(path).status_code in (303, 405)


def test_a_session_in_use_goes_on_and_one_left_alone_ends(town: Town) -> None:
    browser = town.as_("desk_at_riverbank")
    client, key = town.store.connection.client, town.store.connection.key("session", "*")
    (kept,) = client.keys(key)
    assert client.ttl(kept) > 29 * 24 * 3600
    client.expire(kept, 3600)
    assert browser.open("/desk/riverbank").status_code == 200
    assert client.ttl(kept) > 29 * 24 * 3600, "used, so it lasts anew"
    client.delete(kept)
    assert browser.open("/desk/riverbank", follow=False).status_code == 303
