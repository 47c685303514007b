"""Where a night begins and ends, whatever the clocks and the daily reset do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from dashboard.nights import SHORTEST, bounds

from .values import DAY, at

MOVED = [time(6), time(8), time(10), time(19)]


@pytest.mark.parametrize("before", MOVED)
@pytest.mark.parametrize("after", MOVED)
def test_nights_leave_no_gap_and_no_two_share_a_date_where_the_reset_is_moved(
    before: time, after: time
) -> None:
    resets = [before, before, after, after, before, before]
    since, until = bounds(at("23:00", 1), None, replace(DAY, reset=before))
    dates: list[date] = []
    for reset in resets:
        day = replace(DAY, reset=reset)
        found = bounds(until + timedelta(hours=1), until, day)
        assert found[0] == until, "one ends where the next begins"
        assert SHORTEST <= found[1] - found[0] <= timedelta(hours=37)
        dates.append(found[0].astimezone(day.zone).date())
        since, until = found
    assert len(set(dates)) == len(dates)
    assert since < until


def test_a_night_lasts_from_reset_to_reset_through_the_change_of_clocks() -> None:
    march = datetime(2025, 3, 8, 20, tzinfo=DAY.zone)
    since, until = bounds(march, None, DAY)
    assert until - since == timedelta(hours=23)
    november = datetime(2025, 11, 1, 20, tzinfo=DAY.zone)
    since, until = bounds(november, None, DAY)
    assert until - since == timedelta(hours=25)


def test_after_nights_without_an_entry_a_night_begins_at_its_own_reset() -> None:
    assert bounds(at("16:00", 9), at("08:00", 2), DAY) == (at("08:00", 9), at("08:00", 10))
