"""Whatever many phones, desks and clocks do at once, it is as if they had done it one by one.

Crowds throng to one bed group of a real store, and every answer is written down with its time. No
two may have been told what cannot both be so; and the check is shown to find what is wrong.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest

from dashboard.beds import Hold
from dashboard.embedded import Server
from dashboard.reports import Answer
from dashboard.store import Store
from dashboard.store.connection import LUA
from tests.book import Act, Book, Figure, State
from tests.by_hand import SOAK
from tests.crowded import START, Crowd
from tests.linear import NEVER, Done, explained
from tests.values import DAY

OPERATIONS = 100_000 if SOAK else 2_000
TRIES = 40  # crowds in which a fault must show
seeds = count(1)


def crowds(url: str, **more: Any) -> Iterator[Crowd]:
    return (Crowd(url, seed, **more) for seed in seeds)


# -- the proof


def test_crowds_are_told_what_could_have_happened_one_by_one(
    redis_url: str, record_property: Callable[[str, object], None]
) -> None:
    done = kept = rounds = 0
    for crowd in crowds(redis_url):
        crowd.run()
        assert crowd.unexplained() == [], f"seed {crowd.seed}"
        done, rounds = done + len(crowd.history), rounds + 1
        kept += sum(
            one.act.kind in ("keep", "yes") and one.answer == "saved" for one in crowd.history
        )
        if done >= OPERATIONS:
            break
    assert kept > rounds, "there was something to quarrel about"
    record_property("figures", f"{done} acts of {rounds} crowds explained; {kept} beds kept")


def test_a_store_that_is_killed_in_between_loses_nothing_and_does_nothing_twice(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    server = Server(tmp_path / "valkey", tmp_path / "store.sock")
    server.start()
    rounds, killed, url = (60 if SOAK else 1), [], f"unix://{server.path}"

    def kill(crowd: Crowd) -> None:
        while len(crowd.history) < 100:
            time.sleep(0.002)
        assert server.child
        os.kill(server.child.pid, signal.SIGKILL)
        server.child.wait()
        killed.append(time.monotonic())
        server.start()

    try:
        for crowd in islice(crowds(url, acts=60), rounds):
            crowd.run(partial(kill, crowd))
            assert crowd.unexplained() == [], f"seed {crowd.seed}"
            moment = killed[-1]
            assert any(one.start < moment < one.end for one in crowd.history), "it was noticed"
    finally:
        server.stop()
    record_property("figures", f"{len(killed)} kills, each amid {8 * 60} acts")


# -- what the check finds


def told(kind: str, start: float, end: float, answer: object, **more: Any) -> Done:
    now = more.pop("now", START)
    return Done(Act(kind, now, **more), start, end, answer)  # type: ignore[arg-type]


ONE_BED = State(Figure(1, START, START))
SOON = START + 60_000


def keeps(id_: str, start: float, end: float, answer: object = "saved") -> Done:
    return told("keep", start, end, answer, id=id_, agency="van", expires=SOON)


def looks(start: float, end: float, *ids: str, open_: int = 1, now: int = START) -> Done:
    kept = frozenset((one, SOON) for one in ids)
    seen = (Figure(open_, START, START), kept, frozenset())
    return told("look", start, end, seen, now=now)


GOOD = {
    "one was before the other": [
        keeps("h1", 0, 9),
        keeps("h2", 1, 8, "no-bed"),
        looks(10, 11, "h1"),
    ],
    "seen before it was told": [keeps("h1", 0, 9), looks(1, 2, "h1"), looks(3, 4, "h1")],
    "not seen yet": [keeps("h1", 0, 9), looks(1, 2), looks(3, 4, "h1")],
    "nobody knows, and it was done": [keeps("h1", 0, NEVER), looks(1, 2), looks(3, 4, "h1")],
    "nobody knows, and it was not": [keeps("h1", 0, NEVER), looks(1, 2), keeps("h2", 3, 4)],
    "its time was over": [keeps("h1", 0, 1), looks(2, 3, now=SOON)],
}
BAD = {
    "two holders of one bed": [keeps("h1", 0, 9), keeps("h2", 1, 8)],
    "a bed that was lost": [keeps("h1", 0, 9, "no-bed"), looks(10, 11)],
    "forgotten after it was told": [keeps("h1", 0, 1), looks(2, 3)],
    "seen, and then not": [keeps("h1", 0, 9), looks(1, 2, "h1"), looks(3, 4)],
    "a bed out of nowhere": [looks(0, 1, open_=2)],
    "it outlived its end": [keeps("h1", 0, 1), looks(2, 3, "h1", now=SOON)],
    "arrived at its very end": [
        keeps("h1", 0, 1),
        told("arrive", 2, 3, "saved", id="h1", now=SOON, observed=SOON),
    ],
    "refused although there was a bed all the time": [looks(0, 9), keeps("h1", 1, 2, "no-bed")],
    "nobody knows, and it was done twice": [
        keeps("h1", 0, NEVER),
        looks(1, 2, "h1"),
        looks(3, 4),
        looks(5, 6, "h1"),
    ],
}


@pytest.mark.parametrize("name", GOOD)
def test_what_could_have_happened_is_explained(name: str) -> None:
    assert len(explained(GOOD[name], ONE_BED, Book())) == len(GOOD[name])


@pytest.mark.parametrize("name", BAD)
def test_what_can_not_have_happened_is_found(name: str) -> None:
    assert len(explained(BAD[name], ONE_BED, Book())) < len(BAD[name])


def test_the_book_itself_never_gives_a_bed_twice() -> None:
    with pytest.raises(AssertionError, match="two holders"):
        Book()._keeps(State(Figure(0, START, START)), keeps("h1", 0, 1).act)


SPARE = "if figure.open - #kept - (group.walk_in or 0) < 1 then return answer('no-bed') end"
FAULTS: dict[str, tuple[str, str, str]] = {
    "the last bed is held twice": ("hold", SPARE, ""),
    "one bed too many": ("hold", "(group.walk_in or 0) < 1", "(group.walk_in or 0) < 0"),
    "a bed for who walks in is taken": ("hold", "- (group.walk_in or 0) < 1", "< 1"),
    "one hold too many for an agency": ("hold", ">= asked.most", "> asked.most"),
    "asks that count for nothing": ("hold", "+ of_agency(asks, asked.agency)", ""),
    "a mode that is not minded": ("hold", "if group.holds == 'after a yes'", "if false"),
    "a yes without a bed": ("grant", "figure.open - #kept - (group.walk_in or 0) < 1", "false"),
    "a yes that may be said again": ("grant", "finish_ask(KEYS[8], KEYS[9], ask, 'yes')", "nil"),
    "an ask that never ends": (
        "grant",
        "local ask = open_ask(KEYS[8], KEYS[9])",
        "local ask = theirs(KEYS[8])",
    ),
    "an end that is a moment late": (
        "prelude",
        "if one.expires > asked.now",
        "if one.expires >= asked.now",
    ),
    "an end that a slow clock does not know of": (
        "prelude",
        "  finished(open, ended, one, reason)\n",
        "",
    ),
    "everybody's hold": (
        "prelude",
        "if asked.agency and one.agency ~= asked.agency then return nil end",
        "",
    ),
    "a hold that ends and stays": ("prelude", "  redis.call('HDEL', open, one.id)\n", ""),
    "an arrival that takes no bed": (
        "arrive",
        "new.open = figure.open - 1",
        "new.open = figure.open",
    ),
    "an arrival that a later count has seen": ("arrive", "or asked.observed < figure.counted", ""),
    "an extension without a limit": (
        "extend",
        "math.min(hold.expires + asked.more, asked.limit)",
        "hold.expires + asked.more",
    ),
    "a second extension": ("extend", "or (asked.once and hold.extended)", ""),
    "a count below what is kept": ("report", "if short > 0 then", "if false then"),
    "a late count that overwrites": ("report", "if late then", "if false then"),
    "full, and a kept bed forgotten": (
        "report",
        "asked.kind == 'full' and #kept_beds or asked.value",
        "asked.kind == 'full' and 0 or asked.value",
    ),
    "a form that counts twice": (
        "prelude",
        "if not kept then return nil end",
        "if true then return nil end",
    ),
    "an end before its time": (
        "lapse",
        "lasts(hold, KEYS[4], KEYS[5], finish, 'lapsed')",
        "finish(KEYS[4], KEYS[5], hold, 'lapsed') and nil",
    ),
}

IN_SHORT = (
    *("the last bed is held twice", "a yes without a bed", "a form that counts twice"),
    "an end that a slow clock does not know of",
)


def broken(script: str, good: str, bad: str) -> Callable[[Store], None]:
    """A store whose scripts have this fault."""

    def patch(store: Store) -> None:
        for path in LUA.glob("*.lua"):
            if script in (path.stem, "prelude"):
                text = (LUA / "prelude.lua").read_text() + path.read_text()
                assert good in text or script == "prelude"
                made = store.connection.client.register_script(text.replace(good, bad))
                store.connection._scripts[path.stem] = made

    assert (LUA / f"{script}.lua").read_text().count(good) == 1
    return patch


def found_after(url: str, **more: Any) -> int:
    """How many crowds it took until something was told that can not be so."""
    for number, crowd in enumerate(islice(crowds(url, **more), TRIES)):
        try:
            crowd.run()
        except AssertionError:
            return number + 1
        if crowd.unexplained():
            return number + 1
    raise AssertionError(f"{TRIES} crowds noticed nothing")


def careless(store: Store) -> None:
    """It looks whether a bed is free, and then keeps one: right for one phone, wrong for many."""
    scripts, keep = store.connection._scripts, store.holds.keep
    good = store.connection._script("hold")
    broken(*FAULTS["the last bed is held twice"])(store)
    bad = scripts["hold"]

    def look_first(hold: Hold, *rest: Any) -> Answer:
        group = store.stream.snapshot(DAY).sites[hold.site].groups[0]
        scripts["hold"] = bad if (group.free(hold.made_at) or 0) > group.group.walk_in else good
        return keep(hold, *rest)

    store.holds.keep = look_first  # type: ignore[method-assign]


def test_a_store_that_looks_first_and_keeps_then_is_right_only_for_one(redis_url: str) -> None:
    alone = Crowd(redis_url, 0, careless, clients=1, acts=100)
    alone.run()
    assert alone.unexplained() == []
    assert found_after(redis_url, patch=careless) <= TRIES


@pytest.mark.parametrize("fault", FAULTS if SOAK else IN_SHORT)
def test_a_fault_in_the_store_is_found(redis_url: str, fault: str, record_property: Any) -> None:
    crowds_ = found_after(redis_url, patch=broken(*FAULTS[fault]))
    record_property("figures", f"found by crowd {crowds_}")
