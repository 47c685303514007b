"""Calls to sites on a real store of each engine: one caller for a site, and never two."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import count
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.beds import BedGroup, Site, Source
from dashboard.calls import LEASE, Call, CallEnd, CallEnded, CallTaken
from dashboard.clock import TICK
from dashboard.follower import Follower
from dashboard.people import Hand
from dashboard.reports import Outcome
from dashboard.store import Store, Taken, Wanted, differences
from tests.by_hand import SOAK, wait_until
from tests.test_store_holds import MINUTE
from tests.values import DAY, GROUPS, NOW, SITES

BOTH = ("riverbank", "northside")
CALLERS = ("p-cal", "p-cor", "p-kim")


class Calling:
    """Who phones which site of Riverbend."""

    def __init__(self, store: Store):
        self.store = store
        self.keys = (f"tap-{id(self)}-{number}" for number in count())

    def take(
        self,
        who: str = "p-cal",
        sites: tuple[str, ...] = BOTH,
        now: datetime = NOW,
        key: str = "",
        seen: str | None = None,
    ) -> Taken:
        wanted = [Wanted(site, self.seen(site) if seen is None else seen) for site in sites]
        return self.store.calls.take(wanted, hand(who), key or next(self.keys), now)

    def site(self, who: str = "p-cal", **more: object) -> str:
        call = self.take(who, **more).call  # type: ignore[arg-type]
        return call.site if call else ""

    def end(self, call: Call, end: CallEnd, now: datetime = NOW, who: str = "") -> Outcome:
        by = hand(who or call.who)
        return self.store.calls.end(call.site, call.id, end, by, next(self.keys), now).outcome

    def seen(self, site: str) -> str:
        last = self.store.stream.snapshot(DAY).sites[site].called
        return last.version if last else ""

    def told(self) -> list[str]:
        """The stream's calls and their ends: 'p-cal riverbank', 'lapsed riverbank'."""
        return [
            f"{one.who if isinstance(one, CallTaken) else one.end} {one.site}"
            for one in self.store.stream.events()
            if isinstance(one, CallTaken | CallEnded)
        ]


def hand(who: str) -> Hand:
    return Hand(who, Source.PHONE)


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
def calling(store: Store) -> Calling:
    return Calling(store)


def test_each_caller_gets_the_first_site_that_nobody_else_has(calling: Calling) -> None:
    assert calling.site("p-cal") == "riverbank"
    assert calling.site("p-cor") == "northside"
    assert calling.take("p-kim").outcome is Outcome.NO_CALL
    assert calling.told() == ["p-cal riverbank", "p-cor northside"]


def test_whoever_has_a_call_gets_that_one_again(calling: Calling) -> None:
    first = calling.take()
    again = calling.take(sites=("northside",), now=NOW + 3 * MINUTE)
    assert again.call == first.call
    assert calling.told() == ["p-cal riverbank"]


def test_the_same_tap_sent_twice_takes_one_call(calling: Calling) -> None:
    first = calling.take(key="one-tap-sent-twice")
    assert first.call
    calling.end(first.call, CallEnd.NO_ANSWER)
    again = calling.take(key="one-tap-sent-twice", now=NOW + MINUTE)
    assert again.call == first.call
    assert calling.told() == ["p-cal riverbank", "no-answer riverbank"]


def test_a_call_lapses_to_the_instant_and_is_told_once(calling: Calling) -> None:
    calling.site("p-cal")
    only = ("riverbank",)
    assert calling.site("p-cor", sites=only, now=NOW + LEASE - TICK) == ""
    assert calling.site("p-cor", sites=only, now=NOW + LEASE) == "riverbank"
    assert calling.told() == ["p-cal riverbank", "lapsed riverbank", "p-cor riverbank"]


def test_a_follower_writes_down_that_a_call_has_lapsed(calling: Calling, redis_url: str) -> None:
    taken = calling.take().call
    assert taken
    follower = Follower(Store(redis_url, "riverbend"), DAY, lambda: NOW + LEASE)
    follower.start()
    wait_until(lambda: calling.told() == ["p-cal riverbank", "lapsed riverbank"])
    follower.stop()
    calling.store.calls.lapse(taken, NOW + LEASE)
    assert calling.told() == ["p-cal riverbank", "lapsed riverbank"], "once, whoever says it"


