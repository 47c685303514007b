"""Every route there is, asked by a desk's device: what it reaches at which level, and no more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from werkzeug.routing import Rule

from dashboard.config import Settings

from .desks import Browser, Town, riverbend

DESK = "/desk/riverbank"
SOMEWHERE = {"site": "riverbank", "group": "women", "id_": "h-none", "key": "a-key-of-a-tap"}
SOMEWHERE |= {"night": "2026-11-20", "part": "name", "name": "sites"}
HX = {"headers": {"HX-Request": "true"}}
LOOKING = {"desk.page", "desk.figures", "desk.mine"}
TAPPING_IN = {"desk.tap", "desk.pin", "desk.lock", "desk.end_shift", "desk.put_off"}
COUNTING = {
    *("desk.report", "desk.confirm_all", "desk.arrived", "desk.turn_away", "desk.turn_back"),
    *("desk.say_yes", "desk.say_no"),
}
FOR_ANYBODY = {"public", "api", "health", "signin", "welcome", "enrol", "static"}
FOR_ANYBODY |= {"desk.worker", "outreach.worker", "outreach.push_worker"}
THEIRS = {
    "outreach": {"outreach", "records"},
    "coordinator": {
        "people",
        "devices",
        "areas",
        "entries",
        "report",
        "unmet",
        "records",
        "tonight",
    }
    | {"sites", "site", "beds", "hiding", "files"}
    | {"cold", "coldlog"},
    "caller": {"tonight"},
}


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        town.give_pin("desk_at_riverbank")
        yield town


def routes(town: Town, room: str = "desk") -> list[tuple[str, str, str]]:
    """The endpoint, method and address of every route of a room."""
    rules = [one for one in town.app.url_map.iter_rules() if one.endpoint.startswith(f"{room}.")]
    rules = [one for one in rules if one.endpoint not in FOR_ANYBODY]
    return [(one.endpoint, method, address(one)) for one in rules for method in methods(one)]


def rooms(town: Town) -> set[str]:
    """Every room that is for people who are signed in."""
    found = {one.endpoint.partition(".")[0] for one in town.app.url_map.iter_rules()}
    assert found >= {"people", "devices", "outreach", "records", "areas", "unmet"}
    return found - FOR_ANYBODY


def methods(rule: Rule) -> set[str]:
    return (rule.methods or set()) & {"GET", "POST"}


def address(rule: Rule) -> str:
    built = rule.build(SOMEWHERE, append_unknown=False)
    assert built
    return built[1]


def ask(browser: Browser, method: str, path: str, **more: object):  # type: ignore[no-untyped-def]
    """With a token of this browser's own, so that nothing but who asks can be wrong."""
    browser.open("/sign-in")
    given = {"csrf_token": browser.token("/sign-in")} if method == "POST" else None
    return browser.client.open(path, method=method, data=given, **more)


def test_there_are_routes_of_every_kind(town: Town) -> None:
    known = {endpoint for endpoint, _, _ in routes(town)}
    assert known >= LOOKING | TAPPING_IN | COUNTING
    assert known - LOOKING - TAPPING_IN - COUNTING >= {"desk.undo", "desk.declare"}


def test_a_locked_device_looks_and_taps_in_and_does_nothing_else(town: Town) -> None:
    tablet = town.tablet()
    for endpoint, method, path in routes(town):
        if endpoint in TAPPING_IN:
            continue
        answer = ask(tablet, method, path, **(HX if method == "POST" else {}))
        if endpoint in LOOKING:
            assert answer.status_code in (200, 303), path
            assert answer.headers.get("Location", DESK) == DESK, path
        elif method == "GET":
            assert answer.headers["Location"].startswith(f"{DESK}?needs="), path
        else:
            wanted = "tap" if endpoint in COUNTING else "pin"
            told = answer.headers.get("HX-Desk"), answer.headers.get("HX-Desk-Needs")
            assert (answer.status_code, *told) == (401, "locked", wanted), path


def test_somebody_who_only_tapped_their_name_only_counts(town: Town) -> None:
    tablet = town.tablet()
    tablet.tap_in("p-river")
    town.later(minutes=15)
    tablet.tap("p-river")
    for endpoint, method, path in routes(town):
        if endpoint in LOOKING | TAPPING_IN or method == "GET":
            continue
        answer = ask(tablet, method, path, **HX)
        locked = answer.headers.get("HX-Desk-Needs") == "pin"
        assert locked is (endpoint not in COUNTING), path


def test_a_device_of_another_site_finds_none_of_it(town: Town) -> None:
    tablet = town.tablet("northside")
    for endpoint, method, path in routes(town):
        if endpoint != "desk.mine":
            assert ask(tablet, method, path).status_code == 404, path


def test_whoever_is_nobody_is_asked_to_sign_in(town: Town) -> None:
    visitor = town.as_("visitor")
    for room in rooms(town) - {"live"}:
        for _, method, path in routes(town, room):
            answer = ask(visitor, method, path)
            assert answer.status_code == 303, path
            assert answer.headers["Location"].startswith("/sign-in"), path


@pytest.mark.parametrize("name", ["desk_at_riverbank", "caller", "coordinator", "outreach"])
def test_nobody_finds_a_room_that_is_for_others(town: Town, name: str) -> None:
    theirs = {"account", "live", "desk"} | THEIRS.get(name, set())
    found = town.as_(name)
    found.open("/account")
    token = {"csrf_token": found.token("/sign-out")}
    for room in rooms(town) - theirs:
        for _, method, path in routes(town, room):
            given = token if method == "POST" else None
            assert found.client.open(path, method=method, data=given).status_code == 404, path


def test_a_device_with_somebody_at_it_reaches_no_other_room_but_their_own_account(
    town: Town,
) -> None:
    tablet = town.tablet()
    tablet.tap_in("p-river")
    for room in rooms(town) - {"desk", "live", "account"}:
        for _, method, path in routes(town, room):
            answer = ask(tablet, method, path)
            assert answer.status_code == 303, path
            assert answer.headers["Location"].startswith("/sign-in"), path
    for _, method, path in routes(town, "account"):
        answer = ask(tablet, method, path)
        if path not in ("/account", "/account/pin"):
            assert answer.headers["Location"].startswith("/sign-in"), path
