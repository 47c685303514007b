"""The desk without any script: every tap a form, every answer in words, nothing typed lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from werkzeug.test import TestResponse

from dashboard.beds import Source
from dashboard.config import Settings
from dashboard.events import Reported
from dashboard.rows import Moment
from dashboard.store import Promise

from .desks import CAST, Browser, Town, forms, riverbend, words
from .values import RIVERBANK, VAN, WOMEN, hold

DESK = "/desk/riverbank"
WOMEN_REPORTS = f"{DESK}/groups/women/reports"
MEN_REPORTS = f"{DESK}/groups/men/reports"
WOMEN_UNDO = f"{DESK}/groups/women/undo"
ALL = f"{DESK}/reports"
POSTS = (WOMEN_REPORTS, WOMEN_UNDO, ALL)


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        yield town


@pytest.fixture
def desk_at_riverbank(town: Town) -> Browser:
    browser = town.as_("desk_at_riverbank")
    browser.open(DESK)
    return browser


def change(browser: Browser, number: object, action: str = WOMEN_REPORTS) -> None:
    form = browser.form(action, kind="change") | {"value": str(number)}
    browser.post(action, form)


def tap(browser: Browser, by: int, action: str = WOMEN_REPORTS) -> None:
    browser.post(action, browser.form(action, kind="adjust", value=str(by)))


def confirm(browser: Browser, action: str = WOMEN_REPORTS) -> None:
    browser.post(action, browser.form(action, kind="confirm"))


def undo(browser: Browser) -> None:
    browser.post(WOMEN_UNDO, browser.form(WOMEN_UNDO))


def reports(town: Town) -> list[Reported]:
    return [event for event in town.store.stream.events() if isinstance(event, Reported)]


def test_a_typed_number_is_saved_and_the_page_says_so(
    desk_at_riverbank: Browser, town: Town
) -> None:
    change(desk_at_riverbank, 5)
    assert town.figure() == 5
    assert "Saved 4:12 pm" in desk_at_riverbank.words
    told = reports(town)[-1]
    assert (told.kind, told.value, told.who, told.source) == ("change", 5, "p-river", Source.DESK)
    desk_at_riverbank.open(DESK)
    assert "Saved" not in desk_at_riverbank.words, "it is said once"


def test_plus_and_minus_add_up(desk_at_riverbank: Browser, town: Town) -> None:
    change(desk_at_riverbank, 5)
    tap(desk_at_riverbank, 1)
    tap(desk_at_riverbank, 1)
    tap(desk_at_riverbank, -1)
    assert town.figure() == 6
    assert "Sam, 4:12 pm, from 7 to 6" in desk_at_riverbank.words


def test_a_form_that_is_sent_twice_counts_once(desk_at_riverbank: Browser, town: Town) -> None:
    change(desk_at_riverbank, 5)
    form = desk_at_riverbank.form(WOMEN_REPORTS, kind="adjust", value="1")
    for _ in range(3):
        desk_at_riverbank.post(WOMEN_REPORTS, form)
        assert "Saved 4:12 pm" in desk_at_riverbank.words
    assert town.figure() == 6


def test_an_old_form_with_another_number_is_refused_and_the_number_kept(
    desk_at_riverbank: Browser, town: Town
) -> None:
    form = desk_at_riverbank.form(WOMEN_REPORTS, kind="change")
    desk_at_riverbank.post(WOMEN_REPORTS, form | {"value": "5"})
    desk_at_riverbank.post(WOMEN_REPORTS, form | {"value": "7"})
    assert town.figure() == 5
    assert "this form was sent before and said something else" in desk_at_riverbank.words
    assert desk_at_riverbank.form(WOMEN_REPORTS, kind="change")["value"] == "7"
    desk_at_riverbank.post(WOMEN_REPORTS, desk_at_riverbank.form(WOMEN_REPORTS, kind="change"))
    assert town.figure() == 7


def test_still_right_renews_the_age_and_carries_the_figure(
    desk_at_riverbank: Browser, town: Town
) -> None:
    change(desk_at_riverbank, 5)
    town.later(minutes=50)
    desk_at_riverbank.open(DESK)
    confirm(desk_at_riverbank)
    assert "Sam, 5:02 pm, still 5" in desk_at_riverbank.words
    assert [told.kind for told in reports(town)] == ["change", "confirm"]


def test_a_conflict_shows_both_figures_and_one_tap_settles_it(town: Town) -> None:
    one, two = town.as_("desk_at_riverbank"), town.as_("coordinator")
    one.open(DESK)
    change(one, 5)
    two.open(DESK)
    change(two, 3)
    town.later(minutes=5)
    confirm(one)
    assert "You said 5. Cory said 3 at 4:12 pm. Which is right now?" in one.words
    assert town.figure() == 3
    choices = [form for form in forms(one.page, WOMEN_REPORTS) if form.get("value") in ("3", "5")]
    assert {(form["kind"], form["value"]) for form in choices} >= {
        ("change", "5"),
        ("confirm", "3"),
    }
    one.post(WOMEN_REPORTS, one.form(WOMEN_REPORTS, kind="change", value="5"))
    assert town.figure() == 5
    assert "Saved 4:17 pm" in one.words


def test_all_still_right_confirms_what_was_seen_and_names_what_changed(town: Town) -> None:
    one, two = town.as_("desk_at_riverbank"), town.as_("caller")
    one.open(DESK)
    change(one, 5)
    change(one, 4, MEN_REPORTS)
    two.open(DESK)
    change(two, 2, MEN_REPORTS)
    one.post(ALL, one.form(ALL))
    assert "You said 4. Cal said 2 at 4:12 pm" in one.words
    assert "Not saved" in one.words
    assert [(told.group, told.kind) for told in reports(town)][-1] == ("women", "confirm")
    one.open(DESK)
    again = one.form(ALL)
    one.post(ALL, again)
    one.post(ALL, again)
    assert "Saved 4:12 pm" in one.words
    assert [told.group for told in reports(town) if told.kind == "confirm"] == [
        *("women", "women", "men")
    ]


def test_a_group_that_nobody_counted_is_not_confirmed(
    desk_at_riverbank: Browser, town: Town
) -> None:
    change(desk_at_riverbank, 5)
    desk_at_riverbank.post(ALL, desk_at_riverbank.form(ALL))
    assert town.figure("men") is None
    assert "Not counted yet today. Type the number." in desk_at_riverbank.words


def test_full_is_nought(desk_at_riverbank: Browser, town: Town) -> None:
    change(desk_at_riverbank, 5)
    desk_at_riverbank.post(WOMEN_REPORTS, desk_at_riverbank.form(WOMEN_REPORTS, kind="full"))
    assert town.figure() == 0


def test_undo_brings_back_the_figure_and_its_time_once(
    desk_at_riverbank: Browser, town: Town
) -> None:
    change(desk_at_riverbank, 5)
    town.later(minutes=20)
    desk_at_riverbank.open(DESK)
    form = desk_at_riverbank.form(WOMEN_UNDO)
    change(desk_at_riverbank, 50)
    stale = form
    undo(desk_at_riverbank)
    assert town.figure() == 5
    assert "Sam, 4:32 pm, took the last one back" in desk_at_riverbank.words
    assert "20 min ago" in desk_at_riverbank.words
    assert not desk_at_riverbank.form(WOMEN_UNDO)["undoes"]
    desk_at_riverbank.post(WOMEN_UNDO, stale)
    assert "a newer report has come" in desk_at_riverbank.words
    assert town.figure() == 5


def test_below_nought_and_above_all_sense_are_refused_in_words(
    desk_at_riverbank: Browser, town: Town
) -> None:
    change(desk_at_riverbank, 0)
    tap(desk_at_riverbank, -1)
    assert "there can’t be fewer than 0 beds" in desk_at_riverbank.words
    for typed, why in (("10000", "More than 9,999"), ("-1", "It can’t be below 0")):
        change(desk_at_riverbank, typed)
        assert why in desk_at_riverbank.words
    assert town.figure() == 0


def test_what_was_typed_stays_when_it_is_refused(desk_at_riverbank: Browser) -> None:
    change(desk_at_riverbank, 'six "or" <b>so</b>')
    assert "Please write a whole number." in desk_at_riverbank.words
    assert 'value="six &#34;or&#34; &lt;b&gt;so&lt;/b&gt;"' in desk_at_riverbank.page


def test_adding_to_a_stale_figure_asks_for_the_number(
    desk_at_riverbank: Browser, town: Town
) -> None:
    change(desk_at_riverbank, 5)
    town.later(hours=4)
    tap(desk_at_riverbank, 1)
    assert "too old to add to. Type the number instead." in desk_at_riverbank.words
    assert "Too long ago: the board says “Call first”." in desk_at_riverbank.words
    assert town.figure() == 5


def test_yesterdays_figure_is_gone_and_can_not_be_confirmed(
    desk_at_riverbank: Browser, town: Town
) -> None:
    change(desk_at_riverbank, 5)
    town.later(hours=20)
    confirm(desk_at_riverbank)
    assert "there is no count for today any more. Is 5 right now?" in desk_at_riverbank.words
    desk_at_riverbank.post(
        WOMEN_REPORTS, desk_at_riverbank.form(WOMEN_REPORTS, kind="change", value="5")
    )
    assert "Saved 12:12 pm" in desk_at_riverbank.words


def test_a_report_that_waited_too_long_goes_to_history_and_says_so(town: Town) -> None:
    one, two = town.as_("desk_at_riverbank"), town.as_("coordinator")
    one.open(DESK)
    two.open(DESK)
    form = one.form(WOMEN_REPORTS, kind="change") | {"value": "9", "waited": "600"}
    change(two, 3)
    one.post(WOMEN_REPORTS, form)
    assert "Kept in history: the board has a newer figure already." in one.words
    assert "Saved" not in one.words
    assert town.figure() == 3
    assert reports(town)[-1].late


def test_the_question_counts_kept_beds_for_the_sites_own_people_only(
    town: Town, desk_at_riverbank: Browser
) -> None:
    change(desk_at_riverbank, 5)
    judge = Moment(town.app.extensions["follower"].board, town.now).judge(RIVERBANK)
    town.store.holds.keep(hold("h-1", WOMEN, town.now, minutes=60), judge, VAN)
    change(desk_at_riverbank, 5)
    assert "counting the 1 kept for someone on the way?" in desk_at_riverbank.words
    assert "The board shows 4." in desk_at_riverbank.words
    for name in ("coordinator", "caller"):
        other = town.as_(name)
        other.open(DESK)
        assert "counting any kept for someone on the way?" in other.words
        assert "kept for someone on the way. " not in other.words
        assert "The board shows" not in other.words
    town.later(minutes=61)
    desk_at_riverbank.open(DESK)
    assert "How many beds could you give out right now?" in desk_at_riverbank.words


def test_a_callers_report_is_marked_so(town: Town) -> None:
    caller = town.as_("caller")
    caller.open(DESK)
    change(caller, 5)
    assert reports(town)[-1].source is Source.PHONE
    assert "Cal, by phone, 4:12 pm" in caller.words


@pytest.mark.parametrize("name", ["desk_at_northside", "outreach"])
def test_nobody_reports_for_a_site_that_is_not_theirs(town: Town, name: str) -> None:
    stranger = town.as_(name)
    for path in (DESK, f"{DESK}/figures", "/desk/nowhere"):
        assert stranger.open(path).status_code == 404
    for action in POSTS:
        answer = post_by_hand(stranger, action)
        missing = post_by_hand(stranger, action.replace("riverbank", "nowhere"))
        assert answer.status_code == missing.status_code == 404
        assert words(answer.text) == words(missing.text), "no hint"
    assert town.figure() is None


def post_by_hand(browser: Browser, action: str) -> TestResponse:
    """A form that no page ever showed this browser, with the token of one that did."""
    browser.open("/desk")
    token = browser.form("/sign-out")["csrf_token"]
    given = {"kind": "change", "value": "5", "key": "a-key-by-hand", "csrf_token": token}
    return browser.client.post(action, data=given)


def test_a_bed_group_that_is_not_there_is_404(town: Town) -> None:
    desk = town.as_("desk_at_riverbank")
    for group in ("nowhere", "mats"):
        answer = post_by_hand(desk, f"{DESK}/groups/{group}/reports")
        assert answer.status_code == 404


@pytest.mark.parametrize("action", POSTS)
def test_a_form_from_elsewhere_does_nothing(town: Town, action: str) -> None:
    desk = town.as_("desk_at_riverbank")
    answer = desk.post(action, {"kind": "change", "value": "5", "key": "forged-key"}, follow=False)
    assert answer.status_code == 303
    assert town.figure() is None
    desk.open(answer.location)
    assert "Not saved yet" in desk.words


@pytest.mark.parametrize("path", [DESK, f"{DESK}/figures", "/desk"])
def test_a_visitor_is_asked_to_sign_in_and_comes_back(town: Town, path: str) -> None:
    visitor = town.as_("visitor")
    answer = visitor.open(path, follow=False)
    assert answer.status_code == 303
    visitor.open(answer.location)
    sent = visitor.send("/sign-in", {"login": "sam", "password": "six quiet geese at dawn"}, False)
    assert sent.location == path


def test_a_number_typed_before_the_session_ended_survives_signing_in(
    desk_at_riverbank: Browser, town: Town
) -> None:
    form = desk_at_riverbank.form(WOMEN_REPORTS, kind="change") | {"value": "7"}
    town.store.people.welcome(
        town.store.people.reset_link("p-river", "p-cor", town.now),
        CAST["desk_at_riverbank"],
        town.app.extensions["passwords"].hash("six quiet geese at dawn"),
        town.now,
    )
    desk_at_riverbank.post(WOMEN_REPORTS, form)
    assert "You were signed out, so that was not saved." in desk_at_riverbank.words
    desk_at_riverbank.send("/sign-in", {"login": "sam", "password": "six quiet geese at dawn"})
    assert "this was not saved: 7" in desk_at_riverbank.words
    assert town.figure() is None
    desk_at_riverbank.post(WOMEN_REPORTS, desk_at_riverbank.form(WOMEN_REPORTS, kind="change"))
    assert town.figure() == 7


@pytest.mark.parametrize("action", POSTS)
def test_a_report_is_sent_by_post_alone(town: Town, action: str) -> None:
    desk = town.as_("desk_at_riverbank")
    for method in ("get", "put", "delete", "patch"):
        assert getattr(desk.client, method)(action).status_code in (303, 405)
    assert town.figure() is None


def test_signed_in_pages_are_kept_by_nobody(town: Town) -> None:
    coordinator = town.as_("coordinator")
    for path in (DESK, "/desk", "/people", f"{DESK}/figures"):
        assert coordinator.open(path).headers["Cache-Control"] == "no-store"


def test_by_script_the_answer_is_the_figures_and_a_word(
    desk_at_riverbank: Browser, town: Town
) -> None:
    htmx = {"HX-Request": "true"}
    form = desk_at_riverbank.form(WOMEN_REPORTS, kind="change") | {"value": "5"}
    answer = desk_at_riverbank.client.post(WOMEN_REPORTS, data=form, headers=htmx)
    assert answer.status_code == 200
    assert "Saved 4:12 pm" in words(answer.text)
    assert 'hx-target="#seen-women"' in answer.text
    assert "<html" not in answer.text
    refused = desk_at_riverbank.client.post(
        WOMEN_REPORTS, data=form | {"value": "x", "key": "another-key"}, headers=htmx
    )
    assert refused.status_code == 422
    wrong = form | {"kind": "confirm", "value": "4", "key": "a-third-key"}
    assert desk_at_riverbank.client.post(WOMEN_REPORTS, data=wrong, headers=htmx).status_code == 409
    forged = {"kind": "change", "value": "9", "key": "a-forged-key"}
    answer = desk_at_riverbank.client.post(WOMEN_REPORTS, data=forged, headers=htmx)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith(f"{DESK}?group=women")
    assert town.figure() == 5


def test_the_figures_stand_word_for_word_in_the_page(desk_at_riverbank: Browser) -> None:
    change(desk_at_riverbank, 5)
    page = desk_at_riverbank.open(DESK).text
    fragment = desk_at_riverbank.open(f"{DESK}/figures").text
    parts = re.findall(r"<hx-partial[^>]*>(.*?)</hx-partial>", fragment, re.S)
    assert len(parts) == 13
    for part in parts:
        assert part in page
        assert "<form" not in part


def test_when_the_store_has_lost_its_memory_nobody_is_sent_to_sign_in(
    desk_at_riverbank: Browser, town: Town
) -> None:
    form = desk_at_riverbank.form(WOMEN_REPORTS, kind="change") | {"value": "5"}
    town.app.extensions["store"].connection.client.flushall()
    answer = desk_at_riverbank.post(WOMEN_REPORTS, form)
    assert answer.status_code == 503
    assert "We could not confirm this was saved." in desk_at_riverbank.words


def test_when_the_store_is_away_the_same_form_can_be_sent_again_safely(
    desk_at_riverbank: Browser, town: Town
) -> None:
    form = desk_at_riverbank.form(WOMEN_REPORTS, kind="change") | {"value": "5"}
    client = town.app.extensions["store"].connection.client
    working, client.connection_pool.connection_kwargs = (
        client.connection_pool.connection_kwargs,
        {**client.connection_pool.connection_kwargs, "path": "/nowhere.sock"},
    )
    client.connection_pool.reset()
    assert desk_at_riverbank.open("/desk/riverbank").status_code == 503
    assert "We can’t reach our data right now" in desk_at_riverbank.words
    answer = desk_at_riverbank.post(WOMEN_REPORTS, form)
    assert answer.status_code == 503
    assert "We could not confirm this was saved. Trying again is safe" in desk_at_riverbank.words
    retry = desk_at_riverbank.form(WOMEN_REPORTS)
    assert retry["key"] == form["key"]
    assert retry["value"] == "5"
    client.connection_pool.connection_kwargs = working
    client.connection_pool.reset()
    town.later(minutes=30)
    desk_at_riverbank.post(WOMEN_REPORTS, retry)
    assert town.figure() == 5
    assert "Sam, 4:12 pm" in desk_at_riverbank.words, "it is as old as the first try"


def test_a_store_that_may_lose_is_told_as_sent(desk_at_riverbank: Browser, town: Town) -> None:
    town.app.extensions["store"].connection.promise = Promise.SENT
    change(desk_at_riverbank, 5)
    assert "Sent 4:12 pm" in desk_at_riverbank.words
    assert "Saved" not in desk_at_riverbank.words
