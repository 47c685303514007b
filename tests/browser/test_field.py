"""A tap after a visit, in real browsers: the open desk is asked, and one tap there answers it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.test_outreach import report

from .axe import findings
from .test_desk import TOO_SMALL, Desks, arrive, desks, place

__all__ = ["arrive", "desks", "place"]
pytestmark = pytest.mark.browser
Arrive = Callable[..., Page]


@pytest.fixture(autouse=True)
def counted(desks: Desks) -> None:
    """Three women's beds since 4:12 pm, and it is 4:40."""
    report(desks.town, 3)
    desks.town.later(minutes=28)


def test_the_open_desk_is_asked_at_once_and_its_tap_reaches_every_board(
    desks: Desks, arrive: Arrive
) -> None:
    desk, board = arrive(), arrive("caller", "/sites/riverbank?lang=fr")
    van = arrive("outreach", "/outreach")
    expect(desk.locator("#disputes")).to_be_hidden()
    van.locator("#door-riverbank .visit > summary").first.click()
    van.locator("#door-riverbank [value=was-full]").first.click()
    expect(van.locator(".good")).to_contain_text("the desk is asked")
    asked = desk.locator("#disputes [role=alert]")
    expect(asked).to_contain_text("Street team, 4:40 pm: it was full. The desk, 4:12 pm: 3 open.")
    expect(board.locator("#site-riverbank .disputed")).to_contain_text("Contesté à 16 h 40")
    asked.evaluate("one => one.dataset.said = 'once'")
    desks.town.later(minutes=1)
    report(desks.town, 7, group="men")
    expect(desk.locator("#number-men")).to_have_value("7")
    expect(asked).to_have_attribute("data-said", "once")
    desk.locator("#confirm-found-women").click()
    expect(desk.locator("#said")).to_contain_text("Saved 4:41")
    expect(desk.locator("#disputes")).to_be_hidden()
    expect(board.locator("#site-riverbank .disputed")).to_have_count(0)
    expect(board.locator("#site-riverbank")).to_contain_text("16 h 41")
    expect(van.locator("#door-riverbank .disputed")).to_have_count(0)


def test_what_asks_and_what_is_tapped_is_accessible_in_french_on_a_small_phone(
    arrive: Arrive,
) -> None:
    small = {"viewport": {"width": 320, "height": 640}}
    van = arrive("outreach", "/outreach?lang=fr", **small)
    van.locator("#door-riverbank .visit > summary").first.click()
    van.locator("#door-riverbank [value=was-full]").first.click()
    van.locator("#door-riverbank summary").first.click()
    desk = arrive(path="/desk/riverbank?lang=fr", **small)
    expect(desk.locator("#disputes")).to_be_visible()
    for page in (van, desk):
        assert findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert page.evaluate(TOO_SMALL) == []
