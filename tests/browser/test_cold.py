"""A cold night in a real browser: from a coordinator's draft, over every open page, to its log."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from dashboard.beds import BedGroup
from dashboard.facts import Season
from tests.values import at

from .axe import findings
from .test_desk import TOO_SMALL, Desks, arrive, desks, place

__all__ = ["arrive", "desks", "place"]
pytestmark = pytest.mark.browser
Arrive = Callable[..., Page]
COTS = BedGroup("northside", "cots", "Cots", 10, season=Season.ALERT, position=2)


@pytest.fixture(autouse=True)
def cots(desks: Desks) -> None:
    """One site has beds for very cold nights."""
    desks.town.store.profiles.save([], [COTS], "test", desks.town.now)


def tap(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_night_with_an_alert_from_draft_to_log(arrive: Arrive, desks: Desks) -> None:
    phone = {"viewport": {"width": 320, "height": 640}}
    board, site = arrive("caller", "/"), arrive("caller", "/sites/northside?lang=fr")
    desk, worker = arrive("desk_at_northside", "/desk/northside"), arrive("outreach", "/outreach")
    office, list_ = arrive("coordinator", "/cold", **phone), arrive("caller", "/tonight")
    people = arrive("coordinator", "/people")
    people.fill("#name", "Noor")
    tap(office, "Extreme cold alert")
    expect(office.locator("#said")).to_contain_text("Kept as a draft.")
    expect(board.locator(".cold")).to_have_count(0)
    office.select_option("#reason", "cold-already")
    assert office.evaluate(TOO_SMALL) == []
    tap(office, "Issue this alert")
    expect(office.locator("#said")).to_contain_text("The alert is issued.")
    for page in (board, desk, worker, office, list_, people):
        expect(page.locator("#alerts")).to_contain_text("Extreme cold alert")
        expect(page.locator("#alerts")).to_contain_text("Alerte de froid extrême")
    expect(site.locator("#alerts")).to_contain_text("Jusqu’à samedi, 8 h 00")
    expect(board.locator("#site-northside")).to_contain_text("Cots")
    tap(office, "Heavy snow alert")
    expect(office.locator("#said")).to_contain_text("Kept as a draft.")
    assert findings(office) == []  # with a banner, an alert that is on, and a draft
    desks.town.later(minutes=20)
    office.locator("summary", has_text="Cancel it").click()
    office.locator("[name=ending]").select_option("warmer")
    tap(office, "Cancel the alert now")
    expect(office.locator("#said")).to_contain_text("The alert is cancelled.")
    for page in (board, site, desk, worker, list_, people):
        expect(page.locator(".cold")).to_have_count(0)
    expect(people.locator("#name")).to_have_value("Noor")
    desks.town.now = at("09:00", 21)
    office.goto(f"{desks.url}/cold/log")
    expect(office.locator("main")).to_contain_text("Cancelled: it is warmer.")
    office.get_by_label("Lowest temperature, °C").fill("-24")
    office.get_by_label("People sheltered at the count").fill("41")
    tap(office, "Write it down")
    expect(office.locator("#said")).to_contain_text("The night of 2026-11-20 is written down.")
    assert findings(office) == []
    assert office.evaluate(TOO_SMALL) == []
    assert office.evaluate("document.documentElement.scrollWidth") == 320
