"""Motel vouchers: nights of an agency, never below zero, and nobody else's to see."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard import create_app
from dashboard.beds import Source
from dashboard.config import Settings
from dashboard.people import Hand
from dashboard.store import Store, TooFew
from dashboard.vouchers import Pool, Turn, VouchersTurned, Why, differing

from .desks import CAST, PROOF, Browser, Town, riverbend, send
from .test_cli import done, flask
from .values import NOW

TEAM = "Street team"
ROOT = Path(__file__).parents[1]
OMAR = Hand("p-out", Source.DESK)


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        yield town


def fill(coordinator: Browser, nights: str, turn: str = "added", key: str = "a-first-key") -> int:
    fields = {"agency": TEAM, "nights": nights, "turn": turn, "why": "bought", "key": key}
    return send(coordinator, "/vouchers/adjust", fields).status_code


def move(browser: Browser, turn: str, nights: str, key: str) -> int:
    fields = {"turn": turn, "nights": nights, "key": key}
    return send(browser, "/vouchers", fields).status_code


def test_a_night_goes_out_and_comes_back_or_is_used(town: Town) -> None:
    coordinator, omar = town.as_("coordinator"), town.as_("outreach")
    assert fill(coordinator, "10") == 200
    assert "Street team 10 nights in hand" in coordinator.words
    assert move(omar, "issued", "4", "key-issued") == 200
    assert move(omar, "issued", "4", "key-issued") == 200, "sent twice it counts once"
    assert move(omar, "returned", "1", "key-returned") == 200
    assert move(omar, "used", "2", "key-used-2") == 200
    assert town.store.vouchers.pool(TEAM) == Pool(TEAM, hand=7, out=1, used=2, returned=1)
    assert "7 nights in hand Issued 4 · returned 1 · used 2 · still out 1" in omar.words


def test_nothing_goes_below_zero_and_says_so(town: Town) -> None:
    coordinator, omar = town.as_("coordinator"), town.as_("outreach")
    fill(coordinator, "2")
    assert move(omar, "issued", "3", "key-three") == 409
    assert "There are fewer nights than that." in omar.words
    assert move(omar, "returned", "1", "key-back-1") == 409
    assert fill(coordinator, "3", "taken", "key-taken") == 409
    assert town.store.vouchers.pool(TEAM) == Pool(TEAM, hand=2)


def test_an_agency_sees_its_own_pool_alone(town: Town) -> None:
    hand = Hand("p-cor", Source.DESK)
    town.store.vouchers.turn("Other agency", Turn.ADDED, 5, hand, "other-key", town.now, Why.BOUGHT)
    omar = town.as_("outreach")
    omar.open("/vouchers")
    assert "Other agency" not in omar.page
    assert "Street team 0 nights in hand" in omar.words
    coordinator = town.as_("coordinator")
    coordinator.open("/vouchers")
    assert "Other agency 5 nights in hand" in coordinator.words
    assert "<option>Other agency</option>" in coordinator.page, "nobody works for it, still its own"


@pytest.mark.parametrize(
    "fields",
    [{"nights": "0"}, {"nights": "-1"}, {"nights": "1000"}, {"nights": "two"}, {"turn": "eaten"}],
)
def test_what_is_no_number_of_nights_changes_none(town: Town, fields: dict[str, str]) -> None:
    given = {"turn": "issued", "nights": "1", "key": "a-key-of-mine"} | fields
    assert send(town.as_("outreach"), "/vouchers", given).status_code == 422
    assert town.store.vouchers.all() == []


def test_an_agency_can_not_add_nights_to_its_own_pool(town: Town) -> None:
    omar = town.as_("outreach")
    assert move(omar, "added", "5", "key-of-a-cheat") == 404
    assert fill(omar, "5") == 404
    assert town.store.vouchers.all() == []


def test_each_turn_is_in_the_record_with_the_reason_before_and_after(town: Town) -> None:
    coordinator = town.as_("coordinator")
    fill(coordinator, "10")
    move(town.as_("outreach"), "issued", "4", "key-issued")
    coordinator.open("/record")
    assert "Motel nights of Street team given out: 4. In hand: 10 → 6" in coordinator.words
    added = "Motel nights added for Street team: 10 (Bought or given). In hand: 0 → 10"
    assert added in coordinator.words
    coordinator.open("/record?about=vouchers&lang=fr")
    assert "(Achetées ou reçues)" in coordinator.words
    assert "10 (Bought or given)" in coordinator.client.get("/record.csv?about=vouchers").text


def test_many_at_once_never_issue_a_night_that_is_not_there(town: Town, settings: Settings) -> None:
    pool = town.store.vouchers
    pool.turn(TEAM, Turn.ADDED, 25, OMAR, "filled", town.now, Why.BOUGHT)

    def worker(number: int) -> int:
        store, issued = Store(settings.store_url, "riverbend"), 0
        for turn in range(20):
            try:
                key = f"key-{number}-{turn}"
                store.vouchers.turn(TEAM, Turn.ISSUED, 1, OMAR, key, town.now)
                issued += 1
            except TooFew:
                assert store.vouchers.pool(TEAM).hand >= 0
        store.connection.close()
        return issued

    with ThreadPoolExecutor(8) as threads:
        issued = sum(threads.map(worker, range(8)))
    assert issued == 25
    assert pool.pool(TEAM) == Pool(TEAM, hand=0, out=25)


# One process that gives out nights until none is left, and says how many it gave.
GIVES_OUT = """
import sys
from datetime import UTC, datetime
from dashboard.beds import Source
from dashboard.people import Hand
from dashboard.store import Store, TooFew
from dashboard.vouchers import Turn
store, issued = Store(sys.argv[1], "riverbend"), 0
try:
    while True:
        hand, key = Hand("p-out", Source.DESK), f"key-{sys.argv[2]}-{issued}"
        store.vouchers.turn("Street team", Turn.ISSUED, 1, hand, key, datetime.now(UTC))
        issued += 1
