"""Visits: what somebody found at the door disputes a figure, until the desk says a number anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from dashboard.beds import Figure, HoldEnd, Source
from dashboard.clock import horizons
from dashboard.events import Visited
from dashboard.people import Hand
from dashboard.reports import Answer, Outcome, Report, ReportKind
from dashboard.store import Grip, Store, Undo, differences
from dashboard.turnaways import TurnAway
from dashboard.visits import MOST, Dispute, Found, Visit

from .values import DAY, GROUPS, NOW, SITES, WOMEN, at, hold

MINUTE = timedelta(minutes=1)
OMAR = Hand("p-out", Source.OUTREACH)
FULL, GOT_IN = Found.WAS_FULL, Found.GOT_IN


@pytest.fixture
def store(redis_url: str) -> Iterator[Store]:
    store = Store(redis_url, "riverbend")
    store.profiles.save(SITES, GROUPS, "test", NOW)
    yield store
    store.connection.close()


def say(
    store: Store,
    open_: int,
    now: datetime = NOW,
    *,
    kind: ReportKind = ReportKind.CHANGE,
    waited: timedelta = timedelta(0),
    source: Source = Source.DESK,
) -> Answer:
    """A report about the women's beds."""
    place = ("riverbank", "women", kind, open_, now - waited, source, "p-river")
    key = f"{kind}-{open_}-{now}-{waited}-{source}"
    return store.reports.report(Report(*place, key), horizons(now, DAY), now)


def visit(
    store: Store,
    found: Found,
    now: datetime = NOW,
    *,
    agency: str = "Street team",
    waited: timedelta = timedelta(0),
    promised: bool = True,
    key: str = "",
) -> Answer:
    reason = TurnAway.PET if found is Found.REFUSED else None
    key = key or f"{found}-{now}-{agency}-{waited}"
    told = Visit("riverbank", "women", agency, found, now - waited, promised, key, reason)
    return store.visits.tell(told, horizons(now, DAY), OMAR, now)


def figure(store: Store) -> Figure:
    """The women's beds, which the stream alone tells in the same way."""
    kept, rebuilt = store.stream.snapshot(DAY), store.stream.rebuilt(DAY)
    assert differences(kept, rebuilt, NOW) == []
    state = kept.sites["riverbank"].group("women")
    assert state
    assert state.figure
    return state.figure


def disputed(store: Store) -> datetime | None:
    found = figure(store).disputed
    return found.at if found else None


def entries(store: Store) -> list[Visited]:
    return [event for event in store.stream.events() if isinstance(event, Visited)]


@pytest.mark.parametrize(
    ("open_", "found", "disputes"),
    [
        (2, FULL, True),
        (2, GOT_IN, False),
        (0, GOT_IN, True),
        (0, FULL, False),
        (2, Found.REFUSED, False),
        (2, Found.NO_ANSWER, False),
    ],
)
def test_only_what_contradicts_the_number_disputes_it(
    store: Store, open_: int, found: Found, disputes: bool
) -> None:
    say(store, open_)
    before, later = figure(store), NOW + 28 * MINUTE
    assert visit(store, found, later).outcome is Outcome.SAVED
    said = Dispute(later, found, "Street team") if disputes else None
    assert figure(store) == replace(before, disputed=said), "no younger, no older, no other number"
    (told,) = entries(store)
    assert (told.found, told.disputes, told.shown) == (found, disputes, open_)
    assert (told.agency, told.who, told.source) == ("Street team", "p-out", Source.OUTREACH)


LATER = NOW + 28 * MINUTE


@pytest.fixture
def contested(store: Store) -> Store:
    """2 women's beds at 4:12 pm, and full at 4:40 pm."""
    say(store, 2)
    visit(store, FULL, LATER)
    assert disputed(store) == LATER
    return store


@pytest.mark.parametrize(
    ("kind", "open_"),
    [(ReportKind.CONFIRM, 2), (ReportKind.CHANGE, 2), (ReportKind.CHANGE, 5), (ReportKind.FULL, 0)],
)
def test_what_the_desk_says_of_a_later_moment_ends_it(
    contested: Store, kind: ReportKind, open_: int
) -> None:
    assert say(contested, open_, LATER + MINUTE, kind=kind).outcome is Outcome.SAVED
    assert disputed(contested) is None


def test_a_caller_who_asked_the_desk_ends_it(contested: Store) -> None:
    say(contested, 2, LATER + MINUTE, kind=ReportKind.CONFIRM, source=Source.PHONE)
    assert disputed(contested) is None


@pytest.mark.parametrize("seconds", [0, 1, 600])
def test_what_was_counted_before_it_and_sent_later_does_not_end_it(
    contested: Store, seconds: int
) -> None:
    sent = LATER + 20 * MINUTE
    waited = sent - LATER + timedelta(seconds=seconds)
    assert say(contested, 3, sent, waited=waited).outcome is Outcome.SAVED
    assert (figure(contested).open, disputed(contested)) == (3, LATER)


