"""What may still come tonight: releases in their order, and whom to call, the likeliest first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from dashboard.beds import BedGroup, Site, Status
from dashboard.clock import Freshness
from dashboard.evening import Topic
from dashboard.hours import Hours, hours
from dashboard.later import Call, calls, releases, saying
from dashboard.rows import GroupRow, Line, SiteRow

from .values import DAY, at, version

NOW = at("20:00")


def group(site: str, known: int | None, hours_ago: float = 0, id_: str = "beds") -> GroupRow:
    """A bed group that only a call can tell about; ``known`` None is one that nobody counted."""
    seen = None if known is None else NOW - timedelta(hours=hours_ago)
    beds = BedGroup(site, id_, "Beds")
    return GroupRow(beds, Status.CALL_FIRST, Freshness.STALE, last_known=known, observed_at=seen)


def row(id_: str, *groups: GroupRow, said: tuple[Topic, ...] = (), **facts: object) -> SiteRow:
    status = facts.pop("status", Status.CALL_FIRST)
    site = Site(id_, id_.title(), **facts)  # type: ignore[arg-type]
    return SiteRow(site, status, version(1), groups, lines=tuple(map(Line, said)))  # type: ignore[arg-type]


def clocks(rows: list[SiteRow], now: datetime = NOW) -> dict[str, Hours]:
    return {one.site.id: hours(one, DAY, now) for one in rows}


def called(rows: list[SiteRow]) -> list[Call]:
    return calls(rows, clocks(rows), {row.site.id: row.groups for row in rows})


def test_the_likeliest_call_comes_first() -> None:
    rows = [
        row("full-of-late", group("full-of-late", 0, 4)),
        row("never", group("never", None)),
        row("otherwise", replace(group("otherwise", 0, 4), disputed_at=NOW)),
        row("old-three", group("old-three", 3, 7)),
        row("full-since-noon", group("full-since-noon", 0, 8)),
        row("young-one", group("young-one", 1, 3.5)),
        row("young-two", group("young-two", 2, 3.5)),
    ]
    assert [one.row.site.id for one in called(rows)] == [
        "young-two",
        "young-one",
        "old-three",
        "never",
        "otherwise",
        "full-since-noon",
        "full-of-late",
    ]


def test_nobody_is_told_to_call_a_site_that_can_take_nobody() -> None:
    doubt = group("x", 3, 4)
    rows = [
        row("over", doubt, last_check_in=time(19)),
        row("closed", doubt, status=Status.CLOSED),
        row("none", status=Status.NO_BEDS),
        row("sure", replace(doubt, status=Status.FULL)),
        row("late", doubt, last_check_in=time(19, 59)),
    ]
    assert called(rows) == []
    assert [one.row.site.id for one in called([row("on", doubt, last_check_in=time(21))])] == ["on"]


def test_a_number_that_the_door_disputes_is_worth_a_call() -> None:
    sure = replace(group("hall", None), status=Status.OPEN, available=2, observed_at=NOW)
    assert called([row("hall", sure)]) == []
    assert len(called([row("hall", replace(sure, disputed_at=NOW))])) == 1


def test_a_site_is_there_for_each_group_and_marked_after_the_first() -> None:
    rows = [
        row("hall", group("hall", 0, 5, "men"), group("hall", 2, 5, "women")),
        row("inn", group("inn", 1, 5)),
    ]
    assert [(one.row.site.id, one.group.group.id, one.again) for one in called(rows)] == [
        ("hall", "women", False),
        ("inn", "beds", False),
        ("hall", "men", True),
    ]


@pytest.mark.parametrize(
    ("now", "times"),
    [
        (at("16:00"), ["20:30 b", "21:00 a c", "00:30 d"]),
        (at("20:30"), ["21:00 a c", "00:30 d"]),
        (at("23:59"), ["00:30 d"]),
        (at("00:30", 21), []),
        (at("07:59", 21), []),
        (at("08:00", 21), ["20:30 b", "21:00 a c", "00:30 d"]),
    ],
)
def test_releases_come_in_their_order_over_midnight_and_anew_after_the_reset(
    now: datetime, times: list[str]
) -> None:
    rows = [
        row("c", release=time(21), status=Status.OPEN),
        row("d", release=time(0, 30)),
        row("a", release=time(21), status=Status.FULL),
        row("b", release=time(20, 30)),
        row("closed", release=time(21), status=Status.CLOSED),
        row("never"),
    ]
    found = releases(rows, clocks(rows, now))
    told = [" ".join([f"{one.wall:%H:%M}", *(row.site.id for row in one.rows)]) for one in found]
    assert told == times


def test_who_says_that_a_room_is_warm() -> None:
    rows = [row("b", said=(Topic.WARMING_ROOM,)), row("c", said=(Topic.KNOCK,)), row("a")]
    assert [one.site.id for one in saying(rows, Topic.WARMING_ROOM)] == ["b"]
