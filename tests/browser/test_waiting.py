"""A desk without a connection: what is said waits on the device, asks, and goes out once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from dashboard.events import Reported
from tests.by_hand import bounded, wait_until
from tests.desks import CAST, PASSWORD
from tests.values import NOW
from tests.wire import Wire

from .axe import findings
from .test_desk import DESK, Desks, button, desks, number, saved, type_in

__all__ = ["desks"]
pytestmark = pytest.mark.browser
Arrive = Callable[..., Page]


@pytest.fixture
def wire(desks: Desks) -> Iterator[Wire]:
    wire = Wire(desks.server.port)
    yield wire
    wire.close()


@pytest.fixture
def place(desks: Desks, wire: Wire) -> Wire:
    """``enter`` reaches these desks by a wire that can be cut."""
    return wire


@pytest.fixture
def arrive(enter: Arrive, wire: Wire, complaints: list[str]) -> Iterator[Arrive]:
    """Signs one of the cast in and waits until this browser can show the desk by itself."""

    def go(name: str = "desk_at_riverbank", path: str = DESK, **options: object) -> Page:
        page = enter("/sign-in", **options)
        page.on("dialog", lambda dialog: dialog.accept())
        sign_in(page, name)
        page.goto(wire.url + path)
        page.evaluate(KEPT)
        return page

    yield go
    complaints.clear()  # of a connection that these tests cut


KEPT = """async () => {
  await navigator.serviceWorker.ready;
  const kept = async () => (await (await caches.open("desk-pages")).keys()).length;
  const pause = () => new Promise((done) => setTimeout(done, 20));
  for (let left = 400; left && !await kept(); left -= 1) await pause();
}"""
FOLLOWED = """async () => {
  const figures = () => caches.match("/desk/riverbank/figures", { ignoreVary: true });
  const kept = async () => (await figures())?.text() ?? "";
  const pause = () => new Promise((done) => setTimeout(done, 20));
  for (let left = 400; left && !(await kept()).includes('data-open="5"'); left -= 1) await pause();
}"""


def begin(page: Page) -> None:
    """Women's beds: 5; and this browser has seen it."""
    type_in(page, 5)
    saved(page)
    page.evaluate(FOLLOWED)


def sign_in(page: Page, name: str) -> None:
    page.fill("#login", CAST[name].login)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def waiting(page: Page) -> Locator:
    return page.locator("#waiting")


def rows(page: Page) -> Locator:
    return page.locator("#waiting li")


def more(page: Page) -> None:
    button(page, "Women's beds: one more")


def back(page: Page, wire: Wire) -> None:
    """The connection is there again, and the device notices."""
    wire.mend()
    page.evaluate("dispatchEvent(new Event('online'))")


def opens(desks: Desks) -> list[int]:
    """What each report in the stream made of its figure."""
    return [one.figure.open for one in reports(desks) if one.figure]


def reports(desks: Desks) -> list[Reported]:
    return [one for one in desks.town.store.stream.events() if isinstance(one, Reported)]


def test_what_can_not_be_sent_waits_and_goes_out_by_itself(
    arrive: Arrive, desks: Desks, wire: Wire
) -> None:
    page = arrive()
    begin(page)
    wire.break_()
    more(page)
    expect(page.locator("#said")).to_have_text("Not sent yet (kept on this device)")
    expect(page.locator("#group-women .unsent")).to_contain_text("5 → 6, not sent yet")
    type_in(page, 9)
    expect(page.locator("#waiting summary")).to_have_text("2 not sent yet")
    expect(page.locator("#group-women .unsent")).to_contain_text("5 → 9, not sent yet")
    assert number(page) == "5", "the figure that is shown is what the server said"
    expect(page.locator("#behind")).to_contain_text("No connection. What you see is from 4:12")
    expect(page.locator("#seen-women .age")).to_be_hidden()
    back(page, wire)
    expect(waiting(page)).to_be_hidden()
    saved(page)
    expect(page.locator("#number-women")).to_have_value("9")
    expect(page.locator("#behind")).to_be_hidden()
    assert opens(desks) == [5, 6, 9]


