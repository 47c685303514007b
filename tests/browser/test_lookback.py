"""The quiet bar that comes by itself, the tap for who was turned away, and the page to print."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from dashboard.beds import BedGroup, Hold, Source
from dashboard.config import Settings
from dashboard.reports import Report, ReportKind
from dashboard.rows import Moment
from tests.by_hand import bounded
from tests.desks import Town
from tests.desks import riverbend as people_of_riverbend
from tests.values import DAY, RIVERBANK, VAN, at

from .axe import findings
from .test_desk import DESK, TOO_SMALL, Desks, arrive  # noqa: F401 (a fixture)

pytestmark = pytest.mark.browser
Arrive = Callable[..., Page]


@pytest.fixture
def desks(settings: Settings) -> Iterator[Desks]:
    with people_of_riverbend(settings) as town:
        running = Desks(town)
        yield running
        running.end()


@pytest.fixture
def place(desks: Desks) -> Desks:
    return desks


def report(town: Town, open_: int, group: str = "women") -> None:
    judge = Moment(town.store.stream.snapshot(DAY), town.now).judge(RIVERBANK)
    place = ("riverbank", group)
    key = f"by-hand-{group}-{town.now.timestamp()}"
    told = Report(*place, ReportKind.CHANGE, open_, town.now, Source.DESK, "p-river", key)
    town.store.reports.report(told, judge, town.now)


def test_a_reminder_comes_by_the_clock_and_goes_with_one_tap(
    arrive: Arrive,  # noqa: F811
    desks: Desks,
) -> None:
    town = desks.town
    town.now = at("16:59:58")
    for group in ("women", "men"):
        report(town, 5, group)
    page = arrive()
    bar = page.locator("#reminder")
    expect(bar).not_to_have_attribute("data-cause", "decision")
    expect(page.locator("#number-women")).to_have_value("5")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method + request.url))
    town.now = at("17:00:00")
    expect(bar).to_contain_text("5:00 pm is when people choose where to go.")
    looks = [one for one in asked if one.endswith("/figures")]
    assert len(looks) <= 1, "when it was due, or its first look came back no earlier"
    expect(page.get_by_role("status").first).to_contain_text("Women's beds, Men's beds")
    bar.get_by_role("button", name="All still right").click()
    expect(bar).to_be_empty()
    assert [one for one in asked if one.startswith("POST")] == [f"POST{desks.url}{DESK}/reports"]


def test_who_was_turned_away_is_a_tap_and_can_be_undone(
    arrive: Arrive,  # noqa: F811
    desks: Desks,
) -> None:
    page = arrive(viewport={"width": 320, "height": 700})
    page.get_by_text("Somebody was turned away").click()
    assert page.evaluate(TOO_SMALL) == []
    page.get_by_role("button", name="Pet", exact=True).click()
    today = page.locator("#turned-today")
    expect(today).to_contain_text("Turned away today: 1 time (pet 1). Times, not people.")
    expect(page.locator("#turn-away")).not_to_have_attribute("open", "")
    undo = page.get_by_role("button", name="Undo “Pet”")
    expect(undo).to_contain_text("s left)")
    undo.click()
    expect(today).to_be_empty()
    expect(page.locator("#said")).to_contain_text("Saved 4:12")


def test_undo_goes_when_its_minute_is_over(
    arrive: Arrive,  # noqa: F811
    desks: Desks,
) -> None:
    page = arrive()
    page.get_by_text("Somebody was turned away").click()
    page.get_by_role("button", name="Full", exact=True).last.click()
    undo = page.get_by_role("button", name="Undo “Full”")
    expect(undo).to_be_visible()
    desks.town.later(seconds=40)
    page.reload()
    expect(undo).to_contain_text("s left)")
    desks.town.later(seconds=18)
    page.reload()
    expect(undo).to_have_count(0)
    expect(page.locator("#turned-today")).to_contain_text("1 time (full 1)")


def test_the_sound_is_off_until_it_is_wanted_and_stays_so_on_this_device(
    arrive: Arrive,  # noqa: F811
    desks: Desks,
) -> None:
    page = arrive()
    sound = page.get_by_role("button", name="Soft sound with reminders")
    expect(sound).to_have_attribute("aria-pressed", "false")
    sound.click()
    page.reload()
    expect(sound).to_have_attribute("aria-pressed", "true")


def test_the_card_names_what_still_waits_on_this_device(
    arrive: Arrive,  # noqa: F811
    desks: Desks,
) -> None:
    page = arrive(path=f"{DESK}/handover")
    expect(page.get_by_role("button", name="Print one page")).to_be_visible()
    expect(page.locator("#unsent")).to_be_hidden()
    for site in ("riverbank", "riverbank", "northside"):
        page.evaluate(
            "(site) => unsent.keep({ key: site, site, lane: site, state: 'old', fields: [],"
            " made: unsent.moment() })",
            site,
        )
    page.reload()
    expect(page.locator("#unsent")).to_have_text("2 not sent yet")


def crowded(town: Town) -> None:
    """Six bed groups, eight holds, and somebody turned away for every reason."""
    labels = ("Women's beds", "Men's beds", "Seniors' beds", "Youth beds", "Mats", "Pods")
    groups = [
        BedGroup("riverbank", f"g{number}", label, 12, position=number + 2)
        for number, label in enumerate(labels[2:])
    ]
    town.store.profiles.save([RIVERBANK], groups, "p-cor", town.now)
    board = town.store.stream.snapshot(DAY)
    assert len(board.sites["riverbank"].groups) == 6
    for one in board.sites["riverbank"].groups:
        report(town, 9, one.group.id)
    judge = Moment(board, town.now).judge(RIVERBANK)
    for number in range(8):
        end = town.now + timedelta(minutes=20 + 9 * number)
        group = ("women", "men", "g0", "g1")[number % 4]
        code = ("amber kettle", "river stone", "paper lantern", "cedar spoon")[number % 4]
        kept = Hold(f"h-{number}", "riverbank", group, "Street team", code, town.now, end)
        town.store.holds.keep(kept, judge, VAN)


@pytest.mark.parametrize("paper", bounded(["Letter", "A4"]))
def test_the_card_for_the_next_shift_is_one_printed_page(
    arrive: Arrive,  # noqa: F811
    desks: Desks,
    paper: str,
) -> None:
    crowded(desks.town)
    page = arrive(path=f"{DESK}/handover", locale="fr")
    expect(page.locator(".coming li")).to_have_count(8)
    printed = page.pdf(format=paper, prefer_css_page_size=False)
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page/") == 1


def test_what_looks_back_holds_together_and_axe_finds_nothing(
    arrive: Arrive,  # noqa: F811
    desks: Desks,
) -> None:
    crowded(desks.town)
    page = arrive(locale="fr")
    page.locator("#turn-away summary").click()
    for path in (None, f"{DESK}/history", f"{DESK}/handover"):
        if path:
            page.goto(desks.url + path)
        assert findings(page) == []
        for width in (200, 320, 768, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(TOO_SMALL) == [], (path, width)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
                path,
                width,
            )
