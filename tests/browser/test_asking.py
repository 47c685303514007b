"""Asking a desk for a bed in a real browser: it rings through, and one tap answers in place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from dashboard.facts import Holding
from tests.test_outreach import report
from tests.values import WOMEN

from .axe import findings
from .test_desk import TOO_SMALL, Desks, arrive, desks, place
from .test_holds import WIDE

__all__ = ["arrive", "desks", "place"]
pytestmark = pytest.mark.browser
Arrive = Callable[..., Page]


@pytest.fixture(autouse=True)
def after_yes(desks: Desks) -> None:
    """Two women's beds are open, and each is kept only by the desk's yes."""
    group = replace(WOMEN, holds=Holding.AFTER_YES)
    desks.town.store.profiles.save([], [group], "p-cor", desks.town.now)
    report(desks.town, 2)


def test_a_desk_hears_who_asks_and_says_yes_without_loading_the_page(arrive: Arrive) -> None:
    desk, van = arrive(), arrive("outreach", "/outreach")
    desk.evaluate("window.same = true")
    expect(desk.locator("#asks")).to_be_hidden()
    van.locator('[data-bunk="riverbank/women"] .keep > summary').click()
    van.locator('[data-bunk="riverbank/women"] [value="40"]').click()
    expect(van.locator(".good")).to_contain_text("No bed is kept until it says yes.")
    expect(desk.locator("#asks")).to_contain_text("Street team asks: can you keep a bed?")
    for page in (desk, van):
        expect(page.locator("li.ask")).to_have_count(1)
        expect(page.locator("li.ask .left")).to_contain_text("10 min left")
        assert findings(page) == []
        for width in (320, 768):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(TOO_SMALL) == [], width
            assert page.evaluate(WIDE, width) == [], width
    desk.get_by_role("button", name="Yes, keep one: Street team, Women's beds").click()
    expect(desk.locator("#said")).to_contain_text("Saved 4:12")
    expect(desk.locator("#asks")).to_be_hidden()
    code = desk.locator("#on-the-way .code").inner_text()
    expect(van.locator("#holds .code")).to_have_text(code)
    expect(van.locator("li.ask")).to_have_count(0)
    assert desk.evaluate("window.same")


def test_both_sides_count_down_to_the_second_and_then_nobody_can_answer(
    arrive: Arrive, desks: Desks
) -> None:
    van = arrive("outreach", "/outreach")
    van.locator('[data-bunk="riverbank/women"] .keep > summary').click()
    van.locator('[data-bunk="riverbank/women"] [value="40"]').click()
    expect(van.locator("li.ask")).to_have_count(1)
    desks.town.later(minutes=9, seconds=44)  # enough to open two pages
    report(desks.town, 2)
    desks.town.caught_up()
    desk = arrive()
    van.reload()
    for page in (desk, van):
        expect(page.locator("li.ask .left")).to_contain_text("s left")
    for page in (desk, van):
        expect(page.locator("li.ask")).to_be_hidden()
