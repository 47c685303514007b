"""Who and what is needed, on a phone: at once, on the device alone, as the server would say it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time, timedelta
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from dashboard.asked import HOURS, NEEDS, PETS, SIDES, WHO
from dashboard.beds import BedGroup, Place, Site, Source
from dashboard.clock import horizons
from dashboard.facts import Guest, Known, Side, Sobriety, WayIn
from dashboard.reports import Report, ReportKind
from tests.by_hand import SOAK
from tests.desks import words
from tests.fit_table import SITES, TABLE, decided
from tests.test_outreach_fit import settle
from tests.values import DAY, NOW

from .axe import findings
from .test_desk import TOO_SMALL, Desks, arrive, desks, place
from .test_holds import WIDE

__all__ = ["arrive", "desks", "place"]
pytestmark = pytest.mark.browser
Arrive = Callable[..., Page]
PAGE = "/outreach"
QUESTIONS = 600 if SOAK else 25
FACTS = ("pets", "large_pets", "service_animals", "couples", "storage", "wheelchair")
MORE = ("lower_bunk", "without_id", "indigenous_led", "late_arrivals")


@pytest.fixture
def city(desks: Desks) -> None:
    """Twelve sites of every kind, with counts of every age."""
    chance, store = Random(4), desks.town.store
    known = [Known.YES, Known.NO, Known.UNKNOWN]
    for number in range(12):
        facts: dict[str, Any] = {name: chance.choice(known) for name in FACTS + MORE}
        facts["sobriety"], facts["way_in"] = (
            chance.choice(list(Sobriety)),
            chance.choice(list(WayIn)),
        )
        facts["last_check_in"] = chance.choice([None, time(16), time(21), time(23)])
        place = Place(side=chance.choice(list(Side)))
        site = Site(f"s{number}", f"{chance.choice('ABCD')} House {number}", place=place, **facts)
        guests = [tuple(chance.sample(list(Guest), chance.randint(0, 3))) for _ in range(3)]
        groups = [
            BedGroup(site.id, f"g{place}", f"Beds {place}", 9, one, position=place)
            for place, one in enumerate(guests[: chance.randint(0, 3)])
        ]
        store.profiles.save([site], groups, "test", NOW)
        for group in groups:
            said = NOW - timedelta(minutes=chance.choice([3, 70, 300]))
            count = (site.id, group.id, ReportKind.CHANGE, chance.randint(0, 4), said)
            report = Report(*count, Source.DESK, "p-river", f"{site.id}-{group.id}")
            store.reports.report(report, horizons(NOW, DAY), NOW)
    desks.town.caught_up()


def questions() -> list[str]:
    """What many different people ask for."""
    chance = Random(7)

    def ask() -> str:
        said = [
            ("who", chance.choice(["", *WHO])),
            ("together", chance.choice(["", "2", "3", "5"])),
        ]
        said += [("pet", chance.choice(["", "", *PETS])), ("by", chance.choice(["", *HOURS]))]
        said += [("need", one) for one in chance.sample(NEEDS, chance.randint(0, 2))]
        said += [("side", chance.choice(["", "", *SIDES]))]
        return urlencode([(name, value) for name, value in said if value])

    return ["", *(ask() for _ in range(QUESTIONS))]


READ = """(questions) => questions.map((question) => {
  history.replaceState(null, "", "#" + question);
  dispatchEvent(new Event("hashchange"));
  return [...document.querySelectorAll(".sites > li")].map((card) => [card.id,
    [...card.querySelectorAll(".verdict:not([hidden])")].map((one) => one.textContent).join("; ")]);
})"""


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_script_answers_as_the_server_does(
    arrive: Arrive, desks: Desks, city: None, language: str
) -> None:
    page, reader = arrive("outreach", f"{PAGE}?lang={language}"), desks.town.as_("outreach")
    for question, told in zip(questions(), page.evaluate(READ, questions()), strict=True):
        answer = reader.open(f"{PAGE}?lang={language}&{question}").text
        sites = answer[answer.index('<ul class="sites">') : answer.index('<section id="lines"')]
        cards = re.findall(r'<li class="door" id="([^"]+)"(.*?)<!--/part door', sites, re.S)
        verdict = r'<p class="verdict" data-fit="\w+">(.*?)</p>'
        shown = [(id_, "; ".join(re.findall(verdict, card))) for id_, card in cards]
        assert [(id_, plain(said)) for id_, said in told] == [
            (id_, plain(said)) for id_, said in shown
        ], question


def plain(html: str) -> str:
    return re.sub(r" (?=[,;])", "", words(html))


READ_TABLE = """(questions) => questions.map((question) => {
  history.replaceState(null, "", "#" + question);
  dispatchEvent(new Event("hashchange"));
  return [...document.querySelectorAll(".sites > li")].map((card) => [
    "hidden" in card.dataset ? "nest" : card.id.replace("door-", ""),
    card.dataset.fit,
    [...card.querySelectorAll(":scope > .verdict [data-word]")].map((one) => one.dataset.word)]);
})"""


def test_people_and_sites_decided_by_hand_are_told_so_with_script_in_both_languages(
    arrive: Arrive, desks: Desks
) -> None:
    settle(desks.town)
    known = {site.id for site in SITES}
    for language in ("en", "fr"):
        page = arrive("outreach", f"{PAGE}?lang={language}")
        for query, told in zip(TABLE, page.evaluate(READ_TABLE, list(TABLE)), strict=True):
            found = [(id_, fit, tuple(why)) for id_, fit, why in told if id_ in known]
            assert found == decided(query), (query, language)


def test_one_tap_puts_the_right_door_first_and_tells_nobody(arrive: Arrive, city: None) -> None:
    page = arrive("outreach", PAGE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_label("Woman", exact=True).check()
    page.get_by_label("2", exact=True).check()
    said = page.locator("#fit-said")
    expect(said).to_contain_text(re.compile(r"\d+ fit, \d+ to ask, \d+ do not fit\."))
    expect(page.locator(".sites > li").first).not_to_have_attribute("data-fit", "no")
    assert page.url.endswith("#who=woman&together=2")
    first = page.locator(".sites > li").first.get_attribute("id")
    page.reload()
    expect(page.get_by_label("Woman", exact=True)).to_be_checked()
    expect(page.locator(".sites > li").first).to_have_attribute("id", first or "")
    page.get_by_role("link", name="Français").click()
    expect(page.get_by_label("Femme", exact=True)).to_be_checked()
    page.keyboard.press("Tab")
    assert not [url for url in asked if "woman" in url]


def test_a_choice_that_moves_behind_the_hash_takes_no_answer_with_it(arrive: Arrive) -> None:
    page = arrive("outreach", f"{PAGE}?who=woman&again=signed-out")
    page.wait_for_url("**/outreach?again=signed-out#who=woman")
    expect(page.locator("#told [role=alert]")).to_contain_text("your last tap was not saved")


@pytest.mark.parametrize("language", ["fr"])
def test_axe_finds_nothing_and_one_hand_reaches_everything(
    arrive: Arrive, city: None, language: str
) -> None:
    page = arrive(
        "outreach",
        f"{PAGE}#who=woman&pet=large-pet",
        permissions=["clipboard-read"],
        locale=language,
    )
    share = page.locator(".share:visible").first
    share.locator("summary").click()
    share.locator("[data-copy]").click()
    expect(share.get_by_role("status")).to_have_text("✓ Copié.")
    told = page.evaluate("navigator.clipboard.readText()")
    assert "Les lits partent vite" in told
    assert "hidden" not in told
    assert findings(page) == []
    for width in (200, 320, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(TOO_SMALL) == [], width
        assert page.evaluate(WIDE, width) == [], width
