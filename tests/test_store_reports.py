"""The rules for reports, one by one, on a real store of each engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard.beds import Source
from dashboard.people import Hand
from dashboard.reports import Outcome, Report, ReportKind
from dashboard.rows import Moment
from dashboard.store import Store, Undo, differences
from tests.values import DAY, GROUPS, NOW, SITES, WOMEN, at

CHANGE, ADJUST, CONFIRM = ReportKind.CHANGE, ReportKind.ADJUST, ReportKind.CONFIRM


class Desk:
    """Reports about Riverbank's women's beds, at any hour."""

    def __init__(self, store: Store):
        self.store = store
        self.sent = 0

    def send(self, kind, value, received=NOW, waited=0, who="p-desk", key=None, **more):
        """Send one report that waited so many minutes on its way."""
        self.sent += 1
        report = Report(
            WOMEN.site,
            WOMEN.id,
            kind,
            value,
            received - timedelta(minutes=waited),
            Source.DESK,
            who,
            key or f"key-{self.sent}",
            **more,
        )
        return self.store.reports.report(report, self.judge(received), received)

    def machine(self, value, stamp, received=NOW, kind=CHANGE, who="t-machine"):
        """Send what a machine counted at ``stamp``."""
        self.sent += 1
        report = Report(
            *(WOMEN.site, WOMEN.id, kind, value, min(stamp, received), Source.API, who),
            f"machine-{self.sent}",
            stamp=stamp,
        )
        return self.store.reports.report(report, self.judge(received), received)

    def undo(self, answer, received=NOW, key="undo"):
        undo = Undo(WOMEN.site, WOMEN.id, answer.version, Hand("p-desk", Source.DESK), key)
        return self.store.reports.undo(undo, received)

    def judge(self, now):
        return Moment(self.board(), now).judge(SITES[0])

    def board(self):
        return self.store.stream.snapshot(DAY)

    @property
    def figure(self):
        return self.board().sites[WOMEN.site].group(WOMEN.id).figure

    def entries(self):
        return [event for event in self.store.stream.events() if hasattr(event, "late")]


@pytest.fixture
def store(redis_url):
    store = Store(redis_url, "riverbend")
    store.connection.check()
    store.profiles.save(SITES, GROUPS, "test", NOW)
    yield store
    found = differences(store.stream.snapshot(DAY), store.stream.rebuilt(DAY), NOW)
    assert found == [], "the stream and the hashes tell two stories"
    store.connection.close()


@pytest.fixture
def desk(store):
    return Desk(store)


def test_a_change_sets_the_figure_and_its_stamps(desk):
    answer = desk.send(CHANGE, 4, capacity=11, surge=2, out_of_service=1)
    assert (answer.outcome, answer.repeated) == (Outcome.SAVED, False)
    assert desk.figure == answer.figure
    assert (answer.figure.open, answer.figure.observed_at, answer.figure.who) == (4, NOW, "p-desk")
    assert (answer.figure.capacity, answer.figure.surge, answer.figure.out_of_service) == (11, 2, 1)
    assert answer.version.endswith(answer.figure.version)


def test_two_desks_that_tap_at_once_both_count(desk):
    desk.send(CHANGE, 4)
    desk.send(ADJUST, -1, who="p-one")
    assert desk.send(ADJUST, -1, who="p-two").figure.open == 2


@pytest.mark.parametrize(
    ("start", "step", "outcome"), [(0, -1, Outcome.BELOW_ZERO), (9_999, 1, Outcome.TOO_MANY)]
)
def test_an_adjustment_past_the_ends_is_refused(desk, start, step, outcome):
    desk.send(CHANGE, start)
    answer = desk.send(ADJUST, step)
    assert (answer.outcome, answer.figure.open, desk.figure.open) == (outcome, start, start)


def test_an_adjustment_on_an_unknown_figure_asks_for_the_number(desk):
    answer = desk.send(ADJUST, 1)
    assert (answer.outcome, answer.figure) == (Outcome.ASK_NUMBER, None)


def test_an_adjustment_on_a_stale_figure_asks_for_the_number(desk):
    desk.send(CHANGE, 4, received=at("12:00"))
    answer = desk.send(ADJUST, 1, received=at("16:00"))
    assert (answer.outcome, answer.figure.open) == (Outcome.ASK_NUMBER, 4)


def test_a_confirmation_renews_the_age_of_a_stale_figure(desk):
    desk.send(CHANGE, 4, received=at("12:00"))
    assert desk.send(CONFIRM, 4).outcome is Outcome.SAVED
    assert desk.figure.observed_at == NOW


def test_a_confirmation_of_another_figure_is_a_conflict_that_shows_it(desk):
    desk.send(CHANGE, 4)
    answer = desk.send(CONFIRM, 5)
    assert (answer.outcome, answer.figure.open, answer.figure.who) == (
        Outcome.CONFLICT,
        4,
        "p-desk",
    )


def test_a_figure_that_died_at_the_reset_cannot_be_confirmed(desk):
    desk.send(CHANGE, 4, received=at("22:00", 19))
    answer = desk.send(CONFIRM, 4)
    assert (answer.outcome, answer.figure) == (Outcome.CONFLICT, None)


def test_a_late_number_goes_to_history_and_leaves_the_board_alone(desk):
    desk.send(CHANGE, 4, received=at("16:05"))
    answer = desk.send(CHANGE, 9, waited=30)
    assert (answer.outcome, answer.figure.open, desk.figure.open) == (Outcome.LATE, 4, 4)
    assert [(one.late, one.value) for one in desk.entries()] == [(False, 4), (True, 9)]


def test_a_late_confirmation_goes_to_history_whatever_its_number(desk):
    desk.send(CHANGE, 4, received=at("16:05"))
    assert desk.send(CONFIRM, 4, waited=30).outcome is Outcome.LATE
    assert desk.figure.observed_at == at("16:05")


def test_a_late_adjustment_still_counts_unless_a_number_came_after_it(desk):
    desk.send(CHANGE, 4, received=at("15:30"))
    desk.send(ADJUST, 1, received=at("16:00"))
    answer = desk.send(ADJUST, -2, waited=30)  # observed 15:42, before the other adjustment
    assert (answer.outcome, answer.figure.open) == (Outcome.SAVED, 3)
    assert answer.figure.observed_at == at("16:00"), "an older adjustment renews no age"
    assert desk.send(ADJUST, -1, waited=60).outcome is Outcome.LATE


def test_a_report_from_before_the_reset_revives_no_figure(desk):
    answer = desk.send(CHANGE, 4, received=at("08:10"), waited=20)
    assert (answer.outcome, answer.figure, desk.figure) == (Outcome.LATE, None, None)


def test_a_repeated_key_answers_what_it_answered_before(desk):
    first = desk.send(CHANGE, 4, key="one")
    desk.send(CHANGE, 5)
    again = desk.send(CHANGE, 4, key="one", received=at("16:20"))
    assert again == replace(first, repeated=True)
    assert len(desk.entries()) == 2


def test_a_refusal_is_repeated_too(desk):
    desk.send(CHANGE, 4)
    first = desk.send(CONFIRM, 5, key="one")
    desk.send(CHANGE, 5)
    assert desk.send(CONFIRM, 5, key="one") == replace(first, repeated=True)


@pytest.mark.parametrize("other", [{"value": 5}, {"who": "p-other"}, {"surge": 1}])
def test_a_key_cannot_be_used_for_something_else(desk, other):
    desk.send(CHANGE, 4, key="one")
    sent = {"kind": CHANGE, "value": 4, "key": "one"} | other
    assert desk.send(**sent).outcome is Outcome.KEY_REUSED
    assert desk.figure.open == 4


def test_an_expected_version_that_no_longer_holds_is_a_conflict(desk):
    seen = str(desk.board().version)
    desk.send(CHANGE, 4)
    answer = desk.send(CHANGE, 2, expected=seen)
    assert (answer.outcome, answer.figure.open) == (Outcome.CONFLICT, 4)


def test_an_expected_version_of_the_board_or_of_the_last_entry_holds(desk):
    entry = desk.send(CHANGE, 4).version
    desk.store.profiles.save([], [GROUPS[1]], "test", NOW)  # news about another group
    assert desk.send(CHANGE, 3, expected=str(desk.board().version)).outcome is Outcome.SAVED
    assert desk.send(CHANGE, 2, expected=entry).outcome is Outcome.CONFLICT


def test_an_expected_version_of_another_memory_is_a_conflict(desk):
    desk.send(CHANGE, 4)
    assert desk.send(CHANGE, 3, expected="ffff:99999999999999-0").outcome is Outcome.CONFLICT


def test_surge_above_capacity_is_fine(desk):
    assert desk.send(CHANGE, 14, capacity=12, surge=6).outcome is Outcome.SAVED


def test_extra_counts_stay_until_they_are_told_anew(desk):
    desk.send(CHANGE, 4, capacity=11, surge=2, out_of_service=1)
    desk.send(ADJUST, 1)
    figure = desk.send(CHANGE, 3, surge=0).figure
    assert (figure.capacity, figure.surge, figure.out_of_service) == (11, 0, 1)


def test_extra_counts_die_with_the_figure_at_the_reset(desk):
    desk.send(CHANGE, 4, received=at("22:00", 19), capacity=11, surge=2, out_of_service=1)
    figure = desk.send(CHANGE, 3).figure
    assert (figure.capacity, figure.surge, figure.out_of_service) == (None, 0, 0)


def test_an_unknown_group_is_said_and_nothing_is_written(desk):
    report = Report("riverbank", "attic", CHANGE, 4, NOW, Source.DESK, "p-desk", "attic")
    answer = desk.store.reports.report(report, desk.judge(NOW), NOW)
    assert (answer.outcome, desk.entries()) == (Outcome.NO_GROUP, [])


def test_a_machine_that_repeats_its_stamp_renews_no_age(desk):
    desk.machine(4, stamp=at("16:00"), received=at("16:01"))
    answer = desk.machine(4, stamp=at("16:00"), received=at("17:30"))
    assert (answer.outcome, answer.figure.observed_at) == (Outcome.SAVED, at("16:00"))


def test_a_machine_whose_clock_is_ahead_renews_no_age_by_repeating(desk):
    ahead = at("16:13") + timedelta(seconds=30)
    desk.machine(4, stamp=ahead, received=NOW)
    answer = desk.machine(4, stamp=ahead, received=at("16:13"))
    assert answer.figure.observed_at == NOW


def test_a_machine_that_goes_back_goes_to_history(desk):
    desk.machine(4, stamp=at("16:00"))
    assert desk.machine(9, stamp=at("15:59")).outcome is Outcome.LATE
    assert desk.figure.open == 4


def test_a_machine_may_correct_its_number_under_the_same_stamp(desk):
    desk.machine(4, stamp=at("16:00"))
    answer = desk.machine(3, stamp=at("16:00"))
    assert (answer.figure.open, answer.figure.observed_at) == (3, at("16:00"))


def test_undo_restores_the_figure_and_the_stamp_of_before(desk):
    first = desk.send(CHANGE, 4, received=at("15:00"), surge=1)
    wrong = desk.send(CHANGE, 40)
    answer = desk.undo(wrong)
    assert answer.outcome is Outcome.SAVED
    assert answer.figure == replace(first.figure, version=answer.figure.version)
    assert desk.figure == answer.figure


def test_undo_of_the_first_report_leaves_no_figure(desk):
    answer = desk.undo(desk.send(CHANGE, 4))
    assert (answer.outcome, answer.figure, desk.figure) == (Outcome.SAVED, None, None)
    assert desk.send(CHANGE, 5).outcome is Outcome.SAVED


def test_only_the_newest_report_can_be_undone_and_only_once(desk):
    old, new = desk.send(CHANGE, 4), desk.send(CHANGE, 5)
    assert desk.undo(old, key="a").outcome is Outcome.NOT_NEWEST
    assert desk.undo(new, key="b").outcome is Outcome.SAVED
    assert desk.undo(new, key="c").outcome is Outcome.NOT_NEWEST
    assert desk.undo(new, key="b").repeated
    assert desk.figure.open == 4


def test_after_an_undo_a_report_that_was_late_before_is_taken(desk):
    desk.send(CHANGE, 4, received=at("15:00"))
    desk.undo(desk.send(CHANGE, 9, received=at("16:00")))
    assert desk.send(CHANGE, 2, waited=20).outcome is Outcome.SAVED


def test_a_machine_that_repeats_what_was_taken_back_changes_nothing(desk):
    desk.send(CHANGE, 5, received=at("15:00"))
    desk.undo(desk.machine(7, stamp=at("16:00")))
    assert desk.machine(7, stamp=at("16:00"), received=at("16:20")).outcome is Outcome.LATE
    assert (desk.figure.open, desk.figure.observed_at) == (5, at("15:00"))
    assert desk.machine(8, stamp=at("16:30"), received=at("16:30")).outcome is Outcome.SAVED


def test_a_machine_that_repeats_what_somebody_corrected_changes_nothing(desk):
    desk.machine(7, stamp=at("16:00"))
    desk.send(ADJUST, -1, received=at("16:05"))
    assert desk.machine(7, stamp=at("16:00"), received=at("16:20")).outcome is Outcome.LATE
    assert desk.figure.open == 6


def test_an_entry_names_the_enrolled_device_that_it_came_from(desk):
    desk.send(CHANGE, 4, device="d-1")
    desk.send(CHANGE, 3)
    assert [event.device for event in desk.store.stream.latest(2)] == ["", "d-1"]
