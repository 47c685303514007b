"""The clock of a site: over midnight, on the two nights of the year that jump, after the reset."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.beds import Site, Status
from dashboard.clock import Day
from dashboard.facts import Kind, Known
from dashboard.hours import CheckIn, Hours, Leave, hours, leaves
from dashboard.rows import SiteRow
from dashboard.travel import LONGEST, Leg, Shuttle, Travel, Way

from .values import DAY, at, version

TORONTO = Day(zone=ZoneInfo("America/Toronto"))  # where clocks still change
FORTY = Leg(walk=40, drive=12)
MINUTE = timedelta(minutes=1)


def row(**facts: object) -> SiteRow:
    """A site with these times."""
    return SiteRow(Site("hall", "Hall", **facts), Status.OPEN, version(1))  # type: ignore[arg-type]


def toronto(text: str) -> datetime:
    """An instant by the wall clock there, the first where it shows that time twice."""
    return datetime.fromisoformat(text).replace(tzinfo=TORONTO.zone).astimezone(UTC)


NINE = row(last_check_in=time(21))
ONE = row(last_check_in=time(1))


@pytest.mark.parametrize(
    ("site", "now", "check_in"),
    [
        (NINE, at("16:12"), CheckIn.ON),
        (NINE, at("20:59"), CheckIn.ON),
        (NINE, at("21:00"), CheckIn.ENDED),
        (NINE, at("03:00", 21), CheckIn.ENDED),
        (NINE, at("07:59", 21), CheckIn.ENDED),
        (NINE, at("08:00", 21), CheckIn.ON),  # the reset: it is about tonight now
        (ONE, at("23:59"), CheckIn.ON),
        (ONE, at("00:59", 21), CheckIn.ON),
        (ONE, at("01:00", 21), CheckIn.ENDED),
        (ONE, at("08:00", 21), CheckIn.ON),
        (row(intake_opens=time(18), last_check_in=time(21)), at("17:59"), CheckIn.LATER),
        (row(intake_opens=time(18), last_check_in=time(21)), at("18:00"), CheckIn.ON),
        (row(intake_opens=time(0, 30)), at("23:00"), CheckIn.LATER),
        (row(), at("23:00"), CheckIn.UNKNOWN),
        (row(curfew=time(22)), at("23:00"), CheckIn.UNKNOWN),
        (row(last_check_in=time(21), late_arrivals=Known.YES), at("20:00"), CheckIn.ON),
        (row(last_check_in=time(21), late_arrivals=Known.YES), at("22:00"), CheckIn.LATE),
        (row(last_check_in=time(21), late_arrivals=Known.NO), at("22:00"), CheckIn.ENDED),
    ],
)
def test_whether_somebody_at_the_door_can_check_in(
    site: SiteRow, now: datetime, check_in: CheckIn
) -> None:
    found = hours(site, DAY, now)
    assert found.check_in is check_in
    assert found.over is (check_in is CheckIn.ENDED)


@pytest.mark.parametrize(
    ("site", "now", "on_foot", "by_car"),
    [
        (NINE, at("16:12"), at("20:20"), at("20:48")),
        (NINE, at("20:20"), at("20:20"), at("20:48")),
        (row(last_check_in=time(0, 15)), at("23:00"), at("23:35"), at("00:03", 21)),
        (row(last_check_in=time(0, 15)), at("23:58"), None, at("00:03", 21)),
        (row(curfew=time(22)), at("16:12"), at("21:20"), at("21:48")),
        (row(last_check_in=time(21), curfew=time(22)), at("16:12"), at("20:20"), at("20:48")),
        (row(last_check_in=time(23), curfew=time(22)), at("16:12"), at("21:20"), at("21:48")),
        (row(last_check_in=time(23), curfew=time(22)), at("22:00"), at("22:20"), at("22:48")),
    ],
)
def test_when_to_leave_is_the_end_less_the_way(
    site: SiteRow, now: datetime, on_foot: datetime | None, by_car: datetime
) -> None:
    walk, drive = leaves(hours(site, DAY, now), FORTY)
    assert (walk.way, walk.minutes, drive.way, drive.minutes) == (Way.WALK, 40, Way.DRIVE, 12)
    assert (drive.by, drive.missed) == (by_car, False)
    assert walk.missed is (on_foot is None)
    assert on_foot is None or walk.by == on_foot


def test_where_no_end_is_known_only_the_minutes_are_told() -> None:
    late = row(last_check_in=time(21), late_arrivals=Known.YES)
    for site in (row(), row(curfew=time(22)), late):
        assert leaves(hours(site, DAY, at("23:00")), FORTY) == (
            Leave(Way.WALK, 40, None),
            Leave(Way.DRIVE, 12, None),
        )
    assert leaves(hours(NINE, DAY, at("16:12")), Leg()) == ()
    assert leaves(hours(NINE, DAY, at("16:12")), Leg(drive=5)) == (
        Leave(Way.DRIVE, 5, at("20:55")),
    )


def test_after_the_last_check_in_nobody_is_told_to_leave() -> None:
    assert leaves(hours(NINE, DAY, at("21:00")), FORTY) == ()
    assert leaves(hours(NINE, DAY, at("08:00", 21)), FORTY)[0].by == at("20:20", 21)


def test_the_night_that_loses_an_hour() -> None:
    """On 14 March 2027 the clock in Toronto goes from 2 am to 3 am."""
    evening, site = toronto("2027-03-13T22:00"), row(last_check_in=time(3, 15))
    found = hours(site, TORONTO, evening)
    assert found.until == toronto("2027-03-14T03:15")
    assert found.until - evening == timedelta(hours=4, minutes=15)
    (walk, _) = leaves(found, FORTY)
    assert walk.by == toronto("2027-03-14T01:35"), "40 real minutes before, on the other side"
    skipped = hours(row(last_check_in=time(2, 30)), TORONTO, evening)
    assert skipped.until == toronto("2027-03-14T03:00"), "the next real instant"


def test_the_night_that_has_an_hour_twice() -> None:
    """On 1 November 2026 the clock in Toronto shows 1 am to 2 am twice."""
    evening, site = toronto("2026-10-31T22:00"), row(last_check_in=time(1, 30))
    found = hours(site, TORONTO, evening)
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert found.until == first
    assert hours(site, TORONTO, first - MINUTE).check_in is CheckIn.ON
    again = first + timedelta(hours=1)  # the clock shows 1:30 for the second time
    assert hours(site, TORONTO, again).check_in is CheckIn.ENDED
    late = hours(row(last_check_in=time(2, 15)), TORONTO, evening)
    assert leaves(late, FORTY)[0].by == datetime(2026, 11, 1, 6, 35, tzinfo=UTC)


@pytest.mark.parametrize(
    ("release", "now", "comes"),
    [
        (time(21), at("16:12"), at("21:00")),
        (time(21), at("20:59"), at("21:00")),
        (time(21), at("21:00"), None),
        (time(21), at("07:00", 21), None),
        (time(0, 30), at("23:00"), at("00:30", 21)),
        (time(0, 30), at("00:30", 21), None),
        (time(21), at("08:00", 21), at("21:00", 21)),
    ],
)
def test_a_release_comes_once_a_night(release: time, now: datetime, comes: datetime | None) -> None:
    assert hours(row(release=release), DAY, now).releases == comes


def test_doors_that_have_closed_are_told_and_rule_nothing_out() -> None:
    found = hours(row(curfew=time(23)), DAY, at("23:30"))
    assert (found.shut, found.over, found.end) == (True, False, None)
    assert not hours(row(curfew=time(0, 30)), DAY, at("23:30")).shut


def test_a_site_that_hides_has_no_clock() -> None:
    hidden = replace(row(last_check_in=time(21)).site, kind=Kind.CONFIDENTIAL)
    assert hours(SiteRow(hidden, Status.OPEN, version(1)), DAY, at("23:00")) == Hours(at("23:00"))


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),
    st.times(),
    st.sampled_from([DAY, TORONTO]),
)
def test_at_every_hour_of_two_years_a_site_is_open_or_over_and_never_both(
    moment: datetime, wall: time, day: Day
) -> None:
    now, last = moment.replace(tzinfo=UTC), wall.replace(second=0, microsecond=0)
    found = hours(row(last_check_in=last), day, now)
    assert found.until is not None
    assert found.over is (found.until <= now)
    assert abs(found.until - now) < timedelta(hours=26)
    for leave in leaves(found, FORTY):
        assert leave.by == found.until - timedelta(minutes=leave.minutes)
        assert leave.missed is (leave.by < now)


@pytest.mark.parametrize(
    ("now", "runs"),
    [
        (at("15:59"), False),
        (at("16:00"), True),
        (at("23:59"), True),
        (at("00:00", 21), False),
        (at("07:59", 21), False),
        (at("08:00", 21), False),
    ],
)
def test_the_shuttle_runs_from_four_to_midnight(now: datetime, runs: bool) -> None:
    assert Shuttle(time(16), time(0)).runs(DAY, now) is runs


def test_a_shuttle_that_runs_past_midnight() -> None:
    late = Shuttle(time(20), time(1, 30))
    assert [late.runs(DAY, at(wall, 21)) for wall in ("01:29", "01:30")] == [True, False]


def test_minutes_are_the_same_there_and_back_however_an_area_is_written() -> None:
    town = Travel(
        ("North Shore", "South Shore"),
        {("North Shore", "South Shore"): FORTY, ("North Shore", "North Shore"): Leg(15)},
    )
    assert town.leg("South Shore", "north shore ") == FORTY
    assert town.leg("NORTH SHORE", "North Shore") == Leg(15)
    assert town.leg("South Shore", "South Shore") == Leg()
    assert town.leg("Nowhere", "North Shore") == Leg()
    assert town.leg("", "") == Leg()
    assert town.others(["north shore", "Aberdeen", "", "Aberdeen"]) == ["Aberdeen"]


@pytest.mark.parametrize("minutes", [-1, LONGEST + 1])
def test_no_way_takes_less_than_no_time_or_leads_to_another_town(minutes: int) -> None:
    with pytest.raises(ValueError, match="minutes"):
        Leg(walk=minutes)
