"""Holds in a real browser: the desk sees them come, one tap moves the number for everybody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from dashboard.beds import Source
from dashboard.clock import horizons
from dashboard.reports import Report, ReportKind
from tests.by_hand import bounded
from tests.values import DAY

from .axe import findings
from .test_desk import TOO_SMALL, Desks, arrive, desks, place

__all__ = ["arrive", "desks", "place"]
pytestmark = pytest.mark.browser
Arrive = Callable[..., Page]


# A browser without a phone would stop at asking which program should call.
NO_PHONE = (
    "addEventListener('click', (tap) => tap.target.matches('[href^=tel]') && tap.preventDefault())"
)


@pytest.fixture(autouse=True)
def counted(desks: Desks) -> None:
    """Three women's beds are open."""
    now = desks.town.now
    count = ("riverbank", "women", ReportKind.CHANGE, 3, now, Source.DESK, "p-river", "counted")
    desks.town.store.reports.report(Report(*count), horizons(now, DAY), now)


def test_from_who_needs_a_bed_to_who_arrived_every_number_moves_on_every_page(
    arrive: Arrive,
) -> None:
    """Find, call, hold, extend, arrive: one woman's afternoon on three open pages."""
    desk = arrive()
    visitor = arrive("outreach", "/outreach")
    board = arrive("caller", "/sites/riverbank")
    expect(desk.locator("#on-the-way")).to_be_hidden()
    expect(board.locator("#site-riverbank")).to_contain_text("3")
    door = visitor.locator("#door-riverbank")
    visitor.locator("#asked label", has_text="Woman").click()
    expect(door).to_have_attribute("data-fit", "fits")
    expect(door.locator(".visit [value=got-in]").first).to_be_hidden()
    visitor.evaluate(NO_PHONE)
    door.locator(".phone a").click()
    expect(door.locator(".visit [value=got-in]").first).to_be_visible()
    door.locator('[data-bunk="riverbank/women"] .keep > summary').click()
    visitor.locator('[data-bunk="riverbank/women"] [value="20"]').click()
    expect(visitor.locator(".good")).to_contain_text("The bed is kept.")
    expect(door).to_have_attribute("data-fit", "fits")
    expect(visitor.locator("#asked :checked[value=woman]")).to_have_count(1)
    code = visitor.locator("#holds .code").inner_text()
    expect(visitor.locator("#holds .when")).to_contain_text("kept until 5:42")
    visitor.get_by_role("button", name=f"Keep it longer: {code}").click()
    expect(visitor.locator("#holds .when")).to_contain_text("kept until 6:42")
    expect(visitor.get_by_role("button", name="Keep it longer")).to_have_count(0)
    expect(desk.locator(".hold .code")).to_have_text(code)
    expect(desk.locator("#question")).to_contain_text("counting the 1 kept")
    expect(board.locator("#site-riverbank")).to_contain_text("2")
    desk.get_by_role("button", name=f"Arrived: {code}").click()
    expect(desk.locator("#said")).to_contain_text("Saved 4:12")
    expect(desk.locator("#number-women")).to_have_value("2")
    expect(desk.locator("#on-the-way")).to_be_hidden()
    expect(visitor.locator("#ended")).to_contain_text("they arrived at 4:12")
    expect(visitor.locator("#holds .code")).to_have_count(0)
    desk.get_by_role("button", name="Women's beds: undo last").click()
    expect(desk.locator(".hold .code")).to_have_text(code)
    expect(visitor.locator("#holds .code")).to_have_text(code)


def test_the_desk_takes_a_bed_back_and_its_holder_hears_at_once(
    arrive: Arrive, complaints: list[str]
) -> None:
    desk, van = arrive(), arrive("outreach", "/outreach")
    van.locator('[data-bunk="riverbank/women"] .keep > summary').click()
    van.locator('[data-bunk="riverbank/women"] [value="20"]').click()
    expect(desk.locator(".hold")).to_have_count(1)
    desk.fill("#number-women", "0")
    desk.press("#number-women", "Enter")
    expect(desk.locator("#talk-women .alert")).to_contain_text("Choose whose hold ends.")
    complaints.clear()  # of the 409 that asks
    desk.get_by_role("button", name="End the chosen and save").click()
    expect(desk.locator("#said")).to_contain_text("Saved 4:12")
    expect(desk.locator("#talk-women .alert")).to_have_count(0)
    expect(van.locator("#ended")).to_contain_text(
        "the desk needed this bed back. Call before you go"
    )


def test_full_and_open_again(arrive: Arrive) -> None:
    desk = arrive()
    desk.get_by_role("button", name="Women's beds: full, stop sending").click()
    expect(desk.locator("#number-women")).to_have_value("0")
    desk.get_by_role("link", name="Women's beds: open again, type the number").click()
    expect(desk.locator("#number-women")).to_be_focused()
    desk.keyboard.type("4")
    desk.keyboard.press("Enter")
    expect(desk.locator("#said")).to_contain_text("Saved 4:12")
    expect(desk.locator("#group-women .again")).to_be_hidden()


@pytest.mark.parametrize("language", bounded(["fr", "en"]))
def test_axe_finds_nothing_and_everything_can_be_tapped(
    arrive: Arrive, language: str, complaints: list[str]
) -> None:
    van = arrive("outreach", "/outreach", locale=language)
    van.locator('[data-bunk="riverbank/women"] .keep > summary').click()
    van.locator('[data-bunk="riverbank/women"] [value="20"]').click()
    van.locator('[data-bunk="riverbank/women"] .keep > summary').click()
    van.locator('[data-bunk="riverbank/women"] [value="60"]').click()
    expect(van.locator("#holds .hold")).to_have_count(2)
    desk = arrive(locale=language)
    desk.fill("#number-women", "1")
    desk.press("#number-women", "Enter")
    expect(desk.locator(".ending")).to_be_visible()
    complaints.clear()  # of the 409 that asks
    for page in (van, desk):
        assert findings(page) == []
        for width in (200, 320, 768, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(TOO_SMALL) == [], width
            assert page.evaluate(WIDE, width) == [], width


WIDE = """(width) => [...document.querySelectorAll("main *")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > width)
  .map((one) => one.outerHTML.slice(0, 120))"""
