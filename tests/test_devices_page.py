"""The coordinator's page of devices: links with a QR code, what was used when, and revoking."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from dashboard.config import Settings

from .desks import Browser, Town, riverbend, send

TABLET = {"name": "Front desk tablet", "site": "riverbank"}


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        yield town


@pytest.fixture
def coordinator(town: Town) -> Browser:
    browser = town.as_("coordinator")
    browser.open("/devices")
    return browser


def test_a_link_with_a_qr_code_makes_a_browser_the_desk(coordinator: Browser, town: Town) -> None:
    assert "There is no device yet." in coordinator.words
    send(coordinator, "/devices", TABLET)
    found = re.search(r"http://localhost(/enrol\?link=[^<\s]+)", coordinator.page)
    assert found
    assert 'class="qr"' in coordinator.page
    assert "style=" not in coordinator.page
    assert "data:" not in coordinator.page
    coordinator.open("/devices")
    assert "Front desk tablet Riverbank House has a link until" in coordinator.words
    assert found[1].partition("=")[2] not in coordinator.page
    tablet = Browser(town)
    tablet.open(found[1])
    assert tablet.send("/enrol", {}).request.path == "/desk/riverbank"
    coordinator.open("/devices")
    assert "Front desk tablet Riverbank House last used" in coordinator.words


def test_one_tap_revokes_a_device(coordinator: Browser, town: Town) -> None:
    tablet = town.tablet()
    (device,) = town.store.devices.all()
    send(coordinator, f"/devices/{device.id}/revoke")
    assert "There is no device yet." in coordinator.words
    assert tablet.open("/desk/riverbank").request.path == "/sign-in"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"name": ""}, "Please fill this in."),
        ({"name": "x" * 61}, "That is too long."),
        ({"site": ""}, "Please fill this in."),
        ({"site": "nowhere"}, "Please choose one of these."),
    ],
)
def test_a_bad_device_says_what_to_mend(
    coordinator: Browser, town: Town, fields: dict[str, str], why: str
) -> None:
    assert send(coordinator, "/devices", TABLET | fields).status_code == 422
    assert why in coordinator.words
    assert town.store.devices.all() == []


def test_a_device_that_is_not_there_is_404(coordinator: Browser) -> None:
    assert send(coordinator, "/devices/d-none/revoke").status_code == 404


@pytest.mark.parametrize("name", ["desk_at_riverbank", "outreach", "caller"])
def test_it_is_for_coordinators_alone(town: Town, name: str) -> None:
    town.tablet()
    (device,) = town.store.devices.all()
    browser = town.as_(name)
    assert browser.open("/devices").status_code == 404
    for action in ("/devices", f"/devices/{device.id}/revoke"):
        assert send(browser, action, TABLET).status_code == 404
    assert town.store.devices.all()[0].id == device.id


def test_a_visitor_is_asked_to_sign_in(town: Town) -> None:
    visitor = town.as_("visitor")
    assert visitor.open("/devices").request.path == "/sign-in"
    for action in ("/devices", "/devices/d-none/revoke"):
        assert visitor.post(action, TABLET).request.path == "/sign-in"


def test_a_form_from_elsewhere_does_nothing_and_loses_nothing(
    coordinator: Browser, town: Town
) -> None:
    coordinator.post("/devices", TABLET)
    assert "Nothing was done yet: please send it again." in coordinator.words
    assert coordinator.form("/devices")["name"] == "Front desk tablet"
    assert town.store.devices.all() == []
