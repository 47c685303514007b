"""What a person sees and does on the board, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from dashboard.facts import Kind
from tests.by_hand import bounded

from .axe import findings
from .conftest import Place

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]
PAGES = ("/", "/?who=woman&need=pets", "/sites/maple-house", "/how-we-count", "/no-such-page")


@pytest.mark.parametrize("language", bounded(["fr", "en"]))
def test_axe_finds_nothing(enter: Enter, complaints: list[str], language: str) -> None:
    for path in PAGES:
        mark = "&" if "?" in path else "?"
        page = enter(f"{path}{mark}lang={language}")
        assert findings(page) == [], path
    complaints.clear()  # the last page is a 404


@pytest.mark.parametrize("path", ["/", "/how-we-count", "/sites/maple-house"])
@pytest.mark.parametrize("language", bounded(["fr", "en"]))
def test_nothing_runs_out_of_the_page(enter: Enter, language: str, path: str) -> None:
    page = enter(f"{path}?lang={language}")
    for width in (200, 320, 768, 1280, 2560):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        cut = page.evaluate(
            "[...document.querySelectorAll('.button, .figure, .chip span, .brand')]"
            ".filter(one => one.offsetParent && one.scrollWidth > one.clientWidth + 1)"
            ".map(one => one.textContent)"
        )
        assert cut == [], width


def test_what_is_tapped_is_large_enough(enter: Enter) -> None:
    page = enter("/", viewport={"width": 320, "height": 800})
    small = page.evaluate(
        "[...document.querySelectorAll('a, button, .chip span, summary')]"
        ".filter(one => one.offsetParent && !one.matches('.skip'))"
        ".filter(one => one.getBoundingClientRect().height < 44)"
        ".map(one => one.textContent)"
    )
    assert small == []


def test_a_choice_moves_what_does_not_fit_and_stays_on_the_device(enter: Enter) -> None:
    page = enter("/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_label("Woman", exact=True).check()
    maple = page.locator("#site-maple-house")
    expect(maple.locator(".figure:visible")).to_have_text("2 open", use_inner_text=True)
    expect(page.locator("[data-part=misfit] #site-cedar-hall")).to_be_visible()
    assert page.url.endswith("/#who=woman")
    page.get_by_label("Anyone").check()
    expect(maple.locator(".figure:visible")).to_have_text("6 open", use_inner_text=True)
    expect(page.locator("[data-part=full] #site-cedar-hall")).to_be_visible()
    assert [url for url in asked if "/live?" not in url and "/icon." not in url] == []


def test_a_choice_is_kept_by_reloading_and_by_the_other_language(enter: Enter) -> None:
    page = enter("/#who=man&need=pets")
    expect(page.get_by_label("Pets")).to_be_checked()
    page.reload()
    expect(page.get_by_label("Man", exact=True)).to_be_checked()
    page.get_by_role("link", name="Français").click()
    expect(page.get_by_label("Homme", exact=True)).to_be_checked()
    expect(page.locator("[data-part=misfit] #site-maple-house")).to_be_visible()


def test_without_script_the_form_asks_the_server(enter: Enter) -> None:
    page = enter("/", java_script_enabled=False)
    page.locator("summary").click()
    page.get_by_label("Woman", exact=True).check()
    page.get_by_label("Pets", exact=True).check()
    page.get_by_role("button", name="Show what fits").click()
    expect(page.locator("#site-maple-house .figure:visible")).to_have_text(
        "2 open", use_inner_text=True
    )
    expect(page.locator("[data-part=misfit] #site-maple-house")).to_be_visible()
    expect(page.locator("#site-northside [data-need=pets]")).to_have_text("Pets: ask")


def test_a_query_of_no_script_moves_behind_the_hash(enter: Enter) -> None:
    page = enter("/?lang=en&who=woman")
    page.wait_for_url("**/?lang=en#who=woman")
    expect(page.get_by_label("Woman", exact=True)).to_be_checked()


def test_a_report_is_seen_in_place_and_says_that_it_left_its_part(
    enter: Enter, place: Place
) -> None:
    page = enter("/")
    harbour = page.locator("[data-part=open] #site-harbour-rooms")
    expect(harbour.locator(".now")).to_be_hidden()
    place.report("harbour-rooms", "beds", 0)
    expect(harbour.locator(".now")).to_have_text("Now: Full")
    expect(harbour.locator(".now")).to_be_visible()
    page.get_by_role("link", name="put them in order again").click()
    expect(page.locator("[data-part=full] #site-harbour-rooms")).to_be_visible()
    harbour = page.locator("#site-harbour-rooms")
    expect(harbour.locator(".now")).to_be_hidden()


def test_a_report_keeps_the_choice_of_the_reader(enter: Enter, place: Place) -> None:
    page = enter("/#who=woman")
    place.report("maple-house", "women", 5)
    expect(page.locator("#site-maple-house .figure:visible")).to_have_text(
        "5 open", use_inner_text=True
    )
    place.report("cedar-hall", "beds", 3)
    expect(page.locator("[data-part=misfit] #site-cedar-hall .figure:visible")).to_have_text(
        "For others", use_inner_text=True
    )


def test_a_new_site_comes_in_and_keeps_the_choice_of_the_reader(enter: Enter, place: Place) -> None:
    page = enter("/#who=woman")
    expect(page.locator("html")).to_have_attribute("data-page", "live")
    place.town.site("new-home", "New Home")
    place.town.group("new-home", "beds", "Beds")
    place.report("new-home", "beds", 4)
    expect(page.locator("[data-part=open] #site-new-home")).to_be_visible()
    expect(page.locator("[data-part=misfit] #site-cedar-hall")).to_be_visible()
    expect(page.locator("#site-maple-house .figure:visible")).to_have_text(
        "2 open", use_inner_text=True
    )
    page.get_by_label("Anyone").check()
    expect(page.locator("[data-part=full] #site-cedar-hall")).to_be_visible()


def test_a_page_of_one_site_stays_one_when_the_whole_board_is_told(
    enter: Enter, place: Place
) -> None:
    page = enter("/sites/maple-house")
    expect(page.locator("html")).to_have_attribute("data-page", "live")
    place.town.site("new-home", "New Home")
    place.report("maple-house", "men", 7)
    expect(page.locator(".figure:visible")).to_have_text("9 open", use_inner_text=True)
    expect(page.locator(".card")).to_have_count(1)


def test_a_page_of_a_site_that_must_be_hidden_now_goes_away(
    enter: Enter, place: Place, complaints: list[str]
) -> None:
    page = enter("/sites/maple-house")
    expect(page.locator("html")).to_have_attribute("data-page", "live")
    place.town.site("maple-house", "Maple House", kind=Kind.CONFIDENTIAL)
    with page.expect_console_message(lambda told: "404" in told.text):
        place.follower.tell()
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")
    complaints.clear()  # of the 404


def test_paused_nothing_moves_and_resumed_all_is_there(enter: Enter, place: Place) -> None:
    page = enter("/")
    expect(page.locator("html")).to_have_attribute("data-page", "live")
    page.get_by_role("button", name="Pause updates").click()
    expect(page.get_by_text("Updates are paused since")).to_be_visible()
    place.report("station-hall", "mats", 3)
    place.report("maple-house", "men", 9)
    page.wait_for_timeout(1500)
    expect(page.locator("#site-station-hall .figure:visible")).to_have_text(
        "12 open", use_inner_text=True
    )
    page.get_by_role("button", name="Resume updates").click()
    expect(page.locator("#site-station-hall .figure:visible")).to_have_text(
        "3 open", use_inner_text=True
    )
    expect(page.locator("#site-maple-house .figure:visible")).to_have_text(
        "11 open", use_inner_text=True
    )


def test_shift_three_times_leaves_the_page(enter: Enter, complaints: list[str]) -> None:
    page = enter("/")
    left: list[str] = []
    page.route(
        "https://weather.gc.ca/**", lambda route: (left.append(route.request.url), route.abort())
    )
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    expect(page.locator("#exit-said")).to_have_text("Shift: press 1 more time to leave this page.")
    page.keyboard.press("a")
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    assert left == []
    page.keyboard.press("Shift")
    expect(page.locator("main")).to_have_count(0)
    assert set(left) == {"https://weather.gc.ca/"}, "Chromium tries an aborted page again"
    complaints.clear()


def test_by_keyboard_alone_one_can_leave_choose_and_call(enter: Enter) -> None:
    page = enter("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Leave this page now")).to_be_focused()
    page.get_by_label("Anyone").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Woman", exact=True)).to_be_checked()
    expect(page.get_by_label("Woman", exact=True)).to_be_focused()
    assert (
        page.locator("#site-maple-house a[href^='tel:']").get_attribute("href")
        == "tel:+12505550142"
    )


def test_a_band_changes_by_the_clock_without_a_request(
    enter: Enter, place: Place, complaints: list[str]
) -> None:
    place.town.report("station-hall", "mats", 12, minutes=180 - 0.15)
    place.town.report("maple-house", "men", 4, minutes=60 - 0.15)
    page = enter("/")
    page.route("**", lambda route: route.abort())
    station, maple = page.locator("#site-station-hall"), page.locator("#site-maple-house")
    expect(maple.locator(".groups li").first).to_have_attribute("data-freshness", "fresh")
    place.close()
    expect(maple.locator(".groups li").first).to_have_attribute(
        "data-freshness", "ageing", timeout=20_000
    )
    expect(station.locator(".figure:visible")).to_have_text("Call first", use_inner_text=True)
    expect(station.get_by_text("Call first. Last known 12 at 1:12 pm.")).to_be_visible()
    complaints.clear()


def test_after_a_sleep_nothing_is_fresh_before_a_message_has_come(
    enter: Enter, place: Place, complaints: list[str]
) -> None:
    page = enter("/")
    expect(page.locator("html")).to_have_attribute("data-page", "live")
    page.clock.install()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-page", "live")
    page.context.set_offline(True)
    page.clock.fast_forward(20 * 60 * 1000)
    expect(page.get_by_text("Checking for newer numbers.")).to_be_visible()
    expect(page.locator("#site-maple-house .figure:visible")).to_have_css("border-style", "dashed")
    expect(page.locator("#site-maple-house .age").first).to_be_hidden()
    page.context.set_offline(False)
    page.clock.run_for(30_000)
    expect(page.locator("html")).to_have_attribute("data-page", "live")
    expect(page.locator("#site-maple-house .figure:visible")).to_have_css("border-style", "solid")
    complaints.clear()


def test_a_page_that_lost_its_server_says_so_and_finds_it_again(
    enter: Enter, place: Place, complaints: list[str]
) -> None:
    page = enter("/")
    expect(page.locator("html")).to_have_attribute("data-page", "live")
    page.clock.install()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-page", "live")
    port = place.close()
    page.clock.run_for(60_000)
    expect(page.locator("html")).to_have_attribute("data-page", "lost")
    expect(page.get_by_text("Not updating since 4:12 pm. Trying again.")).to_be_visible()
    place.report("maple-house", "men", 7)
    place.open(port)
    page.clock.run_for(30_000)
    page.clock.resume()
    expect(page.locator("#site-maple-house .figure:visible")).to_have_text(
        "9 open", use_inner_text=True, timeout=60_000
    )
    expect(page.locator("#banner")).to_be_hidden()
    complaints.clear()


def test_a_page_without_a_stream_reads_the_board_again_by_itself(
    enter: Enter, place: Place, complaints: list[str]
) -> None:
    page = enter("/how-we-count")
    page.route("**/live?*", lambda route: route.fulfill(status=503))
    page.goto(place.url)
    place.town.site("new-home", "New Home")
    place.report("maple-house", "men", 8)
    expect(page.locator("#site-maple-house .figure:visible")).to_have_text(
        "10 open", use_inner_text=True, timeout=20_000
    )
    expect(page.locator("#site-new-home")).to_be_visible()
    expect(page.locator("#banner")).to_be_hidden()
    complaints.clear()


def test_a_slow_line_for_the_scripts_loses_no_report(enter: Enter, place: Place) -> None:
    page = enter("/how-we-count")

    def slowly(route: Route) -> None:
        page.wait_for_timeout(700)
        route.continue_()

    page.route("**/hx-sse.min.js*", slowly)
    page.route("**/app.js*", slowly)
    page.goto(place.url)
    place.report("maple-house", "men", 8)
    expect(page.locator("#site-maple-house .figure:visible")).to_have_text(
        "10 open", use_inner_text=True
    )