@pytest.mark.parametrize("wrong", bounded([-timedelta(days=1), timedelta(days=1)]))
def test_an_hour_of_five_reports_with_a_reload_and_a_new_page_between(
    arrive: Arrive, desks: Desks, wire: Wire, wrong: timedelta
) -> None:
    page = arrive()
    context = page.context
    context.clock.install(time=NOW + wrong)
    page.reload()
    page.evaluate(KEPT)
    begin(page)
    wire.break_()

    def pass_minutes(count: int) -> None:
        desks.town.later(minutes=count)
        context.clock.fast_forward(count * 60_000)

    pass_minutes(10)
    more(page)
    pass_minutes(15)
    type_in(page, 9)
    pass_minutes(5)
    type_in(page, 4, "men")
    expect(page.locator("#waiting summary")).to_have_text("3 not sent yet")
    page.reload()
    expect(page.locator("#behind")).to_contain_text("What you see is from 4:12")
    expect(page.locator("#waiting summary")).to_have_text("3 not sent yet")
    pass_minutes(10)
    button(page, "Women's beds: one fewer")
    expect(page.locator("#waiting summary")).to_have_text("4 not sent yet")
    page.close()
    page = context.new_page()
    page.goto(wire.url + DESK)
    pass_minutes(10)
    more(page)
    expect(page.locator("#waiting summary")).to_have_text("5 not sent yet")
    pass_minutes(10)
    back(page, wire)
    expect(waiting(page)).to_be_hidden()
    told = reports(desks)[1:]
    assert [(one.group, one.figure and one.figure.open) for one in told] == [
        ("women", 6),
        ("women", 9),
        ("men", 4),
        ("women", 8),
        ("women", 9),
    ]
    ages = [round((one.received_at - one.observed_at).total_seconds() / 60) for one in told]
    assert ages == [50, 35, 30, 20, 10]
    assert not any(one.late for one in told)


@pytest.mark.parametrize(
    ("choice", "figure", "waited"),
    [("Yes, 9 now", 9, 0), ("Send as history", 9, 240), ("Throw away", 5, None)],
)
def test_what_waited_longer_than_a_figure_lasts_asks_first(
    arrive: Arrive, desks: Desks, wire: Wire, choice: str, figure: int, waited: int | None
) -> None:
    page = arrive()
    page.context.clock.install(time=NOW)
    page.reload()
    begin(page)
    wire.break_()
    type_in(page, 9)
    expect(page.locator("#waiting summary")).to_have_text("1 not sent yet")
    desks.town.later(hours=4)
    page.context.clock.fast_forward(4 * 3_600_000)
    back(page, wire)
    expect(rows(page)).to_contain_text("This waited 4 h. Is 9 still right?")
    assert desks.town.figure() == 5
    rows(page).get_by_role("button", name=choice).click()
    expect(rows(page)).to_have_count(0)
    wait_until(lambda: desks.town.figure() == figure)
    told = reports(desks)[1:]
    assert [(one.received_at - one.observed_at) / timedelta(minutes=1) for one in told] == (
        [] if waited is None else [pytest.approx(waited, abs=0.1)]
    )


def test_one_that_is_refused_holds_nobody_up_and_stays_until_it_is_settled(
    arrive: Arrive, desks: Desks, wire: Wire
) -> None:
    page = arrive()
    type_in(page, 0)
    saved(page)
    wire.break_()
    button(page, "Women's beds: one fewer")
    type_in(page, 4, "men")
    expect(page.locator("#waiting summary")).to_have_text("2 not sent yet")
    back(page, wire)
    for _ in range(2):
        expect(rows(page)).to_have_count(1)
        expect(rows(page)).to_contain_text("Refused, because there can’t be fewer than 0 beds.")
        assert desks.town.figure("men") == 4
        page.reload()
    rows(page).get_by_role("button", name="Throw away").click()
    expect(waiting(page)).to_be_hidden()


def test_somebody_elses_report_is_sent_after_one_tap(
    arrive: Arrive, desks: Desks, wire: Wire
) -> None:
    page = arrive()
    begin(page)
    wire.break_()
    more(page)
    expect(page.locator("#waiting summary")).to_have_text("1 not sent yet")
    context = page.context
    page.close()
    wire.mend()
    context.clear_cookies()
    page = context.new_page()
    page.goto(wire.url + "/sign-in")
    sign_in(page, "caller")
    page.goto(wire.url + DESK)
    expect(rows(page)).to_contain_text("Sam’s report: send it as yours?")
    assert desks.town.figure() == 5
    rows(page).get_by_role("button", name="Send it", exact=True).click()
    expect(waiting(page)).to_be_hidden()
    assert (reports(desks)[-1].who, desks.town.figure()) == ("p-cal", 6)


