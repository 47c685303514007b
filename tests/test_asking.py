"""A desk is asked to keep a bed, and answers: both sides see the same, to the second."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from dashboard.asking import AskEnd
from dashboard.config import Settings
from dashboard.events import AskEnded
from dashboard.facts import Holding
from tests.by_hand import wait_until
from tests.desks import Browser, Town, forms, riverbend
from tests.test_outreach import KEEP, MINUTE, PAGE, keep, kept, report
from tests.values import DAY, WOMEN

DESK = "/desk/riverbank"
ASK = KEEP.replace("holds", "asks")
HX = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        kept_after(town, Holding.AFTER_YES)
        report(town, 2)
        yield town


def kept_after(town: Town, mode: Holding, walk_in: int = 0) -> None:
    town.store.profiles.save([], [replace(WOMEN, holds=mode, walk_in=walk_in)], "p-cor", town.now)
    town.caught_up()


@pytest.fixture
def outreach(town: Town) -> Browser:
    browser = town.as_("outreach")
    browser.open(PAGE)
    return browser


@pytest.fixture
def desk(town: Town) -> Browser:
    return town.as_("desk_at_riverbank")


def ask(browser: Browser, minutes: int = 40) -> None:
    browser.open(PAGE)
    browser.post(ASK, browser.form(ASK) | {"minutes": str(minutes)})


def asked(town: Town) -> list[str]:
    groups = town.store.stream.snapshot(DAY).sites["riverbank"].groups
    return [one.id for group in groups for one in group.asks if one.waits(town.now)]


def answer(desk: Browser, id_: str, word: str, **more: object) -> None:
    desk.open(DESK)
    desk.send(f"{DESK}/asks/{id_}/{word}", {}, **more)  # type: ignore[arg-type]


def over(town: Town) -> list[AskEnd]:
    return [one.reason for one in town.store.stream.events() if isinstance(one, AskEnded)]


def test_a_bed_that_was_asked_for_is_kept_by_the_desks_yes(
    town: Town, outreach: Browser, desk: Browser
) -> None:
    assert not forms(outreach.page, KEEP)
    ask(outreach)
    assert "The desk is asked. No bed is kept until it says yes." in outreach.words
    assert "Women's beds · there by 4:52 pm" in told(outreach)
    assert "the desk can answer until 4:22 pm ( 10 min left)" in outreach.words
    assert "2 beds open" in outreach.words, "an ask keeps none"
    town.later(minutes=3)
    (id_,) = asked(town)
    desk.open(DESK)
    same_end(outreach, desk, town.now + 7 * MINUTE)
    assert "right now, counting any kept for someone on the way?" in desk.words
    assert "Street team asks: can you keep a bed? Women's beds" in told(desk)
    assert "there by 4:52 pm answer by 4:22 pm ( 7 min left)" in desk.words
    assert "A bed that you keep stays in your number until they arrive." in desk.words
    answer(desk, id_, "yes")
    assert "Saved 4:15 pm" in desk.words
    assert "counting the 1 kept for someone on the way?" in desk.words
    (one,) = kept(town)
    assert (one.id, one.agency, one.who) == (id_, "Street team", "p-out")
    assert one.code in desk.words
    outreach.open(f"{PAGE}")
    assert one.code in outreach.words
    assert "Waiting for the desk" not in outreach.words
    assert "at 4:15 pm the desk said yes: a bed is kept." in outreach.words
    assert "1 bed open" in outreach.words
    same_end(outreach, desk, one.expires_at)


def same_end(outreach: Browser, desk: Browser, end: datetime) -> None:
    """Both count down to the same instant, by the server's clock."""
    at = int(end.timestamp() * 1000)
    for page in (outreach.page, desk.page):
        assert re.search(rf'<li [^>]*data-until="{at}"', page)
        assert f'data-to="{at}"' in page


def told(browser: Browser) -> str:
    return browser.words.replace("&#39;", "'")


def test_a_no_is_told_with_its_time_and_keeps_nothing(
    town: Town, outreach: Browser, desk: Browser
) -> None:
    ask(outreach)
    town.later(minutes=2)
    answer(desk, asked(town)[0], "no")
    outreach.open(PAGE)
    assert "Riverbank House : at 4:14 pm the desk said no." in outreach.words
    assert (kept(town), over(town)) == ([], [AskEnd.NO])


