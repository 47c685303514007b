"""Areas and minutes in the store: what coordinators edit at once, and what the stream learns."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest

from dashboard.events import Noted
from dashboard.store import Store
from dashboard.travel import Leg, Travel, pair

from .values import NOW

NORTH, SOUTH, HILL = "North Shore", "South Shore", "Côte d'Or"
ACROSS = pair(NORTH, SOUTH)


@pytest.fixture
def store(redis_url: str) -> Iterator[Store]:
    store = Store(redis_url, "riverbend")
    yield store
    store.connection.close()


def test_what_was_saved_is_there_in_order(store: Store) -> None:
    assert store.areas.travel() == Travel()
    store.areas.save([SOUTH, NORTH, HILL], {ACROSS: Leg(40, 12)}, "p-cor", NOW)
    store.areas.save([], {pair(HILL, HILL): Leg(drive=0)}, "p-cor", NOW)
    found = store.areas.travel()
    assert found.areas == (HILL, NORTH, SOUTH)
    assert found.legs == {ACROSS: Leg(40, 12), (HILL, HILL): Leg(None, 0)}


def test_two_who_edit_different_pairs_undo_nothing(store: Store) -> None:
    store.areas.save([NORTH, SOUTH, HILL], {}, "p-cor", NOW)
    store.areas.save([], {ACROSS: Leg(40)}, "p-cor", NOW)
    store.areas.save([], {pair(HILL, NORTH): Leg(20)}, "p-two", NOW)
    store.areas.save([], {ACROSS: Leg()}, "p-cor", NOW)
    assert store.areas.travel().legs == {pair(HILL, NORTH): Leg(20)}


def test_an_area_goes_with_every_leg_that_leads_there(store: Store) -> None:
    legs = {ACROSS: Leg(40), pair(HILL, NORTH): Leg(20), pair(HILL, HILL): Leg(5)}
    store.areas.save([NORTH, SOUTH, HILL], legs, "p-cor", NOW)
    store.areas.remove(NORTH, "p-cor", NOW)
    assert store.areas.travel() == Travel((HILL, SOUTH), {(HILL, HILL): Leg(5)})


def test_the_stream_says_that_areas_changed_and_by_whom_and_no_more(store: Store) -> None:
    store.areas.save([NORTH], {}, "p-cor", NOW)
    store.areas.save([], {}, "p-cor", NOW)  # nothing: no entry
    store.areas.remove(NORTH, "p-cor", NOW)
    told = list(store.stream.events())
    assert [(one.act, one.about, one.who) for one in told if isinstance(one, Noted)] == [
        ("areas-saved", "", "p-cor"),
        ("area-removed", "", "p-cor"),
    ]


def test_a_community_that_moves_takes_its_areas_along(store: Store, redis_url: str) -> None:
    store.areas.save([NORTH, SOUTH], {ACROSS: Leg(40, 12)}, "p-cor", NOW)
    dump = "\n".join(store.dump.lines(NOW)).encode() + b"\n"
    other = Store(redis_url, "elsewhere")
    other.dump.load(BytesIO(dump))
    assert other.areas.travel() == store.areas.travel()
    other.connection.close()
