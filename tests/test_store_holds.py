"""The rules for holds, one by one, on a real store of each engine."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from dashboard.beds import Figure, HoldEnd, Source
from dashboard.clock import horizons
from dashboard.events import Held, HoldEnded, HoldExtended, Reported
from dashboard.follower import Follower
from dashboard.holds import coming
from dashboard.people import Hand
from dashboard.reports import Answer, Outcome, Report, ReportKind
from dashboard.store import Grip, Store, Undo, differences
from tests.by_hand import wait_until
from tests.values import DAY, GROUPS, MEN, NOW, SITES, VAN, WOMEN, at, hold

MINUTE = timedelta(minutes=1)
DESK = Hand("p-desk", Source.DESK, "d-tablet")
CHANGE, ADJUST, CONFIRM, FULL = ReportKind


class Beds:
    """Riverbank's women's beds, and who is on the way to them."""

    def __init__(self, store: Store):
        self.store = store
        self.taps = 0

    def key(self) -> str:
        self.taps += 1
        return f"tap-{self.taps}"

    def say(self, kind: ReportKind, value: int = 0, now: datetime = NOW, **more: object) -> Answer:
        place = (WOMEN.site, WOMEN.id, kind, value, now, Source.DESK, "p-desk", self.key())
        report = replace(Report(*place, minds_held=True), **more)  # type: ignore[arg-type]
        return self.store.reports.report(report, horizons(now, DAY), now)

    def keep(self, id_: str, now: datetime = NOW, minutes: int = 90, **more: object) -> Answer:
        kept = replace(hold(id_, WOMEN, now, minutes), code=id_, **more)  # type: ignore[arg-type]
        return self.store.holds.keep(kept, horizons(now, DAY), VAN)

    def arrive(
        self, id_: str, now: datetime = NOW, waited: int = 0, site: str = "riverbank"
    ) -> Answer:
        grip = Grip(id_, DESK, self.key(), site)
        return self.store.holds.arrive(grip, now - waited * MINUTE, horizons(now, DAY), now)

    def end(self, id_: str, now: datetime = NOW) -> Answer:
        grip = Grip(id_, DESK, self.key(), "riverbank")
        return self.store.holds.end(grip, HoldEnd.DID_NOT_COME, now)

    def undo(self, now: datetime = NOW, ending: tuple[str, ...] = ()) -> Answer:
        board = self.store.stream.snapshot(DAY)
        newest = f"{board.version.epoch}:{self.figure.version}"
        undo = Undo(WOMEN.site, WOMEN.id, newest, DESK, self.key(), True, ending)
        return self.store.reports.undo(undo, now)

    @property
    def figure(self) -> Figure:
        group = self.store.stream.snapshot(DAY).sites[WOMEN.site].group(WOMEN.id)
        assert group
        assert group.figure
        return group.figure

    def kept(self, now: datetime = NOW) -> list[str]:
        group = self.store.stream.snapshot(DAY).sites[WOMEN.site].group(WOMEN.id)
        assert group
        return sorted(one.id for one in coming(group.holds, now))

    def ends(self) -> list[HoldEnded]:
        return [event for event in self.store.stream.events() if isinstance(event, HoldEnded)]


@pytest.fixture
def store(redis_url: str) -> Iterator[Store]:
    store = Store(redis_url, "riverbend")
    store.connection.check()
    store.profiles.save(SITES, GROUPS, "test", NOW)
    yield store
    found = differences(store.stream.snapshot(DAY), store.stream.rebuilt(DAY), NOW)
    assert found == [], "the stream and the hashes tell two stories"
    store.connection.close()


@pytest.fixture
def beds(store: Store) -> Beds:
    return Beds(store)


# -- a bed is kept


def test_the_last_bed_is_held_once(beds: Beds) -> None:
    beds.say(CHANGE, 1)
    assert beds.keep("h1").outcome is Outcome.SAVED
    assert beds.keep("h2").outcome is Outcome.NO_BED
    assert beds.kept() == ["h1"]


@pytest.mark.parametrize("round_", range(3))
def test_the_last_bed_is_held_once_whatever_the_number_of_phones(
    beds: Beds, redis_url: str, round_: int
) -> None:
    beds.say(CHANGE, 2)
    phones = [Store(redis_url, "riverbend") for _ in range(16)]
    start, judge = Barrier(len(phones)), horizons(NOW, DAY)

    def reach(number: int) -> Outcome:
        one = hold(f"h{number}", WOMEN, NOW)
        start.wait()
        return phones[number].holds.keep(one, judge, VAN).outcome

    with ThreadPoolExecutor(len(phones)) as pool:
        found = list(pool.map(reach, range(len(phones))))
    for phone in phones:
        phone.connection.close()
    assert sorted(found) == [Outcome.NO_BED] * 14 + [Outcome.SAVED] * 2
    assert len(beds.kept()) == 2


def test_a_bed_whose_time_is_over_is_free_at_that_instant(beds: Beds) -> None:
    beds.say(CHANGE, 1)
    beds.keep("h1", minutes=10)
    end = NOW + 10 * MINUTE
    assert beds.keep("h2", now=end - timedelta(milliseconds=1)).outcome is Outcome.NO_BED
    assert beds.keep("h3", now=end).outcome is Outcome.SAVED
    assert beds.kept(end) == ["h3"]


def test_no_bed_is_held_on_a_figure_that_is_not_fresh(beds: Beds) -> None:
    assert beds.keep("h0").outcome is Outcome.NOT_FRESH, "nobody has counted"
    beds.say(CHANGE, 3, now=at("15:00"))
    assert beds.keep("h1", now=at("16:00")).outcome is Outcome.SAVED
    assert beds.keep("h2", now=at("16:01")).outcome is Outcome.NOT_FRESH, "61 minutes"


def test_an_agency_keeps_no_more_than_it_may(beds: Beds) -> None:
    beds.say(CHANGE, 9)
    judge = horizons(NOW, DAY)
    kept = [
        beds.store.holds.keep(hold(f"h{number}", WOMEN, NOW), judge, VAN, most=2).outcome
        for number in range(3)
    ]
    assert kept == [Outcome.SAVED, Outcome.SAVED, Outcome.TOO_MANY_HOLDS]
    other = replace(hold("h9", WOMEN, NOW), agency="clinic")
    assert beds.store.holds.keep(other, judge, VAN, most=2).outcome is Outcome.SAVED


def test_no_two_open_holds_of_a_site_have_the_same_code(beds: Beds) -> None:
    beds.say(CHANGE, 9)
    judge = horizons(NOW, DAY)
    for number in range(3):
        one = replace(hold(f"h{number}", WOMEN, NOW), code="canyon orange")
        spare = ["canyon orange", "lotus piano", "atlas tempo"]
        beds.store.holds.keep(one, judge, VAN, codes=spare)
    codes = [event.hold.code for event in beds.store.stream.events() if isinstance(event, Held)]
    assert codes == ["canyon orange", "lotus piano", "atlas tempo"]


def test_a_hold_that_is_asked_for_twice_is_kept_once(beds: Beds) -> None:
    beds.say(CHANGE, 9)
    judge, one = horizons(NOW, DAY), hold("h1", WOMEN, NOW)
    first = beds.store.holds.keep(one, judge, VAN, "the-form")
    again = beds.store.holds.keep(replace(one, id="h2"), judge, VAN, "the-form")
    assert (again.repeated, again.version) == (True, first.version)
    assert beds.kept() == ["h1"]


def test_an_old_hold_without_its_new_facts_is_still_read(beds: Beds) -> None:
    beds.say(CHANGE, 2)
    beds.keep("h1")
    key = beds.store.connection.key("holds")
    old = (
        '{"id":"h1","site":"riverbank","group":"women","agency":"van","code":"maple river",'
        '"made":1795219920000,"expires":1795225320000}'
    )
    beds.store.connection.client.hset(key, "h1", old)
    group = beds.store.stream.snapshot(DAY).sites["riverbank"].group("women")
    assert group
    (found,) = group.holds
    assert (found.comes_at, found.extended, found.who) == (found.expires_at, False, "")
    beds.keep("h1b")
    beds.end("h1")
    text = next(e for e in beds.store.stream.events() if isinstance(e, Held)).hold
    assert text.who == "p-van"


# -- they arrive


def test_who_arrives_takes_one_bed_and_the_hold_ends_in_one_step(beds: Beds) -> None:
    beds.say(CHANGE, 3, now=at("16:00"))
    beds.keep("h1", now=at("16:00"))
    answer = beds.arrive("h1")
    assert answer.outcome is Outcome.SAVED
    assert answer.figure == beds.figure
    assert (beds.figure.open, beds.figure.observed_at, beds.kept()) == (2, NOW, [])
    assert beds.figure.counted_at == at("16:00"), "nobody counted"
    taken, ended = list(beds.store.stream.events())[-2:]
    assert isinstance(taken, Reported)
    assert (taken.kind, taken.before, taken.who, taken.device) == (
        "arrived",
        3,
        "p-desk",
        "d-tablet",
    )
    assert isinstance(ended, HoldEnded)
    assert (ended.reason, ended.who, ended.device, ended.kept) == (
        *(HoldEnd.ARRIVED, "p-desk", "d-tablet"),
        0,
    )


def test_who_arrives_on_a_stale_figure_takes_a_bed_but_renews_no_trust(beds: Beds) -> None:
    beds.say(CHANGE, 3, now=at("15:00"))
    beds.keep("h1", now=at("15:30"), minutes=200)
    beds.arrive("h1", now=at("18:30"))
    assert (beds.figure.open, beds.figure.observed_at) == (2, at("15:00"))


def test_who_arrives_where_nobody_has_counted_today_only_ends_the_hold(beds: Beds) -> None:
    beds.say(CHANGE, 3, now=at("07:30"))
    beds.keep("h1", now=at("07:30"))
    answer = beds.arrive("h1", now=at("08:10"))
    assert (answer.outcome, answer.figure) == (Outcome.SAVED, None)
    assert beds.kept(at("08:10")) == []
    assert beds.ends()[-1].reason is HoldEnd.ARRIVED


def test_an_arrival_that_a_later_count_has_seen_takes_no_second_bed(beds: Beds) -> None:
    beds.say(CHANGE, 3, now=at("16:00"))
    beds.keep("h1", now=at("16:00"))
    beds.say(CHANGE, 2, now=at("16:10"))
    assert beds.arrive("h1", now=at("16:12"), waited=5).outcome is Outcome.SAVED
    assert (beds.figure.open, beds.kept()) == (2, [])


def test_an_arrival_at_the_very_end_comes_too_late(beds: Beds) -> None:
    beds.say(CHANGE, 1)
    beds.keep("h1", minutes=10)
    assert beds.arrive("h1", now=NOW + 10 * MINUTE).outcome is Outcome.NO_HOLD
    assert beds.figure.open == 1


def test_an_arrival_by_mistake_is_undone_with_hold_and_stamp(beds: Beds) -> None:
    beds.say(CHANGE, 3, now=at("16:00"))
    beds.keep("h1", now=at("16:00"))
    beds.arrive("h1")
    assert beds.undo().outcome is Outcome.SAVED
    assert (beds.figure.open, beds.figure.observed_at, beds.kept()) == (3, at("16:00"), ["h1"])
    assert beds.store.holds.ended("van", at("15:00")) == []
    assert beds.arrive("h1").outcome is Outcome.SAVED, "and now they are here"


def test_a_hold_whose_time_ran_out_meanwhile_does_not_come_back(beds: Beds) -> None:
    beds.say(CHANGE, 3)
    beds.keep("h1", minutes=10)
    beds.arrive("h1")
    later = NOW + 10 * MINUTE
    assert beds.undo(later).outcome is Outcome.SAVED
    assert (beds.figure.open, beds.kept(later)) == (3, [])


# -- they do not come, or come later


def test_an_ended_hold_gives_its_bed_back_and_is_ended_once(beds: Beds) -> None:
    beds.say(CHANGE, 1)
    beds.keep("h1")
    assert beds.end("h1").outcome is Outcome.SAVED
    assert beds.end("h1").outcome is Outcome.NO_HOLD
    assert beds.keep("h2").outcome is Outcome.SAVED
    (told,) = beds.store.holds.ended("van", NOW)
    assert (told.hold.id, told.reason, told.at) == ("h1", HoldEnd.DID_NOT_COME, NOW)


@pytest.mark.parametrize("whose", [{"site": "northside"}, {"agency": "clinic"}])
def test_nobody_touches_the_hold_of_another(beds: Beds, whose: dict[str, str]) -> None:
    beds.say(CHANGE, 1)
    beds.keep("h1")
    grip, judge, holds = Grip("h1", DESK, "tap", **whose), horizons(NOW, DAY), beds.store.holds
    said = (
        holds.arrive(grip, NOW, judge, NOW),
        holds.end(replace(grip, key="2"), HoldEnd.RELEASED, NOW),
        holds.extend(replace(grip, key="3"), MINUTE, NOW + 99 * MINUTE, NOW),
    )
    assert {one.outcome for one in said} == {Outcome.NO_HOLD}
    assert beds.kept() == ["h1"]


def test_a_hold_is_extended_up_to_its_limit_and_no_further(beds: Beds) -> None:
    beds.say(CHANGE, 1)
    beds.keep("h1")
    limit = NOW + 140 * MINUTE
    said = [
        beds.store.holds.extend(
            Grip("h1", DESK, f"longer-{n}", "riverbank"), 30 * MINUTE, limit, NOW
        )
        for n in range(3)
    ]
    assert [one.outcome for one in said] == [Outcome.SAVED, Outcome.SAVED, Outcome.AT_LIMIT]
    longer = [event for event in beds.store.stream.events() if isinstance(event, HoldExtended)]
    assert [(event.before, event.hold.expires_at) for event in longer] == [
        (NOW + 90 * MINUTE, NOW + 120 * MINUTE),
        (NOW + 120 * MINUTE, limit),
    ]
    assert {event.device for event in longer} == {"d-tablet"}


def test_its_holder_extends_it_once(beds: Beds) -> None:
    beds.say(CHANGE, 1)
    beds.keep("h1", minutes=10)
    limit, holds = NOW + 150 * MINUTE, beds.store.holds
    mine = [Grip("h1", VAN, f"longer-{n}", agency="van") for n in range(2)]
    assert holds.extend(mine[0], 60 * MINUTE, limit, NOW, once=True).outcome is Outcome.SAVED
    assert holds.extend(mine[1], 60 * MINUTE, limit, NOW, once=True).outcome is Outcome.AT_LIMIT
    assert beds.kept(NOW + 69 * MINUTE) == ["h1"]


# -- their time runs out


def test_the_end_of_a_hold_is_one_entry_whoever_notices_it_first(beds: Beds) -> None:
    beds.say(CHANGE, 1)
    beds.keep("h1", minutes=10)
    (kept,) = (event.hold for event in beds.store.stream.events() if isinstance(event, Held))
    beds.store.holds.lapse(kept, NOW + 9 * MINUTE)
    assert beds.ends() == [], "somebody's clock is ahead of its time"
    for _ in range(3):
        beds.store.holds.lapse(kept, NOW + 10 * MINUTE)
    (ended,) = beds.ends()
    assert (ended.reason, ended.who, ended.at) == (HoldEnd.LAPSED, "", NOW + 10 * MINUTE)


def test_every_follower_notices_by_itself(beds: Beds, redis_url: str) -> None:
    beds.say(CHANGE, 1)
    clock = [NOW]
    stores = [Store(redis_url, "riverbend") for _ in range(2)]
    followers = [Follower(store, DAY, lambda: clock[0]) for store in stores]
    for follower in followers:
        follower.start()
        assert follower.ready.wait(60)
    beds.keep("h1", minutes=10)
    wait_until(lambda: all(f.board.sites["riverbank"].groups[0].holds for f in followers))
    clock[0] = NOW + 10 * MINUTE
    beds.say(CONFIRM, 1, now=clock[0])  # whatever wakes them
    wait_until(lambda: not any(f.board.sites["riverbank"].groups[0].holds for f in followers))
    for follower, store in zip(followers, stores, strict=True):
        follower.stop()
        store.connection.close()
    assert [ended.reason for ended in beds.ends()] == [HoldEnd.LAPSED]


def test_a_hold_that_came_back_may_lapse_again(beds: Beds) -> None:
    beds.say(CHANGE, 2)
    beds.keep("h1", minutes=10)
    beds.arrive("h1")
    beds.undo()
    (kept, _) = (event.hold for event in beds.store.stream.events() if isinstance(event, Held))
    beds.store.holds.lapse(kept, NOW + 10 * MINUTE)
    assert [one.reason for one in beds.ends()] == [HoldEnd.ARRIVED, HoldEnd.LAPSED]


# -- fewer beds than are kept


@pytest.mark.parametrize(("kind", "value"), [(CHANGE, 1), (ADJUST, -1), (CONFIRM, 2)])
def test_a_number_below_the_beds_held_asks_whose_hold_ends(
    beds: Beds, kind: ReportKind, value: int
) -> None:
    beds.say(CHANGE, 2)
    for id_ in ("h1", "h2"):
        beds.keep(id_)
    if kind is CONFIRM:  # somebody who may not know said less; now the desk says the same
        beds.say(CHANGE, 3)
        beds.keep("h3")
        beds.say(CHANGE, 2, minds_held=False)
    before, kept = beds.figure, len(beds.kept())
    answer = beds.say(kind, value)
    assert (answer.outcome, answer.short) == (Outcome.BELOW_HELD, 1)
    assert (beds.figure, len(beds.kept())) == (before, kept), "nothing was written"
    few = beds.say(kind, value, ending=("h-of-nobody",))
    assert (few.outcome, few.short) == (Outcome.BELOW_HELD, 1)
    assert beds.say(kind, value, ending=("h2",)).outcome is Outcome.SAVED
    assert "h2" not in beds.kept()
    (told,) = beds.store.holds.ended("van", NOW)
    assert (told.hold.id, told.reason) == ("h2", HoldEnd.TAKEN_BACK)


def test_a_machine_is_never_asked(beds: Beds) -> None:
    beds.say(CHANGE, 2)
    beds.keep("h1")
    assert beds.say(CHANGE, 0, minds_held=False).outcome is Outcome.SAVED
    group = beds.store.stream.snapshot(DAY).sites["riverbank"].group("women")
    assert group
    assert (group.free(NOW), beds.kept()) == (0, ["h1"])


def test_no_hold_ends_where_the_number_leaves_a_bed_for_each_by_now(beds: Beds) -> None:
    beds.say(CHANGE, 2)
    beds.keep("h1", minutes=10)
    beds.keep("h2")
    later = NOW + 10 * MINUTE
    assert beds.say(CHANGE, 1, now=later, ending=("h2",)).outcome is Outcome.SAVED
    assert beds.kept(later) == ["h2"]


def test_the_same_number_with_another_choice_is_another_report(beds: Beds) -> None:
    beds.say(CHANGE, 2)
    beds.keep("h1")
    beds.keep("h2")
    assert beds.say(CHANGE, 1, key="form").outcome is Outcome.BELOW_HELD
    said = beds.say(CHANGE, 1, key="form", ending=("h1",))
    assert said.outcome is Outcome.KEY_REUSED


def test_a_bed_that_was_taken_back_comes_back_by_undo(beds: Beds) -> None:
    beds.say(CHANGE, 2)
    beds.keep("h1")
    beds.keep("h2")
    beds.say(CHANGE, 0, ending=("h1", "h2"))
    assert beds.undo().outcome is Outcome.SAVED
    assert (beds.figure.open, beds.kept()) == (2, ["h1", "h2"])
    assert beds.store.holds.ended("van", NOW) == []


def test_an_undo_below_the_beds_held_asks_too(beds: Beds) -> None:
    beds.say(CHANGE, 0)
    beds.say(CHANGE, 2)
    beds.keep("h1")
    answer = beds.undo()
    assert (answer.outcome, answer.short, beds.figure.open) == (Outcome.BELOW_HELD, 1, 2)
    assert beds.undo(ending=("h1",)).outcome is Outcome.SAVED
    assert (beds.figure.open, beds.kept()) == (0, [])


# -- full


def test_full_keeps_what_is_kept_and_shows_none(beds: Beds) -> None:
    beds.say(CHANGE, 4)
    beds.keep("h1")
    assert beds.say(FULL).outcome is Outcome.SAVED
    group = beds.store.stream.snapshot(DAY).sites["riverbank"].group("women")
    assert group
    assert (beds.figure.open, group.free(NOW), beds.kept()) == (1, 0, ["h1"])
    told = list(beds.store.stream.events())[-1]
    assert isinstance(told, Reported)
    assert (told.kind, told.value, told.before) == ("full", 1, 4)
    assert beds.keep("h2").outcome is Outcome.NO_BED
    beds.undo()
    assert beds.figure.open == 4


def test_full_is_0_where_nothing_is_kept_and_late_where_a_count_is_newer(beds: Beds) -> None:
    beds.say(CHANGE, 4)
    late = beds.say(FULL, observed_at=NOW - MINUTE)
    assert late.outcome is Outcome.LATE
    assert beds.say(FULL).outcome is Outcome.SAVED
    assert beds.figure.open == 0


def test_what_is_kept_of_one_bed_group_is_nothing_to_another(beds: Beds) -> None:
    beds.say(CHANGE, 2)
    beds.keep("h1")
    place = (MEN.site, MEN.id, CHANGE, 0, NOW, Source.DESK, "p-desk", "men")
    said = beds.store.reports.report(Report(*place, minds_held=True), horizons(NOW, DAY), NOW)
    assert said.outcome is Outcome.SAVED


def test_an_end_is_forgotten_a_day_later(beds: Beds) -> None:
    beds.say(CHANGE, 2)
    beds.keep("h1")
    beds.end("h1")
    day = NOW + timedelta(days=1, minutes=1)
    beds.say(CHANGE, 2, now=day)
    beds.keep("h2", now=day)
    beds.end("h2", now=day)
    assert [one.hold.id for one in beds.store.holds.ended("van", NOW)] == ["h2"]