def test_two_pages_of_one_browser_send_each_report_once(
    arrive: Arrive, desks: Desks, wire: Wire
) -> None:
    page = arrive()
    type_in(page, 5)
    saved(page)
    other = page.context.new_page()
    other.goto(wire.url + DESK)
    wire.break_()
    for one in (page, other, page):
        more(one)
    for one in (page, other):
        expect(one.locator("#waiting summary")).to_have_text("3 not sent yet")
    wire.mend()
    for one in (page, other):
        one.evaluate("dispatchEvent(new Event('online'))")
    for one in (page, other):
        expect(waiting(one)).to_be_hidden()
    assert opens(desks) == [5, 6, 7, 8]


def test_what_a_person_takes_back_is_not_sent(arrive: Arrive, desks: Desks, wire: Wire) -> None:
    page = arrive()
    type_in(page, 5)
    saved(page)
    assert not page.evaluate(WARNS)
    wire.break_()
    more(page)
    expect(page.locator("#waiting summary")).to_have_text("1 not sent yet")
    assert page.evaluate(WARNS), "closing this page asks first"
    waiting(page).locator("summary").click()
    button(page, "Don’t send")
    expect(waiting(page)).to_be_hidden()
    assert not page.evaluate(WARNS)
    back(page, wire)
    expect(page.locator("#behind")).to_be_hidden()
    assert desks.town.figure() == 5


WARNS = """(() => {
  const closing = new Event("beforeunload", { cancelable: true });
  dispatchEvent(closing);
  return closing.defaultPrevented;
})()"""


@pytest.mark.parametrize(
    "refused", bounded(["IDBFactory.prototype.open", "IDBObjectStore.prototype.put"])
)
def test_a_browser_that_keeps_nothing_says_so_and_still_sends(
    arrive: Arrive, desks: Desks, wire: Wire, refused: str
) -> None:
    page = arrive()
    page.add_init_script(
        f"{refused} = () => {{ throw new DOMException('', 'QuotaExceededError'); }}"
    )
    page.reload()
    begin(page)
    wire.break_()
    more(page)
    waiting(page).locator("summary").click()
    expect(waiting(page)).to_contain_text("This browser keeps nothing: leave this page open")
    back(page, wire)
    expect(waiting(page)).to_be_hidden()
    assert desks.town.figure() == 6


def test_what_waits_goes_out_after_signing_in_again(
    arrive: Arrive, desks: Desks, wire: Wire
) -> None:
    page = arrive()
    begin(page)
    wire.break_()
    more(page)
    expect(page.locator("#waiting summary")).to_have_text("1 not sent yet")
    client = desks.town.store.connection.client
    client.delete(*client.keys("*session*"))
    back(page, wire)
    expect(page.locator("#behind")).to_contain_text("You were signed out.")
    assert desks.town.figure() == 5
    page.goto(wire.url + "/sign-in?next=" + DESK)
    sign_in(page, "desk_at_riverbank")
    expect(page.locator("#number-women")).to_have_value("6")
    expect(waiting(page)).to_be_hidden()


def test_the_worker_sends_what_waits_when_no_page_is_open(
    arrive: Arrive, desks: Desks, wire: Wire
) -> None:
    page = arrive()
    begin(page)
    wire.break_()
    more(page)
    expect(page.locator("#waiting summary")).to_have_text("1 not sent yet")
    context = page.context
    page.close()
    wire.mend()
    (worker,) = context.service_workers
    worker.evaluate("sendLeft()")
    assert desks.town.figure() == 6
    worker.evaluate("sendLeft()")
    assert opens(desks) == [5, 6]


def test_signing_out_leaves_no_page_of_the_desk_behind(arrive: Arrive, wire: Wire) -> None:
    page = arrive()
    wait_until(lambda: page.evaluate(PAGES) == 1)  # the worker keeps it when it has begun
    page.get_by_role("button", name=re.compile("Sign out")).click()
    page.wait_for_url(wire.url + "/")
    assert page.evaluate(PAGES) == 0
    wire.break_()
    with pytest.raises(Exception, match="ERR_"):
        page.goto(wire.url + DESK)


