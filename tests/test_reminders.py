"""When a desk is reminded: over whole days, odd nights and strict limits, minute by minute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.beds import BedGroup, Site
from dashboard.board import GroupState, SiteState
from dashboard.clock import Alert, Day, Freshness, Limits, horizons, instant
from dashboard.facts import Season
from dashboard.reminders import Cause, Outlook, Reminder, outlook
from tests.values import DAY, MATS, MEN, NORTHSIDE, RIVERBANK, WINTER, WOMEN, at, figure, version

MINUTE = timedelta(minutes=1)
EVENING = replace(RIVERBANK, release=time(20))


def look(
    now: datetime,
    *groups: GroupState,
    site: Site = EVENING,
    day: Day = DAY,
    shift: datetime | None = None,
    alerts: tuple[Alert, ...] = (),
) -> Outlook:
    judge = horizons(now, day, site.tighter, alerts)
    return outlook(SiteState(site, version(1), groups), judge, day, now, shift, alerts)


def due(now: datetime, *groups: GroupState, **more: object) -> Reminder | None:
    return look(now, *groups, **more).reminder  # type: ignore[arg-type]


def counted(text: str, group: BedGroup = WOMEN, day: int = 20) -> GroupState:
    return GroupState(group, figure(4, at(text, day)))


def through(*groups: GroupState, since: datetime, **more: object) -> Iterator[tuple[str, Cause]]:
    """The reminders of a day on which nobody reports, each at the instant that it is announced."""
    now: datetime | None = since
    day: Day = more.get("day", DAY)  # type: ignore[assignment]
    while now:
        found = look(now, *groups, **more)  # type: ignore[arg-type]
        if found.reminder:
            yield f"{now.astimezone(day.zone):%H:%M}", found.reminder.cause
        now = found.next_at


def test_a_day_without_a_report_is_reminded_of_its_three_moments_and_no_more() -> None:
    assert list(through(GroupState(WOMEN), since=at("08:00"))) == [
        ("15:00", Cause.EVENING),
        ("17:00", Cause.DECISION),
        ("20:00", Cause.RELEASE),
    ]


def test_a_community_may_name_more_times_to_count() -> None:
    day = replace(DAY, reminders=(time(12, 30), time(17)))
    found = list(through(GroupState(WOMEN), since=at("08:00"), day=day))
    assert found[0] == ("12:30", Cause.ROUND)
    assert ("17:00", Cause.DECISION) in found  # one word for one moment
    assert len(found) == 4


def test_a_count_is_asked_for_before_it_is_stale_and_when_fresh_ends_in_the_evening() -> None:
    assert list(through(counted("15:10"), since=at("15:10"))) == [
        ("16:10", Cause.AGEING),
        ("17:00", Cause.DECISION),
        ("17:55", Cause.STALE),
        ("20:00", Cause.RELEASE),
    ]


def test_in_the_morning_a_count_that_is_no_longer_fresh_is_nothing_to_speak_of() -> None:
    reminded = list(through(counted("08:30"), since=at("08:30")))
    assert reminded[0] == ("14:45", Cause.STALE), "it is stale at 3 pm, when limits tighten"
    assert due(at("12:31"), counted("08:30")) is None


@pytest.mark.parametrize("moment", ["15:00", "17:00", "20:00"])
def test_each_ends_when_the_figure_was_confirmed_after_its_moment(moment: str) -> None:
    now = at(moment) + 5 * MINUTE
    before, after = at(moment) - MINUTE, at(moment)
    asked = due(now, GroupState(WOMEN, figure(4, before)))
    assert asked == Reminder(asked.cause, at(moment), ("women",)) if asked else False
    assert due(now, GroupState(WOMEN, figure(4, after))) is None


def test_only_the_groups_that_were_not_counted_since_are_named() -> None:
    found = due(at("17:05"), counted("17:01"), counted("16:40", MEN))
    assert found == Reminder(Cause.DECISION, at("17:00"), ("men",))


def test_one_shift_begins_with_a_look_at_every_count() -> None:
    found = due(at("16:20"), counted("15:59"), GroupState(MEN), shift=at("16:15"))
    assert found == Reminder(Cause.SHIFT, at("16:15"), ("women", "men"))
    assert due(at("16:20"), counted("16:16"), shift=at("16:15")) is None
    assert due(at("16:20"), counted("16:00"), shift=at("16:15")) is None, "just counted"
    assert due(at("09:00"), counted("08:30"), shift=at("07:50")) is None, "the day began anew"


def test_the_newest_cause_is_told_with_every_group_that_any_concerns() -> None:
    found = due(at("18:02"), counted("17:01"), counted("14:00", MEN), shift=at("16:15"))
    assert found
    assert (found.cause, found.groups) == (Cause.AGEING, ("women", "men"))


def test_a_count_that_is_stale_is_asked_for_until_it_is_given() -> None:
    for now in (at("14:45"), at("14:59"), at("15:00"), at("16:59")):
        found = due(now, counted("08:30"))
        assert found
        if now < at("15:00"):
            assert (found.cause, found.ends) == (Cause.STALE, at("15:00"))
    assert due(at("14:44"), counted("08:30")) is None


def test_a_site_that_tightened_its_limits_is_reminded_by_them() -> None:
    strict = replace(RIVERBANK, tighter=Limits(20 * MINUTE, 40 * MINUTE))
    reminded = list(through(counted("17:00"), since=at("17:00"), site=strict))
    assert reminded == [("17:20", Cause.AGEING), ("17:25", Cause.STALE)]
    morning = list(through(counted("10:00"), since=at("10:00"), site=strict))
    assert morning[0] == ("10:25", Cause.STALE)


def test_limits_of_minutes_leave_a_count_its_fresh_ones() -> None:
    hurried = replace(RIVERBANK, tighter=Limits(2 * MINUTE, 6 * MINUTE))
    assert due(at("17:01"), counted("17:00"), site=hurried) is None
    assert due(at("17:03"), counted("17:00"), site=hurried)


def test_an_alert_makes_every_hour_count() -> None:
    on = (Alert(at("09:00"), at("23:00")),)
    assert due(at("11:01"), counted("10:00"), alerts=on)
    assert due(at("11:01"), counted("10:00")) is None


def test_beds_that_are_closed_for_the_season_ask_for_nothing() -> None:
    assert due(at("17:05"), GroupState(WINTER), site=NORTHSIDE) is None
    assert due(at("17:05"), counted("16:00", WINTER), site=NORTHSIDE)
    cold = replace(MATS, season=Season.ALERT)
    on = (Alert(at("15:00"), at("23:00")),)
    assert due(at("17:05"), GroupState(cold), site=NORTHSIDE) is None
    assert due(at("17:05"), GroupState(cold), site=NORTHSIDE, alerts=on)


def test_a_site_that_is_over_asks_for_nothing() -> None:
    ended = replace(RIVERBANK, until=date(2026, 11, 19))
    assert look(at("17:05"), GroupState(WOMEN), site=ended) == Outlook(None, None)


def test_one_that_was_put_off_comes_back_after_a_quarter_of_an_hour() -> None:
    group, put_off = GroupState(WOMEN), at("15:02")
    for now, shown in ((at("15:02"), False), (at("15:16"), False), (at("15:17"), True)):
        found = look(now, group).put_off(put_off, now)
        assert bool(found.reminder) is shown
        if not shown:
            assert found.next_at == at("15:17")


def test_a_new_cause_comes_though_another_was_put_off() -> None:
    now = at("17:00")
    found = look(now, GroupState(WOMEN)).put_off(at("16:55"), now)
    assert found.reminder
    assert found.reminder.cause is Cause.DECISION


TORONTO = Day(zone=ZoneInfo("America/Toronto"))


@pytest.mark.parametrize(
    ("night", "release", "told"),
    [
        (date(2026, 3, 7), time(2, 30), "03:00 EDT"),  # skipped: the next real instant
        (date(2026, 10, 31), time(1, 30), "01:30 EDT"),  # repeated: the first
        (date(2026, 10, 31), time(2, 30), "02:30 EST"),
    ],
)
def test_on_the_two_odd_nights_the_release_is_one_real_instant(
    night: date, release: time, told: str
) -> None:
    site = replace(RIVERBANK, release=release)
    noon = instant(night, time(12), TORONTO.zone)
    moments = []
    now: datetime | None = noon
    while now:
        found = look(now, GroupState(WOMEN), site=site, day=TORONTO)
        if found.reminder and found.reminder.cause is Cause.RELEASE:
            moments.append(f"{found.reminder.at.astimezone(TORONTO.zone):%H:%M %Z}")
        now = found.next_at
    assert moments == [told]


def slowly(observed: datetime, now: datetime, site: Site, day: Day) -> bool:
    """Whether a reminder is due, by the words of the rule and nothing else."""
    judge = horizons(now, day, site.tighter)
    local = now.astimezone(day.zone)
    today = local.date() if local.time() >= day.reset else local.date() - timedelta(days=1)
    walls = [wall for wall in (day.evening, day.decision, site.release) if wall]
    moments = [instant(today + timedelta(days=wall < day.reset), wall, day.zone) for wall in walls]
    freshness = judge.judge(observed)
    if freshness is Freshness.NEVER:
        return any(moment <= now for moment in moments)
    if any(observed < moment <= now for moment in moments) or freshness is Freshness.STALE:
        return True
    soon = now + 15 * MINUTE
    later = horizons(soon, day, site.tighter)
    if later.reset == judge.reset and later.judge(observed) is Freshness.STALE:
        return True
    return freshness is Freshness.AGEING and _aged_in_an_evening(observed, now, site, day)


def _aged_in_an_evening(observed: datetime, now: datetime, site: Site, day: Day) -> bool:
    """Whether it stopped being fresh in an evening: at a full minute, or just after one."""
    full = observed
    while True:
        for moment in (full, full + timedelta(milliseconds=1)):
            if horizons(moment, day, site.tighter).judge(observed) is not Freshness.FRESH:
                return moment.astimezone(day.zone).time() >= day.evening
        full += MINUTE


starts = [
    instant(date(2026, month, day), time(8), TORONTO.zone)
    for month, day in ((3, 7), (3, 8), (10, 31), (11, 1), (11, 20))
]
LIMITS = [None, Limits(30 * MINUTE, 90 * MINUTE), Limits(100 * MINUTE, 200 * MINUTE)]


@given(st.sampled_from(starts), st.integers(0, 1439), st.integers(0, 900), st.sampled_from(LIMITS))
def test_it_is_due_when_the_rule_says_so_on_any_day(
    start: datetime, minute: int, passed: int, tighter: Limits | None
) -> None:
    site = replace(EVENING, tighter=tighter)
    observed = start + minute * MINUTE
    now = observed + passed * MINUTE
    found = due(now, GroupState(WOMEN, figure(4, observed)), site=site, day=TORONTO)
    assert bool(found) is slowly(observed, now, site, TORONTO)


@given(st.sampled_from(starts), st.integers(0, 1439), st.integers(0, 900), st.sampled_from(LIMITS))
def test_a_page_that_looks_again_when_it_is_told_misses_nothing(
    start: datetime, minute: int, passed: int, tighter: Limits | None
) -> None:
    site = replace(EVENING, tighter=tighter)
    groups = (GroupState(WOMEN, figure(4, start + minute * MINUTE)), GroupState(MEN))
    now = start + (minute + passed) * MINUTE
    found = look(now, *groups, site=site, day=TORONTO)
    until = found.next_at or horizons(now, TORONTO).day[-1].until
    assert until > now
    moment = now
    while moment < until:
        assert look(moment, *groups, site=site, day=TORONTO).reminder == found.reminder
        moment += 7 * MINUTE
    if found.next_at:
        after = look(found.next_at, *groups, site=site, day=TORONTO)
        assert after.reminder
        assert after.next_at is None or after.next_at > found.next_at
