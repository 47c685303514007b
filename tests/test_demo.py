"""Riverbend's afternoon: the plan by itself, and played into a real store."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from dashboard import alerts, demo, pins
from dashboard.beds import Source, Status
from dashboard.clock import Freshness, horizons
from dashboard.config import Settings
from dashboard.demo.afternoon import COURSES, Act, Deed, Group, at, plan
from dashboard.demo.cast import (
    AGENCY,
    AT_DESK,
    CALLER,
    CAST,
    COORDINATOR,
    PLAYER,
    all_there,
    let_in,
    open_desk,
    sign_ins,
)
from dashboard.demo.evening import WORDS, declare
from dashboard.demo.office import CONTRADICTED, SILENT, work
from dashboard.demo.play import EXAMPLES, Stage, build, when
from dashboard.embedded import CannotStart
from dashboard.events import Declared
from dashboard.passwords import Passwords, weak
from dashboard.reports import Outcome, Report, ReportKind
from dashboard.rows import GroupRow, Moment, SiteRow
from dashboard.store import Store, differences

DAY = Settings().day
TODAY = date(2026, 11, 20)
SEED = 1
SEEDS = range(30)


def opens(acts: tuple[Act, ...], until: float) -> dict[Group, int]:
    """What the desks would say at this minute."""
    return {act.group: act.open for act in acts if act.minute <= until}


def test_the_same_seed_is_the_same_day_and_another_is_another() -> None:
    assert plan(SEED) == plan(SEED)
    assert plan(SEED) != plan(SEED + 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_day_is_in_order_and_nobody_counts_below_zero(seed: int) -> None:
    acts = plan(seed)
    assert all(one.minute <= other.minute for one, other in pairwise(acts))
    assert min(act.open for act in acts) == 0
    assert {act.group for act in acts} == set(COURSES)


@pytest.mark.parametrize("seed", SEEDS)
def test_each_act_leaves_the_figure_that_it_says(seed: int) -> None:
    steps = {Deed.ARRIVE: -1, Deed.ARRIVED: -1, Deed.LEAVE: 1}
    known: dict[Group, int] = {}
    for act in plan(seed):
        if act.deed is not Deed.COUNT:
            assert act.open == known[act.group] + steps.get(act.deed, 0), act
        known[act.group] = act.open


@pytest.mark.parametrize("seed", SEEDS)
def test_beds_go_towards_five_and_a_second_wave_opens_at_nine(seed: int) -> None:
    acts = plan(seed)
    four, five, eight, nine = (
        sum(opens(acts, minute).values()) for minute in (at(16, 5), at(17, 5), at(20), at(21, 1))
    )
    assert four > 2 * five
    assert nine > 2 * eight
    assert opens(acts, at(21))["saltlick-mats", "mats"] == 16


@pytest.mark.parametrize("seed", SEEDS)
def test_every_hold_that_is_made_ends_once(seed: int) -> None:
    acts = [act for act in plan(seed) if act.hold]
    ends = Counter(act.hold for act in acts if act.deed is not Deed.HOLD)
    assert set(ends.values()) == {1}
    made = [act.hold for act in acts if act.deed is Deed.HOLD]
    assert len(made) == len(set(made))
    assert set(ends) <= set(made)
    assert {act.deed for act in acts} == {Deed.HOLD, Deed.ARRIVED, Deed.RELEASE}


def test_something_happens_every_few_seconds_before_five() -> None:
    busy = [act for act in plan(SEED) if at(16, 5) <= act.minute < at(17)]
    assert max(other.minute - one.minute for one, other in pairwise(busy)) < 0.2
    assert {act.deed for act in busy} == set(Deed)


def test_nobody_and_nothing_in_riverbend_can_be_rung_up() -> None:
    with open(EXAMPLES / "riverbend_sites.csv", encoding="utf-8", newline="") as file:
        sites = list(csv.DictReader(file))
    assert all(site["phone"].startswith("250-555-01") for site in sites)
    assert len({site["phone"] for site in sites}) == len(sites)
    (hidden,) = [site for site in sites if site["kind"] == "confidential"]
    assert not any(hidden[name] for name in ("area", "address", "side", "notes"))


@pytest.fixture
def store(redis_url: str) -> Store:
    store = Store(redis_url, "riverbend")
    store.connection.check()
    return store


@pytest.fixture
def stage(store: Store) -> Stage:
    build(store, moment(at(16, 5)))
    return Stage(store, DAY)


def moment(minute: float) -> datetime:
    midnight = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=DAY.zone).astimezone(UTC)
    return midnight + timedelta(minutes=minute)


def play(stage: Stage, since: float, until: float) -> None:
    """All that is due by ``until`` and was not by ``since``, as the demo would catch up."""
    for number, act in enumerate(plan(SEED)):
        if since < act.minute <= until:
            now = max(when(act, TODAY, DAY), moment(at(16, 5)))
            stage.perform(act, TODAY, number, now)


def row(stage: Stage, site: str, minute: float) -> SiteRow:
    found = Moment(stage.store.stream.snapshot(DAY), moment(minute)).row(site)
    assert found is not None
    return found


def group(stage: Stage, site: str, id_: str, minute: float) -> GroupRow:
    return next(one for one in row(stage, site, minute).groups if one.group.id == id_)


def test_the_curtain_rises_on_every_kind_of_site(stage: Stage) -> None:
    play(stage, 0, at(16, 5))
    shown = {one: row(stage, one, at(16, 9)) for one in stage.store.profiles.sites()}
    assert shown["heronfoot-house"].status is Status.OPEN
    assert shown["tern-cottage"].status is Status.FEW
    assert shown["slatebridge-hall"].status is Status.CALL_FIRST
    assert shown["slatebridge-hall"].groups[0].last_known == 4
    assert shown["sedge-street"].freshness is Freshness.NEVER
    assert shown["saltlick-mats"].status is Status.CLOSED
    assert shown["ferrygate"].status is Status.NO_BEDS
    assert shown["candlemoss"].status is Status.CONFIDENTIAL
    assert group(stage, "ninebark-lodge", "seniors", at(16, 9)).freshness is Freshness.AGEING


def test_played_to_five_the_store_says_what_the_plan_says(stage: Stage) -> None:
    play(stage, 0, at(17))
    board = stage.store.stream.snapshot(DAY)
    said = {
        (id_, one.group.id): one.figure.open
        for id_, state in board.sites.items()
        for one in state.groups
        if one.figure
    }
    assert said == opens(plan(SEED), at(17))
    assert differences(board, stage.store.stream.rebuilt(DAY), moment(at(17))) == []


def test_at_nine_the_mats_open(stage: Stage) -> None:
    play(stage, at(20, 55), at(21, 0.5))
    assert row(stage, "saltlick-mats", at(21, 1)).status is Status.OPEN


def test_a_play_that_was_killed_starts_over_and_changes_nothing_twice(stage: Stage) -> None:
    play(stage, 0, at(16, 20))
    before = stage.store.stream.snapshot(DAY)
    play(stage, 0, at(16, 20))
    assert stage.store.stream.snapshot(DAY).version == before.version


def test_a_number_that_a_visitor_put_in_stays(stage: Stage) -> None:
    play(stage, 0, at(16, 10))
    now = moment(at(16, 10))
    answer = stage.store.reports.report(
        Report(
            "heronfoot-house", "men", ReportKind.CHANGE, 17, now, Source.DESK, CAST[1].id, "mine"
        ),
        horizons(now, DAY),
        now,
    )
    assert answer.outcome is Outcome.SAVED
    play(stage, at(16, 10), at(16, 40))
    state = stage.store.stream.snapshot(DAY).sites["heronfoot-house"].group("men")
    assert state is not None
    assert state.figure is not None
    assert (state.figure.open, state.figure.who) == (17, CAST[1].id)


def test_the_cast_can_sign_in_and_the_player_never_can(store: Store) -> None:
    assert not all_there(store)
    first, second = sign_ins(), sign_ins()
    for chosen in (first, second):  # tried again after a time-out, or by the next process
        let_in(store, chosen, moment(at(16, 5)))
    assert all_there(store)
    assert all(weak(password) is None for password in second.values())
    for person in CAST:
        known = store.people.by_login(person.login)
        assert known is not None
        assert known.person == person
        assert Passwords().right(second[person.login], known.proof)
        assert not Passwords().right(first[person.login], known.proof)
    player = store.people.find(PLAYER.id)
    assert player is not None
    assert player.proof == ""


def test_its_front_desk_opens_with_a_link_and_a_pin_for_each(store: Store) -> None:
    let_in(store, sign_ins(), moment(at(16, 5)))
    desk = open_desk(store, "a key", moment(at(16, 5)))
    device = store.devices.invited(desk.link, moment(at(16, 6)))
    assert [one.person for one in store.people.at_desk(device.site)] == sorted(
        AT_DESK, key=lambda person: person.name
    )
    for person in AT_DESK:
        pin, known = desk.pins[person.name], store.people.find(person.id)
        assert known
        assert pins.weak(pin) is None
        assert Passwords().right(pins.sealed(pin, person.id, "a key"), known.pin)


def test_the_clock_starts_at_five_past_four_and_is_the_same_for_every_process(
    tmp_path: Path,
) -> None:
    settings = Settings(var=tmp_path, demo=True)
    one, other = demo.clock(settings), demo.clock(settings)
    before, now, after = one(), other(), one()
    assert before <= now <= after
    local = now.astimezone(settings.day.zone)
    assert (local.hour, local.minute) == (16, 5)
    assert local.date() == datetime.now(settings.day.zone).date()
    assert [path.name for path in tmp_path.iterdir()] == [demo.STARTED]


def test_a_new_demo_forgets_the_last_one(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path, demo=True)
    for _ in range(2):
        demo.afresh(settings)
        (tmp_path / "valkey").mkdir()
        (tmp_path / "valkey" / "numbers").touch()
    demo.afresh(settings)
    assert not (tmp_path / "valkey").exists()


def test_a_folder_with_a_real_board_is_never_emptied(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path, demo=True)
    kept = tmp_path / "valkey" / "numbers"
    kept.parent.mkdir()
    kept.touch()
    with pytest.raises(CannotStart, match="a board that is no demo"):
        demo.afresh(settings)
    assert kept.exists()


def test_desks_declare_their_evening_once_a_day(stage: Stage) -> None:
    for _ in range(2):
        for word in WORDS:
            declare(stage.store, word, TODAY, DAY, moment(word.minute))
    board = stage.store.stream.snapshot(DAY)
    entries = [one for one in stage.store.stream.events() if isinstance(one, Declared)]
    assert len(entries) == len(WORDS)
    assert differences(board, stage.store.stream.rebuilt(DAY), moment(at(22))) == []
    (line,) = row(stage, "heronfoot-house", at(16, 5)).lines
    assert (line.topic, line.until) == ("meal", moment(at(19)))
    assert group(stage, "heronfoot-house", "men", at(16, 5)).out_of_service == 2
    assert row(stage, "heronfoot-house", at(19)).lines == ()


def test_a_demo_that_begins_late_declares_nothing_that_has_passed(stage: Stage) -> None:
    declare(stage.store, WORDS[0], TODAY, DAY, moment(at(20)))
    assert row(stage, "heronfoot-house", at(20)).lines == ()


def test_the_desk_that_visitors_sign_in_to_sees_somebody_come(stage: Stage) -> None:
    play(stage, 0, at(16, 5))
    state = stage.store.stream.snapshot(DAY).sites["heronfoot-house"]
    coming = [hold for one in state.groups for hold in one.holds]
    assert {hold.group for hold in coming} == {"women", "men"}
    assert {hold.agency for hold in coming} == {AGENCY}
    assert len({hold.code for hold in coming}) == 2


def test_its_office_hotline_and_van_work_once_a_day_and_in_their_own_names(stage: Stage) -> None:
    play(stage, 0, at(16, 5))
    for minute in (at(16, 5), at(16, 6)):  # a play that was killed starts over
        work(stage, TODAY, moment(minute))
    board = stage.store.stream.snapshot(DAY)
    (alert,) = alerts.announced(board.alerts, moment(at(16, 6)))
    assert (alert.who, alert.since) == (COORDINATOR.id, moment(at(21)))
    (pool,) = stage.store.vouchers.all()
    assert (pool.agency, pool.hand, pool.out, pool.used) == (AGENCY, 9, 2, 1)
    called = board.sites[SILENT].called
    assert called is not None
    assert (called.who, called.end) == (CALLER.id, "no-answer")
    disputed = [
        (id_, one.group.id)
        for id_, state in board.sites.items()
        for one in state.groups
        if one.figure and one.figure.disputed
    ]
    assert disputed == [CONTRADICTED]
    assert differences(board, stage.store.stream.rebuilt(DAY), moment(at(16, 6))) == []


def test_a_demo_that_begins_at_night_issues_no_alert_for_what_has_begun(stage: Stage) -> None:
    work(stage, TODAY, moment(at(22)))
    assert alerts.announced(stage.store.stream.snapshot(DAY).alerts, moment(at(22))) == []
