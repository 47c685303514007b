"""What the public sees of a board: statuses, sums, order, and all that it must not see."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.beds import Site, Status, available
from dashboard.board import Board, GroupState, SiteState
from dashboard.clock import Alert, Freshness
from dashboard.facts import Season
from dashboard.rows import Moment
from tests.values import (
    DAY,
    FAMILY,
    HAVEN,
    MATS,
    MEN,
    NORTHSIDE,
    NOW,
    RIVERBANK,
    WINTER,
    WOMEN,
    at,
    figure,
    hold,
    version,
)


def row(site: Site, *groups: GroupState, now=NOW, alerts=()):
    board = Board(DAY, version(1), [SiteState(site, version(1), groups)])
    board.alerts = alerts
    return Moment(board, now).row(site.id)


def test_a_site_adds_only_the_groups_that_can_be_trusted():
    shown = row(
        RIVERBANK,
        GroupState(WOMEN, figure(4, at("13:05"))),
        GroupState(MEN, figure(3, at("16:06"))),
    )
    assert (shown.status, shown.available) == (Status.OPEN, 3)
    assert [one.group.id for one in shown.call_first] == ["women"]
    women = shown.groups[0]
    assert (women.status, women.available, women.last_known) == (Status.CALL_FIRST, None, 4)


def test_a_site_is_as_old_as_its_oldest_counted_group():
    shown = row(
        RIVERBANK,
        GroupState(WOMEN, figure(4, at("14:50"))),
        GroupState(MEN, figure(3, at("16:06"))),
    )
    assert (shown.observed_at, shown.freshness) == (at("14:50"), Freshness.AGEING)
    assert shown.stale_after == at("17:50")


@pytest.mark.parametrize(
    ("open_", "status"), [(0, "full"), (1, "few"), (2, "few"), (3, "open"), (9_999, "open")]
)
def test_one_or_two_are_few(open_, status):
    assert row(NORTHSIDE, GroupState(MATS, figure(open_, at("16:00")))).status == status


def test_a_doubt_about_one_group_keeps_a_site_from_being_called_full():
    shown = row(RIVERBANK, GroupState(WOMEN, figure(0, at("16:00"))), GroupState(MEN))
    assert (shown.status, shown.available) == (Status.CALL_FIRST, 0)


def test_a_hold_takes_a_bed_from_the_public_and_gives_it_back_to_the_second():
    kept = GroupState(MATS, figure(2, at("16:00")), (hold("h1", MATS, at("16:05"), 10),))
    assert row(NORTHSIDE, kept).available == 1
    before, after = at("16:15") - timedelta(milliseconds=1), at("16:15")
    assert row(NORTHSIDE, kept, now=before).available == 1
    assert row(NORTHSIDE, kept, now=after).available == 2
    assert row(NORTHSIDE, kept).changes_at == at("16:15")


def test_a_group_nobody_reported_is_call_first_and_not_zero():
    shown = row(NORTHSIDE, GroupState(MATS))
    assert (shown.status, shown.available, shown.freshness) == ("call-first", None, "never")


def test_a_figure_dies_at_the_reset_and_leaves_no_last_known():
    shown = row(NORTHSIDE, GroupState(MATS, figure(4, at("07:59"))), now=at("08:00"))
    assert shown.groups[0].last_known is None
    assert shown.freshness is Freshness.NEVER


def test_a_seasonal_group_is_closed_until_its_desk_counts_it():
    assert row(NORTHSIDE, GroupState(WINTER)).status is Status.CLOSED
    assert row(NORTHSIDE, GroupState(WINTER, figure(5, at("16:00")))).status is Status.OPEN


def test_an_alert_opens_the_extreme_weather_beds():
    extreme = replace(MATS, season=Season.ALERT)
    on = (Alert(at("15:00"), at("23:00")),)
    assert row(NORTHSIDE, GroupState(extreme)).status is Status.CLOSED
    assert row(NORTHSIDE, GroupState(extreme), alerts=on).status is Status.CALL_FIRST


def test_a_site_that_asks_is_call_first_whatever_its_figure():
    asking = replace(NORTHSIDE, asks_call_first=True)
    shown = row(asking, GroupState(MATS, figure(5, at("16:00"))))
    assert (shown.status, shown.available) == (Status.CALL_FIRST, None)


def test_a_site_is_closed_after_its_last_day():
    ending = replace(NORTHSIDE, until=date(2026, 11, 20))
    state = GroupState(MATS, figure(5, at("07:00", 21)))
    assert row(ending, state, now=at("07:59", 21)).status is Status.OPEN
    assert row(ending, state, now=at("08:00", 21)).status is Status.CLOSED


def test_a_site_without_groups_has_no_nightly_beds():
    assert row(NORTHSIDE).status is Status.NO_BEDS


def test_a_confidential_site_shows_no_group_and_no_count():
    shown = row(HAVEN, GroupState(FAMILY, figure(5, at("16:00"))))
    assert (shown.status, shown.groups, shown.available) == (Status.CONFIDENTIAL, (), None)


def test_a_confidential_site_cannot_be_built_with_a_place():
    with pytest.raises(ValueError, match="confidential"):
        replace(HAVEN, place=RIVERBANK.place)


def test_a_row_has_no_word_for_open_or_held():
    shown = row(NORTHSIDE, GroupState(MATS, figure(2, at("16:00")), (hold("h1", MATS, NOW),)))
    assert not {"open", "held", "holds", "code", "who"} & asdict(shown.groups[0]).keys()
    assert "maple river" not in repr(shown)


def test_a_fresh_one_ranks_above_a_stale_six():
    six = replace(RIVERBANK, id="six", name="A six")
    board = Board(
        DAY,
        version(1),
        [
            SiteState(
                six, version(1), (GroupState(replace(MATS, site="six"), figure(6, at("12:00"))),)
            ),
            SiteState(NORTHSIDE, version(1), (GroupState(MATS, figure(1, at("16:10"))),)),
        ],
    )
    assert [shown.site.id for shown in Moment(board, NOW).rows()] == ["northside", "six"]


@given(st.integers(0, 9_999), st.integers(0, 9_999))
def test_available_never_leaves_zero_to_open(open_, kept):
    assert 0 <= available(open_, kept) <= open_