def test_who_gets_no_answer_is_told_to_call_and_a_late_yes_is_refused(
    town: Town, outreach: Browser, desk: Browser
) -> None:
    ask(outreach)
    (id_,) = asked(town)
    desk.open(DESK)
    page = desk.page
    town.later(minutes=10)
    desk.open(DESK)
    assert "can you keep a bed" not in desk.words
    desk.page = page
    desk.send(f"{DESK}/asks/{id_}/yes", {})
    assert "Too late: nobody waits for this answer any more. No bed was kept." in desk.words
    town.caught_up()
    outreach.open(PAGE)
    said = "the desk gave no answer by 4:22 pm, so no bed is kept. Call: 250-555-0142"
    assert said in outreach.words
    assert (kept(town), over(town)) == ([], [AskEnd.GONE])


def test_an_open_page_hears_that_nobody_answered(town: Town, outreach: Browser) -> None:
    ask(outreach)
    follower = town.app.extensions["follower"]
    wait_until(lambda: bool(follower.board.sites["riverbank"].groups[0].asks))
    town.later(minutes=10)
    report(town, 2)  # whatever wakes the follower
    wait_until(lambda: over(town) == [AskEnd.GONE])


def test_an_answer_by_script_brings_its_part_of_the_page(
    town: Town, outreach: Browser, desk: Browser
) -> None:
    ask(outreach)
    answer(desk, asked(town)[0], "yes", follow=False, **HX)
    parts = re.findall(r'<hx-partial hx-target="(#\S+)"', desk.page)
    assert {"#asks", "#on-the-way", "#talk-asks", "#said"} <= set(parts)
    assert "can you keep a bed" not in desk.page


def test_a_desk_whose_number_leaves_no_bed_counts_before_it_says_yes(
    town: Town, outreach: Browser, desk: Browser
) -> None:
    ask(outreach)
    report(town, 0)
    desk.open(DESK)
    assert "By your number no bed is left to keep. Count again" in desk.words
    answer(desk, asked(town)[0], "yes")
    assert "Not kept: by your number no bed is left for it." in desk.words
    assert len(asked(town)) == 1, "it still waits"
    report(town, 1)
    answer(desk, asked(town)[0], "yes")
    assert len(kept(town)) == 1


def test_an_answer_that_is_sent_twice_counts_once(
    town: Town, outreach: Browser, desk: Browser
) -> None:
    ask(outreach)
    (id_,) = asked(town)
    desk.open(DESK)
    form = desk.form(f"{DESK}/asks/{id_}/yes")
    for _ in range(2):
        desk.post(f"{DESK}/asks/{id_}/yes", form)
        assert "Saved 4:12 pm" in desk.words
    assert len(kept(town)) == 1


def test_an_ask_that_is_withdrawn_asks_no_more(
    town: Town, outreach: Browser, desk: Browser
) -> None:
    ask(outreach)
    (id_,) = asked(town)
    outreach.send(f"{PAGE}/asks/{id_}/withdraw", {})
    assert "The desk is asked no more." in outreach.words
    assert (asked(town), over(town)) == ([], [AskEnd.WITHDRAWN])
    desk.open(DESK)
    assert "can you keep a bed" not in desk.words
    outreach.open(PAGE)
    assert "the desk said no" not in outreach.words


def test_an_old_number_is_asked_about_in_a_group_that_is_held_at_once(
    town: Town, outreach: Browser
) -> None:
    kept_after(town, Holding.AT_ONCE)
    outreach.open(PAGE)
    assert forms(outreach.page, KEEP)
    assert not forms(outreach.page, ASK)
    for age in (61, 200):
        town.later(minutes=age)
        outreach.open(PAGE)
        assert not forms(outreach.page, KEEP)
        ask(outreach, 20)
    assert len(asked(town)) == 1, "the first one's ten minutes are over"


