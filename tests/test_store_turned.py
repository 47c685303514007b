"""Turn-aways, hand-overs and looking back, on a real store of each engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.beds import Source
from dashboard.clock import horizons, last_reset
from dashboard.events import HandedOver, Reported, TurnAwayUndone, TurnedAway
from dashboard.people import Hand
from dashboard.reports import Answer, Outcome, Report, ReportKind
from dashboard.store import Store, miscounted
from dashboard.store.wire import to_ms
from dashboard.turnaways import Tally, TurnAway, TurningAway
from tests.values import DAY, GROUPS, NOW, SITES, WOMEN, at

SAM = Hand("p-river", Source.DESK, "tablet-1")
NOOR = Hand("p-north", Source.DESK)
FULL, PET = TurnAway.FULL, TurnAway.PET
MS = timedelta(milliseconds=1)


@pytest.fixture
def store(redis_url: str) -> Iterator[Store]:
    store = Store(redis_url, "riverbend")
    store.connection.check()
    store.profiles.save(SITES, GROUPS, "test", NOW)
    yield store
    store.connection.close()


def turn(
    store: Store,
    reason: TurnAway = FULL,
    key: str = "k",
    now: datetime = NOW,
    site: str = "riverbank",
    hand: Hand = SAM,
    waited: timedelta = timedelta(0),
) -> Answer:
    turned = TurningAway(reason, now - waited, key)
    return store.turned.turn_away(site, turned, hand, last_reset(now, DAY), now)


def back(
    store: Store,
    made: Answer,
    key: str = "u",
    now: datetime = NOW,
    site: str = "riverbank",
    hand: Hand = SAM,
) -> Outcome:
    return store.turned.turn_back(site, made.version, hand, key, now).outcome


def today(store: Store, now: datetime = NOW, site: str = "riverbank") -> Tally:
    return store.turned.today(site, last_reset(now, DAY), now, store.stream.epoch())


def entries(store: Store) -> list[TurnedAway | TurnAwayUndone]:
    kinds = (TurnedAway, TurnAwayUndone)
    return [event for event in store.stream.events() if isinstance(event, kinds)]


def test_one_is_an_event_with_a_reason_and_nothing_about_anybody(store: Store) -> None:
    assert turn(store).outcome is Outcome.SAVED
    (event,) = entries(store)
    assert isinstance(event, TurnedAway)
    assert (event.site, event.reason, event.who, event.at) == ("riverbank", FULL, "p-river", NOW)
    assert (event.source, event.device) == (Source.DESK, "tablet-1")
    ((_, fields),) = store.connection.client.xrevrange(store.connection.key("events"), count=1)
    assert set(fields) == {"kind", "site", "reason", "observed", "now", "source", "who", "device"}


def test_counts_are_by_site_and_reason_and_end_with_the_day(store: Store) -> None:
    for number, (reason, site) in enumerate(
        [(FULL, "riverbank"), (FULL, "riverbank"), (PET, "riverbank"), (PET, "northside")]
    ):
        turn(store, reason, f"k{number}", site=site)
    assert today(store).counts == {FULL: 2, PET: 1}
    assert today(store).times == 3
    assert today(store, site="northside").counts == {PET: 1}
    assert today(store, site="haven").counts == {}
    assert today(store, at("07:59", 21)).times == 3
    assert today(store, at("08:00", 21)).counts == {}
    turn(store, FULL, "next", at("08:01", 21))
    assert today(store, at("08:02", 21)).counts == {FULL: 1}


def test_the_same_key_counts_once_and_for_another_reason_is_refused(store: Store) -> None:
    first = turn(store)
    again = turn(store)
    assert (again.version, again.repeated) == (first.version, True)
    assert turn(store, PET).outcome is Outcome.KEY_REUSED
    assert turn(store, hand=NOOR).outcome is Outcome.KEY_REUSED
    assert today(store).counts == {FULL: 1}
    assert len(entries(store)) == 1


def test_a_site_that_is_not_there_turns_nobody_away(store: Store) -> None:
    assert turn(store, site="nowhere").outcome is Outcome.NO_GROUP
    assert entries(store) == []


@pytest.mark.parametrize(
    ("later", "outcome"),
    [
        (timedelta(0), Outcome.SAVED),
        (timedelta(seconds=60), Outcome.SAVED),
        (timedelta(seconds=60) + MS, Outcome.TOO_LATE),
        (timedelta(days=1), Outcome.TOO_LATE),
    ],
)
def test_it_can_be_taken_back_for_a_minute_to_the_millisecond(
    store: Store, later: timedelta, outcome: Outcome
) -> None:
    made = turn(store)
    shown = today(store, NOW + later)
    assert (shown.undoes == made.version) is (outcome is Outcome.SAVED)
    assert back(store, made, now=NOW + later) is outcome
    assert today(store).counts == ({} if outcome is Outcome.SAVED else {FULL: 1})


def test_it_is_taken_back_once_whoever_tries_again(store: Store) -> None:
    made = turn(store)
    assert back(store, made) is Outcome.SAVED
    assert back(store, made) is Outcome.SAVED, "the same form: the same answer"
    assert back(store, made, "another") is Outcome.TOO_LATE
    assert today(store).counts == {}
    assert [type(event) for event in entries(store)] == [TurnedAway, TurnAwayUndone]
    undone = entries(store)[1]
    assert isinstance(undone, TurnAwayUndone)
    assert made.version.endswith(undone.undoes)
    assert (undone.reason, undone.device) == (FULL, "tablet-1")


def test_twenty_at_once_take_it_back_once(store: Store) -> None:
    made = turn(store)
    turn(store, FULL, "other")
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda number: back(store, made, f"u{number}"), range(20)))
    assert sorted(found).count(Outcome.SAVED) == 1
    assert today(store).counts == {FULL: 1}


def test_one_that_waited_on_a_device_counts_for_the_day_on_which_it_was(store: Store) -> None:
    early = at("08:20", 21)
    turn(store, FULL, "yesterday", early, waited=timedelta(minutes=30))
    made = turn(store, PET, "today", early, waited=timedelta(minutes=10))
    assert today(store, early).counts == {PET: 1}
    assert [event.observed_at for event in entries(store) if isinstance(event, TurnedAway)] == [
        at("07:50", 21),
        at("08:10", 21),
    ]
    assert today(store, early + timedelta(seconds=60)).undoes == made.version, "since it came"
    assert back(store, made, now=early) is Outcome.SAVED
    assert miscounted(store.turned.kept(), store.stream.events()) == []


def test_another_sites_desk_takes_nothing_back(store: Store) -> None:
    made = turn(store)
    assert back(store, made, site="northside", hand=NOOR) is Outcome.TOO_LATE
    assert today(store).counts == {FULL: 1}


def test_a_colleague_at_the_same_desk_may_take_it_back(store: Store) -> None:
    assert back(store, turn(store), hand=Hand("p-cor", Source.DESK)) is Outcome.SAVED


def test_the_newest_that_can_go_back_is_offered_first(store: Store) -> None:
    first = turn(store, FULL, "a")
    second = turn(store, PET, "b", NOW + timedelta(seconds=20))
    now = NOW + timedelta(seconds=30)
    assert today(store, now).undoes == second.version
    assert (today(store, now).reason, today(store, now).until) == (
        PET,
        NOW + timedelta(seconds=80),
    )
    assert back(store, second, now=now) is Outcome.SAVED
    assert today(store, now).undoes == first.version
    assert today(store, NOW + timedelta(seconds=70)).undoes == ""


def test_one_of_before_the_reset_can_still_go_back_and_todays_stay(store: Store) -> None:
    late, early = at("07:59:40", 21), at("08:00:10", 21)
    made = turn(store, FULL, "a", late)
    turn(store, FULL, "b", early)
    assert back(store, made, now=early) is Outcome.SAVED
    assert today(store, early).counts == {FULL: 1}
    assert miscounted(store.turned.kept(), store.stream.events()) == []


def test_an_old_answer_of_another_epoch_undoes_nothing(store: Store) -> None:
    made = turn(store)
    other = Answer(Outcome.SAVED, f"abcdef0123456789:{made.version.partition(':')[2]}")
    assert back(store, other) is Outcome.TOO_LATE
    with pytest.raises(ValueError, match="a name"):
        TurnAway("a name")


steps = st.lists(
    st.tuples(
        st.sampled_from(["turn", "turn", "back", "again"]),
        st.sampled_from(list(TurnAway)),
        st.sampled_from([0, 0, 1, 20, 59, 61, 3600, 50_000]),  # seconds that pass first
        st.integers(0, 5),
    ),
    max_size=20,
)
communities = iter(range(10**9))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_whatever_happens_the_tally_is_what_the_stream_says(
    redis_url: str, taps: list[tuple[str, TurnAway, int, int]]
) -> None:
    store = Store(redis_url, f"t{next(communities)}")
    store.profiles.save(SITES, GROUPS, "test", NOW)
    now, made = NOW, [Answer(Outcome.SAVED, f"{store.stream.epoch()}:1-1")]
    for number, (act, reason, seconds, which) in enumerate(taps):
        now += timedelta(seconds=seconds)
        chosen = made[-1 - which % len(made)]
        if act == "back":
            back(store, chosen, f"u{number}", now)
        else:
            key = f"k{number}" if act == "turn" else "the-same"
            answer = turn(store, reason, key, now)
            made += [answer] if answer.outcome is Outcome.SAVED else []
    reset = last_reset(now, DAY)
    left = {event.version.entry: event for event in entries(store) if isinstance(event, TurnedAway)}
    for event in entries(store):
        if isinstance(event, TurnAwayUndone):
            del left[event.undoes]  # each once
    told = [event.reason for event in left.values() if event.at >= reset]
    assert today(store, now).counts == {one: told.count(one) for one in TurnAway if one in told}
    assert miscounted(store.turned.kept(), store.stream.events()) == []
    store.connection.close()


def test_a_tally_that_differs_from_the_stream_is_named(store: Store) -> None:
    turn(store)
    key = store.connection.key("turned")
    kept = json.loads(store.connection.client.hget(key, "riverbank") or "")
    kept["counts"]["full"] = 7
    store.connection.client.hset(key, "riverbank", json.dumps(kept))
    assert miscounted(store.turned.kept(), store.stream.events()) == ["riverbank"]


def test_a_hand_over_is_an_entry_once_per_key(store: Store) -> None:
    for _ in range(2):
        assert store.turned.hand_over("riverbank", SAM, "h", NOW).outcome is Outcome.SAVED
    assert store.turned.hand_over("northside", SAM, "h", NOW).outcome is Outcome.KEY_REUSED
    (event,) = [one for one in store.stream.events() if isinstance(one, HandedOver)]
    assert (event.site, event.who, event.at, event.device) == (
        "riverbank",
        "p-river",
        NOW,
        "tablet-1",
    )


def report(store: Store, number: int, now: datetime, group: str = "women") -> None:
    place = ("riverbank", group)
    told = Report(*place, ReportKind.CHANGE, number, now, Source.DESK, "p-river", f"r{number}{now}")
    store.reports.report(told, horizons(now, DAY), now)


def test_looking_back_is_newest_first_of_one_site_only(store: Store) -> None:
    report(store, 5, NOW)
    turn(store, site="northside")
    turn(store, key="mine")
    report(store, 4, NOW + timedelta(minutes=1))
    found = list(store.stream.back("riverbank", NOW - timedelta(days=1)))
    assert [type(event).__name__ for event in found[:3]] == ["Reported", "TurnedAway", "Reported"]
    assert not [event for event in found if getattr(event, "site", "") == "northside"]
    assert WOMEN.site == "riverbank"


def test_looking_back_ends_at_its_moment_and_reads_no_more_than_it_must(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.store.stream.CHUNK", 10)
    for number in range(45):
        report(store, number, NOW + timedelta(minutes=number))
    asked: list[str] = []
    client = store.connection.client
    plainly = client.xrevrange
    monkeypatch.setattr(client, "xrevrange", lambda *given: asked.append("") or plainly(*given))
    told = store.stream.back("riverbank", NOW - timedelta(days=1))
    values = [event.value for event in islice(told, 12) if isinstance(event, Reported)]
    assert values == list(range(44, 32, -1))
    assert len(asked) == 2
    since = NOW + timedelta(minutes=40)
    assert len(list(store.stream.back("riverbank", since))) == 5
    assert len(list(store.stream.back("riverbank", NOW - timedelta(days=1), most=20))) == 20
    assert len(list(store.stream.back("riverbank", NOW))) == 45 + 1 + 2, "and how it was set up"


def test_an_entry_of_a_later_version_is_passed_over(store: Store) -> None:
    report(store, 5, NOW)
    key, now = store.connection.key("events"), str(to_ms(NOW))
    store.connection.client.xadd(key, {"kind": "unheard-of", "site": "riverbank", "now": now})
    store.connection.client.xadd(key, {"kind": "odd", "words": "riverbank"})
    found = next(store.stream.back("riverbank", NOW - timedelta(days=1)))
    assert isinstance(found, Reported)
