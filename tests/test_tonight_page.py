"""Tonight's page: what needs a call, who takes it, and what the desk said on the phone."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from dashboard import create_app
from dashboard.beds import Source
from dashboard.calls import LEASE, CallEnd, CallEnded, CallTaken
from dashboard.config import Settings
from dashboard.events import Event, Reported
from dashboard.store import Store
from dashboard.visits import Found

from .desks import CAST, PROOF, Browser, Town, riverbend, send
from .test_naughty import OURS
from .test_naughty_forms import harmless
from .values import NOW, at

PAGE, NEXT = "/tonight", "/tonight/next"
RIVER, NORTH = "/tonight/call/riverbank", "/tonight/call/northside"


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        yield town


@pytest.fixture
def caller(town: Town) -> Browser:
    browser = town.as_("caller")
    browser.open(PAGE)
    return browser


def count(town: Town, site: str, **numbers: int) -> Browser:
    """The desk of a site says these numbers."""
    desk = town.as_("desk_at_riverbank" if site == "riverbank" else "desk_at_northside")
    for group, value in numbers.items():
        desk.open(f"/desk/{site}")
        path = f"/desk/{site}/groups/{group}/reports"
        desk.send(path, {"kind": "change", "value": str(value)})
    town.caught_up()
    return desk


def everybody_counts(town: Town) -> None:
    count(town, "riverbank", women=5, men=4)
    count(town, "northside", mats=2)
    haven = town.as_("coordinator")
    haven.open("/desk/haven")
    haven.send("/desk/haven/groups/family/reports", {"kind": "change", "value": "1"})
    town.caught_up()


def events(town: Town, kind: type[Event]) -> list[Event]:
    return [one for one in town.store.stream.events() if type(one) is kind]


def take(browser: Browser) -> str:
    """Take the next call; returns where that led."""
    browser.open(PAGE)
    return browser.send(NEXT, {}).request.path


def part(browser: Browser, start: str, end: str = "See the board") -> str:
    """What the page says between two of its words."""
    return browser.words.partition(start)[2].partition(end)[0]


def test_who_has_never_said_a_number_needs_a_call_and_who_has_does_not(
    town: Town, caller: Browser
) -> None:
    assert "3 sites need a call now." in caller.words
    count(town, "riverbank", women=5, men=4)
    caller.open(PAGE)
    assert "2 sites need a call now." in caller.words
    assert "Riverbank House" in part(caller, "Confirmed 1")
    assert "Women's beds 5 beds open 4:12 pm just now · Sam" in caller.words
    assert "Confirmed since 3:00 pm" in caller.words


def test_what_needs_a_call_most_comes_first(town: Town, caller: Browser) -> None:
    """Unknown before disputed before unconfirmed; among these the oldest."""
    everybody_counts(town)
    town.now = at("16:40")
    count(town, "northside", mats=2)
    count(town, "riverbank", women=5, men=4)
    town.now = at("17:01")
    caller.open(PAGE)
    assert "3 sites need a call now." in caller.words, "nobody has confirmed since 5 pm"
    assert "Not confirmed since 5:00 pm" in caller.words
    dispute(town)
    caller.open(PAGE)
    order = sorted(("Northside", "Riverbank House", "Haven"), key=caller.words.index)
    assert order == ["Northside", "Haven", "Riverbank House"]
    assert "Street team, 5:01 pm: it was full." in caller.words


def dispute(town: Town) -> None:
    worker = town.as_("outreach")
    worker.open("/outreach")
    path = "/outreach/sites/northside/groups/mats/visits"
    worker.send(path, {"found": str(Found.WAS_FULL)})
    town.caught_up()


def test_a_trend_says_where_the_number_comes_from(town: Town, caller: Browser) -> None:
    count(town, "riverbank", women=8)
    for minute, value in ((20, 6), (30, 5), (40, 3)):
        town.now = at(f"16:{minute}")
        count(town, "riverbank", women=value)
    caller.open(PAGE)
    assert "fewer: 8 at 4:12 pm" in caller.words, "small steps are told as the one they make"
    town.now = at("17:50")
    count(town, "riverbank", women=6)
    caller.open(PAGE)
    assert "more: 3 at 4:40 pm" in caller.words


def test_whoever_counts_on_the_phone_reports_like_anybody(town: Town, caller: Browser) -> None:
    assert take(caller) == "/tonight/call/haven"
    caller.send("/tonight/call/haven/end", {"end": "no-answer"})
    assert "Noted: nobody answered at Haven, 4:12 pm." in caller.words
    assert take(caller) == NORTH
    assert "This call is yours until 4:22 pm." in caller.words
    caller.send(NORTH, {"count.mats": "4", "count.winter": ""})
    assert caller.words.count("Saved: Northside, 4:12 pm.") == 1
    assert town.figure("mats", "northside") == 4
    (said,) = events(town, Reported)
    assert isinstance(said, Reported)
    assert (said.source, said.who, said.group) == (Source.PHONE, "p-cal", "mats")
    ends = [one.end for one in events(town, CallEnded) if isinstance(one, CallEnded)]
    assert ends == [CallEnd.NO_ANSWER, CallEnd.COUNTED]


def test_the_desk_sees_who_called_and_corrects_it(town: Town, caller: Browser) -> None:
    desk = town.as_("desk_at_northside")
    caller.send(NEXT, {"site": "northside"})
    town.caught_up()
    assert "Cal is about to phone you for your count." in desk_words(desk)
    caller.send(NORTH, {"count.mats": "4"})
    town.caught_up()
    told = desk_words(desk)
    assert "Cal, by phone, 4:12 pm" in told
    assert "about to phone" not in told
    desk.send("/desk/northside/groups/mats/reports", {"kind": "change", "value": "3"})
    assert town.figure("mats", "northside") == 3
    desk.open("/desk/northside/history")
    assert "Phoned, and counted" in desk.words


def test_the_desk_learns_that_nobody_answered_until_it_counts(town: Town, caller: Browser) -> None:
    desk = town.as_("desk_at_northside")
    caller.send(NEXT, {"site": "northside"})
    caller.send(f"{NORTH}/end", {"end": "no-answer"})
    town.caught_up()
    assert "Cal phoned at 4:12 pm and could not get through." in desk_words(desk)
    town.later(minutes=1)
    count(town, "northside", mats=2)
    assert "could not get through" not in desk_words(desk)


def desk_words(desk: Browser) -> str:
    desk.open("/desk/northside")
    return desk.words


def test_nobody_answered_sends_the_next_caller_elsewhere_for_a_quarter_of_an_hour(
    town: Town, caller: Browser
) -> None:
    caller.send(NEXT, {"site": "northside"})
    caller.send(f"{NORTH}/end", {"end": "no-answer"})
    assert "Cal could not get through at 4:12 pm. Try again from 4:27 pm." in caller.words
    assert "2 sites need a call now." in caller.words
    town.later(minutes=15)
    caller.open(PAGE)
    assert "3 sites need a call now." in caller.words


def test_two_callers_get_two_sites_and_see_each_other(town: Town, caller: Browser) -> None:
    other = town.as_("coordinator")
    assert {take(caller), take(other)} == {"/tonight/call/haven", NORTH}
    town.caught_up()
    caller.open(PAGE)
    assert "Cory is calling, until 4:22 pm." in caller.words
    assert "You are calling, until 4:22 pm." in caller.words
    caller.open(NORTH)
    assert "Cory is calling, until 4:22 pm." in caller.words


def test_an_unfinished_call_comes_before_another(caller: Browser) -> None:
    assert take(caller) == "/tonight/call/haven"
    given = {"csrf_token": caller.token("/tonight/call/haven"), "key": "another-tap-of-cal"}
    assert caller.post(NEXT, given | {"site": "northside"}).request.path == "/tonight/call/haven"
    assert "Finish this call first, or give it back." in caller.words
    caller.send("/tonight/call/haven/end", {"end": "given-back"}, which=1)
    assert "Given back: Haven. Somebody else can call." in caller.words
    assert take(caller) == "/tonight/call/haven"


def test_a_call_lapses_by_itself_and_can_still_be_saved(town: Town, caller: Browser) -> None:
    caller.send(NEXT, {"site": "northside"})
    page = caller.page
    town.now += LEASE
    other = town.as_("coordinator")
    other.open(PAGE)
    assert "is calling" not in other.words
    caller.page = page
    caller.send(NORTH, {"count.mats": "4"})
    assert "Saved: Northside, 4:22 pm." in caller.words


def test_a_form_sent_twice_counts_once(town: Town, caller: Browser) -> None:
    caller.send(NEXT, {"site": "northside"})
    page = caller.page
    for _ in range(2):
        caller.page = page
        caller.send(NORTH, {"count.mats": "4"})
        assert "Saved: Northside, 4:12 pm." in caller.words
    assert len(events(town, Reported)) == 1
    assert len(events(town, CallEnded)) == 1


def test_a_number_that_changed_meanwhile_is_shown_and_asked_about(
    town: Town, caller: Browser
) -> None:
    count(town, "northside", mats=5)
    caller.open(PAGE)
    caller.send(NEXT, {"site": "northside"})
    page = caller.page
    count(town, "northside", mats=3)
    caller.page = page
    answer = caller.send(NORTH, {"count.mats": "6"})
    assert answer.status_code == 409
    assert "It changed while you were on the phone: Noor said 3 at 4:12 pm." in caller.words
    assert town.figure("mats", "northside") == 3
    assert caller.form(NORTH)["count.mats"] == "6"
    caller.send(NORTH, {})
    assert "Saved: Northside, 4:12 pm." in caller.words
    assert town.figure("mats", "northside") == 6


def test_a_report_that_comes_late_is_kept_in_history(town: Town, caller: Browser) -> None:
    caller.send(NEXT, {"site": "northside"})
    given = caller.form(NORTH) | {"count.mats": "6", "seen.mats": "3", "waited": "600"}
    count(town, "northside", mats=3)
    caller.post(NORTH, given)
    assert "Kept in history: Northside has newer numbers." in caller.words
    assert town.figure("mats", "northside") == 3


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({}, "Please write the number for at least one kind of bed."),
        ({"count.mats": "many"}, "Please write a whole number."),
        ({"count.mats": "-1"}, "It can’t be below 0."),
        ({"count.mats": "99999"}, "More than 9,999 can’t be right."),
        ({"count.mats": "2", "count.winter": "x"}, "Please write a whole number."),
    ],
)
def test_what_is_no_number_is_refused_and_stays_as_it_was_typed(
    town: Town, caller: Browser, typed: dict[str, str], why: str
) -> None:
    caller.send(NEXT, {"site": "northside"})
    assert caller.send(NORTH, typed).status_code == 422
    assert why in caller.words
    form = caller.form(NORTH)
    assert {name: form[name] for name in typed} == typed
    assert events(town, Reported) == []
    assert events(town, CallEnded) == []


def test_what_was_typed_survives_signing_in_again(town: Town, caller: Browser) -> None:
    caller.send(NEXT, {"site": "northside"})
    form = caller.form(NORTH) | {"count.mats": "4"}
    caller.client.delete_cookie("bedboard")
    caller.post(NORTH, form)
    caller.send("/sign-in", {"login": CAST["caller"].login, "password": "six quiet geese at dawn"})
    assert "You were signed out" in caller.words
    assert caller.form(NORTH)["count.mats"] == "4"
    assert "This call is yours until 4:22 pm." in caller.words
    caller.send(NORTH, {})
    assert town.figure("mats", "northside") == 4


def test_when_nobody_needs_a_call_it_says_so(town: Town, caller: Browser) -> None:
    everybody_counts(town)
    caller.open(PAGE)
    assert "Every site has confirmed its numbers." in caller.words
    caller.send(NEXT, {})
    assert caller.words.count("Nobody needs a call right now.") == 1
    assert events(town, CallTaken) == []


def test_a_site_that_is_closed_tonight_is_called_by_nobody(town: Town, caller: Browser) -> None:
    desk = town.as_("desk_at_northside")
    desk.open("/desk/northside/evening")
    desk.send("/desk/northside/evening", {"topic": "closed", "reason": "repairs"})
    town.caught_up()
    caller.open(PAGE)
    assert "2 sites need a call now." in caller.words
    assert "Northside" in part(caller, "Closed tonight 1")


def test_it_says_that_beds_are_kept_and_never_how_many_for_whom_or_until_when(
    town: Town, caller: Browser
) -> None:
    count(town, "northside", mats=5)
    worker = town.as_("outreach")
    worker.open("/outreach")
    worker.send("/outreach/sites/northside/groups/mats/holds", {"minutes": "20"})
    town.caught_up()
    (hold,) = town.app.extensions["follower"].board.sites["northside"].group("mats").holds
    caller.open(PAGE)
    assert "Some are kept for people on the way." in caller.words
    for secret in (hold.code, hold.agency, hold.id):
        assert secret not in caller.page


def test_the_list_alone_stands_word_for_word_in_the_page(caller: Browser) -> None:
    def bare(text: str) -> str:
        return " ".join(line for line in text.split("\n") if 'type="hidden"' not in line)

    whole = bare(caller.page)
    caller.open("/tonight/list")
    banner, _, rest = bare(caller.page).partition("</div>")
    assert banner.strip() in whole
    assert rest.strip() in whole


@pytest.mark.parametrize("name", ["desk_at_riverbank", "outreach"])
def test_it_is_for_callers_and_coordinators(town: Town, name: str) -> None:
    browser = town.as_(name)
    for path in (PAGE, "/tonight/list", NORTH):
        assert browser.open(path).status_code == 404
    for path in (NEXT, NORTH, f"{NORTH}/end"):
        assert send(browser, path, {"site": "northside"}).status_code == 404
    assert events(town, CallTaken) == []


def test_a_site_that_is_not_there_is_404(caller: Browser) -> None:
    for path in ("/tonight/call/nowhere", "/tonight/call/%00"):
        assert caller.open(path).status_code == 404
    given = {"site": "nowhere", "key": "a-key-of-a-tap"}
    assert send(caller, NEXT, given).status_code == 404
    assert send(caller, f"{NORTH}/end", {"end": "lapsed"} | given).status_code == 422


def test_callers_and_coordinators_hear_that_something_changed(town: Town) -> None:
    for name, status in (("caller", 200), ("coordinator", 200), ("desk_at_riverbank", 404)):
        response = town.as_(name).client.get("/live?since=a:1-0&desk=*", buffered=False)
        assert response.status_code == status
        if status == 200:
            heard = iter(response.response)
            assert b"event: beat" in next(heard)
            assert next(heard).startswith(b"event: figures"), "and nothing of what it was"
        response.close()


def test_while_the_store_is_away_the_numbers_can_be_sent_again_safely(
    town: Town, caller: Browser
) -> None:
    caller.send(NEXT, {"site": "northside"})
    form = caller.form(NORTH) | {"count.mats": "4"}
    pool = town.app.extensions["store"].connection.client.connection_pool
    working, pool.connection_kwargs = (
        pool.connection_kwargs,
        {**pool.connection_kwargs, "path": "/nowhere.sock"},
    )
    pool.reset()
    assert caller.post(NORTH, form).status_code == 503
    assert "We could not confirm this was saved. Trying again is safe" in caller.words
    pool.connection_kwargs = working
    pool.reset()
    assert caller.form(NORTH)["key"] == form["key"]
    caller.send(NORTH, {})
    assert "Saved: Northside, 4:12 pm." in caller.words
    assert town.figure("mats", "northside") == 4


def test_no_string_in_a_field_breaks_a_page(town: Town, caller: Browser) -> None:
    caller.send(NEXT, {"site": "northside"})
    form, key = caller.form(NORTH), itertools.count()
    for text in OURS:
        typed = form | {"key": f"naughty-key-{next(key)}", "count.mats": text, "call": text}
        assert caller.post(NORTH, typed, follow=False).status_code in (303, 409, 422), text
        assert harmless(caller.page, text)
        for path in (f"{NORTH}/end", NEXT):
            given = {"csrf_token": form["csrf_token"], "key": text, "end": text, "site": text}
            assert caller.post(path, given, follow=False).status_code < 500, text


def test_a_community_without_sites_is_led_to_where_they_are_added(settings: Settings) -> None:
    store = Store(settings.store_url, settings.community)
    store.connection.check()
    cory = CAST["coordinator"]
    store.people.welcome(store.people.invite(cory, "server", NOW), cory, PROOF, NOW)
    app = create_app(settings, clock=lambda: NOW)
    browser = Town(app, store).as_("coordinator")
    browser.open(PAGE)
    assert "There is no site with beds yet." in browser.words
    assert "Take the next call" not in browser.words
    assert 'id="bring-in" href="/sites"' in browser.page
    app.extensions["follower"].stop()
    store.connection.close()


def test_the_public_sees_no_call(town: Town, caller: Browser) -> None:
    board = town.as_("visitor")
    board.open("/")
    before = board.words
    caller.send(NEXT, {"site": "northside"})
    caller.send(f"{NORTH}/end", {"end": "no-answer"})
    town.caught_up()
    board.open("/")
    assert board.words == before