def test_counts_only_and_beds_for_who_walks_in_are_said_in_words(
    town: Town, outreach: Browser
) -> None:
    kept_after(town, Holding.COUNTS_ONLY)
    outreach.open(PAGE)
    form = outreach.form("/sign-out") | {"minutes": "20", "key": "a-key-of-mine"}
    assert "Beds can’t be kept here. Call, or go there." in outreach.words
    for action in (KEEP, ASK):
        assert not forms(outreach.page, action)
        outreach.post(action, form | {"key": action})
        assert "No bed was kept: call the site." in outreach.words
    kept_after(town, Holding.AT_ONCE, walk_in=2)
    outreach.open(PAGE)
    assert "These beds are for people who walk in." in outreach.words
    assert not forms(outreach.page, KEEP)
    kept_after(town, Holding.AT_ONCE, walk_in=1)
    outreach.open(PAGE)
    keep(outreach)
    assert "This bed is for people who walk in." in outreach.words


def test_what_is_asked_for_counts_against_the_limit(town: Town, outreach: Browser) -> None:
    report(town, 9)
    for _ in range(5):
        ask(outreach)
    outreach.open(PAGE)
    assert "keeps or asks for 5 beds, and may have no more." in outreach.words
    assert not forms(outreach.page, ASK)
    form = outreach.form("/sign-out") | {"minutes": "20", "key": "a-key-of-mine"}
    outreach.post(ASK, form)
    assert "your agency keeps as many as it may" in outreach.words
    assert len(asked(town)) == 5


def test_only_the_sites_own_people_see_or_answer_an_ask(town: Town, outreach: Browser) -> None:
    ask(outreach)
    (id_,) = asked(town)
    for name in ("coordinator", "caller", "desk_at_northside", "outreach"):
        other = town.as_(name)
        other.open(DESK)
        assert not re.search(f"Street team asks|{id_}", other.page), name
        other.open("/desk" if name != "outreach" else PAGE)
        token = re.search(r'name="csrf_token" value="([^"]+)"', other.page)
        assert token
        given = {"csrf_token": token[1], "key": "a-key-of-mine"}
        for word in ("yes", "no"):
            assert other.post(f"{DESK}/asks/{id_}/{word}", given).status_code == 404, name
            assert other.open(f"{DESK}/asks/{id_}/{word}").status_code == 405, name
    assert asked(town) == [id_]


def test_a_device_without_anybody_says_only_that_somebody_asks(
    town: Town, outreach: Browser
) -> None:
    town.give_pin("desk_at_riverbank")
    ask(outreach)
    (id_,) = asked(town)
    tablet = town.tablet()
    tablet.open(DESK)
    assert "Somebody asks for a bed. Tap your name to answer." in tablet.words
    assert "Street team" not in tablet.page
    tablet.tap_in("p-river")
    town.later(minutes=5)
    tablet.tap("p-river")
    answer(tablet, id_, "yes")
    assert len(kept(town)) == 1, "a name is enough: ten minutes are short"


def test_the_public_sees_nothing_of_an_ask(town: Town, outreach: Browser) -> None:
    visitor = town.as_("visitor")
    before = visitor.open("/").text
    seen = town.app.extensions["follower"].board.version
    ask(outreach)
    town.caught_up()
    assert town.app.extensions["follower"].board.changed_since(seen, public=True) == []
    now = visitor.open("/").text
    version = re.compile(r"\d+-\d+|[0-9a-f]{16}")
    assert version.sub("", now) == version.sub("", before)
    ask_ = outreach.client.get("/api/v1/board").text
    assert "ask" not in ask_


def test_an_ask_that_the_page_never_offered_is_refused(town: Town, outreach: Browser) -> None:
    form = outreach.form(ASK) | {"minutes": "20"}
    for wrong in ({"minutes": "45"}, {"minutes": ""}, {"key": ""}):
        outreach.post(ASK, form | wrong)
        assert "Refused." in outreach.words
    assert outreach.post(ASK.replace("women", "none"), form).status_code == 404
    outreach.client.delete_cookie("bedboard")
    location = outreach.post(ASK, form, follow=False).headers["Location"]
    assert "/sign-in?next=" in location
    assert asked(town) == []


def test_nobody_is_asked_for_a_time_past_check_in(town: Town, outreach: Browser) -> None:
    form = outreach.form(ASK) | {"minutes": "60"}
    town.later(hours=4, minutes=3)
    outreach.post(ASK, form)
    assert "check-in ends before they would be there" in outreach.words
