"""The outreach page's clocks, its second list, what comes next, and the tap that counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta

import pytest

from dashboard.beds import Source
from dashboard.config import Settings
from dashboard.declaring import declared
from dashboard.facts import Known
from dashboard.people import Hand
from dashboard.shortage import ANYONE, today
from dashboard.travel import Leg, pair

from .desks import PASSWORD, Browser, Town, riverbend, words
from .test_outreach import report
from .values import DAY, NORTHSIDE, RIVERBANK, at

PAGE, UNMET = "/outreach", "/outreach/unmet/"
ACROSS = pair("North Shore", "South Shore")


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    """Riverbank takes people until 9; Northside until 1 am, and gives unclaimed beds at 9."""
    with riverbend(settings) as town:
        north = replace(
            NORTHSIDE,
            last_check_in=time(1),
            release=time(21),
            pets=Known.NO,
            place=replace(NORTHSIDE.place, area="North Shore"),
        )
        town.store.profiles.save([north], [], "test", town.now)
        town.store.areas.save(["North Shore", "South Shore"], {ACROSS: Leg(40, 12)}, "p", town.now)
        report(town, 3)
        report(town, 0, "northside", "mats")
        yield town


@pytest.fixture
def outreach(town: Town) -> Browser:
    browser = town.as_("outreach")
    browser.open(PAGE)
    return browser


def section(browser: Browser, id_: str) -> str:
    """What a person reads in one part of the page."""
    found = re.search(rf'<section id="{id_}".*?</section>', browser.page, re.S)
    assert found
    return words(found[0])


def part(browser: Browser, site: str) -> str:
    """The HTML of a card, down to the ways there."""
    found = re.search(rf'id="door-{site}".*?<ul class="ways".*?</ul>', browser.page, re.S)
    assert found
    return found[0]


def card(browser: Browser, site: str) -> str:
    """What a person reads of it."""
    shown = re.sub(r"<li[^>]* hidden>.*?</li>", "", part(browser, site), flags=re.S)
    return words("<" + shown)


def say(town: Town, site: str, topic: str) -> None:
    hand = Hand("p-desk", Source.DESK)
    said = declared({"topic": topic, "key": f"say-{topic}"}, (site, ""), hand, town.now, DAY)
    assert town.store.evenings.say(said, town.now).version
    town.caught_up()


def counted(town: Town) -> dict[str, int]:
    day = today(town.now, DAY)
    return dict(town.store.unmet.kept([day])[day])


def action(browser: Browser) -> tuple[str, str]:
    """Where the button sends the form, and its token."""
    found = re.search(r'formaction="([^"]*)" name="csrf_token" value="([^"]*)"', browser.page)
    assert found
    return found[1].replace("&amp;", "&"), found[2]


def count(browser: Browser, *choices: tuple[str, str]) -> None:
    """Tap the button with this chosen in the form."""
    address, token = action(browser)
    given: dict[str, list[str]] = {"csrf_token": [token]}
    for name, value in choices:
        given.setdefault(name, []).append(value)
    browser.post(address, given)  # type: ignore[arg-type]


def test_a_card_says_until_when_and_from_an_area_when_to_leave(outreach: Browser) -> None:
    assert "Check-in until 9 pm" in card(outreach, "riverbank")
    assert "leave by" not in card(outreach, "riverbank")
    outreach.open(f"{PAGE}?start=north shore")
    assert "On foot 40 min: leave by 8:20 pm By car 12 min: leave by 8:48 pm" in card(
        outreach, "riverbank"
    )
    assert "How far it is: not known" in card(outreach, "northside")
    assert 'value="North Shore" data-minutes' in outreach.page
    assert re.search(r'value="North Shore"[^>]* selected', outreach.page)
    outreach.open(f"{PAGE}?start=Atlantis")
    assert "leave by" not in words(outreach.page).replace("data-by", "")


def test_over_midnight_it_is_the_same_night_until_the_reset(town: Town, outreach: Browser) -> None:
    town.now = at("00:10", 21)
    outreach.open(f"{PAGE}?start=South Shore")
    north = card(outreach, "northside")
    assert "Check-in until 1 am" in north
    assert "On foot 40 min: leave by 12:20 am" in north
    town.now = at("00:30", 21)
    outreach.open(f"{PAGE}?start=South Shore")
    assert "On foot 40 min: too late now By car 12 min: leave by 12:48 am" in card(
        outreach, "northside"
    )
    town.now = at("01:00", 21)
    outreach.open(f"{PAGE}?start=South Shore")
    assert "Check-in ended at 1 am" in card(outreach, "northside")
    assert "min" not in card(outreach, "northside")
    town.now = at("08:00", 21)
    outreach.open(f"{PAGE}?start=South Shore")
    assert "On foot 40 min: leave by 12:20 am" in card(outreach, "northside")


def test_after_its_last_check_in_a_site_does_not_fit_and_says_why(
    town: Town, outreach: Browser
) -> None:
    town.now = at("20:59")
    report(town, 3)
    outreach.open(PAGE)
    assert re.search(r'id="door-riverbank" data-fit="fits"', outreach.page)
    town.now = at("21:00")
    outreach.open(PAGE)
    assert re.search(r'id="door-riverbank" data-fit="no"', outreach.page)
    assert "Does not fit: check-in has ended" in card(outreach, "riverbank")
    assert "Check-in ended at 9 pm" in card(outreach, "riverbank")
    town.now = at("08:00", 21)
    outreach.open(PAGE)
    assert not re.search(r'id="door-riverbank" data-fit="no"', outreach.page)


def test_a_page_that_hears_nothing_more_knows_what_the_end_of_a_site_means(
    town: Town, outreach: Browser
) -> None:
    """After a last check-in nobody gets in; after a curfew one may still ask."""
    curfew = replace(NORTHSIDE, last_check_in=None, curfew=time(23))
    town.store.profiles.save([curfew], [], "test", town.now)
    town.caught_up()
    outreach.open(PAGE)
    assert 'data-closes="no"' in part(outreach, "riverbank")
    assert 'data-closes="ask"' in part(outreach, "northside")
    town.now = at("23:00")
    outreach.open(PAGE)
    assert "data-closes" not in part(outreach, "riverbank") + part(outreach, "northside")
    assert "Does not fit: check-in has ended" in card(outreach, "riverbank")
    assert "Ask about: coming so late" in card(outreach, "northside")


def test_the_clock_is_tonights_where_the_desk_has_said_another(
    town: Town, outreach: Browser
) -> None:
    hand = Hand("p-desk", Source.DESK)
    given = {"topic": "last-check-in", "time": "22:30", "key": "later-tonight"}
    said = declared(given, ("riverbank", ""), hand, town.now, DAY)
    assert town.store.evenings.say(said, town.now).version
    town.caught_up()
    outreach.open(f"{PAGE}?start=North Shore")
    assert "Check-in until 10:30 pm On foot 40 min: leave by 9:50 pm" in card(outreach, "riverbank")
    town.now = at("08:00", 21)
    outreach.open(f"{PAGE}?start=North Shore")
    assert "Check-in until 9 pm On foot 40 min: leave by 8:20 pm" in card(outreach, "riverbank")


def test_of_two_that_fit_alike_the_nearer_comes_first(town: Town, outreach: Browser) -> None:
    report(town, 3, "northside", "mats")
    town.store.areas.save([], {pair("South Shore", "South Shore"): Leg(15)}, "p", town.now)

    def order(start: str) -> list[str]:
        outreach.open(f"{PAGE}?start={start}")
        return re.findall(r'class="door" id="door-([a-z]+)"', outreach.page)

    assert order("") == ["northside", "riverbank"], "by name"
    assert order("South Shore") == ["riverbank", "northside"]


def test_a_site_that_nobody_reaches_in_time_must_be_asked(town: Town, outreach: Browser) -> None:
    def fits(wall: str, start: str) -> str:
        town.now = at(wall)
        outreach.open(f"{PAGE}?start={start}")
        found = re.search(r'id="door-riverbank" data-fit="(\w+)"', outreach.page)
        assert found
        return found[1]

    town.now = at("20:30")
    report(town, 3)
    assert fits("20:48", "North Shore") == "fits", "on foot it is too late, by car it is not"
    assert fits("20:49", "North Shore") == "ask"
    assert "Ask about: coming so late" in card(outreach, "riverbank")
    assert "By car 12 min: too late now" in card(outreach, "riverbank")
    assert fits("20:49", "South Shore") == "fits", "nobody knows how long that takes"
    assert fits("20:49", "") == "fits"
    say(town, "riverbank", "late-arrivals")
    assert fits("20:49", "North Shore") == "fits"


def test_who_may_come_late_is_not_sent_away(town: Town, outreach: Browser) -> None:
    town.now = at("21:30")
    report(town, 3)
    say(town, "riverbank", "late-arrivals")
    outreach.open(PAGE)
    assert re.search(r'id="door-riverbank" data-fit="fits"', outreach.page)
    assert "You can come late tonight" in card(outreach, "riverbank")


def test_the_second_list_is_there_until_the_hour_has_come(town: Town, outreach: Browser) -> None:
    assert section(outreach, "later").startswith("May open at 9 pm: unclaimed beds Northside")
    assert "Full" not in section(outreach, "later"), "no promise, and no number"
    outreach.open(f"{PAGE}?pet=small-pet")
    assert "Northside" not in section(outreach, "later"), "it takes no pets at 9 either"
    assert "No place for them is known to open unclaimed beds" in section(outreach, "nothing")
    outreach.open(f"{PAGE}?start=South Shore")
    assert "On foot 40 min" in section(outreach, "later")
    town.now = at("21:00")
    outreach.open(PAGE)
    assert section(outreach, "later") == ""
    assert "open unclaimed beds later tonight." in section(outreach, "nothing"), "9 pm was said"


def test_a_release_after_the_last_check_in_must_be_asked_for(town: Town, outreach: Browser) -> None:
    early = replace(RIVERBANK, release=time(21, 30))
    town.store.profiles.save([early], [], "test", town.now)
    town.caught_up()
    outreach.open(PAGE)
    assert "Riverbank House South Shore 250-555-0142 Check-in ends before that" in (
        section(outreach, "later")
    )


def test_what_comes_next_is_told_at_once(town: Town, outreach: Browser) -> None:
    told = section(outreach, "nothing")
    assert "Unclaimed beds may open at 9 pm: see above." in told
    assert "Riverbank House South Shore · Men's beds 250-555-0142 · No count yet" in told.replace(
        "&#39;", "'"
    )
    assert "No site has said that its warming room is open. 211 may know" in told
    assert "It runs now, until midnight." in told
    assert 'href="tel:211"' in outreach.page
    say(town, "northside", "warming-room")
    say(town, "riverbank", "shuttle-stops")
    outreach.open(PAGE)
    told = section(outreach, "nothing")
    assert "A warm place Northside North Shore · 250-555-0163" in told
    assert "It stops here: Riverbank House South Shore" in told
    town.now = at("00:00", 21)
    outreach.open(PAGE)
    assert "It does not run now, but from 4 pm to midnight." in section(outreach, "nothing")


def test_a_number_that_is_too_old_is_a_call_with_what_was_known(
    town: Town, outreach: Browser
) -> None:
    town.later(hours=4)
    outreach.open(PAGE)
    told = section(outreach, "nothing").replace("&#39;", "'")
    first, second = told.index("Last known 3 at 4:12 pm."), told.index("Last known 0 at 4:12 pm.")
    assert "Last known 3 at 4:12 pm. 4 h ago" in told, "and its age"
    assert first < second
    outreach.open(f"{PAGE}?who=man")
    assert "Last known 3 at 4:12 pm." not in section(outreach, "nothing"), "those are women's beds"


def test_a_number_that_somebody_disputes_is_a_call_too(town: Town, outreach: Browser) -> None:
    assert "Women's beds" not in section(outreach, "nothing").replace("&#39;", "'")
    visits = "/outreach/sites/riverbank/groups/women/visits"
    outreach.post(visits, outreach.form(visits) | {"found": "was-full"})
    told = section(outreach, "nothing").replace("&#39;", "'")
    assert "Women's beds 250-555-0142 · Disputed 4:12 pm. Call first." in told


def test_a_site_that_hides_is_in_none_of_it(town: Town, outreach: Browser) -> None:
    say(town, "haven", "warming-room")
    outreach.open(PAGE)
    for part in ("later", "nothing"):
        assert "Haven" not in section(outreach, part)
        assert "haven" not in section(outreach, part)


def test_one_tap_adds_one_to_each_count_and_what_goes_together_is_nowhere(
    town: Town, outreach: Browser
) -> None:
    before = {one for one in town.store.connection.client.keys("*") if ":answer:" not in one}
    entries = len(list(town.store.stream.events()))
    count(outreach, ("who", "trans"), ("need", "wheelchair"), ("need", "no-id"), ("together", "2"))
    assert "Counted once, each thing by itself." in outreach.words
    assert counted(town) == {"trans": 1, "wheelchair": 1, "no-id": 1, "together-2": 1}
    client = town.store.connection.client
    after = {one for one in client.keys("*") if ":answer:" not in one}
    assert {one.partition("}:")[2] for one in after - before} == {"unmet:2026-11-20"}
    assert len(list(town.store.stream.events())) == entries
    answers = "".join(client.get(one) or "" for one in client.keys("*:answer:*"))
    assert not re.search("trans|wheelchair|no-id|together", answers)


def test_a_tap_that_is_sent_twice_counts_once_and_for_somebody_else_again(
    town: Town, outreach: Browser
) -> None:
    address, token = action(outreach)
    for _ in range(2):
        outreach.post(address, {"csrf_token": token, "who": "woman"})
        assert "Counted once" in outreach.words
    assert counted(town) == {"woman": 1}
    assert action(outreach)[0] != address
    count(outreach, ("who", "woman"))
    assert counted(town) == {"woman": 2}


def test_who_asked_for_nothing_in_particular_is_counted_too(town: Town, outreach: Browser) -> None:
    count(outreach)
    count(outreach, ("who", "a name"), ("need", "anything else"), ("together", "99"))
    assert counted(town) == {ANYONE: 2}


def test_a_plain_query_is_there_again_after_the_tap(outreach: Browser) -> None:
    outreach.open(f"{PAGE}?who=woman&need=no-id&need=storage&start=North Shore&more=x")
    address, token = action(outreach)
    answer = outreach.post(address, {"csrf_token": token, "who": "woman"}, follow=False)
    where = answer.headers["Location"]
    assert where == "/outreach?who=woman&need=no-id&need=storage&start=North+Shore"
    with_script = outreach.open(PAGE) and action(outreach)[0]
    assert "?" not in with_script, "what a script keeps on the device goes into no address"


def test_a_tap_of_somebody_signed_out_counts_nothing_and_loses_nothing(
    town: Town, outreach: Browser
) -> None:
    outreach.client.delete_cookie("bedboard")
    count(outreach, ("who", "woman"), ("need", "no-id"))
    assert counted(town) == {}
    outreach.send("/sign-in", {"login": "omar", "password": PASSWORD})
    assert "You had to sign in again" in outreach.words
    assert re.search(r'value="no-id" checked', outreach.page)
    count(outreach, ("who", "woman"), ("need", "no-id"))
    assert counted(town) == {"woman": 1, "no-id": 1}


def test_the_tap_is_for_outreach_people(town: Town, outreach: Browser) -> None:
    address, _ = action(outreach)
    assert outreach.open(address).status_code == 405
    assert outreach.post(f"{UNMET}short", {"csrf_token": action_token(outreach)}).status_code == 404
    for name in ("desk_at_riverbank", "coordinator"):
        other = town.as_(name)
        other.open("/desk")
        token = re.search(r'name="csrf_token" value="([^"]+)"', other.page)
        assert token
        assert other.post(address, {"csrf_token": token[1], "who": "woman"}).status_code == 404
    assert counted(town) == {}


def action_token(browser: Browser) -> str:
    browser.open(PAGE)
    return action(browser)[1]


def test_coordinators_see_a_count_from_five_up(town: Town, outreach: Browser) -> None:
    coordinator = town.as_("coordinator")
    for number in range(1, 7):
        count(outreach, ("who", "trans"), *([("pet", "large-pet")] if number < 5 else []))
        coordinator.open("/unmet")
        assert ("Trans or two-spirit 5 or more" in coordinator.words) is (number >= 5)
    assert "Large dog" not in coordinator.words, "4 times"
    town.now = at("09:00", 21)
    coordinator.open("/unmet")
    assert "2026-11-20 What was needed Times Trans or two-spirit 6" in coordinator.words
    coordinator.open("/unmet?lang=fr")
    assert "Trans ou bispirituel" in coordinator.words
    for name in ("outreach", "desk_at_riverbank", "caller"):
        assert town.as_(name).open("/unmet").status_code == 404


def test_every_word_that_can_be_asked_has_a_name_on_the_coordinators_page(
    town: Town, outreach: Browser
) -> None:
    day = today(town.now, DAY) - timedelta(days=1)
    fields = re.findall(r'type="(?:radio|checkbox)" name="(\w+)" value="([^"]+)"', outreach.page)
    asked = {f"together-{value}" if name == "together" else value for name, value in fields}
    assert len(asked) > 25
    for number in range(5):
        town.store.unmet.count(day, sorted(asked), f"key-number-{number}")
    coordinator = town.as_("coordinator")
    for language in ("en", "fr"):
        coordinator.open(f"/unmet?lang={language}")
        named = re.findall(r'<th scope="row">(.*?)</th>', coordinator.page)
        assert len(named) == len(asked)
        assert not [one for one in named if one in asked and "-" in one]