PAGES = """async () => {
  const kept = await (await caches.open("desk-pages")).keys();
  return kept.filter(({ url }) => !url.endsWith("/figures")).length;
}"""


@pytest.mark.parametrize("way", bounded(["back", "up"]))
def test_a_tap_whose_connection_breaks_anywhere_counts_once(
    arrive: Arrive, desks: Desks, wire: Wire, way: str
) -> None:
    page = arrive()
    type_in(page, 5)
    saved(page)
    wait_until(lambda: bool(wire.posts))
    length = wire.posts[-1][way == "back"]
    for shown, part in enumerate((0, 0.3, 0.7, 0.99), 6):
        wire.cut_at(way, int(part * length))
        more(page)
        wait_until(lambda: wire.whole)
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator("#number-women")).to_have_value(str(shown))
        expect(waiting(page)).to_be_hidden()
    assert opens(desks) == [5, 6, 7, 8, 9]


def test_news_waits_beside_a_number_that_is_being_typed(arrive: Arrive, desks: Desks) -> None:
    sam, cal = arrive(), arrive("caller")
    type_in(sam, 5)
    expect(cal.locator("#number-women")).to_have_value("5")
    cal.fill("#number-women", "9")
    type_in(sam, 6)
    news = cal.locator("#group-women .news")
    expect(news).to_contain_text("Sam said 6 at 4:12")
    assert number(cal) == "9"
    cal.press("#number-women", "Enter")
    expect(cal.locator("#talk-women")).to_contain_text("You said 9. Sam said 6 at 4:12")
    assert desks.town.figure() == 6
    news.get_by_role("button", name="Take 6").click()
    assert number(cal) == "6"
    expect(news).to_be_hidden()
    button(cal, "It is 9")
    expect(cal.locator("#number-women")).to_have_value("9")
    assert desks.town.figure() == 9


def undone(desks: Desks) -> int:
    return sum(one.kind == "undo" for one in reports(desks))


def test_undo_right_after_ones_own_save_takes_that_one_back(arrive: Arrive, desks: Desks) -> None:
    page = arrive()
    type_in(page, 5)
    saved(page)
    for turn in range(3):
        page.get_by_role("button", name="Women's beds: one more").click()
        page.get_by_role("button", name="Women's beds: undo last").click()
        wait_until(lambda turn=turn: undone(desks) > turn)
        expect(page.locator("#seen-women")).to_contain_text("took the last one back")
        assert desks.town.figure() == 5
        expect(page.locator("#talk-women")).to_be_empty()


def test_a_number_that_died_stays_in_no_field_and_one_is_written_as_it_is_kept(
    arrive: Arrive, desks: Desks
) -> None:
    page = arrive()
    type_in(page, 5)
    saved(page)
    page.fill("#number-women", "0007")
    page.press("#number-women", "Enter")
    expect(page.locator("#number-women")).to_have_value("7")
    page.focus("#number-women")
    desks.town.later(hours=20)
    page.evaluate("document.dispatchEvent(new Event('resume'))")
    expect(page.locator("#number-women")).to_have_value("")
    expect(page.locator("#number-women")).to_be_focused()


def test_axe_finds_nothing_in_what_waits(arrive: Arrive, wire: Wire) -> None:
    page = arrive()
    type_in(page, 0)
    saved(page)
    wire.break_()
    button(page, "Women's beds: one fewer")
    type_in(page, 4, "men")
    waiting(page).locator("summary").click()
    expect(rows(page)).to_have_count(2)
    assert findings(page) == []
    back(page, wire)
    expect(rows(page)).to_have_count(1)
    assert findings(page) == []


