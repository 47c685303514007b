"""When to leave, and what comes next, with script: the choice stays on the device."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import time
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import Page, expect

from dashboard.shortage import today
from dashboard.travel import Leg, pair
from tests.by_hand import bounded
from tests.values import DAY, MATS, NORTHSIDE, NOW, WOMEN, at

from .axe import findings
from .test_desk import TOO_SMALL, Desks, arrive, desks, place
from .test_holds import WIDE

__all__ = ["arrive", "desks", "place"]
pytestmark = pytest.mark.browser
Arrive = Callable[..., Page]
NORTH, SOUTH = "North Shore", "South Shore"


@pytest.fixture(autouse=True)
def areas(desks: Desks) -> None:
    """Two areas; Northside is in the one, with beds for adults that may open at 9."""
    store, now = desks.town.store, desks.town.now
    legs = {pair(NORTH, SOUTH): Leg(40, 12), (SOUTH, SOUTH): Leg(15)}
    store.areas.save([NORTH, SOUTH], legs, "p-cor", now)
    there = replace(NORTHSIDE.place, area=NORTH)
    site = replace(NORTHSIDE, last_check_in=time(23), release=time(21), place=there)
    store.profiles.save([site], [replace(MATS, position=0), WOMEN], "test", now)


def chip(page: Page, name: str) -> None:
    page.locator("#asked .chip", has_text=name).first.click()


def test_an_area_and_a_need_are_chosen_without_a_request_and_counted_by_one_tap(
    arrive: Arrive, desks: Desks
) -> None:
    van = arrive("outreach", "/outreach")
    ways = van.locator("#door-riverbank .ways")
    expect(ways).to_be_empty()
    asked: list[str] = []
    van.on("request", lambda request: asked.append(request.url))
    van.select_option("#start", NORTH)
    expect(ways).to_contain_text("On foot 40 min: leave by 8:20 pm")
    expect(ways).to_contain_text("By car 12 min: leave by 8:48 pm")
    expect(van.locator("#later .door")).to_contain_text("How far it is: not known")
    chip(van, "Man")
    expect(van.locator("#nothing .calls .door:visible")).to_have_count(2)
    chip(van, "Youth")
    expect(van.locator("#later .door")).to_be_hidden()
    assert not [url for url in asked if "youth" in url or "North" in url.partition("#")[0]]
    van.get_by_role("button", name="Nothing fits: count it").click()
    expect(van.locator(".good")).to_contain_text("Counted once")
    day = today(desks.town.now, DAY)
    assert desks.town.store.unmet.kept([day]) == {day: {"youth": 1}}
    assert "youth" not in van.url.partition("#")[0]
    expect(van.locator("#asked [value=youth]")).to_be_checked()
    expect(van.locator("#start")).to_have_value(NORTH)


SHOWN = """(page) => {
  const seen = (one) => !one.closest("[hidden]");
  const all = (query) => [...page.querySelectorAll(query)].filter(seen);
  const order = all(".sites > [data-fit]").map((one) => `${one.id} ${one.dataset.fit}`);
  const told = ({ dataset, textContent }) =>
    `${dataset.of ?? dataset.area}: ${textContent.replace(/\\s+/g, "")}`;
  return [...order, ...all(".ways, #later .door, .calls .door").map(told).sort()];
}"""
ASKED = """async (query) => {
  const answer = await fetch(`/outreach?${query}&lang=fr`);
  return (%s)(new DOMParser().parseFromString(await answer.text(), "text/html"));
}"""


QUERIES = (
    "who=man&start=South+Shore",
    "who=youth&start=North+Shore",
    "who=woman&need=no-id&start=Hillside",
    "side=north&pet=small-pet",
)


@pytest.mark.parametrize("wall", bounded(["20:50", "16:12"]))
def test_with_and_without_script_the_answers_are_the_same(
    arrive: Arrive, desks: Desks, wall: str
) -> None:
    desks.town.store.areas.save(["Hillside"], {pair("Hillside", NORTH): Leg(drive=9)}, "p-cor", NOW)
    desks.town.now = at(wall)
    van = arrive("outreach", "/outreach?lang=fr")
    told = set()
    for query in QUERIES:
        van.locator("#asked").evaluate("(form) => form.reset()")
        for name, value in parse_qsl(query):
            if name == "start":
                van.select_option("#start", value)
            else:
                van.locator(f"#asked [name={name}][value={value}]").evaluate("(one) => one.click()")
        shown = van.evaluate(f"() => ({SHOWN})(document)")
        assert shown == van.evaluate(ASKED % SHOWN, query), query
        told.add(tuple(shown))
    assert len(told) == len(QUERIES), "each choice shows something of its own"


@pytest.mark.parametrize("name", ["outreach", "coordinator"])
def test_axe_finds_nothing_on_what_is_new(arrive: Arrive, desks: Desks, name: str) -> None:
    day = today(desks.town.now, DAY)
    for number in range(6):
        desks.town.store.unmet.count(day, ["woman", "no-id"], f"key-number-{number}")
    address = "/outreach?start=North+Shore" if name == "outreach" else "/areas?area=North+Shore"
    page = arrive(name, address, locale="fr")
    for path in ("", "/unmet")[: 1 if name == "outreach" else 2]:
        if path:
            page.goto(page.url.partition("/areas")[0] + path)
        assert findings(page) == []
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(TOO_SMALL) == [], width
            assert page.evaluate(WIDE, width) == [], width