def test_one_more_or_one_fewer_is_no_answer_to_it(contested: Store) -> None:
    assert say(contested, -1, LATER + MINUTE, kind=ReportKind.ADJUST).outcome is Outcome.SAVED
    assert (figure(contested).open, disputed(contested)) == (1, LATER)


def test_a_machine_ends_it_by_another_number_and_not_by_the_same(contested: Store) -> None:
    say(contested, 2, LATER + MINUTE, source=Source.API)
    assert disputed(contested) == LATER
    say(contested, 1, LATER + 2 * MINUTE, source=Source.API)
    assert disputed(contested) is None


def test_it_dies_with_the_figure_at_the_reset(contested: Store) -> None:
    tomorrow = at("08:30", 21)
    say(contested, 2, tomorrow)
    assert disputed(contested) is None


@pytest.mark.parametrize("newest", [2, 4])
def test_taking_back_the_answer_brings_it_back(contested: Store, newest: int) -> None:
    made = say(contested, newest, LATER + MINUTE)
    hand = Hand("p-river", Source.DESK)
    undo = Undo("riverbank", "women", made.version, hand, "undo-key")
    assert contested.reports.undo(undo, LATER + 2 * MINUTE).outcome is Outcome.SAVED
    assert (figure(contested).open, disputed(contested)) == (2, LATER)


def test_taking_back_a_disputed_report_takes_nothing_back_that_was_found(store: Store) -> None:
    say(store, 1, NOW - 30 * MINUTE)
    made = say(store, 2)
    visit(store, FULL, LATER)
    undo = Undo("riverbank", "women", made.version, Hand("p-river", Source.DESK), "undo-key")
    assert store.reports.undo(undo, LATER + MINUTE).outcome is Outcome.SAVED
    assert (figure(store).open, disputed(store)) == (1, LATER)


def test_who_arrives_for_a_kept_bed_leaves_it_standing(store: Store) -> None:
    say(store, 2)
    store.holds.keep(hold("h-1", WOMEN, NOW), horizons(NOW, DAY), OMAR)
    visit(store, FULL, LATER)
    grip = Grip("h-1", Hand("p-river", Source.DESK), "tap", site="riverbank")
    now = LATER + MINUTE
    assert store.holds.arrive(grip, now, horizons(now, DAY), now).outcome is Outcome.SAVED
    assert (figure(store).open, disputed(store)) == (1, LATER)


def test_the_newer_of_two_contradictions_counts(contested: Store) -> None:
    visit(contested, FULL, LATER + 9 * MINUTE, agency="Shuttle")
    assert disputed(contested) == LATER + 9 * MINUTE
    visit(contested, FULL, LATER + 12 * MINUTE, agency="Clinic", waited=10 * MINUTE)
    assert disputed(contested) == LATER + 9 * MINUTE


def test_a_figure_that_is_newer_than_the_visit_is_not_touched(store: Store) -> None:
    say(store, 2)
    visit(store, FULL, NOW + MINUTE, waited=2 * MINUTE)
    assert disputed(store) is None


@pytest.mark.parametrize(("first", "then", "found"), [(1, 0, GOT_IN), (0, 2, FULL)])
def test_a_bed_that_came_or_went_on_the_way_is_no_contradiction(
    store: Store, first: int, then: int, found: Found
) -> None:
    say(store, first, NOW - 30 * MINUTE)
    say(store, then)
    visit(store, found, NOW + 9 * MINUTE)
    assert disputed(store) is None
    visit(store, found, NOW + 11 * MINUTE)
    assert disputed(store) == NOW + 11 * MINUTE


def test_what_was_counted_before_the_reset_excuses_nothing(store: Store) -> None:
    morning = at("08:02", 21)
    say(store, 0, at("07:50", 21))
    say(store, 2, morning)
    visit(store, FULL, morning + 3 * MINUTE)
    assert disputed(store) == morning + 3 * MINUTE


@pytest.mark.parametrize("promised", [True, False])
def test_where_the_board_gave_no_number_nothing_is_disputed(store: Store, promised: bool) -> None:
    visit(store, FULL, promised=promised)
    say(store, 2)
    late = NOW + 4 * 60 * MINUTE if promised else LATER
    visit(store, FULL, late, promised=promised)
    assert disputed(store) is None
    assert [one.shown for one in entries(store)] == [None, None]


def test_a_bed_that_is_kept_for_others_was_not_promised(store: Store) -> None:
    say(store, 1)
    store.holds.keep(hold("h-1", WOMEN, NOW), horizons(NOW, DAY), OMAR)
    visit(store, FULL, LATER)
    assert disputed(store) is None
    visit(store, GOT_IN, LATER + MINUTE, agency="Shuttle")
    assert disputed(store) is None, "it may have been the kept one"
    visit(store, FULL, LATER + MINUTE, agency="van")
    assert disputed(store) == LATER + MINUTE, "and that agency was promised one"