@pytest.mark.parametrize("jump", bounded([-timedelta(days=1), timedelta(days=1)]))
@pytest.mark.parametrize("reloaded", bounded([True, False]))
def test_a_clock_that_jumps_during_the_wait_makes_no_report_younger(
    arrive: Arrive, desks: Desks, wire: Wire, jump: timedelta, reloaded: bool
) -> None:
    page = arrive()
    clock = page.context.clock
    clock.install(time=NOW)
    page.reload()
    page.evaluate(KEPT)
    begin(page)
    wire.break_()
    desks.town.later(minutes=10)
    clock.fast_forward(600_000)
    if reloaded:
        page.reload()
    more(page)
    expect(page.locator("#waiting summary")).to_have_text("1 not sent yet")
    clock.set_system_time(NOW + timedelta(minutes=10) + jump)
    desks.town.later(minutes=20)
    clock.fast_forward(1_200_000)
    back(page, wire)
    expect(waiting(page)).to_be_hidden()
    told = reports(desks)[-1]
    waited = (told.received_at - told.observed_at) / timedelta(minutes=1)
    assert 19.9 <= waited <= 30.1, "never younger, and never older than what was on the screen"


def test_an_undo_takes_back_nothing_older_than_what_it_was_for(
    arrive: Arrive, desks: Desks, wire: Wire
) -> None:
    page = arrive()
    for number_ in (3, 0):
        type_in(page, number_)
        saved(page)
    wire.break_()
    button(page, "Women's beds: one fewer")
    button(page, "Women's beds: undo last")
    expect(page.locator("#waiting summary")).to_have_text("2 not sent yet")
    back(page, wire)
    expect(rows(page).first).to_contain_text("Refused, because there can’t be fewer than 0 beds.")
    expect(rows(page).last).to_contain_text("Not taken back: it never came to the board.")
    assert opens(desks) == [3, 0]


def test_an_undo_of_what_a_person_takes_back_is_not_sent(
    arrive: Arrive, desks: Desks, wire: Wire
) -> None:
    page = arrive()
    for number_ in (3, 5):
        type_in(page, number_)
        saved(page)
    wire.break_()
    more(page)
    button(page, "Women's beds: undo last")
    expect(page.locator("#waiting summary")).to_have_text("2 not sent yet")
    waiting(page).locator("summary").click()
    rows(page).first.get_by_role("button", name="Don’t send").click()
    expect(rows(page)).to_have_count(1)
    back(page, wire)
    expect(rows(page)).to_contain_text("Not taken back: it never came to the board.")
    assert opens(desks) == [3, 5]


def test_what_a_person_takes_back_while_it_is_being_sent_is_not_sent_again(
    arrive: Arrive, desks: Desks
) -> None:
    page = arrive()
    begin(page)
    held: list[Route] = []
    page.context.route("**/reports", lambda route: held.append(route))
    more(page)
    waiting(page).locator("summary").click()
    button(page, "Don’t send")
    expect(waiting(page)).to_be_hidden()
    held[0].abort()
    page.context.unroute("**/reports")
    type_in(page, 4, "men")
    expect(page.locator("#group-men .seen")).to_have_attribute("data-open", "4")
    page.reload()
    expect(waiting(page)).to_be_hidden()
    assert desks.town.figure() == 5


def test_a_turn_away_asks_nothing_however_long_it_waited(
    arrive: Arrive, desks: Desks, wire: Wire
) -> None:
    page = arrive()
    page.context.clock.install(time=NOW)
    page.reload()
    begin(page)
    wire.break_()
    page.get_by_text("Somebody was turned away").click()
    button(page, "Pet")
    expect(page.locator("#waiting summary")).to_have_text("1 not sent yet")
    desks.town.later(hours=4)
    page.context.clock.fast_forward(4 * 3_600_000)
    back(page, wire)
    expect(waiting(page)).to_be_hidden()
    expect(page.locator("#turned-today")).to_contain_text("Turned away today:")


def test_what_waits_for_one_desk_survives_somebody_of_another(
    arrive: Arrive, desks: Desks, wire: Wire
) -> None:
    page = arrive()
    begin(page)
    wire.break_()
    more(page)
    expect(page.locator("#waiting summary")).to_have_text("1 not sent yet")
    wire.mend()
    for name, path in (("desk_at_northside", "/desk/northside"), ("desk_at_riverbank", DESK)):
        page.context.clear_cookies()
        page.goto(wire.url + "/sign-in")
        sign_in(page, name)
        page.goto(wire.url + path)
        if path != DESK:
            expect(rows(page)).to_contain_text("it waits until you sign in")
    expect(waiting(page)).to_be_hidden()
    assert opens(desks) == [5, 6]
