"""Alerts in a real store: one script for each act, whoever else acts at the same moment."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard.alerts import Act, AlertSaid, Cold, Ending, Issued, Outcome
from dashboard.coldnights import Night, NightLogged, differing
from dashboard.config import Settings
from dashboard.store import Store, differences

from .test_alerts import issued
from .values import DAY, NOW, at


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    found = Store(settings.store_url, "riverbend")
    found.connection.check()
    yield found
    found.connection.close()


def issue(store: Store, alert: Issued, key: str = "key-1"):  # type: ignore[no-untyped-def]
    return store.alerts.issue(alert, "typed", key, NOW)


def standing(store: Store) -> tuple[Issued, ...]:
    found = store.stream.snapshot(DAY).alerts
    assert found == store.stream.rebuilt(DAY).alerts
    return found  # type: ignore[return-value]


def test_an_alert_stands_as_it_was_issued(store: Store) -> None:
    answer = issue(store, issued(area="North Shore"))
    assert answer.outcome is Outcome.SAVED
    (kept,) = standing(store)
    assert kept == issued(area="North Shore", version=answer.version.partition(":")[2])


def test_the_same_form_counts_once_and_another_with_its_key_is_refused(store: Store) -> None:
    first = issue(store, issued())
    assert issue(store, replace(issued(), id="a-2", since=NOW + timedelta(seconds=9))) == first
    assert issue(store, issued(cold=Cold.SNOW)).outcome is Outcome.KEY_REUSED
    assert len(standing(store)) == 1


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({}, Outcome.CLASH),
        ({"area": "North Shore"}, Outcome.CLASH),
        ({"cold": Cold.SNOW}, Outcome.SAVED),
        ({"since": at("08:00", 21), "until": at("08:00", 22)}, Outcome.SAVED),
    ],
)
def test_two_of_a_kind_are_never_on_in_one_place(
    store: Store, more: dict[str, object], outcome: Outcome
) -> None:
    issue(store, issued())
    answer = issue(store, issued(**({"id": "a-2"} | more)), "key-2")  # type: ignore[arg-type]
    assert answer.outcome is outcome
    if outcome is Outcome.CLASH:
        assert answer.alert
        assert answer.alert.id == "a-1"


def test_of_many_who_issue_at_once_one_does(store: Store) -> None:
    def run(number: int) -> Outcome:
        answer = issue(store, issued(id=f"a-{number}"), f"key-{number}")
        found: Outcome = answer.outcome
        return found

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(run, range(24)))
    assert sorted(outcomes) == [Outcome.CLASH] * 23 + [Outcome.SAVED]
    assert len(standing(store)) == 1


def test_of_two_who_change_at_once_one_does_and_the_other_is_told(store: Store) -> None:
    seen = issue(store, issued()).version.partition(":")[2]

    def run(number: int) -> Outcome:
        until = at("08:00", 22) + timedelta(minutes=number)
        hand = (seen, f"p-{number}", f"key-of-{number}", NOW)
        if number % 2:
            return store.alerts.extend("a-1", until, *hand).outcome
        return store.alerts.cancel("a-1", Ending.WARMER, *hand).outcome

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(run, range(12)))
    assert outcomes.count(Outcome.SAVED) == 1
    assert set(outcomes) <= {Outcome.SAVED, Outcome.CHANGED, Outcome.OVER}
    acts = [one for one in store.stream.events() if isinstance(one, AlertSaid)]
    assert [one.act for one in acts][:1] == [Act.ISSUED]
    assert len(acts) == 2
    assert acts[1].before == acts[0].alert


def test_what_is_over_or_unknown_can_t_be_changed(store: Store) -> None:
    seen = issue(store, issued()).version.partition(":")[2]
    hand = (seen, "p-cor", "key-2", at("08:00", 21))
    assert store.alerts.cancel("a-1", Ending.WARMER, *hand).outcome is Outcome.OVER
    assert store.alerts.extend("a-1", at("09:00", 22), *hand).outcome is Outcome.OVER
    assert store.alerts.cancel("a-9", Ending.WARMER, *hand).outcome is Outcome.UNKNOWN
    early = (seen, "p-cor", "key-3", NOW)
    assert store.alerts.extend("a-1", at("07:00", 21), *early).outcome is Outcome.CHANGED


def test_one_that_is_cancelled_before_it_begins_was_never_on(store: Store) -> None:
    seen = issue(store, issued(since=at("18:00"))).version.partition(":")[2]
    store.alerts.cancel("a-1", Ending.MISTAKE, seen, "p-cor", "key-2", NOW)
    (kept,) = standing(store)
    assert kept.since == kept.until == at("18:00")
    assert kept.cancelled is Ending.MISTAKE


def test_a_night_is_mended_by_an_entry_that_names_what_stood(store: Store) -> None:
    night = Night(NOW.date(), low=-20, sheltered=4, who="p-cor", at=NOW)
    first = store.alerts.log(night, "", "key-1", NOW)
    assert store.alerts.log(night, "", "key-2", NOW).outcome is Outcome.CHANGED
    seen = first.version.partition(":")[2]
    store.alerts.log(replace(night, sheltered=5), seen, "key-3", NOW)
    told = [one for one in store.stream.events() if isinstance(one, NightLogged)]
    assert [(one.night.sheltered, one.before and one.before.sheltered) for one in told] == [
        (4, None),
        (5, 4),
    ]
    assert [one.sheltered for one in store.alerts.nights()] == [5]


def test_a_night_that_was_tampered_with_is_found_by_the_check(store: Store) -> None:
    night = Night(NOW.date(), low=-20, who="p-cor", at=NOW)
    store.alerts.log(night, "", "key-1", NOW)
    told = [one for one in store.stream.events() if isinstance(one, NightLogged)]
    (kept,) = store.alerts.nights()
    assert differing([kept], told) == []
    assert differing([replace(kept, low=-1)], told) == [night.date]
    assert differing([], told) == [night.date]


def test_a_lost_alert_is_found_by_the_check(store: Store) -> None:
    issue(store, issued())
    rebuilt = store.stream.rebuilt(DAY)
    store.connection.client.delete(store.connection.key("alerts"))
    assert differences(store.stream.snapshot(DAY), rebuilt, NOW) == ["alerts"]
