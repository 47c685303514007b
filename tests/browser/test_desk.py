"""The desk in a real browser: one tap saves, other desks are followed, nothing typed is lost."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from dashboard.config import Settings
from dashboard.embedded import Server
from tests.by_hand import bounded
from tests.desks import PASSWORD, Town
from tests.desks import riverbend as people_of_riverbend

from .axe import findings
from .conftest import Quiet

pytestmark = pytest.mark.browser
DESK = "/desk/riverbank"
Arrive = Callable[..., Page]


class Desks:
    """Riverbend on a real store behind a real web server."""

    def __init__(self, town: Town):
        self.town = town
        server = make_server("127.0.0.1", 0, town.app, threaded=True, request_handler=Quiet)
        # This server does not tell that a page has left: its stream stays until the next beat.
        town.app.extensions["live"].free = threading.BoundedSemaphore(64)
        town.app.extensions["live"].stopping = lambda: self.ended
        self.ended = False
        self.server, self.url = server, f"http://127.0.0.1:{server.port}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    def end(self) -> None:
        self.ended = True
        self.server.shutdown()


@pytest.fixture
def desks(settings: Settings) -> Iterator[Desks]:
    with people_of_riverbend(settings) as town:
        running = Desks(town)
        yield running
        running.end()


@pytest.fixture
def place(desks: Desks) -> Desks:
    """The fixture ``enter`` opens pages of these desks."""
    return desks


@pytest.fixture
def arrive(enter: Arrive, desks: Desks) -> Arrive:
    """Opens a page as one of the cast who signed in on this browser."""

    def go(name: str = "desk_at_riverbank", path: str = DESK, **options: object) -> Page:
        signed_in = desks.town.as_(name).client.get_cookie("bedboard")
        assert signed_in
        return enter(path, cookie=signed_in.value, **options)

    return go


def number(page: Page, group: str = "women") -> str:
    return page.input_value(f"#number-{group}")


def type_in(page: Page, value: int, group: str = "women") -> None:
    page.fill(f"#number-{group}", str(value))
    page.press(f"#number-{group}", "Enter")


def saved(page: Page) -> None:
    expect(page.locator("#said")).to_contain_text("Saved 4:12")


def button(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_one_tap_saves_without_loading_the_page(arrive: Arrive, desks: Desks) -> None:
    page = arrive()
    page.evaluate("window.same = true")
    type_in(page, 5)
    saved(page)
    assert desks.town.figure() == 5
    button(page, "Women's beds: full, stop sending")
    expect(page.locator("#number-women")).to_have_value("0")
    button(page, "Women's beds: undo last")
    expect(page.locator("#number-women")).to_have_value("5")
    expect(page.locator("#seen-women")).to_contain_text("took the last one back")
    assert page.evaluate("window.same")


def test_quick_taps_all_count_and_in_their_order(arrive: Arrive, desks: Desks) -> None:
    page = arrive()
    type_in(page, 5)
    saved(page)
    for _ in range(6):
        page.get_by_role("button", name="Women's beds: one more").click(no_wait_after=True)
    page.get_by_role("button", name="Women's beds: one fewer").click(no_wait_after=True)
    expect(page.locator("#seen-women")).to_contain_text("from 11 to 10")
    expect(page.locator("#number-women")).to_have_value("10")
    assert desks.town.figure() == 10


def test_a_nervous_second_tap_leaves_something_to_undo(arrive: Arrive, desks: Desks) -> None:
    page = arrive()
    type_in(page, 5)
    saved(page)
    page.get_by_role("button", name="Women's beds: full, stop sending").dblclick()
    seen = page.locator("#seen-women")
    expect(seen).to_contain_text("from 5 to 0")
    full = seen.get_attribute("data-undoes") or ""
    expect(page.locator("#group-women [name=undoes]")).to_have_value(full)
    page.get_by_role("button", name="Women's beds: undo last").dblclick()
    expect(page.locator("#seen-women")).to_contain_text("took the last one back")
    expect(page.locator("#number-women")).to_have_value("5")
    expect(page.locator(".talk .alert")).to_have_count(0)
    assert desks.town.figure() == 5


def test_a_desk_follows_another_but_never_under_someone_who_types(
    arrive: Arrive, desks: Desks
) -> None:
    one, two = arrive(), arrive("caller")
    type_in(one, 5)
    expect(two.locator("#number-women")).to_have_value("5")
    two.fill("#number-women", "9")
    type_in(one, 6)
    expect(two.locator("#seen-women")).to_contain_text("from 5 to 6")
    assert number(two) == "9"
    two.press("#number-women", "Escape")
    two.locator("#number-women").blur()
    expect(two.locator("#number-women")).to_have_value("6")


def test_still_right_carries_the_figure_that_was_seen_and_one_tap_settles_a_conflict(
    arrive: Arrive, desks: Desks, complaints: list[str]
) -> None:
    one, two = arrive(), arrive("caller")
    type_in(one, 5)
    expect(two.locator("#number-women")).to_have_value("5")
    two.focus("#number-women")
    type_in(one, 3)
    expect(two.locator("#seen-women")).to_contain_text("from 5 to 3")
    assert number(two) == "5", "it stays while they are in the field"
    two.set_viewport_size({"width": 320, "height": 500})
    two.get_by_role("button", name="Women's beds: still right").click()
    talk = two.locator("#talk-women")
    expect(talk).to_contain_text("You said 5. Sam said 3 at 4:12")
    expect(talk).to_be_in_viewport(ratio=1)
    assert desks.town.figure() == 3
    button(two, "It is 5")
    expect(talk).to_be_empty()
    expect(two.locator("#number-women")).to_have_value("5")
    assert desks.town.figure() == 5
    assert complaints.pop().endswith("409 (CONFLICT)")


def test_when_the_store_is_away_the_desk_says_so_and_what_was_typed_waits(
    arrive: Arrive, desks: Desks, server: Server, complaints: list[str]
) -> None:
    page = arrive()
    assert server.child
    server.child.send_signal(signal.SIGSTOP)
    try:
        type_in(page, 8)
        expect(page.locator("#waiting summary")).to_have_text("1 not sent yet")
        expect(page.locator("#said")).to_have_text(
            "We could not confirm this was saved. Trying again is safe."
        )
        expect(page.locator("#group-women .unsent")).to_contain_text("? → 8, not sent yet")
    finally:
        server.child.send_signal(signal.SIGCONT)
    expect(page.locator("#said")).to_contain_text("Saved 4:12")
    expect(page.locator("#waiting")).to_be_hidden()
    assert desks.town.figure() == 8
    expect(page.locator("#group-women")).not_to_have_class(re.compile("typing"))
    complaints.clear()


def test_a_number_typed_in_a_session_that_ended_goes_out_after_signing_in(
    arrive: Arrive, desks: Desks, complaints: list[str]
) -> None:
    page = arrive()
    expect(page.locator("#number-women")).to_be_visible()
    client = desks.town.store.connection.client
    client.delete(*client.keys("*session*"))
    type_in(page, 7)
    page.wait_for_url("**/sign-in**")
    page.fill("#login", "sam")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    saved(page)
    expect(page.locator("#number-women")).to_have_value("7")
    assert desks.town.figure() == 7
    complaints.clear()


def test_a_refused_number_stays_in_the_field_with_the_reason(
    arrive: Arrive, complaints: list[str]
) -> None:
    page = arrive()
    page.fill("#number-women", "ten")
    page.press("#number-women", "Enter")
    expect(page.locator("#talk-women")).to_contain_text("Please write a whole number.")
    assert number(page) == "ten"
    page.get_by_role("button", name="Put it back").first.click()
    assert number(page) == ""
    assert "422" in complaints.pop()


def test_the_desk_works_by_keyboard_alone(arrive: Arrive, desks: Desks) -> None:
    page = arrive()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "number-women":
            break
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    saved(page)
    names = []
    for _ in range(12):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.ariaLabel ?? ''"))
        if names[-1] == "Women's beds: still right":
            page.keyboard.press("Space")
            break
    assert "Women's beds: one more" in names
    expect(page.locator("#seen-women")).to_contain_text("still 4")


def test_the_whole_desk_works_without_script(arrive: Arrive, desks: Desks) -> None:
    page = arrive(java_script_enabled=False)
    expect(page.get_by_text("Without JavaScript nothing waits on this device.")).to_be_visible()
    page.fill("#number-women", "4")
    page.press("#number-women", "Enter")
    saved(page)
    for name, figure in (("one fewer", 3), ("still right", 3), ("undo last", 3), ("one more", 4)):
        button(page, f"Women's beds: {name}")
        saved(page)
        assert desks.town.figure() == figure
    button(page, "All still right")
    saved(page)
    button(page, "Women's beds: full, stop sending")
    saved(page)
    assert desks.town.figure() == 0
    desks.town.later(minutes=1)
    page.get_by_text("Somebody was turned away").click()
    page.locator(".reasons button").first.click()
    expect(page.locator("#turned-today")).to_contain_text("Turned away today")
    page.locator("#turned-today button").click()
    expect(page.locator("#turned-today")).not_to_contain_text("Turned away today")
    for link in page.locator("#desk a[href^='/desk/riverbank/']").all():
        page.context.request.get(
            desks.url + (link.get_attribute("href") or ""), fail_on_status_code=True
        )


@pytest.mark.parametrize("language", bounded(["fr", "en"]))
def test_axe_finds_nothing(
    arrive: Arrive, enter: Arrive, desks: Desks, language: str, complaints: list[str]
) -> None:
    visitor = enter("/sign-in", locale=language)
    assert findings(visitor) == []
    visitor.goto(f"{desks.url}/welcome?link={desks.town.store.people.first_link(desks.town.now)}")
    link = desks.town.store.people.reset_link("p-north", "p-cor", desks.town.now)
    visitor.goto(f"{desks.url}/welcome?link={link}")
    assert findings(visitor) == []
    coordinator = arrive("coordinator", "/people", locale=language)
    assert findings(coordinator) == []
    coordinator.goto(desks.url + "/desk")
    assert findings(coordinator) == []
    page = arrive(locale=language)
    type_in(page, 5)
    expect(page.locator("#said")).to_contain_text("✓")
    assert findings(page) == []
    page.fill("#number-men", "x")
    page.press("#number-men", "Enter")
    expect(page.locator("#talk-men .alert")).to_be_visible()
    assert findings(page) == []
    complaints.clear()


@pytest.mark.parametrize("language", bounded(["fr", "en"]))
def test_nothing_is_too_small_to_tap_or_wider_than_the_screen(
    arrive: Arrive, desks: Desks, language: str
) -> None:
    page = arrive(locale=language)
    type_in(page, 15)
    expect(page.locator("#said")).to_contain_text("✓")
    for path in (None, "/people", "/desk", "/sign-in"):
        if path == "/people":
            page = arrive("coordinator", path, locale=language)
        elif path:
            page.goto(desks.url + path)
        for width in (200, 320, 768, 1280):  # 200: a phone with letters twice as large
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(TOO_SMALL) == [], (path, width)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
                path,
                width,
            )
            assert path or page.evaluate(CUT) == []


CUT = """() => [...document.querySelectorAll("#desk .number input:not([type=hidden])")]
  .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.id)"""
TOO_SMALL = """() => [...document.querySelectorAll("a, button, input:not([type=hidden])")]
  .filter((one) => one.checkVisibility() && !one.matches(".skip"))
  .map((one) => [one.closest("label") ?? one, one.matches(".step button") ? 72 : 44])
  .filter(([one, least]) => {
    const { width, height } = one.getBoundingClientRect();
    return width < least - 0.1 || height < least - 0.1;
  })
  .map(([one]) => one.outerHTML.slice(0, 120))"""
