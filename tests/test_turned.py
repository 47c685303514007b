"""Turned away at the desk: one tap and a reason, times and not people, and a minute to undo."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from dashboard.config import Settings
from dashboard.events import TurnAwayUndone, TurnedAway
from dashboard.store import Promise
from dashboard.turnaways import TurnAway

from .desks import CAST, PASSWORD, Browser, Town, forms, riverbend, words

DESK = "/desk/riverbank"
TURN = f"{DESK}/turned"
BACK = f"{DESK}/turned/undo"


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        yield town


@pytest.fixture
def desk(town: Town) -> Browser:
    browser = town.as_("desk_at_riverbank")
    browser.open(DESK)
    return browser


def tap(browser: Browser, reason: str = "full") -> None:
    browser.post(TURN, browser.form(TURN) | {"reason": reason})


def undo(browser: Browser) -> None:
    """The button stands outside of its form, and belongs to it."""
    found = re.search(r'form="turn-back" name="undoes" value="([^"]*)"', browser.page)
    assert found, "nothing to undo"
    browser.post(BACK, browser.form(BACK) | {"undoes": found[1]})


def told(town: Town) -> list[TurnedAway | TurnAwayUndone]:
    kinds = (TurnedAway, TurnAwayUndone)
    return [event for event in town.store.stream.events() if isinstance(event, kinds)]


def test_one_tap_says_why_and_the_page_counts_times_not_people(desk: Browser, town: Town) -> None:
    for reason in ("full", "full", "pet"):
        tap(desk, reason)
        assert "Saved 4:12 pm" in desk.words
    assert "Turned away today: 3 times (full 2, pet 1). Times, not people." in desk.words
    assert [event.who for event in told(town)] == ["p-river"] * 3


def test_every_reason_has_a_button_and_a_word_in_both_languages(desk: Browser) -> None:
    for language in ("en", "fr"):
        desk.open(f"{DESK}?lang={language}")
        buttons = re.findall(r'name="reason" value="([^"]*)">([^<]+)<', desk.page)
        assert [code for code, _ in buttons] == list(TurnAway)
        assert len({word for _, word in buttons}) == len(TurnAway)


def test_the_form_sent_twice_counts_once(desk: Browser, town: Town) -> None:
    form = desk.form(TURN) | {"reason": "rules"}
    for _ in range(3):
        desk.post(TURN, form)
        assert "Saved 4:12 pm" in desk.words
    assert len(told(town)) == 1


def test_it_can_be_undone_for_a_minute_and_the_page_says_until_when(
    desk: Browser, town: Town
) -> None:
    tap(desk, "curfew")
    assert "Undo “Curfew” (until 4:13 pm)" in desk.words
    town.later(seconds=60)
    desk.open(DESK)
    undo(desk)
    assert "Saved 4:13 pm" in desk.words
    assert "Turned away today" not in desk.words
    assert [type(event) for event in told(town)] == [TurnedAway, TurnAwayUndone]


def test_after_a_minute_it_stays_and_the_page_says_why(desk: Browser, town: Town) -> None:
    tap(desk)
    page = desk.page
    town.later(seconds=61)
    undo(desk)
    assert "Not taken back: a minute has passed, or it was taken back before." in desk.words
    assert "Not saved" in desk.words
    assert "Turned away today: 1 time (full 1)." in desk.words
    desk.page = page
    assert len(told(town)) == 1
    desk.open(DESK)
    assert 'form="turn-back"' not in desk.page


def test_a_coordinator_and_a_caller_may_note_it_too(town: Town) -> None:
    for name in ("coordinator", "caller"):
        browser = town.as_(name)
        browser.open(DESK)
        tap(browser)
    assert [event.source for event in told(town)] == ["desk", "phone"]


@pytest.mark.parametrize("reason", ["", "a man in a red coat", "FULL", None])
def test_only_the_fixed_reasons_are_taken(desk: Browser, town: Town, reason: str | None) -> None:
    form = desk.form(TURN)
    form.pop("reason")
    desk.post(TURN, form | ({"reason": reason} if reason is not None else {}))
    assert "Refused" in desk.words
    assert "red coat" not in desk.page
    assert told(town) == []


@pytest.mark.parametrize("fields", [{}, {"undoes": "x"}, {"undoes": "a:1-1", "key": "short"}])
def test_an_undo_that_says_nothing_is_refused(
    desk: Browser, town: Town, fields: dict[str, str]
) -> None:
    tap(desk)
    desk.post(BACK, desk.form(BACK) | {"undoes": ""} | fields)
    assert "Refused" in desk.words
    assert len(told(town)) == 1


@pytest.mark.parametrize("name", ["desk_at_northside", "outreach"])
@pytest.mark.parametrize("action", [TURN, BACK])
def test_nobody_notes_it_for_a_site_that_is_not_theirs(town: Town, name: str, action: str) -> None:
    stranger = town.as_(name)
    stranger.open("/desk")
    token = stranger.form("/sign-out")["csrf_token"]
    given = {"csrf_token": token, "reason": "full", "key": "a-key-by-hand", "undoes": "a:1-1"}
    assert stranger.client.post(action, data=given).status_code == 404
    assert told(town) == []


@pytest.mark.parametrize("action", [TURN, BACK])
def test_it_is_sent_by_post_alone_and_never_from_elsewhere(
    town: Town, desk: Browser, action: str
) -> None:
    for method in ("get", "put", "delete", "patch"):
        assert getattr(desk.client, method)(action).status_code in (303, 405)
    forged = desk.client.post(action, data={"reason": "full", "key": "forged-key"})
    assert forged.status_code == 303
    assert told(town) == []


def test_who_was_signed_out_is_told_after_signing_in_that_it_was_not_saved(
    desk: Browser, town: Town
) -> None:
    form = desk.form(TURN) | {"reason": "full"}
    client = town.store.connection.client
    client.delete(*client.keys("*session*"))
    desk.post(TURN, form)
    desk.send("/sign-in", {"login": CAST["desk_at_riverbank"].login, "password": PASSWORD})
    assert "your last tap was not saved" in desk.words
    assert told(town) == []


def test_another_desks_turn_aways_are_not_shown(town: Town, desk: Browser) -> None:
    tap(desk)
    other = town.as_("desk_at_northside")
    other.open("/desk/northside")
    assert "Turned away today" not in other.words
    assert "Undo “" not in other.words


def test_by_script_the_answer_is_the_count_and_a_way_back(desk: Browser) -> None:
    form = desk.form(TURN) | {"reason": "partner"}
    answer = desk.client.post(TURN, data=form, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert 'hx-target="#turned-today"' in answer.text
    assert "Turned away today: 1 time (partner 1)." in words(answer.text)
    assert "<html" not in answer.text
    wrong = form | {"reason": "x", "key": "another-key"}
    assert desk.client.post(TURN, data=wrong, headers={"HX-Request": "true"}).status_code == 422


def test_when_the_store_is_away_the_same_tap_can_be_sent_again(desk: Browser, town: Town) -> None:
    form = desk.form(TURN) | {"reason": "full"}
    client = town.app.extensions["store"].connection.client
    working, client.connection_pool.connection_kwargs = (
        client.connection_pool.connection_kwargs,
        {**client.connection_pool.connection_kwargs, "path": "/nowhere.sock"},
    )
    client.connection_pool.reset()
    assert desk.post(TURN, form).status_code == 503
    assert "We could not confirm this was saved." in desk.words
    client.connection_pool.connection_kwargs = working
    client.connection_pool.reset()
    desk.post(TURN, desk.form(TURN))
    desk.post(TURN, form)
    assert len(told(town)) == 1


def test_where_the_store_may_lose_it_is_told_as_sent(desk: Browser, town: Town) -> None:
    town.app.extensions["store"].connection.promise = Promise.SENT
    tap(desk)
    assert "Sent 4:12 pm" in desk.words


def test_no_public_page_knows_of_it(desk: Browser, town: Town) -> None:
    visitor = town.as_("visitor")
    before = [visitor.open(path).text for path in ("/", "/sites/riverbank", "/api/v1/board")]
    tap(desk)
    after = [visitor.open(path).text for path in ("/", "/sites/riverbank", "/api/v1/board")]
    assert [plain(page) for page in before] == [plain(page) for page in after]
    assert not forms(visitor.page, TURN)


def plain(page: str) -> str:
    """Without the version, which every entry moves."""
    return re.sub(r"[0-9a-f]{16}(:|%3A)[0-9-]+(@\d+)?", "", page)
