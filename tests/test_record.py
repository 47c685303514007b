"""The record: how often a number was right, by its age; nobody counts twice, below 20 nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.beds import Source
from dashboard.clock import horizons
from dashboard.config import Settings
from dashboard.people import Hand
from dashboard.record import LEAST, Age, Record, Tally, counted, told
from dashboard.reports import Outcome, ReportKind
from dashboard.store import Grip, Store, Undo, differences
from dashboard.visits import Found

from .by_hand import SOAK
from .desks import Town, riverbend
from .test_visits import FULL, GOT_IN, MINUTE, say, store, visit
from .values import DAY, GROUPS, NOW, SITES, VAN, WOMEN, hold

__all__ = ["store"]
DESK = Hand("p-river", Source.DESK)
communities = count()


def kept(store: Store) -> Record:
    """Riverbank's, which the stream alone gives in the same way."""
    found, rebuilt = store.stream.snapshot(DAY), store.stream.rebuilt(DAY)
    assert differences(found, rebuilt, NOW) == []
    return found.sites["riverbank"].record


@pytest.mark.parametrize(
    ("minutes", "open_", "found", "case"),
    [
        (30, 2, GOT_IN, "door:30:right"),
        (31, 2, GOT_IN, "door:60:right"),
        (60, 2, FULL, "door:60:wrong"),
        (61, 0, FULL, "door:180:right"),
        (180, 0, GOT_IN, "door:180:wrong"),
        (181, 2, FULL, ""),
        (20, 2, Found.REFUSED, ""),
        (20, 2, Found.NO_ANSWER, ""),
    ],
)
def test_a_visit_is_a_case_of_the_numbers_age(
    store: Store, minutes: int, open_: int, found: Found, case: str
) -> None:
    say(store, open_)
    visit(store, found, NOW + minutes * MINUTE)
    assert kept(store) == ({case: 1} if case else {})


@pytest.mark.parametrize(
    ("minutes", "then", "kind", "case"),
    [
        (15, 2, ReportKind.CONFIRM, "desk:30:right"),
        (60, 2, ReportKind.CHANGE, "desk:60:right"),
        (61, 3, ReportKind.CHANGE, "desk:180:wrong"),
        (40, 0, ReportKind.FULL, "desk:60:wrong"),
        (14, 5, ReportKind.CHANGE, ""),
        (40, 1, ReportKind.ADJUST, ""),
        (181, 2, ReportKind.CHANGE, ""),
    ],
)
def test_counting_again_is_a_case_too(
    store: Store, minutes: int, then: int, kind: ReportKind, case: str
) -> None:
    say(store, 2)
    say(store, then, NOW + minutes * MINUTE, kind=kind)
    assert kept(store) == ({case: 1} if case else {})


def test_a_machine_tests_no_number(store: Store) -> None:
    say(store, 2)
    say(store, 3, NOW + 40 * MINUTE, source=Source.API)
    assert kept(store) == {}


def test_what_is_taken_back_never_was_a_case(store: Store) -> None:
    say(store, 2)
    made = say(store, 3, NOW + 40 * MINUTE)
    assert kept(store) == {"desk:60:wrong": 1}
    store.reports.undo(Undo("riverbank", "women", made.version, DESK, "back"), NOW + 41 * MINUTE)
    assert kept(store) == {}
    say(store, 2, NOW + 42 * MINUTE)
    assert kept(store) == {"desk:60:right": 1}


def test_an_agencys_word_about_the_same_number_counts_once(store: Store) -> None:
    say(store, 2)
    for minute in (20, 25, 28):
        visit(store, GOT_IN, NOW + minute * MINUTE)
    visit(store, GOT_IN, NOW + 29 * MINUTE, agency="Shuttle")
    assert kept(store) == {"door:30:right": 2}
    say(store, 2, NOW + 29 * MINUTE)
    visit(store, GOT_IN, NOW + 30 * MINUTE)
    assert kept(store)["door:30:right"] == 3


