"""What a desk without a connection asks of the server, and a number typed over another's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from dashboard.config import Settings

from .desks import Browser, Town, forms, riverbend
from .test_desk import ALL, DESK, MEN_REPORTS, WOMEN_REPORTS, change, confirm, reports, tap
from .values import NOW

READY = f"{DESK}/ready"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        yield town


@pytest.fixture
def two(town: Town) -> tuple[Browser, Browser]:
    """Sam and Noor's stand-in at one site, who have both seen 5."""
    sam, cal = town.as_("desk_at_riverbank"), town.as_("caller")
    sam.open(DESK)
    change(sam, 5)
    cal.open(DESK)
    return sam, cal


def test_a_number_typed_over_one_that_changed_meanwhile_shows_both(
    two: tuple[Browser, Browser], town: Town
) -> None:
    sam, cal = two
    change(cal, 3)
    change(sam, 4)
    assert "You said 4. Cal said 3 at 4:12 pm. Which is right now?" in sam.words
    assert town.figure() == 3
    choose(sam, 4)
    assert town.figure() == 4


def choose(browser: Browser, number: int) -> None:
    """Tap "It is 4", where both were shown."""
    talk = browser.page[browser.page.index('class="choose"') :]
    chosen = [one for one in forms(talk, WOMEN_REPORTS) if one.get("value") == str(number)]
    browser.post(WOMEN_REPORTS, chosen[0])


def test_a_choice_between_two_numbers_is_none_about_a_third(
    two: tuple[Browser, Browser], town: Town
) -> None:
    sam, cal = two
    change(cal, 3)
    change(sam, 4)
    cal.open(DESK)
    change(cal, 7)
    choose(sam, 4)
    assert "You said 4. Cal said 7" in sam.words
    assert town.figure() == 7
    choose(sam, 4)
    assert town.figure() == 4


@pytest.mark.parametrize("what", ["confirmed", "said the same", "came back to it"])
def test_what_did_not_change_the_figure_is_no_conflict(
    two: tuple[Browser, Browser], town: Town, what: str
) -> None:
    sam, cal = two
    if what == "confirmed":
        confirm(cal)
    if what == "said the same":
        change(cal, 4)
    if what == "came back to it":
        tap(cal, 1)
        tap(cal, -1)
    change(sam, 4)
    assert "Saved" in sam.words
    assert town.figure() == 4


def test_over_a_figure_that_nobody_gave_and_then_somebody_did(town: Town) -> None:
    sam, cal = town.as_("desk_at_riverbank"), town.as_("caller")
    sam.open(DESK)
    cal.open(DESK)
    change(cal, 3)
    change(sam, 4)
    assert "Cal said 3" in sam.words
    assert town.figure() == 3


def test_over_a_figure_that_died_meanwhile_a_number_is_just_a_number(
    two: tuple[Browser, Browser], town: Town
) -> None:
    sam, _ = two
    town.later(hours=20)
    change(sam, 4)
    assert "Saved" in sam.words
    assert town.figure() == 4


def test_what_waited_is_as_old_as_the_device_says_and_no_later_than_now(
    two: tuple[Browser, Browser], town: Town
) -> None:
    sam, _ = two
    town.later(minutes=40)
    sam.open(DESK)
    for minutes, told in ((10, 10), (35, 35), (50, 40)):
        said = str(int((NOW + timedelta(minutes=minutes)).timestamp() * 1000))
        form = sam.form(WOMEN_REPORTS, kind="adjust", value="1") | {"first_tried": said}
        sam.post(WOMEN_REPORTS, form)
        assert reports(town)[-1].observed_at == NOW + timedelta(minutes=told)
    assert town.figure() == 8


def test_what_is_kept_says_which_entry_it_is_and_when_it_was_said(
    two: tuple[Browser, Browser], town: Town
) -> None:
    sam, _ = two
    form = sam.form(WOMEN_REPORTS, kind="adjust", value="1")
    for _ in range(2):
        answer = sam.client.post(WOMEN_REPORTS, data=form, headers=HTMX)
        assert answer.headers["Desk-Version"] == str(reports(town)[-1].version)
        assert answer.headers["Desk-Observed"] == str(int(NOW.timestamp() * 1000))
    form = sam.form(WOMEN_REPORTS, kind="confirm") | {"value": "9"}
    refused = sam.client.post(WOMEN_REPORTS, data=form, headers=HTMX)
    assert refused.status_code == 409
    assert "Desk-Version" not in refused.headers
    change(sam, 4, MEN_REPORTS)
    several = sam.client.post(ALL, data=sam.form(ALL), headers=HTMX)
    assert "Desk-Version" not in several.headers
    assert several.headers["Desk-Observed"] == str(int(NOW.timestamp() * 1000))


def test_before_a_late_report_is_sent_the_server_says_who_is_there_and_what_is_stale(
    two: tuple[Browser, Browser], town: Town
) -> None:
    sam, _ = two
    answer = sam.client.get(READY, headers=HTMX)
    told = answer.get_json()
    assert answer.headers["Cache-Control"] == "no-store"
    assert told["person"] == "p-river"
    assert told["now"] == int(NOW.timestamp() * 1000)
    assert told["now"] - told["stale"] == 3 * 3600 * 1000
    form = sam.form(WOMEN_REPORTS, kind="adjust", value="1") | {"csrf_token": told["token"]}
    sam.post(WOMEN_REPORTS, form)
    assert town.figure() == 6


def test_ready_is_for_who_may_report_there(town: Town) -> None:
    visitor = town.as_("visitor")
    assert visitor.client.get(READY, headers=HTMX).status_code == 401
    assert visitor.client.get(READY).status_code == 303
    for name in ("desk_at_northside", "outreach"):
        assert town.as_(name).client.get(READY, headers=HTMX).status_code == 404
    assert town.as_("coordinator").client.post(READY).status_code in (303, 405)


def test_the_worker_is_the_desks_alone_and_names_its_files(town: Town) -> None:
    visitor = town.as_("visitor")
    answer = visitor.client.get("/desk-worker.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Service-Worker-Allowed"] == "/desk"
    assert "Set-Cookie" not in answer.headers
    assert "sending.js?v=" in answer.text
    assert "missing" not in answer.text
    for path in ("/", "/how-we-count", "/sites/riverbank", "/sign-in"):
        assert "desk.js" not in visitor.client.get(path).text


def test_without_script_the_page_says_that_nothing_waits(
    two: tuple[Browser, Browser],
) -> None:
    page = two[0].open(DESK).text
    assert "Without JavaScript nothing waits on this device." in page


def test_what_was_added_late_makes_nothing_that_was_said_after_it_younger(
    two: tuple[Browser, Browser], town: Town
) -> None:
    sam, cal = two
    town.later(minutes=20)
    cal.open(DESK)
    tap(cal, -1)
    town.later(minutes=10)
    said = str(int((NOW + timedelta(minutes=5)).timestamp() * 1000))
    form = sam.form(WOMEN_REPORTS, kind="adjust", value="1") | {"first_tried": said}
    answer = sam.client.post(WOMEN_REPORTS, data=form, headers=HTMX)
    assert town.figure() == 5
    assert answer.headers["Desk-Observed"] == said
