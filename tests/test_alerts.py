"""Cold-weather alerts as values: whom they concern, when they turn, and that none refreshes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import alerts, coldnights
from dashboard.alerts import Act, AlertSaid, Cold, Ending, Issued, Reason
from dashboard.board import Board, GroupState, SiteState
from dashboard.clock import Freshness
from dashboard.coldnights import Night, Sky
from dashboard.rows import Moment

from .by_hand import SOAK
from .values import DAY, HAVEN, MATS, NORTHSIDE, NOW, RIVERBANK, WOMEN, at, figure, version

HOUR = timedelta(hours=1)
WORSE = list(Freshness)
MORNING = at("08:00", 21)


def issued(
    since: datetime = NOW, until: datetime = MORNING, area: str = "", **more: object
) -> Issued:
    given: dict[str, object] = {
        "id": "a-1",
        "cold": Cold.EXTREME_COLD,
        "reason": Reason.FORECAST,
        "who": "p-cor",
        "issued_at": since,
    }
    return Issued(since, until, area, **(given | more))  # type: ignore[arg-type]


def test_an_alert_that_ends_before_it_begins_can_t_be_built() -> None:
    for until in (NOW, NOW - HOUR):
        with pytest.raises(ValueError, match="after it begins"):
            issued(until=until)
    assert not alerts.on([issued(until=NOW, cancelled=Ending.MISTAKE)], NOW)


def test_an_alert_is_on_from_its_first_instant_and_no_more_at_its_last() -> None:
    one = issued()
    tick = timedelta(milliseconds=1)
    assert [alerts.on([one], moment) for moment in (NOW - tick, NOW, one.until - tick)] == [
        False,
        True,
        True,
    ]
    assert not alerts.on([one], one.until)
    assert alerts.turns([one], NOW - HOUR) == [one.since, one.until]
    assert alerts.turns([one], one.since) == [one.until]
    assert alerts.announced([one], one.until) == []


def test_an_alert_concerns_its_area_and_whoever_s_area_nobody_knows() -> None:
    north = issued(area="North Shore")
    assert alerts.concerning([north], "north shore") == (north,)
    assert alerts.concerning([north], "South Shore") == ()
    assert alerts.concerning([north], "") == (north,)
    assert alerts.concerning([issued()], "South Shore") == (issued(),)


def test_a_board_holds_each_alert_once_and_everybody_needs_the_whole_of_it() -> None:
    board = Board(DAY, version(1), [SiteState(NORTHSIDE, version(1))])
    longer = issued(until=at("08:00", 22))
    board.apply(AlertSaid(version(2), Act.ISSUED, issued(), None, "p-cor", NOW))
    assert board.changed_since(version(1)) is None
    board.apply(AlertSaid(version(3), Act.EXTENDED, longer, issued(), "p-cor", NOW))
    assert board.alerts == (longer,)
    assert board.changed_since(version(2)) is None
    assert board.changed_since(version(3)) == []


def test_a_board_that_reads_the_store_anew_takes_its_alerts_and_tells_everybody() -> None:
    def board(number: int) -> Board:
        return Board(DAY, version(number), [SiteState(NORTHSIDE, version(1))])

    known, newer = board(1), board(2)
    newer.alerts = (issued(),)
    assert known.become(newer) is None
    assert known.alerts == (issued(),)
    again = board(3)
    again.alerts = (issued(),)
    assert known.become(again) == []


def test_every_row_knows_when_the_next_alert_begins_and_ends() -> None:
    groups = (GroupState(MATS, figure(4, at("16:00"))),)
    board = Board(DAY, version(1), [SiteState(NORTHSIDE, version(1), groups)])
    board.sites["haven"] = SiteState(HAVEN, version(1))
    board.alerts = (issued(at("16:20"), at("16:40")),)
    for moment, turn in ((NOW, at("16:20")), (at("16:20"), at("16:40"))):
        rows = Moment(board, moment).rows()
        assert {row.changes_at for row in rows} == {turn}


# What coordinators do, in any order, at any minute of a day: no figure is ever better for it.
ACTS = st.lists(
    st.tuples(
        st.integers(0, 1380),  # minutes after the reset
        st.sampled_from(Act),
        st.integers(1, 600),  # minutes that it lasts, or lasts longer
        st.integers(0, 300),  # minutes until it begins
    ),
    max_size=8,
)


@settings(max_examples=500 if SOAK else 30)
@given(ACTS, st.integers(0, 1380))
def test_whatever_is_issued_extended_or_cancelled_no_figure_grows_fresher(
    acts: list[tuple[int, Act, int, int]], counted: int
) -> None:
    start = at("08:00")
    observed = start + timedelta(minutes=counted)
    group = GroupState(WOMEN, figure(4, observed))
    board = Board(DAY, version(1), [SiteState(RIVERBANK, version(1), (group,))])
    last = Freshness.FRESH
    done = sorted(acts, key=lambda one: one[0])
    for minute in range(counted, 1440, 20):
        now = start + timedelta(minutes=minute)
        while done and done[0][0] <= minute:
            board.alerts = _after(board.alerts, now, done.pop(0)[1:])
        row = Moment(board, now).row("riverbank")
        assert row
        found = row.groups[0].freshness
        assert WORSE.index(found) >= WORSE.index(last), (now, board.alerts)
        last = found


def _after(known: tuple, now: datetime, act: tuple[Act, int, int]):  # type: ignore[type-arg, no-untyped-def]
    """What the scripts of the store make of it."""
    kind, lasts, begins = act
    standing = [one for one in known if one.until > now]
    if kind is Act.ISSUED or not standing:
        since = now + timedelta(minutes=begins)
        new = issued(since, since + timedelta(minutes=lasts), id=f"a-{len(known)}")
        return alerts.with_alert(known, new)
    one = standing[0]
    until = max(now, one.since)
    ending: Ending | None = Ending.WARMER
    if kind is Act.EXTENDED:
        until, ending = one.until + timedelta(minutes=lasts), None
    changed = issued(one.since, until, id=one.id, cancelled=ending)
    return alerts.with_alert(known, changed)


def test_a_night_is_the_one_that_an_alert_was_on_in_from_reset_to_reset() -> None:
    one = issued(at("16:12"), at("08:00", 22))
    nights = coldnights.dates(one, DAY, at("12:00", 25))
    assert [night.isoformat() for night in nights] == ["2026-11-20", "2026-11-21"]
    assert coldnights.dates(one, DAY, at("17:00")) == nights[:1]
    assert coldnights.dates(one, DAY, at("16:00")) == []
    early = issued(at("03:00", 21), at("07:00", 21))
    assert coldnights.dates(early, DAY, at("12:00", 25)) == nights[:1]
    never = issued(at("18:00"), at("18:00"), cancelled=Ending.MISTAKE)
    assert coldnights.dates(never, DAY, at("12:00", 25)) == []


def test_the_log_has_every_night_with_an_alert_and_every_one_that_was_written_down() -> None:
    one, night = issued(), Night(at("12:00", 18).date(), low=-20, sky=(Sky.SNOW,))
    log = coldnights.log([one], [night], at("12:00", 20), DAY)
    assert [(entry.date.day, entry.over) for entry in log] == [(18, True)]
    log = coldnights.log([one], [night], at("17:00", 20), DAY)
    assert [(entry.date.day, entry.over) for entry in log] == [(20, False), (18, True)]
    assert log[0].alerts == [one]
    assert log[1].night == night


@pytest.mark.parametrize("wrong", [{"low": -90}, {"chill": 40}, {"sites": -1}, {"sheltered": -1}])
def test_a_night_that_can_t_be_can_t_be_built(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"must be|can't be"):
        Night(NOW.date(), **wrong)  # type: ignore[arg-type]
