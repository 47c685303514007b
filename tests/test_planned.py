"""Facts that hold from one day until another: on the rows, in the store, by the clock alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import planned
from dashboard.beds import Place, Site, Status
from dashboard.board import Board, GroupState, SiteState
from dashboard.config import Settings
from dashboard.events import SiteSaved
from dashboard.facts import Kind, Known
from dashboard.planned import Planned, Proof
from dashboard.rows import Moment
from dashboard.store import ChangedMeanwhile, Store

from .values import DAY, HAVEN, MATS, NOW, RIVERBANK, WOMEN, at, version

CURFEW = Planned("curfew", time(22), date(2026, 11, 21), date(2026, 11, 22), Proof("Noor"))


def moment(now: datetime, site: Site = RIVERBANK, *groups: GroupState) -> Moment:
    return Moment(Board(DAY, version(1), [SiteState(site, version(1), groups)]), now)


@pytest.mark.parametrize(
    ("now", "curfew"),
    [
        (at("16:00", 20), None),
        (at("07:59", 21), None),
        (at("08:00", 21), time(22)),
        (at("07:59", 23), time(22)),
        (at("08:00", 23), None),
    ],
)
def test_a_planned_value_begins_and_ends_by_itself_at_the_daily_reset(
    now: datetime, curfew: time | None
) -> None:
    (row,) = moment(now, replace(RIVERBANK, planned=(CURFEW,))).rows()
    assert row.site.curfew == curfew


def test_what_every_page_counts_on_to_change_is_when_a_plan_begins() -> None:
    looked = moment(at("16:00"), replace(RIVERBANK, planned=(CURFEW,)), GroupState(WOMEN))
    assert looked.rows()[0].changes_at == at("08:00", 21)


def test_a_place_and_a_bed_group_have_plans_too() -> None:
    moves = Planned("address", "2 New St", date(2026, 11, 20))
    fewer = Planned("capacity", 3, None, date(2026, 11, 20))
    site = replace(RIVERBANK, place=replace(RIVERBANK.place, planned=(moves,)))
    (row,) = moment(NOW, site, GroupState(replace(WOMEN, planned=(fewer,)))).rows()
    assert (row.site.place.address, row.groups[0].capacity) == ("2 New St", 3)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"paused": True}, Status.CLOSED),
        ({"since": date(2026, 11, 21)}, Status.CLOSED),
        ({"since": date(2026, 11, 20)}, Status.CALL_FIRST),
        ({"until": date(2026, 11, 20)}, Status.CALL_FIRST),
        ({"until": date(2026, 11, 19)}, Status.CLOSED),
        ({"planned": (Planned("paused", True, date(2026, 11, 20)),)}, Status.CLOSED),
        ({"planned": (Planned("paused", True, date(2026, 11, 21)),)}, Status.CALL_FIRST),
    ],
)
def test_a_site_is_closed_while_it_does_not_run(fields: dict[str, object], status: Status) -> None:
    looked = moment(NOW, replace(RIVERBANK, **fields), GroupState(WOMEN))  # type: ignore[arg-type]
    assert looked.rows()[0].status is status


def test_a_site_leaves_the_board_a_month_after_its_last_day() -> None:
    site = replace(RIVERBANK, until=date(2026, 10, 21))
    assert len(moment(NOW, site).rows()) == 1
    assert moment(at("16:12", 21), site).rows() == []
    found = moment(at("16:12", 21), site).row("riverbank")
    assert found
    assert found.status is Status.CLOSED


def test_a_phone_line_is_not_shown_while_nobody_answers_it() -> None:
    assert len(moment(NOW, HAVEN).rows()) == 1
    assert moment(NOW, replace(HAVEN, paused=True)).rows() == []


def test_beds_that_are_paused_are_closed_and_beds_that_ended_are_not_there() -> None:
    paused = GroupState(replace(WOMEN, paused=True))
    over = GroupState(replace(MATS, site="riverbank", until=date(2026, 11, 19)))
    (row,) = moment(NOW, RIVERBANK, paused, over).rows()
    assert [(one.group.id, one.status) for one in row.groups] == [("women", Status.CLOSED)]
    (row,) = moment(NOW, RIVERBANK, over).rows()
    assert row.status is Status.CLOSED


def test_a_plan_that_ends_before_it_begins_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        Planned("curfew", None, date(2026, 11, 21), date(2026, 11, 20))


def test_a_change_now_ends_the_plan_of_today_and_leaves_the_one_to_come() -> None:
    now, later = replace(CURFEW, since=None), replace(CURFEW, since=date(2026, 11, 22))
    site = planned.planning(RIVERBANK, [now, later])
    changed = planned.changed(site, {"curfew": time(21)}, Proof("Sam"), date(2026, 11, 20))
    assert (changed.curfew, changed.planned) == (time(21), (later,))
    assert planned.proof_of(changed, "curfew") == Proof("Sam")


DAYS = st.dates(date(2026, 11, 1), date(2026, 11, 9))


@st.composite
def plans(draw: st.DrawFn) -> Planned:
    since, until = draw(st.none() | DAYS), draw(st.none() | DAYS)
    if since and until and until < since:
        since, until = until, since
    fact = draw(st.sampled_from(("pets", "meals")))
    return Planned(fact, draw(st.sampled_from(Known)), since, until)


@given(st.lists(plans(), max_size=5), DAYS, st.integers(0, 9))
def test_settling_changes_no_fact_of_this_day_or_a_later_one(
    drawn: list[Planned], today: date, ahead: int
) -> None:
    site = planned.planning(RIVERBANK, drawn)
    settled, when = planned.settled(site, today), today.replace(day=min(30, today.day + ahead))
    kept = [planned.as_of(one, when) for one in (site, settled)]
    assert (kept[0].pets, kept[0].meals) == (kept[1].pets, kept[1].meals)
    assert not [one for one in settled.planned if one.over(today)]


@pytest.fixture
def store(settings: Settings) -> Store:
    found = Store(settings.store_url, settings.community)
    found.profiles.save([RIVERBANK], [WOMEN], "test", NOW)
    return found


def test_plans_and_proofs_come_back_as_they_were_saved(store: Store) -> None:
    proofs = (("curfew", Proof("Noor", date(2026, 11, 1))), ("pets", Proof("Sam")))
    place = Place("South Shore", planned=(Planned("address", "2 New St", date(2026, 12, 1)),))
    all_of_it = (
        replace(CURFEW, proof=proofs[0][1]),
        Planned("curfew", None, date(2026, 12, 1)),
        Planned("pets", Known.YES, None, date(2026, 12, 1)),
    )
    site = replace(RIVERBANK, planned=all_of_it, proofs=proofs, paused=True, place=place)
    group = replace(WOMEN, planned=(Planned("capacity", 3, date(2026, 12, 1)),), since=NOW.date())
    store.profiles.save([site], [group], "test", NOW)
    kept = store.profiles.all()
    assert (kept.sites["riverbank"], kept.sites["riverbank"].place) == (site, place)
    assert kept.of("riverbank") == [group]
    assert store.stream.snapshot(DAY).sites == store.stream.rebuilt(DAY).sites
    assert "New St" not in repr(store.connection.client.xrange(store.connection.key("events")))


def test_only_what_is_still_as_it_was_seen_is_saved(store: Store) -> None:
    marks = store.profiles.all().marks
    store.profiles.save([replace(RIVERBANK, phone="211")], [], "noor", NOW, marks)
    last = store.stream.latest(1)[0].version
    with pytest.raises(ChangedMeanwhile):
        store.profiles.save([replace(RIVERBANK, phone="911")], [], "sam", NOW, marks)
    with pytest.raises(ChangedMeanwhile):
        store.profiles.save([], [WOMEN], "sam", NOW, marks | {"riverbank/women": ""})
    assert store.stream.latest(1)[0].version == last
    assert store.profiles.sites()["riverbank"].phone == "211"


def test_a_place_that_changed_meanwhile_is_seen_too(store: Store) -> None:
    marks = store.profiles.all().marks
    store.profiles.save([replace(RIVERBANK, place=Place("Here"))], [], "noor", NOW, marks)
    with pytest.raises(ChangedMeanwhile):
        store.profiles.save([replace(RIVERBANK, phone="911")], [], "sam", NOW, marks)


def test_of_many_who_change_a_site_at_once_none_undoes_another(store: Store) -> None:
    """Each tells a fact of its own, from what it saw, and looks again where that has changed."""
    facts = (
        "pets",
        "meals",
        "carts",
        "storage",
        "couples",
        "wheelchair",
        "lower_bunk",
        "without_id",
    )

    def tell(fact: str) -> None:
        while True:
            kept = store.profiles.all()
            site = replace(kept.sites["riverbank"], **{fact: Known.YES})  # type: ignore[arg-type]
            with suppress(ChangedMeanwhile):
                store.profiles.save([site], [], fact, NOW, kept.marks)
                return

    with ThreadPoolExecutor(len(facts)) as pool:
        list(pool.map(tell, facts))
    site = store.profiles.sites()["riverbank"]
    assert all(getattr(site, fact) is Known.YES for fact in facts)
    saved = [one for one in store.stream.events() if isinstance(one, SiteSaved)]
    assert sorted(one.who for one in saved[1:]) == sorted(facts)
    assert all(one.before == other.site for other, one in pairwise(saved))


def test_a_reader_that_was_away_is_told_anew_what_stands_elsewhere_on_the_board() -> None:
    sites = [SiteState(one, version(1)) for one in (RIVERBANK, HAVEN)]
    board = Board(DAY, version(1), sites)
    shown = SiteState(replace(HAVEN, kind=Kind.WINTER), version(2))
    assert board.become(Board(DAY, version(2), [sites[0], shown])) is None
    renamed = SiteState(replace(RIVERBANK, name="Hall"), version(3))
    assert board.become(Board(DAY, version(3), [renamed, shown])) == ["riverbank"]


def test_the_same_form_twice_is_one_entry(store: Store) -> None:
    marks, site = store.profiles.all().marks, replace(RIVERBANK, phone="211")
    first, again = (
        store.profiles.save([site], [], "noor", NOW, marks, "a-key-of-a-form") for _ in "12"
    )
    assert first == again == store.stream.latest(1)[0].version


def test_an_entry_tells_what_was_before(store: Store) -> None:
    store.profiles.save([replace(RIVERBANK, phone="211")], [replace(WOMEN, capacity=1)], "x", NOW)
    beds, site = store.stream.latest(2)
    assert site.before == replace(RIVERBANK, place=Place())  # type: ignore[attr-defined]
    assert beds.before == WOMEN  # type: ignore[attr-defined]
