"""Two callers on one evening: each has a site of their own, and every open page hears of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .axe import findings
from .test_desk import Arrive, Desks, arrive, desks, place  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser


def fits(page: Page) -> None:
    """Axe finds nothing; nothing runs out on a small phone, and all can be tapped."""
    assert findings(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for one in page.locator("main :is(.button, input:not([type=hidden]))").all():
        box = one.bounding_box() if one.is_visible() else None
        assert box is None or box["height"] >= 44, box


def test_two_callers_never_phone_one_desk_and_the_desk_sees_who_called(
    arrive: Arrive,  # noqa: F811
    desks: Desks,  # noqa: F811
) -> None:
    cal, cory = arrive("caller", "/tonight"), arrive("coordinator", "/tonight")
    desk = arrive("desk_at_northside", "/desk/northside")
    fits(cory)
    cal.get_by_role("button", name="Take the next call").press("Enter")
    expect(cal.get_by_role("heading", level=1)).to_have_text("Haven")
    expect(cory.locator("#work-haven")).to_contain_text("Cal is calling, until 4:22")
    cory.get_by_role("button", name="Take the next call").click()
    expect(cory.get_by_role("heading", level=1)).to_have_text("Northside")
    expect(desk.locator("#phoned")).to_contain_text("Cory is about to phone you")
    cory.get_by_label("Mats").fill("3")
    fits(cory)
    cory.get_by_role("button", name="Save the numbers").click()
    expect(cory.locator("#said")).to_contain_text("Saved: Northside, 4:12")
    expect(desk.locator("#number-mats")).to_have_value("3")
    expect(desk.locator("#seen-mats")).to_contain_text("Cory, by phone, 4:12")
    expect(desk.locator("#phoned")).to_be_empty()
    cal.get_by_role("button", name="Could not get through").click()
    expect(cal.locator("#said")).to_contain_text("nobody answered at Haven")
    expect(cory.locator("#work-haven")).to_contain_text("Cal could not get through at 4:12")
    desk.get_by_role("button", name="Mats: one fewer").click()
    expect(cory.locator("#work-northside")).to_contain_text("2 beds open")
    assert desks.town.figure("mats", "northside") == 2
