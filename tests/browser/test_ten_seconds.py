"""From a locked desk to a phone across town: how many taps, how many requests, no page loaded."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.desks import PIN

from .test_desk import Arrive, Desks, arrive, saved
from .test_tapping_in import at_desk, desks, place, tablet

pytestmark = pytest.mark.browser
__all__ = ["arrive", "desks", "place", "tablet"]  # fixtures
MOST = 3  # taps from a person who is known to a count that is saved


@dataclass
class Finger:
    """A finger on a page. It counts its taps, and what the page then asks of the server."""

    page: Page
    taps: int = 0
    sent: list[str] = field(default_factory=list)
    loads: int = 0

    def __post_init__(self) -> None:
        self.page.on("request", self._hear)

    def _hear(self, request: Request) -> None:
        self.loads += request.is_navigation_request()
        if request.method == "POST":
            self.sent.append(request.url.rpartition("/")[2])

    def tap(self, where: Locator) -> None:
        self.taps += 1
        where.tap()

    def button(self, name: str) -> None:
        self.tap(self.page.get_by_role("button", name=name, exact=True))

    def begin(self) -> None:
        self.taps, self.loads = 0, 0
        self.sent.clear()


def test_a_locked_desk_is_three_taps_from_a_saved_count(
    tablet: Arrive, enter: Arrive, desks: Desks, complaints: list[str]
) -> None:
    phone = enter("/")
    page = tablet(has_touch=True, viewport={"width": 320, "height": 640})
    finger = Finger(page)
    finger.tap(page.locator("#person").get_by_role("button", name="Sam"))
    for digit in PIN:
        page.locator(f".keys [data-key='{digit}']").tap()
    at_desk(page, "Sam")

    finger.begin()  # nothing is known yet: a number is typed
    finger.tap(page.locator("#number-women"))
    page.keyboard.type("4")
    finger.tap(page.locator("#group-women .number .primary"))
    saved(page)
    assert (finger.taps, finger.sent, finger.loads) == (2, ["reports"], 0)
    expect(phone.locator("#site-riverbank .figure:visible")).to_contain_text("4")

    for name, says in (
        ("Women's beds: one more", 5),
        ("Women's beds: still right", 5),
        ("All still right", 5),
        ("Women's beds: full, stop sending", 0),
    ):
        finger.begin()
        finger.button(name)
        expect(page.locator("#seen-women")).to_have_attribute("data-open", str(says))
        saved(page)
        assert finger.taps <= MOST
        assert len(finger.sent) == 1, name
        assert finger.loads == 0, name
        assert desks.town.figure() == says
    expect(phone.locator("#site-riverbank")).to_contain_text("Full")

    desks.town.later(minutes=15)  # the next tap meets a desk that has locked itself
    finger.begin()
    finger.tap(page.locator("#number-women"))
    page.keyboard.type("2")
    finger.tap(page.locator("#group-women .number .primary"))
    expect(page.locator("#person [role=alert]")).to_contain_text("Tap your name first.")
    assert desks.town.figure() == 0
    finger.tap(page.locator("#person").get_by_role("button", name="Sam"))
    expect(page.locator("#seen-women")).to_have_attribute("data-open", "2")
    assert finger.taps == MOST
    assert finger.loads == 0
    expect(phone.locator("#site-riverbank .figure:visible")).to_contain_text("2")
    complaints.clear()  # of the tap that met a locked desk
