"""The coordinator's page of areas: naming parts of the town, timing the ways between them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape

import pytest

from dashboard.config import Settings
from dashboard.travel import Leg, Travel, pair

from .desks import Browser, Town, riverbend, send
from .test_naughty import OURS
from .test_naughty_forms import harmless

PAGE, MINUTES, REMOVE = "/areas", "/areas/minutes", "/areas/remove"
ACROSS = pair("North Shore", "South Shore")


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        yield town


@pytest.fixture
def coordinator(town: Town) -> Browser:
    browser = town.as_("coordinator")
    browser.open(PAGE)
    return browser


def travel(town: Town) -> Travel:
    return town.store.areas.travel()


def timed(browser: Browser, **given: str) -> None:
    fields = {name.replace("_", " "): value for name, value in given.items()}
    browser.post(MINUTES, browser.form(MINUTES, area="North Shore") | fields)


@pytest.fixture
def shores(town: Town, coordinator: Browser) -> Browser:
    """The page, with two areas and no minutes."""
    town.store.areas.save(["North Shore", "South Shore"], {}, "p-cor", town.now)
    coordinator.open(PAGE)
    return coordinator


def test_the_areas_of_sites_are_offered_until_they_are_in_the_list(
    town: Town, coordinator: Browser
) -> None:
    assert "There is no area yet." in coordinator.words
    coordinator.send(PAGE, {})  # the first form: "Add South Shore"
    assert travel(town).areas == ("South Shore",)
    assert "Sites are in these areas too" not in coordinator.words


def test_an_area_is_added_once(town: Town, coordinator: Browser) -> None:
    for name in ("Hillside", " hillside "):
        answer = coordinator.post(PAGE, coordinator.form(PAGE) | {"name": name})
    assert answer.status_code == 422
    assert "Nothing was saved yet." in coordinator.words
    assert "It is in the list already." in coordinator.words
    assert travel(town).areas == ("Hillside",)
    answer = coordinator.post(PAGE, coordinator.form(PAGE) | {"name": "x" * 61})
    assert "That is too long." in coordinator.words


def test_minutes_are_saved_there_and_back_and_shown_from_both_sides(
    town: Town, shores: Browser
) -> None:
    timed(
        shores, **{"walk.South_Shore": "40", "drive.South_Shore": "12", "walk.North_Shore": " 15 "}
    )
    assert travel(town).legs == {ACROSS: Leg(40, 12), ("North Shore", "North Shore"): Leg(15)}
    shores.open(f"{PAGE}?area=south shore")
    back = shores.form(MINUTES, area="South Shore")
    assert (back["walk.North Shore"], back["drive.North Shore"]) == ("40", "12")
    assert "North Shore 2 of 2 ways timed" in shores.words
    shores.open(PAGE)
    timed(shores, **{"drive.South_Shore": ""})
    assert travel(town).legs[ACROSS] == Leg(40)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("soon", "Please write a whole number."),
        ("-5", "It can’t be below 0."),
        ("601", "That is too long."),
        ("99999999999999999999", "That is too long."),
    ],
)
def test_what_are_no_minutes_is_refused_and_stays_as_it_was_typed(
    town: Town, shores: Browser, text: str, why: str
) -> None:
    timed(shores, **{"walk.South_Shore": text, "drive.South_Shore": "12"})
    assert why in shores.words
    again = shores.form(MINUTES, area="North Shore")
    assert (again["walk.South Shore"], again["drive.South Shore"]) == (text[:6], "12")
    assert travel(town).legs == {}


def test_an_area_is_removed_with_its_minutes(town: Town, shores: Browser) -> None:
    timed(shores, **{"walk.South_Shore": "40"})
    shores.post(REMOVE, shores.form(REMOVE, area="North Shore"))
    assert travel(town) == Travel(("South Shore",))


def test_an_area_that_is_not_there_is_not_found(shores: Browser) -> None:
    for action in (MINUTES, REMOVE):
        given = shores.form(action) | {"area": "Atlantis"}
        assert shores.post(action, given).status_code == 404
        shores.open(PAGE)


def test_what_was_typed_survives_signing_in_again(town: Town, shores: Browser) -> None:
    form = shores.form(MINUTES, area="North Shore") | {"walk.South Shore": "40"}
    shores.client.delete_cookie("bedboard")
    shores.post(MINUTES, form)
    shores.send("/sign-in", {"login": "cory@example.org", "password": "six quiet geese at dawn"})
    assert "You were signed out" in shores.words
    assert shores.form(MINUTES, area="North Shore")["walk.South Shore"] == "40"
    assert travel(town).legs == {}


def test_no_name_of_an_area_breaks_a_page(town: Town, coordinator: Browser) -> None:
    own = {"csrf_token": coordinator.form(PAGE)["csrf_token"]}
    for text in OURS:
        answer = coordinator.post(PAGE, own | {"name": text}, follow=False)
        assert answer.status_code in (303, 422), text
        assert harmless(coordinator.page, text)
    areas = travel(town).areas
    assert len(areas) > 3
    typed = {f"walk.{name}": str(place) for place, name in enumerate(areas)}
    assert coordinator.post(MINUTES, own | typed | {"area": areas[-1]}).status_code == 200
    assert travel(town).timed(areas[-1]) == len(areas)
    van = town.as_("outreach")
    assert van.open("/outreach", query_string={"start": areas[-1]}).status_code == 200
    assert all(harmless(van.page, text) for text in OURS)
    tables = [json.loads(unescape(one)) for one in re.findall(r"data-minutes='([^']*)'", van.page)]
    assert len(tables) == len(areas)


@pytest.mark.parametrize("name", ["desk_at_riverbank", "outreach", "caller"])
def test_areas_are_for_coordinators(town: Town, name: str) -> None:
    browser = town.as_(name)
    assert browser.open(PAGE).status_code == 404
    for action in (PAGE, MINUTES, REMOVE):
        assert send(browser, action, {"area": "x", "name": "x"}).status_code == 404
    assert travel(town) == Travel()


def test_whoever_is_signed_out_is_asked_to_sign_in(town: Town) -> None:
    visitor = town.as_("visitor")
    assert visitor.open(PAGE, follow=False).headers["Location"].startswith("/sign-in")
    assert visitor.open(MINUTES).status_code == 405
