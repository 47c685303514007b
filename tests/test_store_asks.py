"""The rules for beds that a desk is asked to keep, one by one, on a real store of each engine."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from dashboard.asking import ANSWER_IN, Ask, AskEnd, waiting
from dashboard.clock import horizons
from dashboard.events import Asked, AskEnded, Held, HoldEnded
from dashboard.facts import Holding
from dashboard.follower import Follower
from dashboard.holds import FIRST
from dashboard.reports import Answer, Outcome
from dashboard.store import Grip, Store, differences
from dashboard.visits import Found, Visit
from tests.by_hand import wait_until
from tests.test_store_holds import CHANGE, DESK, MINUTE, Beds
from tests.values import DAY, GROUPS, NOW, SITES, VAN, WOMEN, at, hold

AFTER_YES = replace(WOMEN, holds=Holding.AFTER_YES)
SECOND = timedelta(seconds=1)


class Asking(Beds):
    """Riverbank's women's beds, which are kept after the desk's yes, and who asks for one."""

    def ask(self, id_: str, now: datetime = NOW, most: int = 9, agency: str = "van") -> Answer:
        place = (WOMEN.site, WOMEN.id, agency)
        ask = Ask(id_, *place, now, now + ANSWER_IN, now + 40 * MINUTE, "p-van")
        return self.store.asks.ask(ask, horizons(now, DAY), VAN, self.key(), most)

    def yes(self, id_: str, now: datetime = NOW, site: str = "riverbank") -> Answer:
        grip = Grip(id_, DESK, self.key(), site)
        judge = horizons(now, DAY)
        return self.store.asks.grant(grip, [f"code {id_}"], now + FIRST, judge, now)

    def no(self, id_: str, now: datetime = NOW) -> Answer:
        return self.store.asks.end(Grip(id_, DESK, self.key(), "riverbank"), AskEnd.NO, now)

    def set_(self, **more: object) -> None:
        group = replace(AFTER_YES, **more)  # type: ignore[arg-type]
        self.store.profiles.save([], [group], "test", NOW)

    def asked(self, now: datetime = NOW) -> list[str]:
        group = self.store.stream.snapshot(DAY).sites[WOMEN.site].group(WOMEN.id)
        assert group
        return [one.id for one in waiting(group.asks, now)]

    def over(self) -> list[AskEnded]:
        return [event for event in self.store.stream.events() if isinstance(event, AskEnded)]


@pytest.fixture
def store(redis_url: str) -> Iterator[Store]:
    store = Store(redis_url, "riverbend")
    store.connection.check()
    store.profiles.save(SITES, [AFTER_YES, *GROUPS[1:]], "test", NOW)
    yield store
    found = differences(store.stream.snapshot(DAY), store.stream.rebuilt(DAY), NOW)
    assert found == [], "the stream and the hashes tell two stories"
    store.connection.close()


@pytest.fixture
def beds(store: Store) -> Asking:
    return Asking(store)


def test_an_ask_keeps_no_bed_and_a_yes_does(beds: Asking) -> None:
    beds.say(CHANGE, 1)
    assert beds.ask("a1").outcome is Outcome.SAVED
    assert (beds.asked(), beds.kept()) == (["a1"], [])
    assert beds.yes("a1", NOW + 3 * MINUTE).outcome is Outcome.SAVED
    assert (beds.asked(), beds.kept()) == ([], ["a1"])
    told, made, ended = list(beds.store.stream.events())[-3:]
    assert isinstance(told, Asked)
    assert isinstance(made, Held)
    assert isinstance(ended, AskEnded)
    assert (told.ask.agency, told.who, ended.reason, ended.who) == (
        *("van", "p-van"),
        *(AskEnd.YES, "p-desk"),
    )
    assert (made.hold.who, made.who, made.kept) == ("p-van", "p-desk", 1), "whose, and by whom"
    assert (made.hold.made_at, made.hold.arrives_at) == (NOW + 3 * MINUTE, NOW + 40 * MINUTE)
    assert (made.hold.code, made.hold.expires_at) == ("code a1", NOW + 3 * MINUTE + FIRST)


