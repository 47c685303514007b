"""The site's evening from its desk, by plain forms, and what the public board makes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from dashboard.config import Settings
from dashboard.evening import COUNTED, REASONS, TIMED, Topic
from dashboard.events import Declared
from dashboard.store import Promise

from .desks import CAST, PIN, Browser, Town, forms, riverbend, words
from .values import at

EVENING = "/desk/riverbank/evening"
BEDS = "/desk/riverbank/groups/women/evening"
POSTS = (EVENING, f"{EVENING}/end", BEDS, f"{BEDS}/end")


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        yield town


@pytest.fixture
def desk_at_riverbank(town: Town) -> Browser:
    browser = town.as_("desk_at_riverbank")
    browser.open(EVENING)
    return browser


def say(browser: Browser, topic: str, action: str = EVENING, **fields: str) -> None:
    """Fills in the form of this topic and sends it."""
    form = next(one for one in forms(browser.page, action) if f"seen.{topic}" in one)
    browser.post(action, form | {"topic": topic} | fields)


def end(browser: Browser, topic: str, action: str = EVENING) -> None:
    browser.post(f"{action}/end", browser.form(f"{action}/end", topic=topic))


def declared(town: Town) -> list[Declared]:
    return [event for event in town.store.stream.events() if isinstance(event, Declared)]


def public(town: Town, path: str = "/", **query: str) -> str:
    """What anybody reads."""
    return words(town.as_("visitor").open(path, query_string=query).text)


def card(town: Town, site: str = "riverbank", **query: str) -> str:
    """What anybody reads on the card of a site."""
    html = town.as_("visitor").open("/", query_string=query).text
    found = re.search(rf'<article class="card" id="site-{site}".*?</article>', html, re.S)
    assert found
    return words(found[0])


def test_closed_tonight_is_on_the_board_and_ends_by_one_tap(
    desk_at_riverbank: Browser, town: Town
) -> None:
    say(desk_at_riverbank, "closed", reason="staffing")
    assert "Saved 4:12 pm" in desk_at_riverbank.words
    assert "Closed tonight until 8:00 am Sam, 4:12 pm, not enough staff" in desk_at_riverbank.words
    assert "Now: Closed" in card(town)
    assert "Women's beds Closed tonight" in card(town)
    assert "Check-in" not in card(town)
    assert "Sam" not in public(town)
    assert "enough staff" not in public(town)
    end(desk_at_riverbank, "closed")
    assert "Nothing is on." in desk_at_riverbank.words
    assert "Women's beds Call first." in card(town)
    assert [entry.now is None for entry in declared(town)] == [False, True]


def test_it_ends_by_itself_at_its_time_and_at_the_reset(
    desk_at_riverbank: Browser, town: Town
) -> None:
    say(desk_at_riverbank, "closed", reason="repairs", until="20:00")
    say(desk_at_riverbank, "knock")
    assert "Closed until 8:00 pm" in public(town)
    town.now = at("20:00")
    assert "Closed until" not in public(town)
    assert "Please knock or ring" in public(town)
    town.now = at("08:00", 21)
    assert "Please knock or ring" not in public(town)
    desk_at_riverbank.open(EVENING)
    assert "Nothing is on." in desk_at_riverbank.words


def test_one_tap_says_a_rule_or_a_phrase_until_the_time_before_the_buttons(
    desk_at_riverbank: Browser, town: Town
) -> None:
    say(desk_at_riverbank, "pets-in", until="9 pm")
    say(desk_at_riverbank, "warming-room")
    say(desk_at_riverbank, "meal", time="19:00")
    shown = public(town)
    for line in (
        "Pets can come in tonight until 9:00 pm",
        "The warming room is open",
        "Meal until 7 pm",
    ):
        assert line in shown
    french = public(town, lang="fr")
    for line in ("Les animaux peuvent entrer ce soir", "La halte-chaleur est ouverte", "Repas"):
        assert line in french
    page = town.as_("visitor").open("/?need=pets").text
    assert 'data-need="pets" data-known="yes"' in page


def test_every_topic_can_be_said_and_ended_and_reads_well_in_both_languages(
    desk_at_riverbank: Browser, town: Town
) -> None:
    for topic in Topic:
        fields = {"time": "20:15"} if topic in TIMED else {}
        fields |= {"count": "3"} if topic in COUNTED else {}
        fields |= {"reason": REASONS[topic][0]} if topic in REASONS else {}
        say(desk_at_riverbank, topic, BEDS if topic in COUNTED else EVENING, **fields)
        assert "Saved" in desk_at_riverbank.words, topic
    for language in ("en", "fr"):
        told = desk_at_riverbank.open(f"{EVENING}?lang={language}").text
        assert len(re.findall(r'<li data-topic="', told)) == len(Topic)
        assert "%(" not in told + public(town, lang=language)
    assert "3 extra mats or chairs" in desk_at_riverbank.open("/desk/riverbank?lang=en").text
    desk_at_riverbank.open(EVENING)
    for topic in Topic:
        end(desk_at_riverbank, topic, BEDS if topic in COUNTED else EVENING)
    assert "Nothing is on." in desk_at_riverbank.words


def test_tonights_times_stand_on_card_and_site_page(desk_at_riverbank: Browser, town: Town) -> None:
    say(desk_at_riverbank, "last-check-in", time="23:30")
    say(desk_at_riverbank, "curfew", time="1 am")
    assert "Check-in until 11:30 pm" in public(town)
    site = public(town, "/sites/riverbank")
    assert "Doors close 1 am" in site
    assert "Doors close at 1 am" in site


def test_beds_of_tonight_change_no_count_and_no_age(desk_at_riverbank: Browser, town: Town) -> None:
    desk_at_riverbank.open("/desk/riverbank")
    report = "/desk/riverbank/groups/women/reports"
    desk_at_riverbank.post(report, desk_at_riverbank.form(report, kind="change") | {"value": "4"})
    town.later(minutes=50)
    desk_at_riverbank.open(EVENING)
    say(desk_at_riverbank, "surge", BEDS, count="6", reason="cold")
    say(desk_at_riverbank, "out-of-service", BEDS, count="2", reason="pests", back="2026-11-25")
    say(desk_at_riverbank, "capacity", BEDS, count="14")
    assert "Women's beds: 2 beds out of service back on 2026-11-25" in desk_at_riverbank.words
    assert town.figure() == 4
    assert "6 extra mats or chairs Confirmed 4:12 pm 50 min ago" in public(town)
    site = public(town, "/sites/riverbank")
    assert "14 beds in all, 2 beds out of service, 6 extra mats or chairs, women" in site
    api = json.loads(town.as_("visitor").open("/api/v1/board").text)["sites"]
    (women,) = [one for site in api for one in site["groups"] if one["id"] == "women"]
    assert (women["capacity"], women["surge"], women["out_of_service"]) == (14, 6, 2)
    desk_at_riverbank.open("/desk/riverbank")
    assert "14 beds in all" in desk_at_riverbank.words
    town.now = at("09:00", 22)
    assert "12 beds in all, 2 beds out of service, women" in public(town, "/sites/riverbank")
    town.now = at("08:00", 25)
    assert "12 beds in all, women" in public(town, "/sites/riverbank")


def test_a_form_that_is_sent_twice_declares_once(desk_at_riverbank: Browser, town: Town) -> None:
    form = desk_at_riverbank.form(EVENING, topic="closed") | {"reason": "safety"}
    for _ in range(3):
        desk_at_riverbank.post(EVENING, form)
        assert "Saved 4:12 pm" in desk_at_riverbank.words
    assert len(declared(town)) == 1
    answer = desk_at_riverbank.post(EVENING, form | {"reason": "repairs"})
    assert answer.status_code == 422
    assert "this form was used before" in desk_at_riverbank.words


def test_two_desks_that_say_different_things_see_both_and_one_tap_chooses(town: Town) -> None:
    one, two = town.as_("desk_at_riverbank"), town.as_("coordinator")
    one.open(EVENING)
    two.open(EVENING)
    say(one, "meal", time="19:00")
    town.later(minutes=3)
    meal = two.form(EVENING, topic="meal") | {"time": "20:00"}
    answer = two.post(EVENING, meal)
    assert answer.status_code == 409
    assert "Not saved: Sam said something else at 4:12 pm. Which is right now?" in two.words
    assert "Which is right now? Meal until 8 pm Meal until 7 pm" in two.words
    assert "Meal until 7 pm" in public(town)
    two.post(EVENING, two.form(EVENING, topic="meal", time="20:00"))
    assert "Saved 4:15 pm" in two.words
    assert "Meal until 8 pm" in public(town)
    assert len(declared(town)) == 2


def test_ending_what_another_desk_has_changed_is_a_question_too(town: Town) -> None:
    one, two = town.as_("desk_at_riverbank"), town.as_("coordinator")
    one.open(EVENING)
    say(one, "meal", time="19:00")
    two.open(EVENING)
    say(two, "meal", time="20:00")
    end(one, "meal")
    assert "Cory said something else" in one.words
    one.post(f"{EVENING}/end", one.form(f"{EVENING}/end", topic="meal", time=""))
    assert "Nothing is on." in one.words


def test_what_was_typed_stays_and_every_field_is_refused_in_words(
    desk_at_riverbank: Browser, town: Town
) -> None:
    form = desk_at_riverbank.form(BEDS, topic="surge")
    answer = desk_at_riverbank.post(
        BEDS, form | {"count": "ten", "until": "noon", "reason": "cold"}
    )
    assert answer.status_code == 422
    assert "Please write a whole number." in desk_at_riverbank.words
    assert "Please write a time, such as 21:30." in desk_at_riverbank.words
    assert desk_at_riverbank.form(BEDS, topic="surge")["count"] == "ten"
    assert "<option selected>noon</option>" in desk_at_riverbank.page
    assert '<option value="cold" selected>' in desk_at_riverbank.page
    assert 'id="beds-women" open' in desk_at_riverbank.page
    for field, value, sentence in (
        ("back", "2026-11-20", "That day has come already."),
        ("back", "2031-01-01", "That is more than a year away."),
        ("back", "soon", "Please choose a day"),
        ("reason", "", "Please fill this in."),
        ("reason", "cold", "Please choose one of these."),
        ("count", "", "Please fill this in."),
    ):
        out = desk_at_riverbank.form(BEDS, topic="out-of-service") | {"count": "2", "back": ""}
        desk_at_riverbank.post(BEDS, out | {"reason": "pests", field: value})
        assert sentence in desk_at_riverbank.words, field
    say(desk_at_riverbank, "knock", until="09:00")
    assert "The night ends before that." in desk_at_riverbank.words
    assert declared(town) == []


@pytest.mark.parametrize("action", POSTS)
def test_who_may_not_report_declares_nothing(town: Town, action: str) -> None:
    given = {"topic": "knock", "key": "a long enough key"}
    for who in ("desk_at_northside", "outreach"):
        browser = town.as_(who)
        browser.open("/desk")
        own = browser.form("/sign-out")
        assert browser.post(action, given | own).status_code == 404
        assert browser.open(action.removesuffix("/end")).status_code == 404
    assert town.as_("visitor").open(action.removesuffix("/end"), follow=False).status_code == 303
    assert declared(town) == []


@pytest.mark.parametrize("action", POSTS)
def test_an_address_answers_only_as_it_should(desk_at_riverbank: Browser, action: str) -> None:
    assert desk_at_riverbank.client.put(action).status_code == 405
    gets = desk_at_riverbank.open(action).status_code
    assert gets == (405 if action.endswith("/end") else 200)


def test_a_bed_group_or_site_that_is_not_there_is_404(desk_at_riverbank: Browser) -> None:
    for path in (BEDS.replace("women", "nobody"), EVENING.replace("riverbank", "nowhere")):
        assert desk_at_riverbank.open(path).status_code == 404


def test_who_was_signed_out_meanwhile_finds_what_was_typed(
    desk_at_riverbank: Browser, town: Town
) -> None:
    form = desk_at_riverbank.form(BEDS, topic="surge") | {"count": "6", "reason": "demand"}
    desk_at_riverbank.client.delete_cookie("bedboard")
    desk_at_riverbank.post(BEDS, form)
    login = {"login": CAST["desk_at_riverbank"].login, "password": "six quiet geese at dawn"}
    desk_at_riverbank.send("/sign-in", login)
    assert (
        "This was not saved yet. If it is still right, send it once more."
        in desk_at_riverbank.words
    )
    assert declared(town) == []
    kept = desk_at_riverbank.form(BEDS, topic="surge")
    assert kept["count"] == "6"
    say(desk_at_riverbank, "surge", BEDS, reason="demand")
    assert declared(town)[-1].now.count == 6  # type: ignore[union-attr]


def test_at_a_device_what_was_typed_waits_for_the_pin(town: Town) -> None:
    town.give_pin("desk_at_riverbank")
    tablet = town.tablet()
    tablet.tap_in("p-river")
    tablet.open(EVENING)
    form = tablet.form(BEDS, topic="surge") | {"count": "6", "reason": "demand"}
    town.later(minutes=20)
    tablet.post(BEDS, form)
    assert declared(town) == []
    assert "Type your PIN first. Nothing is lost." in tablet.words
    waits = tablet.form("/desk/riverbank/hand")
    tablet.post("/desk/riverbank/pin", waits | {"person": "p-river", "pin": PIN})
    assert tablet.form(BEDS, topic="surge")["count"] == "6"
    say(tablet, "surge", BEDS, reason="demand")
    (entry,) = declared(town)
    assert (entry.who, entry.device) == ("p-river", town.store.devices.all()[0].id)


def test_while_the_store_is_away_the_same_declaration_can_be_sent_again_and_counts_once(
    desk_at_riverbank: Browser, town: Town
) -> None:
    form = desk_at_riverbank.form(BEDS, topic="surge") | {"count": "6", "reason": "cold"}
    pool = town.app.extensions["store"].connection.client.connection_pool
    working, pool.connection_kwargs = (
        pool.connection_kwargs,
        pool.connection_kwargs | {"path": "/nowhere.sock"},
    )
    pool.reset()
    assert desk_at_riverbank.post(BEDS, form).status_code == 503
    assert "We could not confirm this was saved. Trying again is safe" in desk_at_riverbank.words
    retry = desk_at_riverbank.form(BEDS)
    assert {name: retry[name] for name in form if name != "csrf_token"} == {
        name: value for name, value in form.items() if name != "csrf_token"
    }
    pool.connection_kwargs = working
    pool.reset()
    for _ in range(2):
        desk_at_riverbank.post(BEDS, retry)
        assert "Saved 4:12 pm" in desk_at_riverbank.words
    assert [entry.now and entry.now.count for entry in declared(town)] == [6]


def test_a_store_that_may_lose_says_sent(desk_at_riverbank: Browser, town: Town) -> None:
    store = town.app.extensions["store"]
    store.connection.promise = Promise.SENT
    say(desk_at_riverbank, "knock")
    assert "Sent 4:12 pm" in desk_at_riverbank.words


def test_the_desk_shows_one_line_for_each_thing_and_the_way_there(
    desk_at_riverbank: Browser, town: Town
) -> None:
    say(desk_at_riverbank, "closed", reason="staffing", until="20:00")
    say(desk_at_riverbank, "surge", BEDS, count="6", reason="demand")
    for path in ("/desk/riverbank", "/desk/riverbank/figures"):
        shown = desk_at_riverbank.open(path).text
        assert "Closed tonight until 8:00 pm" in words(shown)
        assert "Women's beds: 6 extra mats or chairs until 8:00 am" in words(shown)
    page = desk_at_riverbank.open("/desk/riverbank").text
    assert f'href="{EVENING}"' in page
    part = desk_at_riverbank.open("/desk/riverbank/figures").text
    whole = re.search(r'<section class="evening".*?</section>', part, re.S)
    assert whole
    assert whole[0] in page


def test_a_confidential_site_says_that_nothing_is_public(town: Town) -> None:
    coordinator = town.as_("coordinator")
    coordinator.open("/desk/haven/evening")
    assert "This site is hidden: none of this is on the board." in coordinator.words
    say(coordinator, "warming-room", "/desk/haven/evening")
    say(coordinator, "closed", "/desk/haven/evening", reason="safety")
    assert [entry.site for entry in declared(town)] == ["haven", "haven"]
    visitor = town.as_("visitor")
    for path in ("/", "/api/v1/board", "/?lang=fr"):
        told = visitor.open(path).text
        assert "warming" not in told
        assert '"haven"' not in told or '"tonight": []' in told
    assert visitor.open("/sites/haven").status_code == 404


def test_a_page_that_anybody_may_keep_does_not_outlive_a_declaration(
    desk_at_riverbank: Browser, town: Town
) -> None:
    say(desk_at_riverbank, "warming-room", until="16:13")
    town.later(seconds=50)
    visitor = town.as_("visitor")
    etag = visitor.open("/").headers["ETag"]
    assert "warming room" in visitor.page
    town.later(seconds=9.9)
    assert visitor.open("/", headers={"If-None-Match": etag}).status_code == 304
    town.later(seconds=0.1)
    assert "warming room" not in visitor.open("/", headers={"If-None-Match": etag}).text
    assert visitor.open("/", headers={"If-None-Match": etag}).status_code == 200


def test_what_is_declared_names_nobody_and_no_text_of_anybody(
    desk_at_riverbank: Browser, town: Town
) -> None:
    form = desk_at_riverbank.form(EVENING, topic="closed") | {"reason": "staffing"}
    desk_at_riverbank.post(EVENING, form | {"note": "Mr Smith", "count": "9", "time": "Smith"})
    client = town.store.connection.client
    told = repr(client.xrange(town.store.connection.key("events")))
    assert "staffing" in told
    assert "Smith" not in told