def test_a_call_given_back_is_anybodys(calling: Calling) -> None:
    taken = calling.take().call
    assert taken
    assert calling.end(taken, CallEnd.GIVEN_BACK, who="p-cor") is Outcome.NO_CALL
    assert calling.site("p-cor", sites=("riverbank",)) == ""
    assert calling.end(taken, CallEnd.GIVEN_BACK) is Outcome.SAVED
    assert calling.site("p-cor") == "riverbank"


def test_a_call_that_was_made_counts_also_after_its_time(calling: Calling) -> None:
    late = NOW + LEASE + MINUTE
    taken = calling.take().call
    assert taken
    assert calling.site("p-cor", sites=("riverbank",), now=late) == "riverbank"
    assert calling.end(taken, CallEnd.COUNTED, late) is Outcome.SAVED
    state = calling.store.stream.snapshot(DAY).sites["riverbank"]
    assert state.called
    assert (state.called.end, state.called.who) == (CallEnd.COUNTED, "p-cal")
    assert state.call, "and whoever has the site now keeps it"
    assert state.call.who == "p-cor"


def test_a_reader_that_missed_a_call_gives_that_site_to_nobody(calling: Calling) -> None:
    taken = calling.take().call
    assert taken
    calling.end(taken, CallEnd.COUNTED)
    assert calling.site("p-cor", sites=("riverbank",), seen="") == ""
    assert calling.site("p-cor", sites=("riverbank",)) == "riverbank"


def test_no_call_is_taken_to_a_site_that_is_not_there(calling: Calling) -> None:
    assert calling.take(sites=("nowhere",), seen="").outcome is Outcome.NO_CALL
    lost = Call("x", "nowhere", "p-cal", NOW, NOW + LEASE)
    assert calling.end(lost, CallEnd.COUNTED) is Outcome.NO_GROUP
    assert calling.told() == []


def test_under_real_load_no_two_callers_ever_have_the_same_site(
    store: Store, redis_url: str
) -> None:
    """Twelve callers at once on connections of their own, until every site was called once."""
    sites = [Site(f"s{number:02}", f"Site {number}") for number in range(36)]
    store.profiles.save(sites, [BedGroup(one.id, "beds", "Beds") for one in sites], "test", NOW)
    wanted = [Wanted(one.id) for one in sites]
    start = Barrier(12)

    def phone(number: int) -> list[str]:
        own = Calling(Store(redis_url, "riverbend"))
        found = []
        start.wait()
        for _ in range(len(sites) + 1):
            call = own.store.calls.take(wanted, hand(f"p-{number}"), next(own.keys), NOW).call
            if call is None:
                break
            found.append(call.site)
            own.end(call, CallEnd.COUNTED if number % 2 else CallEnd.NO_ANSWER)
        own.store.connection.close()
        return found

    with ThreadPoolExecutor(12) as pool:
        phoned = [site for found in pool.map(phone, range(12)) for site in found]
    assert sorted(phoned) == [one.id for one in sites], "each once, none twice, none forgotten"


TIMES = count()
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["take", *CallEnd]),
        st.sampled_from(CALLERS),
        st.sampled_from([("riverbank",), ("northside",), BOTH]),
        st.integers(0, 7),  # minutes that pass
    ),
    max_size=25,
)


@settings(
    max_examples=2_000 if SOAK else 12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_whatever_callers_do_each_site_has_one_and_each_caller_one(
    store: Store, steps: list[tuple[str, str, tuple[str, ...], int]]
) -> None:
    """Against a second opinion: who has which site until when, in plain Python."""
    calling, now = Calling(store), NOW + next(TIMES) * 300 * MINUTE  # what was before has lapsed
    had: dict[str, Call] = {}
    for act, who, sites, minutes in steps:
        now += minutes * MINUTE
        had = {site: call for site, call in had.items() if now < call.expires_at}
        own = next((call for call in had.values() if call.who == who), None)
        if act == "take":
            free = next((site for site in sites if site not in had), "")
            call = calling.take(who, sites, now).call
            assert (call.site if call else "") == (own.site if own else free)
            had |= {call.site: call} if call else {}
        elif own and act != CallEnd.LAPSED:
            assert calling.end(own, CallEnd(act), now) is Outcome.SAVED
            del had[own.site]
    board = store.stream.snapshot(DAY)
    lasting = {
        id_: one.call for id_, one in board.sites.items() if one.call and one.call.lasts(now)
    }
    assert lasting == had
