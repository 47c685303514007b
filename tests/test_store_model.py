"""Any sequence of reports, undos, repeats, delays and clocks, against a second opinion.

The model below says the rules of the product once more, in the plainest Python; the store says
them in Lua. Whatever happens, both must agree, the stream alone must rebuild the board, and a
board that follows entry by entry must end the same.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.beds import Source
from dashboard.board import Board
from dashboard.clock import Freshness, horizons
from dashboard.events import Version
from dashboard.people import Hand
from dashboard.reports import Report, ReportKind
from dashboard.store import Store, Undo, differences
from tests.values import DAY, GROUPS, SITES, WOMEN, at

MINUTE = timedelta(minutes=1)
EXAMPLES = 8_000 if os.environ.get("SOAK") else 200
START = at("09:00")


@dataclass
class Model:
    """One bed group by the book: (open, observed, counted) now, and before the newest report."""

    figure: tuple[int, datetime, datetime] | None = None
    before: object = "nothing to undo"

    def live(self, now):
        return self.figure and horizons(now, DAY).judge(self.figure[1]) is not Freshness.NEVER

    def report(self, kind, value, observed, now):
        if horizons(now, DAY).judge(observed) is Freshness.NEVER:
            return "late"
        live = self.live(now)
        if live and observed < self.figure[2 if kind == "adjust" else 1]:
            return "late"
        if kind == "adjust":
            return self.adjust(value, observed, now, live)
        if kind == "confirm" and (not live or self.figure[0] != value):
            return "conflict"
        return self.take((value, observed, observed))

    def adjust(self, value, observed, now, live):
        if not live or horizons(now, DAY).judge(self.figure[1]) is Freshness.STALE:
            return "ask-number"
        open_, last, counted = self.figure
        if open_ + value < 0:
            return "below-zero"
        if open_ + value > 9_999:
            return "too-many"
        return self.take((open_ + value, max(last, observed), counted))

    def take(self, figure):
        self.figure, self.before = figure, self.figure
        return "saved"

    def undo(self):
        if self.before == "nothing to undo":
            return "not-newest"
        self.figure, self.before = self.before, "nothing to undo"
        return "saved"


steps = st.lists(
    st.tuples(
        st.sampled_from(["change", "change", "adjust", "adjust", "confirm", "right", "undo"]),
        st.integers(0, 6) | st.sampled_from([0, 9_999]),
        st.integers(0, 200),  # minutes that pass first
        st.sampled_from([0, 0, 0, 1, 5, 45, 130, 600]),  # minutes that the report waited
        st.booleans(),  # whether it is sent twice
    ),
    max_size=14,
)
communities = count()


@pytest.fixture
def open_store(redis_url):
    stores = []

    def fresh() -> Store:
        store = Store(redis_url, f"c{next(communities)}")
        store.profiles.save(SITES, GROUPS, "test", START)
        stores.append(store)
        return store

    yield fresh
    for store in stores:
        store.connection.close()


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps)
def test_any_sequence_keeps_the_rules_and_ends_the_same_on_every_follower(open_store, plan):
    store, model, now = open_store(), Model(), START
    follower = store.stream.snapshot(DAY)
    for number, (kind, value, passed, waited, twice) in enumerate(plan):
        now += passed * MINUTE
        observed = now - waited * MINUTE
        expected = expect(model, kind, value, observed, now)
        answer = act(store, model, kind, value, observed, now, f"k{number}")
        assert answer.outcome == expected
        if twice:
            again = act(store, model, kind, value, observed, now, f"k{number}", answer)
            assert again.repeated
            assert (again.outcome, again.version) == (answer.outcome, answer.version)
        follow(store, follower)
    agree(store, model, follower, now)


def expect(model, kind, value, observed, now):
    if kind == "undo":
        return model.undo()
    if kind == "right":
        kind, value = "confirm", model.figure[0] if model.figure else value
    return model.report(kind, value - 3 if kind == "adjust" else value, observed, now)


seen: dict[str, Report | Undo] = {}


def act(store, model, kind, value, observed, now, key, again=None):
    judge = horizons(now, DAY)
    if again is None:
        seen[key] = build(store, kind, value, observed, key)
    sent = seen[key]
    if isinstance(sent, Undo):
        return store.reports.undo(sent, now)
    return store.reports.report(sent, judge, now)


def build(store, kind, value, observed, key):
    board = store.stream.snapshot(DAY)
    figure = board.sites["riverbank"].group("women").figure
    place = (WOMEN.site, WOMEN.id)
    if kind == "undo":
        newest = f"{board.version.epoch}:{figure.version}" if figure else newest_entry(store)
        return Undo(*place, newest, Hand("p-desk", Source.DESK), key)
    if kind == "right":
        kind, value = "confirm", figure.open if figure else value
    number = value - 3 if kind == "adjust" else value
    return Report(*place, ReportKind(kind), number, observed, Source.DESK, "p-desk", key)


def newest_entry(store):
    return str(store.stream.snapshot(DAY).version)


def follow(store, board):
    for event in store.stream.follow(board.version, 0):
        board.apply(event)


def agree(store, model, follower, now):
    hashes = store.stream.snapshot(DAY)
    figure = hashes.sites["riverbank"].group("women").figure
    told = (figure.open, figure.observed_at, figure.counted_at) if figure else None
    assert told == model.figure
    assert differences(hashes, store.stream.rebuilt(DAY), now) == []
    assert differences(hashes, follower, now) == []
    assert follower.version == hashes.version


def test_a_follower_that_joins_anywhere_ends_at_the_same_board(open_store):
    store = open_store()
    boards: list[Board] = [Board(DAY, Version(store.stream.epoch(), 0, 0))]
    for number in range(20):
        boards.append(store.stream.snapshot(DAY))
        report = build(store, "change", number % 7, START, f"j{number}")
        store.reports.report(report, horizons(START, DAY), START)
        if number % 3 == 0:
            follow(store, boards[number])
    for board in boards:
        follow(store, board)
        assert differences(store.stream.snapshot(DAY), board, START) == []