def test_a_yes_never_makes_two_holders_of_one_bed(beds: Asking, redis_url: str) -> None:
    beds.say(CHANGE, 2)
    for number in range(8):
        beds.ask(f"a{number}")
    desks = [Asking(Store(redis_url, "riverbend")) for _ in range(8)]
    start = Barrier(len(desks))

    def tap(number: int) -> Outcome:
        start.wait()
        desks[number].taps = 100 * (number + 1)
        return desks[number].yes(f"a{number}").outcome

    with ThreadPoolExecutor(len(desks)) as pool:
        found = sorted(pool.map(tap, range(len(desks))))
    for desk in desks:
        desk.store.connection.close()
    assert found == [Outcome.NO_BED] * 6 + [Outcome.SAVED] * 2
    assert len(beds.kept()) == 2
    assert len(beds.asked()) == 6, "those without a bed can still be answered"


def test_one_ask_is_answered_once(beds: Asking) -> None:
    beds.say(CHANGE, 3)
    beds.ask("a1")
    assert beds.yes("a1").outcome is Outcome.SAVED
    assert {beds.yes("a1").outcome, beds.no("a1").outcome} == {Outcome.NO_ASK}
    assert [one.reason for one in beds.over()] == [AskEnd.YES]
    assert beds.kept() == ["a1"]


def test_a_yes_at_the_very_end_comes_too_late_and_is_refused(beds: Asking) -> None:
    beds.say(CHANGE, 3)
    beds.ask("a1")
    beds.ask("a2")
    end = NOW + ANSWER_IN
    assert beds.yes("a1", end - timedelta(milliseconds=1)).outcome is Outcome.SAVED
    assert beds.yes("a2", end).outcome is Outcome.NO_ASK
    assert beds.kept(end) == ["a1"]
    late = beds.over()[-1]
    assert (late.reason, late.who, late.source) == (AskEnd.GONE, "", None)


def test_a_yes_that_came_too_late_once_is_too_late_by_every_clock(beds: Asking) -> None:
    beds.say(CHANGE, 3)
    beds.ask("a1")
    assert beds.yes("a1", NOW + ANSWER_IN).outcome is Outcome.NO_ASK
    assert beds.yes("a1", NOW).outcome is Outcome.NO_ASK, "a clock that is ten minutes behind"
    assert beds.kept() == []


def test_a_desk_without_a_bed_by_its_number_counts_first_and_then_says_yes(beds: Asking) -> None:
    beds.ask("a1")
    assert beds.yes("a1").outcome is Outcome.NO_BED, "nobody has counted today"
    beds.say(CHANGE, 0)
    assert beds.yes("a1").outcome is Outcome.NO_BED
    beds.say(CHANGE, 1)
    assert beds.yes("a1").outcome is Outcome.SAVED


@pytest.mark.parametrize(("open_", "age"), [(0, 0), (0, 61), (1, 0)])
def test_nobody_is_asked_where_the_number_leaves_no_bed(beds: Asking, open_: int, age: int) -> None:
    beds.say(CHANGE, open_)
    if open_:
        beds.ask("a0")
        beds.yes("a0")
    assert beds.ask("a1", NOW + age * MINUTE).outcome is Outcome.NO_BED
    assert beds.asked() == []


@pytest.mark.parametrize(("counted", "open_"), [("09:00", 0), ("15:00", 2), (None, 0)])
def test_a_desk_is_asked_where_nobody_can_trust_the_number(
    beds: Asking, counted: str | None, open_: int
) -> None:
    beds.set_(holds=Holding.AT_ONCE)
    if counted:
        beds.say(CHANGE, open_, now=at(counted))
    now = at("18:30")
    assert beds.keep("h1", now=now).outcome is Outcome.NOT_FRESH
    assert beds.ask("a1", now=now).outcome is Outcome.SAVED


