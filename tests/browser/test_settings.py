"""Settings in a real browser: changed on a phone, and on every open page at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .axe import findings
from .test_desk import TOO_SMALL, Desks, arrive, desks, place

__all__ = ["arrive", "desks", "place"]
pytestmark = pytest.mark.browser
Arrive = Callable[..., Page]


def holds_together(page: Page) -> None:
    assert findings(page) == []
    assert page.evaluate(TOO_SMALL) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_coordinator_settles_what_open_pages_hear_of_at_once(
    arrive: Arrive, desks: Desks
) -> None:
    board = arrive("caller", "/")
    expect(board.locator("#hour")).to_contain_text("to 5 pm, when shelters often fill.")
    phone = {"viewport": {"width": 320, "height": 640}, "locale": "fr"}
    office = arrive("coordinator", "/settings", **phone)
    holds_together(office)
    office.get_by_role("link", name="Changer : Heure de décision").click()
    office.get_by_label("Heure", exact=True).fill("16:45")
    holds_together(office)
    office.get_by_role("button", name="Enregistrer").click()
    expect(office.get_by_role("status").first).to_contain_text("Enregistré : Heure de décision")
    expect(board.locator("#hour")).to_contain_text("to 4:45 pm, when shelters often fill.")
    office.goto(f"{desks.url}/settings/help")
    for language in ("en", "fr"):
        office.locator(f"#{language}").fill(f"https://211.example/{language}")
    office.locator("#fr").press("Enter")
    expect(office).to_have_url(f"{desks.url}/settings#help")
    expect(board.locator("#help a").last).to_have_attribute("href", "https://211.example/en")
