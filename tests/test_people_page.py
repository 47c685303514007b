"""The coordinator's page of people: inviting, new links, shutting out; for coordinators alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from dashboard.config import Settings

from .desks import CAST, Browser, Town, riverbend, send, words

ACTIONS = ("/people", "/people/p-river/link", "/people/p-river/disable")
INVITED = {"name": "Robin", "login": "robin@example.org", "role": "desk", "sites": "riverbank"}


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        yield town


@pytest.fixture
def coordinator(town: Town) -> Browser:
    browser = town.as_("coordinator")
    browser.open("/people")
    return browser


def link(browser: Browser) -> str:
    found = re.search(r"/welcome\?link=[^<\s]+", browser.page)
    assert found, browser.words
    return found[0]


def test_an_invited_person_comes_in_by_the_link_that_is_shown_once(
    coordinator: Browser, town: Town
) -> None:
    send(coordinator, "/people", INVITED)
    path = link(coordinator)
    coordinator.open("/people")
    assert "Robin Desk, Riverbank House robin@example.org · has a link until" in coordinator.words
    assert path.partition("=")[2] not in coordinator.page
    robin = Browser(town)
    robin.open(path)
    form = robin.form("/welcome") | {"password": "six quiet geese at dawn"}
    assert robin.post("/welcome", form).request.path == "/desk/riverbank"
    coordinator.open("/people")
    assert "Robin Desk, Riverbank House robin@example.org · can sign in" in coordinator.words


def test_the_link_names_this_server(coordinator: Browser) -> None:
    send(coordinator, "/people/p-river/link")
    assert "http://localhost/welcome?link=p-river." in coordinator.page


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"name": ""}, "Please fill this in."),
        ({"login": "sam"}, "Somebody else signs in with this."),
        ({"role": "boss"}, "Please choose one of these."),
        ({"sites": "nowhere"}, "Please choose one of these."),
        ({"sites": ""}, "Please choose one of these."),
        ({"role": "outreach"}, "Please fill this in."),
        ({"name": "x" * 61}, "That is too long."),
        ({"name": "a\x07b"}, "It holds a character that can’t be used."),
    ],
)
def test_a_bad_invitation_says_what_to_mend_and_keeps_the_rest(
    coordinator: Browser, town: Town, fields: dict[str, str], why: str
) -> None:
    answer = send(coordinator, "/people", INVITED | fields)
    assert answer.status_code == 422
    assert why in coordinator.words
    assert coordinator.form("/people")["name"] == (INVITED | fields)["name"][:60].replace(
        "\x07", "\x07"
    )
    assert len(town.store.people.all()) == len(CAST)


def test_somebody_who_is_shut_out_is_out_at_once(coordinator: Browser, town: Town) -> None:
    tablet = town.as_("desk_at_riverbank")
    send(coordinator, "/people/p-river/disable")
    assert "sam · can’t sign in any more" in coordinator.words
    assert tablet.open("/desk", follow=False).status_code == 303


def test_the_last_coordinator_stays(coordinator: Browser, town: Town) -> None:
    answer = send(coordinator, "/people/p-cor/disable")
    assert answer.status_code == 409
    assert "Nobody else could invite people then." in coordinator.words
    assert coordinator.open("/people").status_code == 200


def test_a_person_that_is_not_there_is_404(coordinator: Browser) -> None:
    for action in ("/people/p-nobody/link", "/people/p-nobody/disable"):
        assert send(coordinator, action).status_code == 404


@pytest.mark.parametrize("name", ["desk_at_riverbank", "outreach", "caller"])
def test_it_is_for_coordinators_alone(town: Town, name: str) -> None:
    browser = town.as_(name)
    assert browser.open("/people").status_code == 404
    for action in ACTIONS:
        assert send(browser, action, INVITED).status_code == 404
    assert len(town.store.people.all()) == len(CAST)
    known = town.store.people.find("p-river")
    assert known
    assert not known.person.disabled
    assert not known.link_ends


def test_a_visitor_is_asked_to_sign_in(town: Town) -> None:
    visitor = town.as_("visitor")
    assert visitor.open("/people").request.path == "/sign-in"
    for action in ACTIONS:
        assert visitor.post(action, INVITED).request.path == "/sign-in"


def test_a_form_from_elsewhere_does_nothing_and_loses_nothing(
    coordinator: Browser, town: Town
) -> None:
    answer = coordinator.post("/people", INVITED)
    assert answer.request.path == "/people"
    assert "Nothing was done yet: please send it again." in coordinator.words
    assert coordinator.form("/people")["name"] == "Robin"
    for action in ACTIONS[1:]:
        coordinator.post(action, {})
    assert len(town.store.people.all()) == len(CAST)


@pytest.mark.parametrize("action", ACTIONS[1:])
def test_acts_are_sent_by_post_alone(coordinator: Browser, action: str) -> None:
    assert coordinator.client.get(action).status_code == 405
    assert coordinator.client.put(action).status_code in (303, 405)


def test_a_name_is_shown_as_it_was_written(coordinator: Browser) -> None:
    name = "<script>alert(1)</script> O’Neil & “Søn”"
    send(coordinator, "/people", INVITED | {"name": name})
    assert "<script>alert" not in coordinator.page
    coordinator.open("/people")
    assert "<script>alert" not in coordinator.page
    assert "O’Neil &amp; “Søn”" in words(coordinator.page)