def test_an_agencys_word_counts_once_for_each_age_of_the_number(store: Store) -> None:
    say(store, 2)
    for minute in (20, 70, 150):  # more than an hour apart, and two of them of one age
        visit(store, GOT_IN, NOW + minute * MINUTE)
    assert kept(store) == {"door:30:right": 1, "door:180:right": 1}
    visit(store, FULL, NOW + 170 * MINUTE, agency="Shuttle")
    assert kept(store) == {"door:30:right": 1, "door:180:right": 1, "door:180:wrong": 1}


def test_once_a_number_is_disputed_no_word_counts_for_it_or_against_it(store: Store) -> None:
    say(store, 2)
    for agency in ("Street team", "Shuttle", "Clinic"):
        visit(store, FULL, NOW + 20 * MINUTE, agency=agency)
    visit(store, GOT_IN, NOW + 25 * MINUTE, agency="Night van")
    assert kept(store) == {"door:30:wrong": 1}


def test_where_the_desk_says_still_right_both_words_stand(store: Store) -> None:
    say(store, 2)
    visit(store, FULL, NOW + 10 * MINUTE)
    say(store, 2, NOW + 11 * MINUTE, kind=ReportKind.CONFIRM)
    assert kept(store) == {"door:30:wrong": 1, "door:30:contested": 1}


def test_whoever_disputes_it_next_the_desks_word_counts_once(store: Store) -> None:
    say(store, 2)
    visit(store, FULL, NOW + 10 * MINUTE)
    visit(store, FULL, NOW + 11 * MINUTE, agency="Shuttle")
    say(store, 2, NOW + 12 * MINUTE, kind=ReportKind.CONFIRM)
    say(store, 2, NOW + 13 * MINUTE, kind=ReportKind.CONFIRM)
    assert kept(store) == {"door:30:wrong": 1, "door:30:contested": 1}


def test_taking_an_arrival_back_takes_no_case_back(store: Store) -> None:
    now = NOW + 40 * MINUTE
    say(store, 2)
    say(store, 3, now)
    store.holds.keep(hold("h-1", WOMEN, now), horizons(now, DAY), VAN)
    grip = Grip("h-1", DESK, "tap", site="riverbank")
    made = store.holds.arrive(grip, now, horizons(now, DAY), now)
    (arrived,) = [e for e in store.stream.events() if getattr(e, "kind", "") == "arrived"]
    undo = Undo("riverbank", "women", str(arrived.version), DESK, "back")
    assert (made.outcome, store.reports.undo(undo, now).outcome) == (Outcome.SAVED,) * 2
    assert kept(store) == {"desk:60:wrong": 1}


def test_another_server_has_the_same_disputes_and_record(store: Store, redis_url: str) -> None:
    say(store, 2)
    visit(store, FULL, NOW + 10 * MINUTE)
    lines = "".join(f"{line}\n" for line in store.dump.lines(NOW))
    moved = Store(redis_url, "elsewhere")
    moved.dump.load(BytesIO(lines.encode()))
    here, there = (one.stream.snapshot(DAY).sites["riverbank"] for one in (store, moved))
    assert (there.record, there.groups) == (here.record, here.groups)
    assert kept(moved) == {"door:30:wrong": 1}
    moved.connection.close()


def test_below_twenty_cases_nothing_is_told() -> None:
    few = {"door:30:right": LEAST - 2, "door:30:wrong": 1, "door:30:contested": 1}
    assert told(few) == []
    assert told(counted(few, ["door:30:right", "desk:60:right"])) == [
        Age(0, 30, Tally(LEAST - 1, LEAST, 1), None)
    ]
    assert counted({"a": 1}, ["-a", "b"]) == {"b": 1}


