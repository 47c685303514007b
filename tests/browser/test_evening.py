"""What a desk declares for tonight, in a real browser: live on the board, gone by itself."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .axe import findings
from .test_desk import Arrive, Desks, arrive, desks, place  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser
EVENING = "/desk/riverbank/evening"


def unfold(page: Page, name: str) -> None:
    page.locator("summary", has_text=name).click()


def test_a_site_that_closes_is_closed_on_every_open_board_until_it_ends_by_itself(
    enter: Arrive,
    arrive: Arrive,  # noqa: F811
    desks: Desks,  # noqa: F811
) -> None:
    board, desk = enter("/"), arrive(path=EVENING)
    card = board.locator("#site-riverbank")
    expect(card).to_have_attribute("data-status", "call-first")
    unfold(desk, "Close, or ask people to call first")
    form = desk.locator("form", has=desk.get_by_role("button", name="Closed tonight: "))
    form.get_by_label("Why").select_option("repairs")
    form.get_by_label("Until").select_option("16:30")
    form.get_by_role("button").click()
    expect(desk.locator("#said")).to_contain_text("Saved 4:12")
    expect(card).to_have_attribute("data-status", "closed")
    expect(card).to_contain_text("Closed until 4:30")
    desk.goto(f"{desks.url}/desk/riverbank")
    expect(desk.locator("#evening")).to_contain_text("Closed tonight until 4:30")
    desks.town.later(minutes=18)
    expect(card).to_have_attribute("data-status", "call-first")
    expect(card).not_to_contain_text("Closed until")


def test_the_desk_hears_at_once_what_another_declares(arrive: Arrive) -> None:  # noqa: F811
    desk, other = arrive(), arrive("coordinator", EVENING)
    unfold(other, "Say it on the board")
    other.get_by_role("button", name="The warming room is open").click()
    expect(desk.locator("#evening")).to_contain_text("The warming room is open until 8:00")
    other.get_by_role("button", name="End it now: The warming room is open").click()
    expect(desk.locator("#evening li")).to_have_count(0)


def test_one_tap_says_a_rule_until_the_time_that_was_chosen_by_keyboard(
    arrive: Arrive,  # noqa: F811
) -> None:
    page = arrive(path=EVENING)
    page.locator("summary", has_text="Rules relaxed").focus()
    page.keyboard.press("Enter")
    until = page.locator("#f--any-no-curfew-until")
    until.focus()
    page.keyboard.type("8:00")
    page.keyboard.press("Enter")
    expect(page.locator(".on-now li")).to_have_count(0)
    page.get_by_role("button", name="Pets can come in tonight").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".on-now")).to_contain_text("Pets can come in tonight until 8:00\u00a0pm")


def test_axe_finds_nothing_and_nothing_runs_out(
    arrive: Arrive,  # noqa: F811
    enter: Arrive,
    complaints: list[str],
) -> None:
    page = arrive(path=EVENING)
    unfold(page, "Say it on the board")
    page.get_by_role("button", name="You can stay through the day tomorrow").click()
    unfold(page, "Close, or ask")
    page.get_by_role("button", name="Closed tonight: ").click()
    expect(page.locator(".alert")).to_contain_text("See what to mend below")
    complaints.clear()  # a refused form is a 422
    folded = page.locator("details:not([open]) summary")
    while folded.count():
        folded.first.click()
    found = [page, enter("/")]
    for one in found:
        assert findings(one) == []
        for width in (320, 768, 1280):
            one.set_viewport_size({"width": width, "height": 800})
            assert one.evaluate("document.documentElement.scrollWidth") <= width
    small = page.locator(".tonight-page :is(.button, input:not([type=hidden]), select, summary)")
    for box in (one.bounding_box() for one in small.all() if one.is_visible()):
        assert box is None or box["height"] >= 44, box
    expect(found[1].locator("#site-riverbank .tonight")).to_contain_text(re.compile("stay through"))
