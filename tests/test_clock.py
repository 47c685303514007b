"""Freshness, proved against a slow second opinion, and wall times on the two odd nights."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.clock import (
    Alert,
    Day,
    Earlier,
    Freshness,
    Limits,
    horizons,
    instant,
    last_reset,
    next_instant,
    next_reset,
    segments,
)
from tests.values import DAY, ZONE, at

MINUTE = timedelta(minutes=1)
ORDER = list(Freshness)


def slow_judgement(
    observed: datetime, now: datetime, day: Day, tighter: Limits | None, alerts: list[Alert]
) -> Freshness:
    """The worst state of any minute since the figure was observed, straight from the table."""
    if observed < last_reset(now, day):
        return Freshness.NEVER
    worst, moment = Freshness.FRESH, observed
    while True:
        moment = min(moment, now)
        told = day.in_force(moment)
        evening = moment.astimezone(day.zone).time() >= told.evening
        alerted = any(alert.since <= moment < alert.until for alert in alerts)
        held = told.evening_limits if evening or alerted else told.other_limits
        limits = held.tightened(tighter)
        age = moment - observed
        if age > limits.stale:
            state = Freshness.STALE
        else:
            state = Freshness.AGEING if age > limits.fresh else Freshness.FRESH
        worst = max(worst, state, key=ORDER.index)
        if moment == now:
            return worst
        moment += MINUTE


minutes = st.integers(0, 4 * 1440).map(lambda count: at("00:00", 6) + count * MINUTE)
limits = st.tuples(st.integers(1, 300), st.integers(301, 600)).map(
    lambda pair: Limits(pair[0] * MINUTE, pair[1] * MINUTE)
)
alerts = st.lists(
    st.tuples(minutes, st.integers(1, 900)).map(
        lambda pair: Alert(pair[0], pair[0] + pair[1] * MINUTE)
    ),
    max_size=2,
)


@given(minutes, minutes, st.none() | limits, alerts)
def test_freshness_is_the_worst_state_since_the_count(one, other, tighter, on):
    observed, now = sorted((one, other))
    judge = horizons(now, DAY, tighter, on)
    slow = slow_judgement(observed, now, DAY, tighter, on)
    # At the very start of a segment the slow opinion has no minute inside the one before it.
    assert ORDER.index(judge.judge(observed)) >= ORDER.index(slow)
    later = horizons(now + MINUTE, DAY, tighter, on)
    assert (
        ORDER.index(judge.judge(observed))
        <= ORDER.index(slow_judgement(observed, now + MINUTE, DAY, tighter, on))
        or later.judge(observed) is Freshness.NEVER
    )


hours = st.integers(0, 23).map(time)
days = st.builds(
    Day, zone=st.just(ZONE), reset=hours, evening=hours, evening_limits=limits, other_limits=limits
)
changed = st.tuples(days, st.lists(st.tuples(minutes, days), max_size=3)).map(
    lambda made: replace(
        made[0],
        earlier=tuple(Earlier(*one) for one in sorted(made[1], key=lambda one: one[0])),
    )
)


@given(changed, minutes, minutes, minutes)
def test_no_change_of_the_rules_makes_an_old_figure_better(day, one, two, three):
    observed, now, later = sorted((one, two, three))
    before = horizons(now, day).judge(observed)
    assert ORDER.index(before) <= ORDER.index(horizons(later, day).judge(observed))
    assert ORDER.index(before) >= ORDER.index(slow_judgement(observed, now, day, None, []))
    fresh_until, stale_after = horizons(now, day).worsens_at(observed)
    if before is Freshness.FRESH:
        assert now <= fresh_until <= stale_after < next_reset(now, day)


@given(minutes, minutes, minutes, alerts)
def test_freshness_only_worsens_until_the_next_report(one, two, three, on):
    observed, now, later = sorted((one, two, three))
    before = horizons(now, DAY, None, on).judge(observed)
    after = horizons(later, DAY, None, on).judge(observed)
    assert ORDER.index(before) <= ORDER.index(after)


@given(minutes, minutes, st.none() | limits, alerts)
def test_the_announced_ends_are_when_the_state_changes(one, other, tighter, on):
    observed, now = sorted((one, other))
    judge = horizons(now, DAY, tighter, on)
    state = judge.judge(observed)
    fresh_until, stale_after = judge.worsens_at(observed)
    end = next_reset(now, DAY)
    if state is Freshness.FRESH:
        assert now <= fresh_until <= stale_after <= end
        assert horizons(fresh_until - MINUTE, DAY, tighter, on).judge(observed) in (
            Freshness.FRESH,
            Freshness.NEVER,
        ) or (fresh_until - MINUTE < observed)
        just_after = horizons(fresh_until + MINUTE, DAY, tighter, on).judge(observed)
        assert just_after is not Freshness.FRESH
    if state is Freshness.AGEING:
        assert fresh_until <= now <= stale_after <= end
        just_after = horizons(stale_after + MINUTE, DAY, tighter, on).judge(observed)
        assert just_after in (Freshness.STALE, Freshness.NEVER)


@pytest.mark.parametrize(
    ("observed", "now", "state"),
    [
        ("15:00", "16:00", "fresh"),  # exactly 60 minutes
        ("15:00", "16:01", "ageing"),
        ("15:00", "18:00", "ageing"),  # exactly 3 hours
        ("15:00", "18:01", "stale"),
        ("09:00", "13:00", "fresh"),  # exactly 4 hours, outside the evening
        ("08:30", "13:00", "ageing"),
        ("11:30", "15:00", "stale"),  # the evening tightens what was fresh
        ("07:59", "08:00", "never"),  # dead at the reset
        ("08:00", "08:00", "fresh"),
    ],
)
def test_the_table_of_the_product(observed, now, state):
    assert horizons(at(now), DAY).judge(at(observed)) is Freshness(state)


def test_the_end_of_an_evening_refreshes_nothing():
    observed = at("20:30")
    assert horizons(at("23:59"), DAY).judge(observed) is Freshness.STALE
    assert horizons(at("00:01", 21), DAY).judge(observed) is Freshness.STALE


def test_the_end_of_an_alert_refreshes_nothing():
    alert = Alert(at("09:00"), at("12:00"))
    observed = at("08:30")
    assert horizons(at("12:30"), DAY, None, [alert]).judge(observed) is Freshness.STALE
    assert horizons(at("12:30"), DAY).judge(observed) is Freshness.FRESH


def test_a_group_that_nobody_reported_is_never_anything_else():
    assert horizons(at("16:00"), DAY).judge(None) is Freshness.NEVER


def test_a_skipped_wall_time_is_the_next_real_instant():
    spring = instant(date(2026, 3, 8), time(2, 30), ZONE)
    assert spring == datetime(2026, 3, 8, 10, 0, tzinfo=UTC)


def test_a_repeated_wall_time_is_its_first():
    autumn = instant(date(2025, 11, 2), time(1, 30), ZONE)  # the last time it did
    assert autumn == datetime(2025, 11, 2, 8, 30, tzinfo=UTC)


@given(st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))
def test_one_reset_is_behind_and_one_ahead(now):
    before, after = last_reset(now, DAY), next_reset(now, DAY)
    assert before <= now < after
    assert timedelta(hours=23) <= after - before <= timedelta(hours=25)
    assert now < next_instant(now, time(17), ZONE) <= now + timedelta(hours=25)


@given(minutes, minutes, alerts)
def test_segments_cover_the_whole_stretch_without_a_gap(one, other, on):
    since, until = sorted((one, other))
    parts = list(segments(since, until, DAY, on))
    edges = [since, *(part.until for part in parts)]
    assert [part.since for part in parts] == edges[:-1]
    assert edges[-1] == until


@pytest.mark.parametrize(("fresh", "stale"), [(0, 10), (10, 10), (20, 10), (-5, 10)])
def test_limits_that_make_no_sense_cannot_be_built(fresh, stale):
    with pytest.raises(ValueError, match="fresh limit"):
        Limits(fresh * MINUTE, stale * MINUTE)
