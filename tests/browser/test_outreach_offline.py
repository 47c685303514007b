"""The outreach page where the connection goes: the last board, with its age, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from dashboard.beds import Source
from dashboard.clock import horizons
from dashboard.reports import Report, ReportKind
from dashboard.store import StoreDown
from tests.values import DAY
from tests.wire import Wire

from .test_desk import Desks, desks
from .test_waiting import sign_in, wire

__all__ = ["desks", "wire"]
pytestmark = pytest.mark.browser
Enter = Callable[..., Page]
PAGE = "/outreach"


@pytest.fixture
def place(desks: Desks, wire: Wire) -> Wire:
    """``enter`` reaches the outreach page by a wire that can be cut."""
    counted(desks, 3)
    return wire


def counted(desks: Desks, open_: int) -> None:
    now = desks.town.now
    said = ("riverbank", "women", ReportKind.CHANGE, open_, now, Source.DESK, "p-river")
    report = Report(*said, f"counted-{open_}-{now}")
    desks.town.store.reports.report(report, horizons(now, DAY), now)


KEPT = """async (text) => {
  await navigator.serviceWorker.ready;
  const kept = async () => (await (await caches.open("outreach-pages")).match("/outreach"))?.text();
  const pause = () => new Promise((done) => setTimeout(done, 20));
  for (let left = 300; left && !(await kept())?.includes(text); left -= 1) await pause();
  return Boolean((await kept())?.includes(text));
}"""

LEFT = """async () => {
  const left = async () => (await (await caches.open("outreach-pages")).keys()).length;
  const pause = () => new Promise((done) => setTimeout(done, 20));
  for (let tries = 150; tries && await left(); tries -= 1) await pause();
  return left();
}"""


def test_without_a_connection_the_last_board_is_there_with_the_age_of_its_numbers(
    enter: Enter, desks: Desks, wire: Wire, complaints: list[str]
) -> None:
    page = enter("/sign-in")
    sign_in(page, "outreach")
    women = page.locator("#offer-riverbank-1 .count")
    expect(women).to_contain_text("3 beds open")
    assert page.evaluate(KEPT, "3 beds open")
    desks.town.later(minutes=6)
    counted(desks, 2)
    expect(women).to_contain_text("2 beds open")
    assert page.evaluate(KEPT, "2 beds open"), "a refresh is kept too"
    page.context.clock.install()
    wire.break_()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#behind")).to_contain_text("This is the board of 4:18")
    expect(women.locator(".age")).to_be_visible()
    page.reload()
    expect(women).to_have_text("Women's beds: 2 beds open just now", use_inner_text=True)
    expect(page.locator("#behind")).to_contain_text("This is the board of 4:18")
    page.context.clock.fast_forward(25 * 60_000)
    expect(women.locator(".age")).to_have_text("25\N{NO-BREAK SPACE}min ago")
    page.locator('[data-bunk="riverbank/women"] .keep > summary').click()
    page.locator('[data-bunk="riverbank/women"] [value="20"]').click()
    expect(page.locator("#told")).to_contain_text("We could not confirm this was saved.")
    page.context.set_offline(True)
    page.locator('[data-bunk="riverbank/women"] .keep > summary').click()
    page.locator('[data-bunk="riverbank/women"] [value="20"]').click()
    expect(page.locator("#behind")).to_contain_text("nothing was sent")
    page.context.set_offline(False)
    wire.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#behind")).to_be_hidden()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: "outreach" not in url)
    assert page.evaluate(LEFT) == 0
    complaints.clear()  # of the wire that was cut


def test_a_session_that_ended_elsewhere_takes_the_kept_board_with_it(
    enter: Enter, desks: Desks, complaints: list[str]
) -> None:
    page = enter("/sign-in")
    sign_in(page, "outreach")
    assert page.evaluate(KEPT, "3 beds open")
    desks.town.store.people.disable("p-out", "p-cor", desks.town.now)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#behind")).to_contain_text("You were signed out.")
    expect(page.locator("#offer-riverbank-1 .count")).to_be_hidden()
    assert page.evaluate(LEFT) == 0
    page.goto(desks.url + "/outreach")
    page.wait_for_url("**/sign-in**")
    complaints.clear()  # of the 401


def test_a_server_whose_store_is_away_leaves_the_last_board_in_place(
    enter: Enter, monkeypatch: pytest.MonkeyPatch, complaints: list[str]
) -> None:
    page = enter("/sign-in")
    sign_in(page, "outreach")
    assert page.evaluate(KEPT, "3 beds open")

    def away() -> None:
        raise StoreDown("away")

    monkeypatch.setattr("dashboard.access.outreach", away)
    page.reload()
    expect(page.locator("#behind")).to_contain_text("This is the board of 4:12")
    women = page.locator("#offer-riverbank-1 .count")
    expect(women).to_have_text("Women's beds: 3 beds open just now", use_inner_text=True)
    page.close()
    complaints.clear()  # of each 503