def test_a_disputed_number_is_not_held_on_but_asked_about(beds: Asking) -> None:
    beds.set_(holds=Holding.AT_ONCE)
    beds.say(CHANGE, 3)
    dispute(beds)
    assert beds.keep("h1").outcome is Outcome.DISPUTED
    assert beds.ask("a1").outcome is Outcome.SAVED
    assert beds.yes("a1").outcome is Outcome.SAVED
    later = NOW + MINUTE
    beds.say(CHANGE, 3, now=later)
    assert beds.keep("h2", now=later).outcome is Outcome.SAVED, "the desk has counted"


def test_a_disputed_zero_can_be_asked_about(beds: Asking) -> None:
    beds.say(CHANGE, 0)
    dispute(beds)
    assert beds.ask("a1").outcome is Outcome.SAVED


def dispute(beds: Asking) -> None:
    """Somebody at the door found otherwise."""
    found = Found.WAS_FULL if beds.figure.open else Found.GOT_IN
    visit = Visit(WOMEN.site, WOMEN.id, "clinic", found, NOW, True, beds.key())
    assert beds.store.visits.tell(visit, horizons(NOW, DAY), VAN, NOW).kept
    assert beds.figure.disputed


def test_each_bed_group_says_how_its_beds_are_kept(beds: Asking) -> None:
    beds.say(CHANGE, 3)
    assert beds.keep("h1").outcome is Outcome.ASK_DESK
    beds.set_(holds=Holding.COUNTS_ONLY)
    assert beds.keep("h2").outcome is Outcome.COUNTS_ONLY
    assert beds.ask("a1").outcome is Outcome.COUNTS_ONLY
    beds.set_(holds=Holding.AT_ONCE)
    assert beds.keep("h3").outcome is Outcome.SAVED
    other = replace(hold("h4", WOMEN, NOW), group="nobody")
    assert beds.store.holds.keep(other, horizons(NOW, DAY), VAN).outcome is Outcome.NO_GROUP


def test_no_hold_takes_the_beds_for_who_walks_in(beds: Asking) -> None:
    beds.set_(holds=Holding.AT_ONCE, walk_in=2)
    beds.say(CHANGE, 4)
    said = [beds.keep(f"h{number}").outcome for number in range(3)]
    assert said == [Outcome.SAVED, Outcome.SAVED, Outcome.NO_BED]
    assert beds.ask("a1").outcome is Outcome.NO_BED
    beds.say(CHANGE, 5)
    beds.ask("a2")
    beds.say(CHANGE, 4)
    assert beds.yes("a2").outcome is Outcome.NO_BED


def test_what_an_agency_asks_for_counts_like_what_it_keeps(beds: Asking) -> None:
    beds.say(CHANGE, 9)
    said = [beds.ask(f"a{number}", most=2).outcome for number in range(3)]
    assert said == [Outcome.SAVED, Outcome.SAVED, Outcome.TOO_MANY_HOLDS]
    beds.yes("a0")
    assert beds.ask("a3", most=2).outcome is Outcome.TOO_MANY_HOLDS
    assert beds.ask("a4", most=2, agency="clinic").outcome is Outcome.SAVED
    assert beds.ask("a5", NOW + ANSWER_IN, most=2).outcome is Outcome.SAVED, "a1 is gone"
    beds.set_(holds=Holding.AT_ONCE)
    kept = replace(hold("h1", WOMEN, NOW), agency="clinic")
    said_ = beds.store.holds.keep(kept, horizons(NOW, DAY), VAN, most=1)
    assert said_.outcome is Outcome.SAVED, "what the clinic asked for is gone too"