except TooFew:
    assert store.vouchers.pool("Street team").hand == 0
print(issued)
"""


def test_several_processes_give_out_what_there_is_and_no_night_more(
    town: Town, settings: Settings
) -> None:
    town.store.vouchers.turn(TEAM, Turn.ADDED, 60, OMAR, "filled", town.now, Why.BOUGHT)
    words = [sys.executable, "-c", GIVES_OUT, settings.store_url]
    running = [
        subprocess.Popen([*words, str(one)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for one in range(3)
    ]
    issued = [int(one.communicate()[0]) for one in running]
    assert sum(issued) == 60
    assert town.store.vouchers.pool(TEAM) == Pool(TEAM, hand=0, out=60)
    turned = [one for one in town.store.archive.events() if isinstance(one, VouchersTurned)]
    assert [one.after.hand for one in turned] == [60, *range(59, -1, -1)]
    assert differing(town.store.vouchers.all(), turned) == []


def test_check_compares_each_pool_with_its_entries(town: Town) -> None:
    fill(town.as_("coordinator"), "10")
    move(town.as_("outreach"), "issued", "4", "key-issued")
    assert "The history alone gives" in done(flask(town.app, "check"))
    key, client = town.store.connection.key("vouchers"), town.store.connection.client
    kept = client.hget(key, TEAM)
    for hand in ("7", None):
        if hand:
            client.hset(key, TEAM, str(kept).replace('"hand":6', f'"hand":{hand}'))
        else:
            client.hdel(key, TEAM)
        found = flask(town.app, "check")
        assert found.exit_code == 1
        assert "Street team: motel nights" in found.output


def test_a_pool_that_changed_while_it_was_checked_is_not_called_wrong(town: Town) -> None:
    pools = town.store.vouchers
    pools.turn(TEAM, Turn.ADDED, 5, OMAR, "key-one", town.now, Why.BOUGHT)
    kept = pools.all()
    pools.turn(TEAM, Turn.ISSUED, 1, OMAR, "key-two", town.now)
    turned = [one for one in town.store.archive.events() if isinstance(one, VouchersTurned)]
    assert differing(kept, turned) == []
    assert differing(kept, turned[1:]) == [TEAM]


def test_a_town_that_begins_is_led_on_and_asked_for_nothing_that_is_not_there(
    settings: Settings,
) -> None:
    settings = replace(settings, community="newtown", community_name="Newtown")
    store, person = Store(settings.store_url, settings.community), CAST["coordinator"]
    store.people.welcome(store.people.invite(person, "server", NOW), person, PROOF, NOW)
    town = Town(create_app(settings, clock=lambda: NOW), store)
    coordinator = town.as_("coordinator")
    coordinator.open("/vouchers")
    assert "An agency is here once somebody of it is invited." in coordinator.words
    assert "How many nights" not in coordinator.words
    for path in ("/desk", "/records"):
        coordinator.open(path)
        assert "There is no site yet." in coordinator.words
    town.app.extensions["follower"].stop()
    store.connection.close()