@pytest.mark.parametrize(("minutes", "disputes"), [(9, False), (10, True)])
def test_a_bed_that_was_kept_for_others_until_a_moment_ago_was_not_promised_either(
    store: Store, minutes: int, disputes: bool
) -> None:
    say(store, 1)
    store.holds.keep(hold("h-1", WOMEN, NOW), horizons(NOW, DAY), OMAR)
    grip = Grip("h-1", OMAR, "no-more", agency=hold("h-1", WOMEN, NOW).agency)
    store.holds.end(grip, HoldEnd.RELEASED, LATER)
    visit(store, FULL, LATER + minutes * MINUTE, agency="Shuttle")
    assert disputed(store) == (LATER + minutes * MINUTE if disputes else None)


def test_a_bed_that_the_desk_took_back_was_promised_to_nobody_else(store: Store) -> None:
    say(store, 2, NOW - 30 * MINUTE)
    store.holds.keep(hold("h-1", WOMEN, NOW), horizons(NOW, DAY), OMAR)
    place = ("riverbank", "women", ReportKind.CHANGE, 0, LATER, Source.DESK, "p-river")
    fewer = Report(*place, "fewer", minds_held=True, ending=("h-1",))
    assert store.reports.report(fewer, horizons(LATER, DAY), LATER).kept
    for minute in (1, 2):
        say(store, 1, LATER + minute * MINUTE)
    visit(store, FULL, LATER + 5 * MINUTE, agency="Shuttle")
    assert disputed(store) == LATER + 5 * MINUTE


def test_an_agency_disputes_the_same_beds_once_an_hour(contested: Store) -> None:
    say(contested, 2, LATER + MINUTE)
    visit(contested, FULL, LATER + 30 * MINUTE)
    assert disputed(contested) is None
    visit(contested, FULL, LATER + 31 * MINUTE, agency="Shuttle")
    assert disputed(contested) == LATER + 31 * MINUTE
    say(contested, 2, LATER + 32 * MINUTE)
    visit(contested, FULL, LATER + 62 * MINUTE)
    assert disputed(contested) == LATER + 62 * MINUTE
    assert [one.disputes for one in entries(contested)] == [True, False, True, True]


def test_an_agency_tells_of_a_site_six_times_an_hour_and_no_more(store: Store) -> None:
    told = [visit(store, Found.NO_ANSWER, NOW + n * MINUTE).outcome for n in range(MOST + 1)]
    assert told == [Outcome.SAVED] * MOST + [Outcome.TOO_OFTEN]
    other = visit(store, Found.NO_ANSWER, NOW + 7 * MINUTE, agency="Shuttle")
    assert other.outcome is Outcome.SAVED
    assert visit(store, Found.NO_ANSWER, NOW + 61 * MINUTE).outcome is Outcome.SAVED
    assert len(entries(store)) == MOST + 2


def test_an_agency_mends_a_slip_of_the_finger_within_a_minute(store: Store) -> None:
    say(store, 2)
    visit(store, FULL, LATER)
    visit(store, GOT_IN, LATER + timedelta(seconds=60))
    assert disputed(store) is None
    assert [(one.disputes, one.withdraws) for one in entries(store)] == [
        (True, False),
        (False, True),
    ]
    state = store.stream.snapshot(DAY).sites["riverbank"]
    assert state.record == {"door:30:right": 1}, "as if the first had never been said"
    visit(store, FULL, LATER + 2 * MINUTE)
    assert disputed(store) == LATER + 2 * MINUTE, "nor has it used up its hour"


def test_what_was_disputed_before_a_slip_is_so_again(contested: Store) -> None:
    visit(contested, FULL, LATER + MINUTE, agency="Shuttle")
    visit(contested, Found.NO_ANSWER, LATER + 2 * MINUTE, agency="Shuttle")
    assert disputed(contested) == LATER
    visit(contested, GOT_IN, LATER + 2 * MINUTE, agency="Clinic")
    assert disputed(contested) == LATER, "another agency mends nothing"


@pytest.mark.parametrize(("found", "seconds"), [(FULL, 60), (GOT_IN, 61)])
def test_the_same_word_again_or_one_too_late_mends_nothing(
    contested: Store, found: Found, seconds: int
) -> None:
    visit(contested, found, LATER + timedelta(seconds=seconds))
    assert disputed(contested) == LATER


def test_the_same_tap_counts_once(store: Store) -> None:
    say(store, 2)
    first = visit(store, FULL, LATER, key="one-key")
    again = visit(store, FULL, LATER + MINUTE, key="one-key")
    assert (again.version, again.repeated) == (first.version, True)
    assert disputed(store) == LATER
    assert visit(store, GOT_IN, LATER, key="one-key").outcome is Outcome.KEY_REUSED
    assert len(entries(store)) == 1
