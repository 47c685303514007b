"""The coordinator's cold nights: a draft, an alert from issue to end, and the log of its night."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import pytest

from dashboard.alerts import Issued
from dashboard.beds import BedGroup
from dashboard.board import Board
from dashboard.config import Settings
from dashboard.events import Version
from dashboard.facts import Season
from dashboard.store import differences

from .desks import Browser, Town, riverbend, send
from .test_cap import Answering, answering, http, warning
from .values import DAY, at

__all__ = ["answering"]
PAGE, ISSUE, DRAFT, LOG = "/cold", "/cold/issue", "/cold/draft", "/cold/log"
FILLED = {"cold": "extreme-cold", "reason": "forecast", "area": ""}
COTS = BedGroup("northside", "cots", "Cots", 10, season=Season.ALERT, position=2)


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        town.store.profiles.save([], [COTS], "test", town.now)
        yield town


@pytest.fixture
def coordinator(town: Town) -> Browser:
    browser = town.as_("coordinator")
    browser.open(PAGE)
    return browser


def issue(browser: Browser, **more: str) -> None:
    browser.open(PAGE)
    if ISSUE not in browser.page:
        browser.send(DRAFT, {"template": "extreme-cold"})
    browser.send(ISSUE, FILLED | more)
    browser.town.caught_up()


def alert(town: Town) -> Issued:
    found = town.store.stream.snapshot(DAY).alerts[-1]
    assert isinstance(found, Issued)
    return found


def change(browser: Browser, town: Town, act: str, **fields: str) -> None:
    browser.open(PAGE)
    browser.send(f"/cold/{alert(town).id}/{act}", fields)
    town.caught_up()


def northside(town: Town) -> dict[str, object]:
    """What machines read of the site with beds for cold nights."""
    sites = Browser(town).open("/api/v1/board").get_json()["sites"]
    found: dict[str, object] = next(one for one in sites if one["id"] == "northside")
    return {one["id"]: one["status"] for one in found["groups"]}  # type: ignore[attr-defined]


def test_a_draft_changes_nothing_for_anybody(coordinator: Browser, town: Town) -> None:
    coordinator.send(DRAFT, {"template": "extreme-cold"})
    assert "Nothing has changed for anybody yet." in coordinator.words
    visitor = town.as_("visitor")
    assert "Extreme cold" not in visitor.open("/").text
    assert visitor.open("/api/v1/board").get_json()["alerts"] == []
    assert northside(town)["cots"] == "closed"
    coordinator.send("/cold/drop", {})
    assert ISSUE not in coordinator.page


def test_an_alert_is_on_every_page_in_both_languages_and_opens_what_waits_for_it(
    coordinator: Browser, town: Town
) -> None:
    issue(coordinator, reason="cold-already")
    assert "Issued by Cory at 4:12 pm, 2026-11-20, because of: it is this cold already." in (
        coordinator.words
    )
    assert northside(town) == {"mats": "call-first", "winter": "closed", "cots": "call-first"}
    told = "Extreme cold alert Alerte de froid extrême From Friday, 4:12 pm to Saturday, 8:00 am."
    visitor = town.as_("visitor")
    for path in ("/", "/sites/northside", "/how-we-count", "/sign-in", "/nowhere"):
        visitor.open(path)
        assert told in visitor.words, path
        visitor.open(f"{path}?lang=fr")
        assert "Alerte de froid extrême Extreme cold alert Du vendredi" in visitor.words, path
    for name, path in (
        ("desk_at_northside", "/desk/northside"),
        ("outreach", "/outreach"),
        ("coordinator", "/people"),
        ("caller", "/desk"),
    ):
        person = town.as_(name)
        person.open(path)
        assert told in person.words, path
        assert ("Do you relax rules" in person.words) is (path == "/desk/northside")


def test_machines_read_the_alert_in_both_languages_and_never_who_issued_it(
    coordinator: Browser, town: Town
) -> None:
    issue(coordinator)
    answer = Browser(town).open("/api/v1/board")
    (told,) = answer.get_json()["alerts"]
    assert told | {"id": "", "headline": ""} == {
        "id": "",
        "kind": "extreme-cold",
        "reason": "forecast",
        "area": None,
        "since": "2026-11-20T23:12:00.000Z",
        "until": "2026-11-21T15:00:00.000Z",
        "on": True,
        "headline": "",
    }
    assert told["headline"]["en"].startswith("Extreme cold alert. From Friday 2026-11-20")
    assert told["headline"]["fr"].startswith("Alerte de froid extrême. Du vendredi 2026-11-20")
    assert "Cory" not in answer.text
    assert "p-cor" not in answer.text


def test_what_was_kept_is_asked_for_again_when_an_alert_begins_and_when_it_ends(
    coordinator: Browser, town: Town
) -> None:
    issue(coordinator, since="2026-11-20T18:00", until="2026-11-20T21:00")
    visitor = Browser(town)
    town.now = at("17:59:59")
    seen = {path: visitor.open(path).headers["ETag"] for path in ("/", "/api/v1/board")}
    assert northside(town)["cots"] == "closed"
    assert (
        'hidden>Until Friday, 9:00\N{NO-BREAK SPACE}pm. <span class="advice">More beds may open'
        in visitor.open("/").text
    )
    for moment, status in (("18:00", "call-first"), ("21:00", "closed")):
        town.now = at(moment)
        assert northside(town)["cots"] == status
        for path, etag in seen.items():
            answer = visitor.client.get(path, headers={"If-None-Match": etag})
            assert answer.status_code == 200, path
            seen[path] = answer.headers["ETag"]
    assert "Extreme cold" not in visitor.open("/").text


def test_an_end_that_nobody_asked_for_refreshes_nothing(coordinator: Browser, town: Town) -> None:
    town.now = at("09:00")
    desk = town.as_("desk_at_northside")
    said = {"kind": "change", "value": "4", "key": "a key of a count"}
    send(desk, "/desk/northside/groups/mats/reports", said)
    town.now = at("11:30")
    assert northside(town)["mats"] == "open"
    issue(coordinator, since="2026-11-20T11:30", until="2026-11-20T12:30")
    town.now = at("12:15")
    assert northside(town)["mats"] == "call-first"  # counted 3 hours ago, in an alert
    town.now = at("12:45")
    assert northside(town)["mats"] == "call-first"


def test_an_alert_is_extended_and_cancelled_by_name_with_its_reason(
    coordinator: Browser, town: Town
) -> None:
    issue(coordinator)
    change(coordinator, town, "extend", until="2026-11-22T08:00")
    assert "to Sunday 2026-11-22, 8:00 am" in coordinator.words
    town.later(hours=1)
    change(coordinator, town, "cancel", ending="")
    assert "Please choose one of these." in coordinator.words or "fill this in" in coordinator.words
    change(coordinator, town, "cancel", ending="warmer")
    assert "The alert is cancelled." in coordinator.words
    assert "Extreme cold" not in town.as_("visitor").open("/").text
    assert northside(town)["cots"] == "closed"
    coordinator.open(LOG)
    assert "Cancelled: it is warmer." in coordinator.words


def test_two_coordinators_who_meet_are_told_and_nothing_is_overruled(
    coordinator: Browser, town: Town
) -> None:
    issue(coordinator)
    other = town.as_("coordinator")
    other.open(PAGE)
    change(coordinator, town, "extend", until="2026-11-22T08:00")
    answer = other.send(f"/cold/{alert(town).id}/cancel", {"ending": "mistake"})
    assert answer.status_code == 409
    assert "somebody has changed this alert" in other.words
    assert alert(town).cancelled is None
    issue(other)
    assert "Not issued: there is an alert of this kind" in other.words
    assert len(town.store.stream.snapshot(DAY).alerts) == 1


def test_a_form_that_is_sent_twice_issues_once(coordinator: Browser, town: Town) -> None:
    coordinator.send(DRAFT, {"template": "snow"})
    form = coordinator.form(ISSUE) | FILLED
    coordinator.post(ISSUE, form)
    town.later(minutes=2)
    coordinator.post(ISSUE, form)
    assert "The alert is issued." in coordinator.words
    assert len(town.store.stream.snapshot(DAY).alerts) == 1


WRONG: list[tuple[dict[str, str], str]] = [
    ({"cold": "heat"}, "Please choose one of these."),
    ({"reason": ""}, "Please fill this in."),
    ({"area": "Elsewhere"}, "Please choose one of these."),
    ({"since": "tonight"}, "Please write a day and a time"),
    ({"since": "2026-13-40T10:00"}, "Please write a day and a time"),
    ({"since": "9999-12-31T23:59"}, "Please write a day and a time"),
    ({"until": "2026-11-20T16:00"}, "The end must come later"),
    ({"until": "2026-12-20T16:00"}, "That is too far away"),
    ({"since": "2026-12-20T16:00"}, "That is too far away"),
    ({"key": ""}, "this form was used before"),
]


def test_what_can_t_be_issued_says_why_and_keeps_the_rest(coordinator: Browser, town: Town) -> None:
    coordinator.send(DRAFT, {"template": "snow"})
    whole = coordinator.form(ISSUE) | FILLED | {"reason": "by-order"}
    for fields, why in WRONG:
        answer = coordinator.post(ISSUE, whole | fields)
        assert answer.status_code == 422
        assert why in coordinator.words, fields
        if "reason" not in fields:
            assert '<option value="by-order" selected>' in coordinator.page
    assert town.store.stream.snapshot(DAY).alerts == ()


def test_an_alert_for_one_part_of_the_town_leaves_the_other_as_it_is(
    coordinator: Browser, town: Town
) -> None:
    far = BedGroup("riverbank", "far", "Cots", 5, season=Season.ALERT, position=3)
    town.store.profiles.save([], [far], "test", town.now)
    town.caught_up()
    issue(coordinator, area="South Shore")
    sites = Browser(town).open("/api/v1/board").get_json()["sites"]
    groups = {one["id"]: one["status"] for site in sites for one in site["groups"]}
    assert groups["far"] == "call-first"
    assert groups["cots"] == "call-first"  # nobody knows in which part of the town it is
    assert "Extreme cold alert (South Shore)" in town.as_("visitor").open("/").text.replace(
        "</b>", ""
    )
    change(coordinator, town, "cancel", ending="mistake")
    town.store.areas.save(["North Shore"], {}, "p-cor", town.now)
    issue(coordinator, area="North Shore")
    sites = Browser(town).open("/api/v1/board").get_json()["sites"]
    groups = {one["id"]: one["status"] for site in sites for one in site["groups"]}
    assert groups["far"] == "closed"


def test_the_name_of_an_area_is_only_a_name(coordinator: Browser, town: Town) -> None:
    name = "<b>North & “Søn”"
    town.store.areas.save([name], {}, "p-cor", town.now)
    issue(coordinator, area=name)
    for page in (coordinator, Browser(town)):
        page.open("/")
        assert "(&lt;b&gt;North &amp; “Søn”)" in page.page
    (told,) = Browser(town).open("/api/v1/board").get_json()["alerts"]
    assert told["area"] == name
    assert f"Extreme cold alert ({name}). From" in told["headline"]["en"]


def test_the_stream_alone_gives_the_alerts_that_the_hashes_have(
    coordinator: Browser, town: Town
) -> None:
    issue(coordinator)
    change(coordinator, town, "extend", until="2026-11-22T08:00")
    issue(coordinator, cold="snow")
    change(coordinator, town, "cancel", ending="mistake")
    kept, rebuilt = town.store.stream.snapshot(DAY), town.store.stream.rebuilt(DAY)
    assert len(kept.alerts) == 2
    assert differences(kept, rebuilt, town.now) == []
    board = Board(DAY, Version(kept.version.epoch, 0, 0))
    assert "alerts" in differences(kept, board, town.now)
    town.caught_up()
    assert town.app.extensions["follower"].board.alerts == kept.alerts


def test_a_night_is_written_down_in_numbers_and_fixed_words(
    coordinator: Browser, town: Town
) -> None:
    issue(coordinator)
    town.now = at("09:00", 21)
    coordinator.open(LOG)
    night = "/cold/log/2026-11-20"
    told = {"low": "-24", "chill": "−33", "sky": "wind", "sites": "2", "sheltered": "41"}
    coordinator.send(night, told | {"counted_at": "11:30 pm", "closed_at": "8:00"})
    assert "The night of 2026-11-20 is written down." in coordinator.words
    for said in ("-24 °C", "Wind chill -33", "Weather wind", "opened 2", "sheltered 41"):
        assert said in coordinator.words
    assert "counted at 11:30 pm" in coordinator.words
    (kept,) = town.store.alerts.nights()
    assert (kept.low, kept.chill, kept.sheltered) == (-24, -33, 41)
    coordinator.send(night, {"sky": "snow", "sheltered": "42"})
    (kept,) = town.store.alerts.nights()
    assert (kept.sheltered, kept.sky, kept.low) == (42, ("snow",), -24)


WRONG_NIGHT: list[tuple[dict[str, str], str]] = [
    ({"low": "cold"}, "Please write a whole number."),
    ({"low": "-99"}, "That is lower than it can be."),
    ({"chill": "40"}, "That is higher than it can be."),
    ({"sheltered": "-1"}, "That is lower than it can be."),
    ({"counted_at": "late"}, "Please write a time"),
    ({}, "Please fill this in."),
]


def test_a_night_that_can_t_be_says_why(coordinator: Browser, town: Town) -> None:
    issue(coordinator)
    coordinator.open(LOG)
    whole = coordinator.form("/cold/log/2026-11-20") | {"sky": ""}
    for fields, why in WRONG_NIGHT:
        answer = coordinator.post("/cold/log/2026-11-20", whole | fields)
        assert answer.status_code == 422
        assert why in coordinator.words, fields
    assert town.store.alerts.nights() == []


def test_two_who_write_about_one_night_are_told(coordinator: Browser, town: Town) -> None:
    issue(coordinator)
    coordinator.open(LOG)
    other = town.as_("coordinator")
    other.open(LOG)
    coordinator.send("/cold/log/2026-11-20", {"sky": "snow", "low": "-20"})
    answer = other.send("/cold/log/2026-11-20", {"sky": "snow", "low": "-30"})
    assert answer.status_code == 409
    assert [one.low for one in town.store.alerts.nights()] == [-20]


def test_a_night_without_an_alert_is_none_of_the_log(coordinator: Browser) -> None:
    for night in ("2026-11-19", "yesterday", "2026-11-20"):
        assert send(coordinator, f"/cold/log/{night}").status_code == 404


def test_a_warning_fills_the_draft_and_issues_nothing(coordinator: Browser, town: Town) -> None:
    coordinator.send("/cold/cap", {"cap": warning()})
    assert "The warning filled the draft." in coordinator.words
    assert "Check every line." in coordinator.words
    assert coordinator.form(ISSUE)["since"] == "2026-11-20T18:00"
    assert town.store.stream.snapshot(DAY).alerts == ()
    assert "Mrs Secret" not in coordinator.page
    file = {"file": (io.BytesIO(warning(event="Blizzard Warning").encode()), "a.cap")}
    form = {"csrf_token": coordinator.token("/cold/cap")} | file
    coordinator.post("/cold/cap", form)  # type: ignore[arg-type]
    assert '<option value="snow" selected>' in coordinator.page


def test_a_warning_that_is_not_taken_says_why_in_words(coordinator: Browser, town: Town) -> None:
    for given, why in (
        ("", "There was nothing in it."),
        ("hello", "It can’t be read"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "parts that no warning needs"),
        (warning(status="Test"), "It is a test"),
        (warning(event="Heat Warning"), "nothing about cold"),
    ):
        answer = coordinator.send("/cold/cap", {"cap": given})
        assert answer.status_code == 422
        assert why in coordinator.words
    assert town.store.alerts.draft() is None


def test_a_warning_is_fetched_when_a_coordinator_asks(
    settings: Settings, answering: Answering
) -> None:
    address = answering(http(warning(event="Wind Chill Warning").encode()))
    with riverbend(replace(settings, cap_url=address)) as town:
        coordinator = town.as_("coordinator")
        coordinator.open(PAGE)
        coordinator.send("/cold/fetch", {})
        assert "The warning filled the draft." in coordinator.words
        assert '<option value="wind-chill" selected>' in coordinator.page
        assert town.store.stream.snapshot(DAY).alerts == ()


def test_nothing_is_fetched_where_no_address_is_set(coordinator: Browser) -> None:
    assert "/cold/fetch" not in coordinator.page
    assert send(coordinator, "/cold/fetch").status_code == 422
    assert "No address is set" in coordinator.words


def test_only_coordinators_issue(town: Town, coordinator: Browser) -> None:
    issue(coordinator)
    id_ = alert(town).id
    for name in ("desk_at_riverbank", "outreach", "caller"):
        browser = town.as_(name)
        for path in (PAGE, LOG):
            assert browser.open(path).status_code == 404
        for path in (ISSUE, DRAFT, f"/cold/{id_}/cancel", f"/cold/{id_}/extend", "/cold/cap"):
            assert send(browser, path, FILLED | {"template": "snow"}).status_code == 404
    assert alert(town).cancelled is None
    assert town.store.alerts.draft() is None


def test_the_record_tells_each_act_in_words_with_who_and_why(
    coordinator: Browser, town: Town
) -> None:
    issue(coordinator, reason="by-order")
    town.later(minutes=5)
    change(coordinator, town, "extend", until="2026-11-22T08:00")
    town.later(minutes=5)
    change(coordinator, town, "cancel", ending="forecast-changed")
    coordinator.open(LOG)
    coordinator.send("/cold/log/2026-11-20", {"sky": "snow", "sheltered": "41"})
    coordinator.open("/record?about=cold-nights")
    for said in (
        "Issued: Extreme cold alert, from 2026-11-20, 4:12 pm to 2026-11-21, 8:00 am, because of: "
        "the city or province asked",
        "Extended: Extreme cold alert, to 2026-11-22, 8:00 am",
        "Cancelled: Extreme cold alert, because of: the forecast has changed",
        "The cold night of 2026-11-20 was written down: 41 people sheltered",
    ):
        assert said in coordinator.words
    coordinator.open("/record")
    assert "An alert was drafted" in coordinator.words


def test_while_the_store_is_away_the_same_alert_can_be_issued_again_and_counts_once(
    coordinator: Browser, town: Town
) -> None:
    coordinator.send(DRAFT, {"template": "snow"})
    form = coordinator.form(ISSUE) | FILLED
    pool = town.app.extensions["store"].connection.client.connection_pool
    working = pool.connection_kwargs
    pool.connection_kwargs = working | {"path": "/nowhere.sock"}
    pool.reset()
    assert coordinator.post(ISSUE, form).status_code == 503
    assert "Trying again is safe" in coordinator.words
    retry = coordinator.form(ISSUE)
    pool.connection_kwargs = working
    pool.reset()
    for _ in range(2):
        coordinator.post(ISSUE, retry)
        assert "The alert is issued." in coordinator.words
    assert len(town.store.stream.snapshot(DAY).alerts) == 1


def test_a_form_that_came_too_late_is_there_again_with_what_was_chosen(
    coordinator: Browser, town: Town
) -> None:
    coordinator.send(DRAFT, {"template": "snow"})
    coordinator.post(ISSUE, FILLED | {"reason": "by-order", "since": "", "until": ""})
    assert "This page was open for too long." in coordinator.words
    assert '<option value="by-order" selected>' in coordinator.page
    assert town.store.stream.snapshot(DAY).alerts == ()


def test_the_menu_marks_cold_nights_on_their_log_too(coordinator: Browser) -> None:
    coordinator.open(LOG)
    assert '<a href="/cold" aria-current="page">' in coordinator.page
