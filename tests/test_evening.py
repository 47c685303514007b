"""What a desk declares for tonight: how it is read, when it ends, what the public sees of it."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import published
from dashboard.beds import Source, Status
from dashboard.board import Board, GroupState, SiteState
from dashboard.clock import TICK, Day, instant, last_reset, next_instant, next_reset
from dashboard.declaring import declared, ended
from dashboard.evening import (
    COUNTED,
    PHRASES,
    REASONS,
    RULES,
    TIMED,
    TIMES,
    Declaration,
    Reason,
    Topic,
    find,
    with_said,
)
from dashboard.facts import Known
from dashboard.filters import Choice, fit
from dashboard.forms import Refused, Wrong
from dashboard.people import Hand
from dashboard.rows import Line, Moment
from tests.values import (
    DAY,
    FAMILY,
    HAVEN,
    MATS,
    MEN,
    NORTHSIDE,
    NOW,
    RIVERBANK,
    WOMEN,
    at,
    figure,
    hold,
    version,
)

HAND = Hand("p-river", Source.DESK)
RESET = at("08:00", 21)
SITE, BEDS = ("riverbank", ""), ("riverbank", "women")
TORONTO = Day(zone=ZoneInfo("America/Toronto"))


def said(topic: Topic, until: datetime | None = RESET, **more: object) -> Declaration:
    if topic in REASONS:
        more = {"reason": REASONS[topic][0]} | more
    return Declaration(topic, NOW, until, "p-river", "5-0", **more)  # type: ignore[arg-type]


def form(topic: str, **fields: str) -> dict[str, str]:
    return {"topic": topic, "key": "a key that is long"} | fields


def read(topic, place=SITE, now=NOW, day=DAY, **fields):
    return declared(form(topic, **fields), place, HAND, now, day)


def wrong(topic, place=SITE, now=NOW, day=DAY, **fields):
    with pytest.raises(Refused) as refused:
        read(topic, place, now, day, **fields)
    return refused.value.errors


def row(site=RIVERBANK, groups=None, evening=(), now=NOW):
    groups = (GroupState(WOMEN, figure(4, at("16:00"))),) if groups is None else groups
    state = SiteState(site, version(1), groups, evening)
    return Moment(Board(DAY, version(1), [state]), now).row(site.id)


def test_every_topic_is_of_one_kind():
    apart = {Topic.CLOSED, Topic.CALL_FIRST}
    kinds = [set(TIMES), set(RULES), set(PHRASES), set(COUNTED), apart]
    assert sum(map(len, kinds)) == len(set().union(*kinds)) == len(Topic)
    assert (RULES[0], RULES[-1]) == (Topic.NO_CURFEW, Topic.NO_ID)
    assert (PHRASES[0], PHRASES[-1]) == (Topic.NO_INTAKES, Topic.SHUTTLE)


@pytest.mark.parametrize(
    ("topic", "more"),
    [
        (Topic.MEAL, {}),
        (Topic.KNOCK, {"time": time(20)}),
        (Topic.SURGE, {}),
        (Topic.SURGE, {"count": -1}),
        (Topic.CAPACITY, {"count": 10_000}),
        (Topic.CLOSED, {"count": 3}),
        (Topic.CLOSED, {"reason": None}),
        (Topic.CLOSED, {"reason": Reason.COLD}),
        (Topic.KNOCK, {"reason": Reason.SAFETY}),
        (Topic.KNOCK, {"until": None}),
    ],
)
def test_what_says_nothing_cannot_be_built(topic, more):
    with pytest.raises(ValueError, match=r"must|reason|nothing"):
        said(topic, **more)


def test_a_declaration_ends_at_the_daily_reset_if_no_time_is_set():
    saying = read("closed", reason="staffing")
    assert saying.declaration == Declaration(
        Topic.CLOSED, NOW, RESET, "p-river", reason=Reason.STAFFING
    )
    assert (saying.site, saying.group, saying.seen, saying.lasts) == ("riverbank", "", None, "")


@pytest.mark.parametrize(
    ("typed", "end"),
    [
        ("21:30", at("21:30")),
        ("9:30 pm", at("21:30")),
        ("9 PM", at("21:00")),
        ("9 p.m.", at("21:00")),
        ("21 h 30", at("21:30")),
        ("21h", at("21:00")),
        ("12 am", at("00:00", 21)),
        ("7", at("07:00", 21)),
        ("07:59", at("07:59", 21)),
        ("08:00", RESET),
    ],
)
def test_an_end_is_a_time_before_the_reset_however_it_is_written(typed, end):
    assert read("knock", until=typed).declaration.until == end


@pytest.mark.parametrize(
    ("topic", "fields", "errors"),
    [
        ("knock", {"until": "09:00"}, {"until": Wrong.AFTER_RESET}),
        ("knock", {"until": "16:12"}, {"until": Wrong.AFTER_RESET}),
        ("knock", {"until": "soon"}, {"until": Wrong.NOT_A_CLOCK_TIME}),
        ("knock", {"until": "25:00"}, {"until": Wrong.NOT_A_CLOCK_TIME}),
        ("knock", {"until": "13 pm"}, {"until": Wrong.NOT_A_CLOCK_TIME}),
        ("curfew", {}, {"time": Wrong.MISSING}),
        ("meal", {"time": "late"}, {"time": Wrong.NOT_A_CLOCK_TIME}),
        ("closed", {}, {"reason": Wrong.MISSING}),
        ("closed", {"reason": "cold"}, {"reason": Wrong.UNKNOWN_WORD}),
        ("party", {}, {"topic": Wrong.UNKNOWN_WORD}),
        ("", {}, {"topic": Wrong.MISSING}),
        ("surge", {"count": "4", "reason": "cold"}, {"topic": Wrong.UNKNOWN_WORD}),
        ("knock", {"key": "short"}, {"key": Wrong.MISSING}),
        ("knock", {"seen.knock": "nonsense"}, {"seen": Wrong.NOT_A_VERSION}),
    ],
)
def test_a_field_that_cannot_be_used_is_refused_by_its_name(topic, fields, errors):
    assert wrong(topic, **fields).items() >= errors.items()


def test_a_meal_is_over_when_it_ends():
    assert read("meal", time="7 pm").declaration.until == at("19:00")
    assert read("meal", time="19:00", until="20:00").declaration.until == at("20:00")
    assert wrong("meal", time="09:00") == {"until": Wrong.AFTER_RESET}
    assert wrong("meal", time="late") == {"time": Wrong.NOT_A_CLOCK_TIME}


def test_beds_are_declared_of_a_bed_group_alone():
    surge = read("surge", BEDS, count="6", reason="cold", until="23:00").declaration
    assert (surge.count, surge.reason, surge.until) == (6, Reason.COLD, at("23:00"))
    assert read("capacity", BEDS, count="0").declaration.count == 0
    assert wrong("knock", BEDS) == {"topic": Wrong.UNKNOWN_WORD}
    assert wrong("surge", BEDS, count="-1", reason="demand") == {"count": Wrong.BELOW_ZERO}
    assert wrong("surge", BEDS, count="many", reason="") == {
        "count": Wrong.NOT_A_NUMBER,
        "reason": Wrong.MISSING,
    }


@pytest.mark.parametrize(
    ("back", "end"),
    [
        ("", None),
        ("2026-11-21", RESET),
        ("2026-11-25", at("08:00", 25)),
        ("2026-11-20", Wrong.PASSED),
        ("2027-12-24", Wrong.TOO_FAR),
        ("tomorrow", Wrong.NOT_A_DAY),
        ("2026-02-30", Wrong.NOT_A_DAY),
    ],
)
def test_beds_out_of_service_come_back_at_the_reset_of_a_day(back, end):
    fields = {"count": "2", "reason": "pests", "back": back}
    if isinstance(end, Wrong):
        assert wrong("out-of-service", BEDS, **fields) == {"back": end}
    else:
        assert read("out-of-service", BEDS, **fields).declaration.until == end


def test_after_midnight_today_is_still_to_come():
    night = at("02:00", 21)
    fields = {"count": "2", "reason": "pests", "back": "2026-11-21"}
    assert read("out-of-service", BEDS, night, **fields).declaration.until == RESET


def test_ending_needs_only_the_topic_and_what_was_seen():
    saying = ended(form("knock") | {"seen.knock": "7-1"}, SITE, HAND)
    assert (saying.declaration, saying.seen, saying.topic) == (None, "7-1", Topic.KNOCK)
    with pytest.raises(Refused):
        ended(form("surge"), SITE, HAND)


@pytest.mark.parametrize(
    ("night", "until", "local"),
    [
        (date(2026, 3, 7), "02:30", "2026-03-08T03:00:00-04:00"),  # skipped: the next instant
        (date(2026, 3, 7), "", "2026-03-08T08:00:00-04:00"),
        (date(2026, 10, 31), "01:30", "2026-11-01T01:30:00-04:00"),  # repeated: the first
        (date(2026, 10, 31), "", "2026-11-01T08:00:00-05:00"),
    ],
)
def test_on_the_two_odd_nights_an_end_is_the_instant_of_its_wall_time(night, until, local):
    now = instant(night, time(22), TORONTO.zone)
    end = read("knock", now=now, day=TORONTO, until=until).declaration.until
    assert end == datetime.fromisoformat(local)


hours = st.integers(0, 2 * 366 * 24 * 60).map(
    lambda minutes: instant(date(2026, 1, 1), time(0), TORONTO.zone) + timedelta(minutes=minutes)
)


@given(hours, st.times().map(lambda one: one.replace(second=0, microsecond=0)))
def test_whatever_the_hour_an_end_lies_ahead_and_never_after_the_reset(now, wall):
    reset = next_reset(now, TORONTO)
    typed = wall.isoformat("minutes")
    if next_instant(now, wall, TORONTO.zone) > reset:
        assert wrong("knock", now=now, day=TORONTO, until=typed) == {"until": Wrong.AFTER_RESET}
        return
    end = read("knock", now=now, day=TORONTO, until=typed).declaration.until
    assert now < end <= reset
    assert last_reset(end - TICK, TORONTO) == last_reset(now, TORONTO)


def test_closed_tonight_closes_every_group_to_the_instant():
    groups = (GroupState(WOMEN, figure(4, at("16:00"))), GroupState(MEN))
    closed = (said(Topic.CLOSED, at("20:00")),)
    shown = row(groups=groups, evening=closed)
    assert [shown.status, *(one.status for one in shown.groups)] == [Status.CLOSED] * 3
    assert (shown.available, shown.groups[0].available) == (None, None)
    assert row(groups=groups, evening=closed, now=at("20:00") - TICK).status is Status.CLOSED
    again = row(groups=groups, evening=closed, now=at("20:00"))
    assert again.status is not Status.CLOSED
    assert again.lines == ()


def test_a_site_without_nightly_beds_may_be_closed_too():
    shown = row(groups=(), evening=(said(Topic.CLOSED, at("20:00")),))
    assert (shown.status, shown.changes_at) == (Status.CLOSED, at("20:00"))


@pytest.mark.parametrize("topic", [Topic.CALL_FIRST, Topic.NO_INTAKES])
def test_a_site_that_asks_for_a_call_tonight_has_no_number(topic):
    shown = row(evening=(said(topic),))
    assert (shown.status, shown.available) == (Status.CALL_FIRST, None)
    assert row(evening=(said(topic),), now=RESET).site.asks_call_first is False


def test_a_row_changes_when_the_first_of_its_declarations_ends():
    evening = (said(Topic.KNOCK, at("16:40")), said(Topic.MEAL, at("16:20"), time=time(19)))
    assert row(evening=evening).changes_at == at("16:20")
    assert row(evening=evening, now=at("16:20")).changes_at == at("16:40")
    surge = GroupState(WOMEN, None, (), (said(Topic.SURGE, at("16:30"), count=4),))
    assert row(groups=(surge,)).changes_at == at("16:30")
    assert row(groups=(surge,), now=at("16:30")).changes_at == RESET


def test_times_and_rules_of_tonight_stand_in_the_place_of_the_sites_own():
    evening = (
        said(Topic.LAST_CHECK_IN, time=time(23, 30)),
        said(Topic.CURFEW, time=time(1)),
        said(Topic.PETS, at("20:00")),
        said(Topic.HAVING_USED),
    )
    shown = row(replace(RIVERBANK, pets=Known.NO), evening=evening)
    assert (shown.site.last_check_in, shown.site.curfew) == (time(23, 30), time(1))
    assert Choice.PETS not in fit(shown).no
    assert Choice.SOBRIETY not in fit(shown).ask
    later = row(replace(RIVERBANK, pets=Known.NO), evening=evening, now=at("20:00"))
    assert Choice.PETS in fit(later).no
    no_curfew = with_said(evening, Topic.NO_CURFEW, said(Topic.NO_CURFEW))
    assert row(evening=no_curfew).site.curfew is None
    assert row(evening=evening, now=RESET).site == RIVERBANK


def test_a_line_tells_its_end_only_where_it_is_not_the_reset():
    shown = row(evening=(said(Topic.MEAL, at("19:00"), time=time(19)), said(Topic.KNOCK)))
    assert shown.lines == (Line(Topic.MEAL, time(19), at("19:00")), Line(Topic.KNOCK))
    assert "p-river" not in repr(shown)
    assert not {"who", "reason", "since"} & asdict(shown.lines[0]).keys()


def test_nobody_hears_what_a_confidential_site_declares():
    everything = tuple(
        said(topic, **({"time": time(20)} if topic in TIMED else {}))
        for topic in Topic
        if topic not in COUNTED
    )
    surge = GroupState(FAMILY, figure(3, NOW), (), (said(Topic.SURGE, count=4),))
    shown = row(HAVEN, (surge,), everything)
    assert shown == row(HAVEN, (GroupState(FAMILY),))
    told = published.site(shown, NOW)
    assert (told["tonight"], told["groups"], told["status"]) == ([], [], "confidential")


def test_a_person_stands_over_a_machine_until_their_word_ends():
    machine = replace(figure(4, at("16:00")), capacity=20, surge=1, out_of_service=3)
    tonight = (
        said(Topic.CAPACITY, at("17:00"), count=14),
        said(Topic.SURGE, at("17:00"), count=0),
        said(Topic.OUT_OF_SERVICE, at("17:00"), count=2),
    )
    state = GroupState(WOMEN, machine, (), tonight)

    def beds(now=NOW, state=state):
        shown = row(groups=(state,), now=now).groups[0]
        return shown.capacity, shown.surge, shown.out_of_service

    assert beds() == (14, 0, 2)
    assert beds(at("17:00") - TICK) == (14, 0, 2)
    assert beds(at("17:00")) == (20, 1, 3)
    assert beds(state=GroupState(WOMEN, None, (), tonight)) == (14, 0, 2)
    assert beds(state=GroupState(WOMEN, machine)) == (20, 1, 3)
    assert beds(at("09:00", 21), GroupState(WOMEN, machine)) == (12, 0, 0)


def test_out_of_service_outlives_the_reset_until_its_day():
    for until, left in ((at("08:00", 25), 0), (None, 2)):
        out = (said(Topic.OUT_OF_SERVICE, until, count=2),)
        state = (GroupState(WOMEN, None, (), out),)
        assert row(groups=state, now=at("08:00", 22)).groups[0].out_of_service == 2
        assert row(groups=state, now=at("08:00", 25)).groups[0].out_of_service == left


def test_no_declaration_touches_open_freshness_or_a_hold():
    counted = GroupState(WOMEN, figure(4, at("16:00")), (hold("h1", WOMEN, at("16:00")),))
    tonight = tuple(said(topic, count=9) for topic in COUNTED)
    told = said(Topic.KNOCK)
    plain = row(groups=(counted,)).groups[0]
    shown = row(groups=(replace(counted, tonight=tonight),), evening=(told,)).groups[0]
    beds = {"capacity": 9, "surge": 9, "out_of_service": 9}
    assert shown == replace(plain, **beds)
    assert (shown.available, shown.observed_at) == (3, at("16:00"))


@given(st.lists(st.tuples(st.sampled_from(RULES), st.integers(1, 600)), max_size=12))
def test_overlapping_declarations_each_end_at_their_own_instant(plan):
    evening: tuple[Declaration, ...] = ()
    for topic, minutes in plan:
        evening = with_said(evening, topic, said(topic, NOW + timedelta(minutes=minutes)))
    last = dict(plan)
    for topic, minutes in last.items():
        end = NOW + timedelta(minutes=minutes)
        assert find(evening, topic, end - TICK)
        assert not find(evening, topic, end)
    shown = row(evening=evening)
    assert {one.topic for one in shown.lines} == set(last)
    for moment in sorted({one.until for one in evening}):
        shown = row(evening=evening, now=moment)
        assert {one.topic for one in shown.lines} == {
            topic for topic, minutes in last.items() if NOW + timedelta(minutes=minutes) > moment
        }


def test_an_api_reader_hears_what_is_declared():
    evening = (said(Topic.CALL_FIRST), said(Topic.MEAL, at("19:00"), time=time(19)))
    surge = GroupState(MATS, figure(2, NOW), (), (said(Topic.SURGE, count=5),))
    told = published.site(row(NORTHSIDE, (surge,), evening), NOW)
    assert told["tonight"] == [
        {"topic": "call-first", "time": None, "until": None},
        {"topic": "meal", "time": "19:00", "until": published.stamp(at("19:00"))},
    ]
    assert (told["groups"][0]["surge"], told["groups"][0]["out_of_service"]) == (5, 0)
    assert "p-river" not in str(told)


def test_the_api_names_every_topic_that_it_may_tell():
    told = (Path(__file__).parents[1] / "docs" / "api.md").read_text(encoding="utf-8")
    assert [topic for topic in Topic if topic not in COUNTED and f"`{topic}`" not in told] == []
