"""Waiting for a bed: what is kept of it, who sees it, when it is there, and when it dies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

import hypothesis
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.beds import HoldEnd
from dashboard.board import Board
from dashboard.clock import horizons
from dashboard.config import Settings
from dashboard.embedded import Server
from dashboard.facts import Known
from dashboard.people import Person, Role
from dashboard.reports import Outcome
from dashboard.rows import Moment
from dashboard.store import Grip, Store
from dashboard.travel import Leg, pair
from dashboard.watches import Look, Watch, look, places, risen, some

from .by_hand import SOAK, wait_until
from .desks import PROOF, Browser, Town, attribute, forms, riverbend, words
from .test_outreach import report
from .values import DAY, NOW, VAN, WOMEN, at, hold

PAGE = "/outreach"
WATCH = "/outreach/watches"
HERE = "riverbank/women"
MINE = ("p-out", (HERE, "riverbank/men"))


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        report(town, 0)
        yield town


@pytest.fixture
def outreach(town: Town) -> Browser:
    browser = town.as_("outreach")
    browser.open(PAGE)
    return browser


def wait(browser: Browser, minutes: int = 60, query: str = "", **more: str) -> None:
    browser.open(PAGE + query)
    browser.send(WATCH, {"minutes": str(minutes)} | more)


def kept(town: Town) -> list[Watch]:
    return town.store.watches.to_do(town.now)[0]


def stops(browser: Browser) -> list[str]:
    return [one for one in [attribute(tag, "action") for tag in tags(browser)] if "/stop" in one]


def tags(browser: Browser) -> list[str]:
    return [f"<form{one.partition('>')[0]}>" for one in browser.page.split("<form")[1:]]


def test_what_is_kept_is_a_list_of_bed_groups_and_an_end(town: Town, outreach: Browser) -> None:
    wait(outreach, query="?who=woman&need=wheelchair")
    assert "This page rings when a bed comes." in outreach.words
    assert 'no-script">Without JavaScript this page can’t ring' in outreach.page
    (one,) = kept(town)
    assert one.who == "p-out"
    assert one.groups == ("northside/mats", "northside/winter", "riverbank/women")
    assert one.until == NOW + timedelta(hours=1)
    told = json.loads(town.store.connection.client.hvals(key(town, "watches"))[0])
    assert told.keys() == {"who", "groups", "until", "looked"}


def key(town: Town, name: str) -> str:
    return town.store.connection.key(name)


def test_what_was_asked_for_reaches_neither_the_store_nor_the_stream(town: Town) -> None:
    before = len(list(town.store.stream.events()))
    browser = town.as_("outreach")
    wait(browser, query="?who=trans&need=wheelchair&need=no-id")
    lines = "\n".join(town.store.dump.lines(town.now))
    assert kept(town)[0].id not in lines, "a file would keep longer what dies with the night"
    assert len(list(town.store.stream.events())) == before
    for word in ("trans", "wheelchair", "no-id"):
        assert f'\\"{word}\\"' not in lines.replace('\\"trans\\": ', "")
    kept_answers = [one for one in lines.splitlines() if '"key": "answer:' in one]
    assert not any("riverbank/women" in one for one in kept_answers)


def test_the_list_is_what_fits_or_can_be_asked_about_whether_it_is_full_or_not(
    town: Town, outreach: Browser
) -> None:
    outreach.open(PAGE + "?who=man")
    listed = sorted(forms(outreach.page, WATCH)[0]["beds"].split())
    assert listed == ["northside/mats", "northside/winter", "riverbank/men"]
    outreach.open(PAGE + "?who=woman&side=south")
    assert forms(outreach.page, WATCH)[0]["beds"] == "riverbank/women"


def test_who_can_get_nowhere_in_time_waits_for_nothing_there(town: Town, outreach: Browser) -> None:
    legs = {pair("North Shore", "South Shore"): Leg(40, 12)}
    town.store.areas.save(["North Shore", "South Shore"], legs, "p-cor", town.now)
    town.now = at("20:40")
    outreach.open(PAGE + "?who=woman&side=south&start=North+Shore")
    assert forms(outreach.page, WATCH)[0]["beds"] == HERE, "by car"
    town.now = at("20:50")
    outreach.open(PAGE + "?who=woman&side=south&start=North+Shore")
    assert forms(outreach.page, WATCH)[0]["beds"] == ""


def test_a_form_that_is_sent_twice_waits_once(town: Town, outreach: Browser) -> None:
    form = outreach.form(WATCH) | {"minutes": "60"}
    for _ in range(2):
        outreach.post(WATCH, form)
        assert "This page rings" in outreach.words
    assert len(kept(town)) == 1


def test_three_at_a_time_and_each_can_be_stopped(town: Town, outreach: Browser) -> None:
    for _ in range(4):
        wait(outreach)
    assert "You wait for as much as anybody may." in outreach.words
    assert len(kept(town)) == 3
    for _ in range(3):
        outreach.open(PAGE)
        outreach.send(stops(outreach)[0], {})
        assert "You wait for that no more." in outreach.words
    assert kept(town) == []
    assert "Waiting for a bed" not in outreach.words


def test_another_sees_and_stops_none_of_it(town: Town, outreach: Browser) -> None:
    wait(outreach)
    (action,) = stops(outreach)
    other = Person("p-two", "tess", "Tess", Role.OUTREACH, agency="Street team")
    link = town.store.people.invite(other, "server", town.now)
    town.store.people.welcome(link, other, PROOF, town.now)
    tess = Browser(town)
    tess.sign_in("tess")
    tess.open(PAGE)
    assert not stops(tess)
    tess.post(action, tess.form(WATCH) | {"key": "a-key-of-hers"})
    assert "That had ended already." in tess.words
    assert len(kept(town)) == 1


FORGED = [
    ({"minutes": "61"}, "Please choose one of these."),
    ({"minutes": ""}, "Please fill this in."),
    ({"beds": "riverbank/none"}, "Please choose one of these."),
    ({"beds": "haven/family"}, "Please choose one of these."),
    ({"beds": " "}, "No place here would fit"),
]


def test_what_no_form_of_ours_sends_is_refused(town: Town, outreach: Browser) -> None:
    form = outreach.form(WATCH) | {"minutes": "60"}
    for fields, said in FORGED:
        outreach.post(WATCH, form | fields)
        assert said in outreach.words, fields
    assert kept(town) == []


def test_it_ends_at_its_hour_and_never_later_than_the_daily_reset(
    town: Town, outreach: Browser
) -> None:
    wait(outreach, 60)
    wait(outreach, 0)
    first, last = town.store.watches.of("p-out", town.now)
    assert (first.until, last.until) == (NOW + timedelta(hours=1), at("08:00", 21))
    town.now = first.until
    assert kept(town) == [last]
    town.now = at("07:30", 21)
    outreach.open(PAGE)
    wait(outreach, 180)
    assert {one.until for one in kept(town)} == {at("08:00", 21)}
    town.now = at("08:00", 21)
    assert kept(town) == []
    outreach.open(PAGE)
    assert "Waiting for a bed" not in outreach.words


def test_everything_dies_by_itself_though_nobody_is_alive_to_see_it(
    town: Town, outreach: Browser
) -> None:
    wait(outreach, 60)
    wait(outreach, 0)
    left = town.store.connection.client.pttl(key(town, "watches"))
    assert 0 < left <= (at("08:00", 21) - NOW) / timedelta(milliseconds=1)


def test_what_was_watched_the_night_before_leaves_the_log_on_disk_without_a_push_process(
    town: Town, outreach: Browser, server: Server
) -> None:
    wait(outreach)
    (watch,) = kept(town)

    def there() -> bool:
        logs = (server.folder / "appendonlydir").glob("*.aof")
        try:
            return any(watch.id.encode() in one.read_bytes() for one in logs)
        except FileNotFoundError:  # it is just being taken away
            return True

    assert there()
    town.now = at("16:12", 21)
    wait(outreach)
    wait_until(lambda: not there())


def test_the_page_names_the_bed_that_came_and_the_news_do(town: Town, outreach: Browser) -> None:
    wait(outreach, query="?who=woman&side=south")
    assert "None has a bed yet." in outreach.words
    report(town, 2)
    outreach.open("/outreach/news")
    news = outreach.page
    assert 'data-bed="riverbank/women"' in news
    assert "Riverbank House · Women's beds · 2 beds open" in outreach.words
    outreach.open(PAGE)
    assert 'data-bed="riverbank/women"' in outreach.page


def test_the_number_that_somebody_waits_for_has_its_age_and_ends_with_the_watch(
    town: Town, outreach: Browser
) -> None:
    wait(outreach, query="?who=woman&side=south")
    report(town, 2)
    ((watch,), seen) = kept(town), town.now
    town.later(minutes=7)
    outreach.open(PAGE)
    (here,) = re.findall(r'<li class="here".*?</li>', outreach.page, re.S)
    assert words(here).endswith("2 beds open Call first 7 min ago")
    assert 'class="doubt" hidden>Call first' in here
    stale = f"{(seen + timedelta(hours=3)).timestamp() * 1000:.0f}"
    assert f'data-stale-after="{stale}"' in here
    assert f'data-until="{watch.until.timestamp() * 1000:.0f}" data-watch=' in outreach.page


def test_a_page_rings_in_no_state_but_the_one_in_which_it_follows_the_board() -> None:
    static = Path(__file__).parent.parent / "static"
    styled = set(re.findall(r"data-page=(\w+)", (static / "outreach.css").read_text()))
    (silent,) = re.findall(r"!\[(.*?)\]\.includes", (static / "outreach-ring.js").read_text())
    assert set(re.findall(r"\w+", silent)) == styled == {"alone", "kept", "out"}


# The rule


def board(town: Town) -> Board:
    return town.store.stream.snapshot(DAY)


def open_now(town: Town) -> set[str]:
    moment = Moment(board(town), town.now)
    return set(some(moment, places(moment)))


def test_a_bed_is_there_on_a_trusted_figure_alone(town: Town) -> None:
    assert open_now(town) == set()
    report(town, 2)
    assert open_now(town) == {HERE}
    town.later(hours=2, minutes=59)
    assert open_now(town) == {HERE}
    town.later(minutes=2)
    assert open_now(town) == set()


def test_no_bed_is_there_after_check_in_unless_late_ones_are_let_in(town: Town) -> None:
    town.now = at("20:50")
    report(town, 2)
    assert open_now(town) == {HERE}
    town.now = at("21:00")
    assert open_now(town) == set()
    site = replace(board(town).sites["riverbank"].site, late_arrivals=Known.YES)
    town.store.profiles.save([site], [], "test", town.now)
    assert open_now(town) == {HERE}


def test_a_hold_that_ends_gives_the_bed_back(town: Town) -> None:
    report(town, 1)
    judge, grip = horizons(town.now, DAY), Grip("h-1", VAN, "released-now", agency="van")
    for name in ("h-1", "h-2"):
        one = hold(name, WOMEN, town.now, 30)
        assert town.store.holds.keep(one, judge, VAN).outcome is Outcome.SAVED
        assert open_now(town) == set()
        if name == "h-1":
            said = town.store.holds.end(grip, HoldEnd.RELEASED, town.now)
            assert said.outcome is Outcome.SAVED
            assert open_now(town) == {HERE}
    town.later(minutes=29)
    assert open_now(town) == set()
    town.later(minutes=1)
    assert open_now(town) == {HERE}, "to the second, whoever is alive"


# Rises


def begin(town: Town, *here: str) -> Watch:
    moment = Moment(board(town), town.now)
    watch = Watch("w-1", *MINE, at("08:00", 21), here, here, look(moment))
    assert town.store.watches.make(watch, 3, "some-key", town.now) is Outcome.SAVED
    return watch


def saw(town: Town, *here: str, looked: Look) -> bool:
    (watch,) = kept(town)
    return town.store.watches.saw(watch, here, looked, town.now)


def test_a_rise_is_told_once_and_again_only_after_none(town: Town) -> None:
    watch = begin(town)
    first = watch.looked
    assert saw(town, HERE, looked=first._replace(ms=first.ms + 1))
    (noted,) = kept(town)
    assert risen(noted, [HERE]) is None
    assert not saw(town, HERE, looked=first._replace(ms=first.ms + 2))
    assert not saw(town, looked=first._replace(ms=first.ms + 3))
    assert saw(town, HERE, looked=first._replace(ms=first.ms + 4))
    assert saw(town, HERE, "riverbank/men", looked=first._replace(ms=first.ms + 5))


def test_who_is_behind_undoes_nothing_that_a_newer_look_saw(town: Town) -> None:
    watch = begin(town)
    first = watch.looked
    assert saw(town, HERE, looked=first._replace(ms=first.ms + 5))
    assert not saw(town, looked=first._replace(ms=first.ms + 4, at=first.at + 9999))
    assert not saw(town, looked=first._replace(ms=first.ms + 5, at=first.at - 1))
    (noted,) = kept(town)
    assert noted.some == (HERE,)
    assert not saw(town, HERE, looked=first._replace(ms=first.ms + 6))


def test_what_had_a_bed_when_the_watch_began_is_no_rise(town: Town, outreach: Browser) -> None:
    report(town, 2)
    town.caught_up()
    wait(outreach, query="?who=woman&side=south")
    (watch,) = kept(town)
    assert (watch.begun, watch.some) == ((HERE,), (HERE,))
    assert 'data-begun="riverbank/women"' in outreach.page
    assert risen(watch, open_now(town)) is None


class Past(NamedTuple):
    """What had a bed at each moment of a night, and which of three processes looks when."""

    nights: list[bool]
    looks: list[tuple[int, int]]  # which process, and how many moments it goes on


@given(
    st.builds(
        Past,
        st.lists(st.booleans(), min_size=1, max_size=12),
        st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4)), max_size=20),
    )
)
@example(Past([False, True, False, True], [(0, 1), (1, 3), (0, 1), (0, 1), (2, 3)]))
@hypothesis.settings(
    max_examples=500 if SOAK else 20,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
def test_whoever_looks_in_whatever_order_no_rise_is_told_twice(
    settings: Settings, past: Past
) -> None:
    store = Store(settings.store_url, f"town-{token_hex(4)}")
    store.connection.check()
    first = Look(1000, 0, 0)
    watch = Watch("w-1", "p-out", (HERE,), at("08:00", 21), (), (), first)
    store.watches.make(watch, 3, "some-key", NOW)
    moments, places_, told = [False, *past.nights], [0, 0, 0], 0
    for process, more in [*past.looks, (0, 99), (1, 99), (2, 99)]:
        for _ in range(min(more, len(moments) - 1 - places_[process])):
            places_[process] += 1
            here = [HERE] * moments[places_[process]]
            ((noted,), _) = store.watches.to_do(NOW)
            if risen(noted, here) is not None:
                seen = first._replace(ms=1000 + places_[process])
                told += store.watches.saw(noted, here, seen, NOW)
    ((noted,), _) = store.watches.to_do(NOW)
    rises = sum(now and not before for before, now in pairwise(moments))
    assert told <= rises
    assert told >= moments[-1], "one that stands at the end is told"
    assert noted.some == tuple([HERE] * moments[-1])
    store.connection.close()
