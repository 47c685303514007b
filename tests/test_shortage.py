"""Unmet needs: which day a tap counts for, and what a coordinator may see of the counts."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from dashboard.shortage import ANYONE, Shortage, constraints, lately, shown, today

from .values import DAY, at

FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (at("16:12"), FRIDAY),
        (at("23:59"), FRIDAY),
        (at("00:01", 21), FRIDAY),
        (at("07:59", 21), FRIDAY),
        (at("08:00", 21), SATURDAY),
    ],
)
def test_a_night_counts_for_the_day_on_which_it_began(now: datetime, day: date) -> None:
    assert today(now, DAY) == day
    assert lately(now, DAY)[0] == day
    assert len(set(lately(now, DAY))) == 30


def test_each_constraint_is_named_once_in_no_order_of_anybodys() -> None:
    assert constraints(["woman", "small-pet", "woman"]) == ("small-pet", "woman")
    assert constraints(["small-pet", "woman"]) == constraints(["woman", "small-pet"])
    assert constraints([]) == (ANYONE,)


def test_a_count_below_five_is_never_shown() -> None:
    kept = {FRIDAY: {"woman": 5, "small-pet": 4, "youth": 12}, SATURDAY: {"woman": 4}}
    assert shown(kept, at("16:12", 22), DAY) == [Shortage(FRIDAY, True, {"youth": 12, "woman": 5})]


def test_a_day_that_is_not_over_is_told_in_steps_so_that_two_looks_tell_no_need() -> None:
    def seen(woman: int, pet: int) -> list[Shortage]:
        return shown({FRIDAY: {"woman": woman, "small-pet": pet}}, at("23:00"), DAY)

    assert seen(5, 4) == [Shortage(FRIDAY, False, {"woman": 5})]
    assert seen(6, 5) == seen(9, 9) == [Shortage(FRIDAY, False, {"small-pet": 5, "woman": 5})]
    assert seen(7, 6) == seen(8, 7), "one more need of both shows in nothing"
    assert seen(4, 4) == []
