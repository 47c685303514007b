"""How long a bed may be kept, what is said at the door, and when an end is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from itertools import combinations
from random import Random

import pytest

from dashboard import codes, holds
from dashboard.beds import HoldEnd
from dashboard.board import Board, GroupState, SiteState
from dashboard.clock import last_reset
from dashboard.events import Held, HoldEnded, HoldExtended
from dashboard.lapses import Lapses
from tests.values import DAY, NORTHSIDE, NOW, RIVERBANK, WOMEN, at, hold, version

MINUTE = timedelta(minutes=1)


def test_a_hold_lasts_90_minutes() -> None:
    assert holds.first_end(NORTHSIDE, DAY, NOW) == NOW + 90 * MINUTE


@pytest.mark.parametrize(
    ("now", "end"),
    [("16:12", "17:42"), ("19:40", "21:00"), ("20:59", "21:00"), ("21:00", None), ("23:00", None)],
)
def test_no_hold_goes_past_the_last_check_in(now: str, end: str | None) -> None:
    assert holds.first_end(RIVERBANK, DAY, at(now)) == (at(end) if end else None)


def test_a_check_in_after_midnight_belongs_to_the_evening_before() -> None:
    late = replace(RIVERBANK, last_check_in=time(1))
    assert holds.first_end(late, DAY, at("23:50")) == at("01:00", 21)
    assert holds.first_end(late, DAY, at("01:00", 21)) is None
    assert holds.last_check_in(late, DAY, at("07:59", 21)) == at("01:00", 21)
    assert last_reset(at("08:00", 21), DAY) == at("08:00", 21)
    assert holds.last_check_in(late, DAY, at("08:00", 21)) == at("01:00", 22)


def test_no_hold_is_extended_past_two_and_a_half_hours_or_the_last_check_in() -> None:
    made = hold("h-1", WOMEN, NOW)
    assert holds.latest_end(made, NORTHSIDE, DAY) == NOW + 150 * MINUTE
    assert holds.latest_end(hold("h-2", WOMEN, at("19:00")), RIVERBANK, DAY) == at("21:00")


def test_people_come_in_the_order_of_their_arrival() -> None:
    first = replace(hold("h-b", WOMEN, NOW), arrives_at=NOW + 20 * MINUTE)
    second = replace(hold("h-a", WOMEN, NOW), arrives_at=NOW + 40 * MINUTE)
    silent, over = hold("h-c", WOMEN, NOW), hold("h-d", WOMEN, NOW - 90 * MINUTE)
    assert holds.coming([silent, over, second, first], NOW) == [first, second, silent]


def test_every_word_for_the_door_is_plain_and_unlike_the_others() -> None:
    for words in (codes.FIRST, codes.SECOND):
        assert len(words) >= 150
        assert all(word.isascii() and word.isalpha() and word.islower() for word in words)
        assert all(4 <= len(word) <= 10 for word in words)
        for one, other in combinations(words, 2):
            assert unlike(one, other), (one, other)
    assert not set(codes.FIRST) & set(codes.SECOND)


def unlike(one: str, other: str) -> bool:
    """Whether it takes two slips to take one for the other."""
    if abs(len(one) - len(other)) > 1:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) == len(long):
        return sum(a != b for a, b in zip(short, long, strict=True)) > 1
    return all(long[:at] + long[at + 1 :] != short for at in range(len(long)))


def test_codes_differ_by_chance_alone() -> None:
    assert codes.some(3, Random(7)) == codes.some(3, Random(7))
    assert len(set(codes.some(50, Random(7)))) > 45


def test_a_hold_is_due_once_when_its_time_is_over() -> None:
    board, one = Board(DAY), hold("h-1", WOMEN, NOW, 10)
    board.sites["riverbank"] = SiteState(RIVERBANK, version(1), (GroupState(WOMEN, holds=(one,)),))
    lapses = Lapses(board)
    lapses.begin()
    assert lapses.next == one.expires_at
    assert lapses.due(one.expires_at - MINUTE) == []
    assert lapses.due(one.expires_at) == [one]
    assert (lapses.due(one.expires_at), lapses.next) == ([], None)


def test_a_hold_that_ended_or_was_extended_is_not_due_at_its_old_end() -> None:
    board = Board(DAY, version(1))
    board.sites["riverbank"] = SiteState(RIVERBANK, version(1), (GroupState(WOMEN),))
    lapses, one, other = Lapses(board), hold("h-1", WOMEN, NOW, 10), hold("h-2", WOMEN, NOW, 10)
    longer = replace(other, expires_at=NOW + 40 * MINUTE)
    for event in (
        Held(version(2), one),
        Held(version(3), other),
        HoldEnded(version(4), one.id, "riverbank", "women", HoldEnd.RELEASED, NOW),
        HoldExtended(version(5), longer, other.expires_at, "p-van", NOW),
    ):
        board.apply(event)
        lapses.take(event)
    assert lapses.due(NOW + 39 * MINUTE) == []
    assert lapses.due(NOW + 40 * MINUTE) == [longer]