taps = st.lists(
    st.tuples(
        st.sampled_from(["count", "count", "confirm", "adjust", "undo", "visit", "visit", "api"]),
        st.integers(0, 2),
        st.sampled_from([0, 0, 1, 9, 14, 16, 59, 70, 900]),  # minutes that pass first
        st.sampled_from([0, 0, 0, 5, 30]),  # minutes that it waited
        st.sampled_from([FULL, GOT_IN]),
    ),
    max_size=14,
)


@settings(
    max_examples=400 if SOAK else 20, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(taps)
def test_whatever_happens_the_stream_alone_gives_record_and_disputes(
    redis_url: str, taps: list[tuple[str, int, int, int, Found]]
) -> None:
    store = Store(redis_url, f"r{next(communities)}")
    store.profiles.save(SITES, GROUPS, "test", NOW)
    now, last = NOW, ""
    for number, (act, open_, minutes, waited, found) in enumerate(taps):
        now += minutes * MINUTE
        last = _do(store, act, open_, now, waited * MINUTE, found, last, number) or last
        record = kept(store)
        assert all(times > 0 for times in record.values())
        for case in [case for case in record if case.endswith("contested")]:
            assert record[case] <= record[case.replace("contested", "wrong")]
    store.connection.close()


def _do(
    store: Store,
    act: str,
    open_: int,
    now: datetime,
    waited: timedelta,
    found: Found,
    last: str,
    number: int,
) -> str:
    if act == "visit":
        agency = ("Street team", "Shuttle")[open_ % 2]
        visit(store, found, now, agency=agency, waited=waited, key=f"v{number}")
        return ""
    if act == "undo":
        if last:
            store.reports.undo(Undo("riverbank", "women", last, DESK, f"u{number}"), now)
        return ""
    kinds = {"confirm": ReportKind.CONFIRM, "adjust": ReportKind.ADJUST}
    source = Source.API if act == "api" else Source.DESK
    kind = kinds.get(act, ReportKind.CHANGE)
    answer = say(store, open_, now, kind=kind, waited=waited, source=source)
    return answer.version if answer.outcome is Outcome.SAVED else ""


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    """19 visits found Riverbank's young numbers right, and one did not."""
    with riverbend(settings) as town:
        record = town.store.connection.key("record")
        town.store.connection.client.hset(
            record,
            mapping={
                "riverbank/door:30:right": 17,
                "riverbank/door:30:wrong": 3,
                "riverbank/door:30:contested": 2,
                "riverbank/desk:60:right": 19,
                "haven/door:30:right": 30,
            },
        )
        town.caught_up()
        yield town


def test_the_record_is_on_the_sites_own_page_in_both_languages(town: Town) -> None:
    visitor = town.as_("visitor")
    visitor.open("/sites/riverbank")
    assert "up to 30 min right 17 of 20 times 2 more were right by the word" in visitor.words
    assert "too few cases" in visitor.words
    assert "30 min to 1 h" not in visitor.words, "19 cases are too few"
    visitor.open("/sites/riverbank?lang=fr")
    assert "juste 17 fois sur 20" in visitor.words
    visitor.open("/sites/northside")
    assert "How often the number was right" not in visitor.words


@pytest.mark.parametrize(
    ("name", "status", "hidden"),
    [
        ("outreach", 200, False),
        ("coordinator", 200, True),
        ("desk_at_riverbank", 404, False),
        ("caller", 404, False),
    ],
)
def test_who_sends_people_and_who_coordinates_see_every_record(
    town: Town, name: str, status: int, hidden: bool
) -> None:
    browser = town.as_(name)
    assert browser.open("/records").status_code == status
    assert ("right 17 of 20 times" in browser.words) is (status == 200)
    assert ("Haven" in browser.words) is hidden


def test_signed_out_nobody_reads_the_records_page(town: Town) -> None:
    answer = town.as_("visitor").open("/records", follow=False)
    assert answer.status_code == 303


def test_the_check_names_a_site_whose_record_is_not_what_the_stream_says(town: Town) -> None:
    said = town.app.test_cli_runner().invoke(args=["check"])
    assert said.exit_code == 1
    assert "riverbank" in said.output
