"""The figures of nights: equal to a count that was written differently, kept once, made again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date

import pytest

from dashboard.config import Settings
from dashboard.store import Store

from .by_hand import SOAK, bounded
from .values import DAY, at
from .winter import Winter, expected, written

SEEDS = bounded([7, 8, 9])


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = Store(settings.store_url, "riverbend")
    opened.connection.check()
    yield opened
    opened.connection.close()


def winter_in(store: Store, seed: int = 7, nights: int = 12, sites: int = 6) -> Winter:
    made = Winter(nights, sites, seed)
    written(made, store.connection.client, store.connection.key("events"))
    return made


@pytest.mark.parametrize("seed", SEEDS)
def test_every_figure_is_what_the_raw_entries_say(store: Store, seed: int) -> None:
    size = (200, 30) if SOAK else (12, 6)
    winter = winter_in(store, seed, *size)
    while not store.digests.count(DAY, winter.over):
        pass
    kept = {one.night.isoformat(): one for one in store.digests.kept(store.digests.nights())}
    assert len(kept) == winter.nights
    assert not any("s0" in one.sites for one in kept.values()), "it hides, and is small"
    full = 0
    for (night, site), wanted in expected(winter).items():
        found = asdict(kept[night].sites[site])
        assert {name: found[name] for name in wanted} | {"ages": list(found["ages"])} == wanted
        full += wanted["full"] is not None
    assert full > winter.nights, "nights on which nothing is full prove nothing"


def test_night_by_night_they_are_the_same_as_all_at_once(store: Store) -> None:
    place = store.connection.client, store.connection.key("events")
    there = 0
    for nights in range(1, 5):
        winter = Winter(nights, 4)
        there = written(winter, *place, there)
        assert store.digests.count(DAY, winter.over)
        assert len(store.digests.nights()) == nights
    assert store.digests.wrong(DAY, winter.over) == []


def test_a_long_count_stops_after_a_night_and_goes_on_from_there(store: Store) -> None:
    winter = winter_in(store, nights=4, sites=4)
    while not store.digests.count(DAY, winter.over, most=1):
        assert len(store.digests.nights()) <= winter.nights
    assert len(store.digests.nights()) == winter.nights
    assert store.digests.wrong(DAY, winter.over) == []


def test_a_figure_that_the_entries_do_not_give_is_found(store: Store) -> None:
    winter = winter_in(store, nights=3, sites=4)
    store.digests.count(DAY, winter.over)
    key, client = store.connection.key("digests"), store.connection.client
    text = client.hget(key, "2026-11-02")
    client.hset(key, "2026-11-02", text.replace('"kept":', '"kept":1'))
    assert store.digests.wrong(DAY, winter.over) == ["2026-11-02"]


def test_a_night_that_lasts_is_not_counted_yet(store: Store) -> None:
    winter = winter_in(store, nights=2, sites=3)
    store.digests.count(DAY, at("08:59", 3))
    assert store.digests.nights() == [date(2026, 11, 1)], "a failover may still take it back"
    store.digests.count(DAY, winter.over)
    assert len(store.digests.nights()) == 2


def test_what_was_erased_of_a_site_that_hides_is_not_missed(store: Store) -> None:
    winter = winter_in(store, nights=2, sites=4)
    store.digests.count(DAY, winter.over)
    key, client = store.connection.key("digests"), store.connection.client
    text = client.hget(key, "2026-11-02")
    client.hset(key, "2026-11-02", text.replace('"s1":', '"gone":'))
    assert store.digests.wrong(DAY, winter.over) == ["2026-11-02"]
    assert store.digests.wrong(DAY, winter.over, ["s1", "gone"]) == []
