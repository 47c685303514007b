"""What changes for people later: roles, sites, passwords; and the tokens of machines."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from dashboard.config import Settings
from dashboard.people import Person, Role, Standing

from .desks import PASSWORD, Browser, Town, riverbend, send

NEW = "nine grey herons by noon"


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        yield town


@pytest.fixture
def coordinator(town: Town) -> Browser:
    return town.as_("coordinator")


def role(town: Town, id_: str) -> tuple[Role, tuple[str, ...], str]:
    known = town.store.people.find(id_)
    assert known
    return known.person.role, known.person.sites, known.person.agency


def notes(town: Town, act: str) -> list[dict[str, str]]:
    """The entries of this act, as they stand in the store."""
    key = town.store.connection.key("events")
    found = town.store.connection.client.xrange(key)
    return [fields for _, fields in found if fields.get("act") == act]  # type: ignore[union-attr]


def test_a_role_that_is_changed_holds_at_once_where_somebody_is_signed_in(
    coordinator: Browser, town: Town
) -> None:
    sam = town.as_("desk_at_riverbank")
    coordinator.open("/people/p-river")
    assert 'value="riverbank" checked' in coordinator.page
    coordinator.post(
        "/people/p-river",
        coordinator.form("/people/p-river") | {"role": "desk", "sites": "northside", "agency": ""},
    )
    assert "What Sam does is changed." in coordinator.words
    assert role(town, "p-river") == (Role.DESK, ("northside",), "")
    assert sam.open("/desk/riverbank").status_code == 404
    assert sam.open("/desk/northside").status_code == 200
    (note,) = notes(town, "role-changed")
    assert (note["who"], note["about"]) == ("p-cor", "p-river")
    assert "riverbank" in note["before"]
    assert "northside" in note["after"]
    assert "Sam" not in str(note)


def test_what_two_coordinators_change_at_once_is_shown_before_either_is_lost(
    coordinator: Browser, town: Town
) -> None:
    town.hire(Person("p-two", "two", "Two", Role.COORDINATOR))
    other = Browser(town)
    other.sign_in("two")
    for browser in (coordinator, other):
        browser.open("/people/p-river")
    path = "/people/p-river"
    theirs = coordinator.form(path) | {"role": "outreach", "agency": "Night van"}
    coordinator.post(path, theirs)
    mine = other.form(path) | {"role": "desk", "sites": "northside"}
    assert other.post(path, mine).status_code == 409
    assert "somebody has changed this in the meantime" in other.words
    assert "Now Outreach · Night van" in other.words
    assert role(town, "p-river") == (Role.OUTREACH, (), "Night van")
    assert other.form(path)["seen_agency"] == "Night van"
    again = other.form(path) | {"role": "desk", "sites": "northside", "agency": ""}
    assert other.post(path, again).status_code == 200
    assert role(town, "p-river") == (Role.DESK, ("northside",), "")
    assert len(notes(town, "role-changed")) == 2


def test_a_mistake_in_the_form_forgets_nothing_of_what_its_sender_saw(
    coordinator: Browser, town: Town
) -> None:
    coordinator.open("/people/p-river")
    wrong = coordinator.form("/people/p-river") | {"role": "outreach", "agency": ""}
    hand = Standing(Role.DESK, ("northside",))
    town.store.people.reassign("p-river", hand, "p-two", town.now)
    coordinator.post("/people/p-river", wrong)
    again = coordinator.form("/people/p-river") | {"role": "outreach", "agency": "Night van"}
    assert coordinator.post("/people/p-river", again).status_code == 409
    assert role(town, "p-river")[0] is Role.DESK


def test_what_is_saved_unchanged_leaves_no_entry(coordinator: Browser, town: Town) -> None:
    send(coordinator, "/people/p-out", {"role": "outreach", "agency": "Street team"})
    assert notes(town, "role-changed") == []


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"role": "desk"}, "Please choose one of these."),
        ({"role": "outreach", "agency": ""}, "Please fill this in."),
        ({"role": "boss"}, "Please choose one of these."),
    ],
)
def test_a_change_that_is_not_whole_says_what_to_mend(
    coordinator: Browser, town: Town, fields: dict[str, str], why: str
) -> None:
    before = role(town, "p-river")
    assert send(coordinator, "/people/p-river", fields).status_code == 422
    assert why in coordinator.words or "Please fill this in." in coordinator.words
    assert role(town, "p-river") == before


def test_the_last_coordinator_stays_one_until_there_is_another(
    coordinator: Browser, town: Town
) -> None:
    caller = {"role": "caller"}
    assert send(coordinator, "/people/p-cor", caller).status_code == 409
    assert "Nobody else could invite people then." in coordinator.words
    town.hire(Person("p-two", "two", "Two", Role.COORDINATOR))
    assert send(coordinator, "/people/p-cor", caller).status_code == 200
    assert role(town, "p-cor")[0] is Role.CALLER
    assert coordinator.open("/people").status_code == 404
    other = Browser(town)
    other.sign_in("two")
    assert send(other, "/people/p-two", {"role": "caller"}).status_code == 409
    assert send(other, "/people/p-two/disable").status_code == 409


def test_nobody_changes_who_is_not_there(coordinator: Browser) -> None:
    assert coordinator.open("/people/p-none").status_code == 404
    assert send(coordinator, "/people/p-none", {"role": "caller"}).status_code == 404


def test_a_password_is_changed_by_the_old_one_and_ends_every_other_session(town: Town) -> None:
    here, elsewhere = town.as_("outreach"), town.as_("outreach")
    here.open("/account")
    fields = {"old_password": PASSWORD, "password": NEW}
    here.send("/account/password", fields)
    assert "Your password is changed." in here.words
    assert here.open("/outreach").status_code == 200
    assert elsewhere.open("/outreach").request.path == "/sign-in"
    assert Browser(town).sign_in("omar", PASSWORD).status_code == 422
    assert Browser(town).sign_in("omar", NEW).status_code == 303


def test_a_password_that_is_changed_ends_an_open_link_to_the_same_account(
    coordinator: Browser, town: Town
) -> None:
    send(coordinator, "/people/p-out/link")
    link = re.search(r"/welcome\?link=[\w.-]+", coordinator.page)
    assert link
    assert Browser(town).open(link[0]).status_code == 200
    here = town.as_("outreach")
    here.open("/account")
    here.send("/account/password", {"old_password": PASSWORD, "password": NEW})
    assert Browser(town).open(link[0]).status_code == 410
    known = town.store.people.find("p-out")
    assert known
    assert known.link_ends is None


def test_a_password_stays_where_the_old_one_is_wrong_or_the_new_one_weak(town: Town) -> None:
    browser = town.as_("outreach")
    for fields in ({"old_password": "wrong", "password": NEW}, {"password": "short"}):
        browser.open("/account")
        given = {"old_password": PASSWORD} | fields
        assert browser.send("/account/password", given).status_code == 422
    assert Browser(town).sign_in("omar", PASSWORD).status_code == 303


def test_an_old_password_can_be_guessed_at_no_faster_than_at_the_door(town: Town) -> None:
    browser, codes = town.as_("outreach"), []
    for _ in range(8):
        browser.open("/account")
        fields = {"old_password": "wrong", "password": NEW}
        codes.append(browser.send("/account/password", fields).status_code)
    assert codes[0] == 422
    assert codes[-1] == 429


def test_a_token_is_shown_once_and_revoked_in_the_browser(coordinator: Browser, town: Town) -> None:
    send(coordinator, "/machines", {"label": "City feed", "sites": "riverbank"})
    token = re.search(r"beds_[\w-]+", coordinator.page)
    assert token
    coordinator.open("/machines")
    assert token[0] not in coordinator.page
    assert "City feed Riverbank House made" in coordinator.words
    found = town.store.tokens.find(token[0], town.now)
    assert found
    assert found.sites == ("riverbank",)
    send(coordinator, "/machines", {"label": "City feed", "reach": "every"})
    assert "A machine has this name already." in coordinator.words
    send(coordinator, "/machines/revoke", {"label": "City feed"})
    assert town.store.tokens.find(token[0], town.now) is None
    assert [note["who"] for note in notes(town, "token-revoked")] == ["p-cor"]
    assert send(coordinator, "/machines/revoke", {"label": "City feed"}).status_code == 404


@pytest.mark.parametrize(
    "fields", [{"label": "", "reach": "every"}, {"label": "A"}, {"label": "A", "sites": "nowhere"}]
)
def test_a_token_that_is_not_whole_is_not_made(
    coordinator: Browser, town: Town, fields: dict[str, str]
) -> None:
    assert send(coordinator, "/machines", fields).status_code == 422
    assert town.store.tokens.all() == []
