"""Which site needs a call, and why: by values alone, at any hour of a night."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.beds import BedGroup, Site
from dashboard.board import Board, GroupState, SiteState
from dashboard.calls import AGAIN, LEASE, Call, CallEnd, LastCall
from dashboard.clock import TICK
from dashboard.evening import Declaration, Topic
from dashboard.evening import Reason as Why
from dashboard.rows import Moment
from dashboard.visits import Dispute, Found
from dashboard.worklist import CALLS_FOR, Need, Work, next_sites, worklist

from .by_hand import SOAK
from .values import DAY, MATS, MEN, NORTHSIDE, RIVERBANK, WINTER, WOMEN, at, figure, version

HOUR = timedelta(hours=1)


def look(now: datetime, *states: SiteState) -> list[Work]:
    return worklist(Moment(Board(DAY, version(1), states), now), states)


def site(site: Site, *groups: GroupState, **more: object) -> SiteState:
    return SiteState(site, version(1), groups, **more)  # type: ignore[arg-type]


def counted(text: str, group: BedGroup = WOMEN) -> GroupState:
    return GroupState(group, figure(4, at(text)))


def need(now: datetime, *groups: GroupState, **more: object) -> Need:
    (found,) = look(now, site(RIVERBANK, *groups, **more))
    return found.need


def test_a_number_is_unconfirmed_from_the_moment_that_reminds_and_not_before() -> None:
    said = counted("16:40")
    assert need(at("16:59"), said) is Need.NONE
    assert need(at("17:00"), said) is Need.UNCONFIRMED
    assert need(at("17:00"), counted("17:00")) is Need.NONE


def test_a_site_of_its_own_release_is_asked_then_too() -> None:
    late = replace(RIVERBANK, release=time(20))
    (before,) = look(at("19:59"), site(late, counted("19:50")))
    (after,) = look(at("20:00"), site(late, counted("19:50")))
    assert (before.need, after.need) == (Need.NONE, Need.UNCONFIRMED)
    assert after.asked_at == at("20:00")


def test_the_most_pressing_of_its_groups_is_the_need_of_a_site() -> None:
    fine, doubted = counted("17:10"), counted("17:10", MEN)
    assert doubted.figure
    doubted = replace(
        doubted, figure=replace(doubted.figure, disputed=Dispute(at("17:12"), Found.WAS_FULL, "x"))
    )
    assert need(at("17:15"), fine, doubted) is Need.DISPUTED
    assert need(at("17:15"), fine, GroupState(MEN)) is Need.UNKNOWN
    assert need(at("21:00"), fine) is Need.UNKNOWN, "stale: the board says call first"


def test_what_is_closed_needs_no_call() -> None:
    assert need(at("17:15"), GroupState(WINTER)) is Need.CLOSED
    said = Declaration(Topic.CLOSED, at("15:00"), at("23:00"), "p-river", reason=Why.REPAIRS)
    assert need(at("17:15"), GroupState(WOMEN), evening=(said,)) is Need.CLOSED
    assert need(at("23:00"), GroupState(WOMEN), evening=(said,)) is Need.UNKNOWN


def test_a_call_keeps_others_away_to_the_instant() -> None:
    call = Call("c", "riverbank", "p-cal", at("16:00"), at("16:00") + LEASE)
    state = site(RIVERBANK, GroupState(WOMEN), call=call)
    assert next_sites(look(call.expires_at - TICK, state)) == []
    assert len(next_sites(look(call.expires_at, state))) == 1


def test_nobody_answered_offers_it_again_later_and_forgets_it_with_the_night() -> None:
    last = LastCall(CallEnd.NO_ANSWER, at("16:00"), "p-cal", "1-0")
    state = site(RIVERBANK, GroupState(WOMEN), called=last)
    assert next_sites(look(last.at + AGAIN - TICK, state)) == []
    assert len(next_sites(look(last.at + AGAIN, state))) == 1
    (next_day,) = look(at("09:00", 21), state)
    assert next_day.called is None


def test_a_site_without_a_known_number_comes_last() -> None:
    silent = site(replace(RIVERBANK, phone=""), GroupState(WOMEN))
    known = site(NORTHSIDE, counted("16:40", MATS))
    found = next_sites(look(at("17:10"), silent, known))
    assert [one.state.site.id for one in found] == ["northside", "riverbank"]


MINUTES = st.integers(0, 24 * 60 - 1)


@settings(max_examples=2_000 if SOAK else 25, deadline=None)
@given(first=MINUTES, later=MINUTES, seen=st.lists(MINUTES | st.none(), min_size=1, max_size=4))
def test_a_need_only_grows_until_somebody_reports(
    first: int, later: int, seen: list[int | None]
) -> None:
    """In one night, whatever was observed when: nothing is better later, and nobody is lost."""
    morning = at("08:00")
    begin, end = sorted((morning + timedelta(minutes=first), morning + timedelta(minutes=later)))
    groups = [replace(WOMEN, id=f"g{number}") for number in range(len(seen))]
    states = [
        site(replace(RIVERBANK, id=group.id), GroupState(replace(group, site=group.id), told))
        for group, minute in zip(groups, seen, strict=True)
        for told in [figure(3, morning + timedelta(minutes=minute)) if minute is not None else None]
        if minute is None or morning + timedelta(minutes=minute) <= begin
    ]
    before = {one.state.site.id: one.need for one in look(begin, *states)}
    after = {one.state.site.id: one.need for one in look(end, *states)}
    rank = list(Need).index
    assert before.keys() == after.keys() == {one.site.id for one in states}
    assert all(rank(after[id_]) <= rank(before[id_]) for id_ in before)
    order = [one.need for one in look(end, *states)]
    assert order == sorted(order, key=rank)
    pressing = [one.oldest for one in look(end, *states) if one.need is Need.UNCONFIRMED]
    assert pressing == sorted(pressing), "least recently confirmed first"
    assert {one.need for one in next_sites(look(end, *states))} <= set(CALLS_FOR)