def test_an_agency_that_asked_in_vain_six_times_within_an_hour_calls(beds: Asking) -> None:
    beds.say(CHANGE, 9)
    beds.ask("a0")
    beds.yes("a0")
    for number in range(1, 7):
        assert beds.ask(f"a{number}").outcome is Outcome.SAVED
        beds.no(f"a{number}")
    assert beds.ask("a7").outcome is Outcome.TOO_OFTEN
    assert beds.ask("a8", agency="clinic").outcome is Outcome.SAVED, "another agency"
    assert beds.ask("a9", NOW + 60 * MINUTE).outcome is Outcome.SAVED, "an hour later"


def test_nobody_answers_or_withdraws_the_ask_of_another(beds: Asking) -> None:
    beds.say(CHANGE, 3)
    beds.ask("a1")
    assert beds.yes("a1", site="northside").outcome is Outcome.NO_ASK
    clinic = Grip("a1", VAN, "tap", agency="clinic")
    assert beds.store.asks.end(clinic, AskEnd.WITHDRAWN, NOW).outcome is Outcome.NO_ASK
    assert beds.asked() == ["a1"]


def test_the_end_of_an_ask_is_kept_for_whoever_asked(beds: Asking) -> None:
    beds.say(CHANGE, 3)
    beds.ask("a1")
    beds.ask("a2")
    beds.ask("a3", agency="clinic")
    beds.no("a1", NOW + MINUTE)
    mine = Grip("a2", VAN, "mine", agency="van")
    assert beds.store.asks.end(mine, AskEnd.WITHDRAWN, NOW + 2 * MINUTE).outcome is Outcome.SAVED
    beds.no("a3")
    found = [(one.ask.id, one.reason) for one in beds.store.asks.ended("van", NOW)]
    assert found == [("a2", AskEnd.WITHDRAWN), ("a1", AskEnd.NO)]
    assert beds.store.asks.ended("van", NOW + 3 * MINUTE) == []


def test_every_follower_notices_that_nobody_answered(beds: Asking, redis_url: str) -> None:
    clock = [NOW]
    stores = [Store(redis_url, "riverbend") for _ in range(2)]
    followers = [Follower(store, DAY, lambda: clock[0]) for store in stores]
    for follower in followers:
        follower.start()
        assert follower.ready.wait(60)
    beds.ask("a1")
    wait_until(lambda: all(f.board.sites["riverbank"].groups[0].asks for f in followers))
    clock[0] = NOW + ANSWER_IN
    beds.say(CHANGE, 1, now=clock[0])  # whatever wakes them
    wait_until(lambda: not any(f.board.sites["riverbank"].groups[0].asks for f in followers))
    for follower, store in zip(followers, stores, strict=True):
        follower.stop()
        store.connection.close()
    assert [ended.reason for ended in beds.over()] == [AskEnd.GONE]


# -- clocks that differ


def test_a_bed_given_on_at_the_end_of_a_hold_is_not_taken_by_who_comes_by_a_slow_clock(
    beds: Asking,
) -> None:
    beds.set_(holds=Holding.AT_ONCE)
    beds.say(CHANGE, 1)
    beds.keep("h1", minutes=10)
    end = NOW + 10 * MINUTE
    assert beds.keep("h2", now=end).outcome is Outcome.SAVED
    assert beds.arrive("h1", now=end - SECOND).outcome is Outcome.NO_HOLD
    assert beds.figure.open == 1
    ended = [event for event in beds.store.stream.events() if isinstance(event, HoldEnded)]
    assert [(one.hold, one.reason, one.who, one.device) for one in ended] == [
        ("h1", "lapsed", "", "")
    ]


def test_whoever_was_told_that_a_hold_is_over_was_told_the_truth(beds: Asking) -> None:
    beds.set_(holds=Holding.AT_ONCE)
    beds.say(CHANGE, 1)
    beds.keep("h1", minutes=10)
    end = NOW + 10 * MINUTE
    assert beds.end("h1", now=end).outcome is Outcome.NO_HOLD
    longer = Grip("h1", DESK, "longer", "riverbank")
    said = beds.store.holds.extend(longer, 30 * MINUTE, end + 99 * MINUTE, end - SECOND)
    assert said.outcome is Outcome.NO_HOLD
