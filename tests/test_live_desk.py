"""A desk's stream is for the people of that desk, for as long as they are that."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import count

import pytest

from dashboard.config import Settings

from .desks import CAST, Town, riverbend
from .values import NOW

DESK = "/live?since=a:1-0&desk=riverbank"


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        yield town


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("desk_at_riverbank", 200),
        ("coordinator", 200),
        ("caller", 200),
        ("desk_at_northside", 404),
        ("outreach", 404),
        ("visitor", 303),
    ],
)
def test_a_desk_is_heard_by_who_may_report_for_it(town: Town, who: str, status: int) -> None:
    response = town.as_(who).client.get(DESK, buffered=False)
    assert response.status_code == status
    response.close()


def test_the_public_stream_sets_no_cookie_and_reads_none(town: Town) -> None:
    response = town.as_("visitor").client.get("/live?since=a:1-0", buffered=False)
    assert "Set-Cookie" not in response.headers
    assert "Cookie" not in response.headers.get("Vary", "")
    response.close()


@pytest.mark.parametrize("how", ["signs out", "is disabled", "has another site"])
def test_a_stream_ends_when_its_listener_may_hear_no_more(town: Town, how: str) -> None:
    browser = town.as_("desk_at_riverbank")
    response = browser.client.get(DESK, buffered=False)
    heard = iter(response.response)
    assert b"event: beat" in next(heard)
    assert b"event: figures" in next(heard)
    person = CAST["desk_at_riverbank"]
    if how == "signs out":
        browser.open("/desk/riverbank")
        browser.send("/sign-out", {})
    if how == "is disabled":
        town.store.people.disable(person.id, "p-cor", NOW)
    if how == "has another site":
        kept = town.store.connection.key("people")
        moved = json.dumps(asdict(replace(person, sites=("northside",))))
        town.store.connection.client.hset(kept, person.id, moved)
    assert list(heard) == [], "it ends at the next look, a second later"
    response.close()


def test_a_desks_device_hears_its_own_desk_with_nobody_there(town: Town) -> None:
    tablet = town.tablet()
    response = tablet.client.get(DESK, buffered=False)
    heard = iter(response.response)
    assert b"event: beat" in next(heard)
    assert b"event: figures" in next(heard)
    response.close()
    assert town.tablet("northside").client.get(DESK).status_code == 404


@pytest.mark.parametrize("how", ["revoked", "shut out", "new PIN", "shift ended", "moved"])
def test_a_devices_stream_ends_with_the_device_and_with_the_shift(town: Town, how: str) -> None:
    person = CAST["desk_at_riverbank"]
    town.give_pin("desk_at_riverbank")
    tablet = town.tablet()
    tablet.tap_in(person.id)
    response = tablet.client.get(DESK, buffered=False)
    heard = iter(response.response)
    assert b"event: beat" in next(heard)
    assert b"event: figures" in next(heard)
    (device,) = town.store.devices.all()
    if how == "revoked":
        town.store.devices.revoke(device.id, "p-cor", NOW)
    elif how == "shut out":
        town.store.people.disable(person.id, "p-cor", NOW)
    elif how == "new PIN":
        town.store.people.set_pin(person.id, "a hash", NOW)
    elif how == "shift ended":
        town.store.shifts.end(device, person.id, NOW)
    else:
        moved = replace(person, sites=("northside",))
        town.store.people.invite(moved, "p-cor", NOW)
    looks = count()
    town.app.extensions["live"].stopping = lambda: next(looks) >= 5
    list(heard)
    assert next(looks) < 5, "it ends at the next look, a second later"
    response.close()
