"""A store that forgets the end of its history: no page stays behind with what it has forgotten.

The store is a real one. A replica that lags is a copy of its keys, taken earlier; it is promoted
by putting the copy in place and letting the server take a new replication id, as it does when it
is promoted or restarts.
"""

from __future__ import annotations

import os
from itertools import count

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.beds import Source
from dashboard.board import Board
from dashboard.clock import horizons
from dashboard.events import Version
from dashboard.people import Hand
from dashboard.reports import Outcome, Report, ReportKind
from dashboard.store import OtherHistory, Store, Undo, differences
from tests.by_hand import tell
from tests.values import DAY, GROUPS, NOW, SITES

BEDS = (("riverbank", "women"), ("northside", "mats"))
MACHINES = PAGES = range(2)
EXAMPLES = 500 if os.environ.get("SOAK") else 20
communities = count()
rounds = st.lists(
    st.tuples(
        st.tuples(st.integers(0, 1), st.integers(0, 99)),  # which beds, how many are open
        st.sets(st.integers(0, 1)),  # the machines that follow
        st.sets(st.tuples(st.integers(0, 1), st.integers(0, 1)), max_size=2),  # page and machine
        st.sampled_from(["nothing", "copy", "restart", "promote", "promote", "join"]),
    ),
    max_size=8,
)


class Page:
    """What a browser shows, and the version that it names when it comes back."""

    def __init__(self) -> None:
        self.version = "none:0-0"
        self.shown: dict[str, object] = {}

    def visit(self, board: Board) -> None:
        changed = board.changed_since(Version.parse(self.version))
        if changed is None:
            self.shown, changed = {}, list(board.sites)
        self.shown.update({site: board.sites[site].groups for site in changed})
        self.version = str(board.version)


class World:
    """One store that can be wound back, two machines that follow it, two pages."""

    def __init__(self, store: Store, server) -> None:
        self.store, self.server = store, server
        self.plain = redis.Redis(unix_socket_path=str(server.path))
        self.boards = [store.stream.snapshot(DAY) for _ in MACHINES]
        self.pages = [Page() for _ in PAGES]
        self.numbers = count()
        self.copy()

    def report(self, bed: int, open_: int) -> None:
        key = f"k{next(self.numbers)}"
        place = BEDS[bed]
        sent = Report(*place, ReportKind.CHANGE, open_, NOW, Source.DESK, "p-desk", key)
        assert self.store.reports.report(sent, horizons(NOW, DAY), NOW).outcome is Outcome.SAVED

    def nothing(self) -> None:
        """A round may end well."""

    def copy(self) -> None:
        keys = self.plain.keys(self.store.connection.key("*"))
        self.kept = {key: self.plain.dump(key) for key in keys}

    def promote(self) -> None:
        self.plain.delete(*self.plain.keys(self.store.connection.key("*")))
        for key, value in self.kept.items():
            self.plain.restore(key, 0, value)
        self.restart()

    def restart(self) -> None:
        assert tell(self.server, "REPLICAOF 127.0.0.1 1") == "+OK"
        assert tell(self.server, "REPLICAOF NO ONE") == "+OK"

    def follow(self, machine: int) -> None:
        board = self.boards[machine]
        try:
            for event in self.store.stream.follow(board.version, 0):
                board.apply(event)
        except OtherHistory:
            board.become(self.store.stream.snapshot(DAY))

    def join(self, machine: int = 1) -> None:
        """The machine is started anew."""
        self.boards[machine] = self.store.stream.snapshot(DAY)

    def visit(self, page: int, machine: int) -> None:
        board = self.boards[machine]
        self.pages[page].visit(board)
        assert self.pages[page].shown == {id_: one.groups for id_, one in board.sites.items()}


@pytest.fixture
def open_world(redis_url, server):
    stores = []

    def fresh() -> World:
        store = Store(redis_url, f"c{next(communities)}")
        store.profiles.save(SITES, GROUPS, "test", NOW)
        stores.append(store)
        return World(store, server)

    yield fresh
    for store in stores:
        store.connection.close()


@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rounds)
def test_a_page_shows_what_its_machine_knows_whatever_the_store_forgot(open_world, plan):
    world = open_world()
    for report, following, visits, harm in plan:
        world.report(*report)
        for machine in sorted(following):
            world.follow(machine)
        for visit in sorted(visits):
            world.visit(*visit)
        getattr(world, harm)()
    kept = world.store.stream.snapshot(DAY)
    for machine in MACHINES:
        world.follow(machine)
        assert differences(kept, world.boards[machine], NOW) == []
        for page in PAGES:
            world.visit(page, machine)


def test_what_was_seen_and_forgotten_is_in_no_history_even_under_the_same_id(open_world):
    world = open_world()
    world.report(0, 1)
    world.follow(0)
    seen = world.boards[0].version
    world.promote()
    world.follow(0)
    before = world.boards[0].version
    assert before.epoch != seen.epoch
    assert before.point < seen.point
    # The next entry gets the very id of the one that was forgotten, and tells of another site.
    world.plain.xadd(
        world.store.connection.key("events"),
        {"kind": "note", "act": "x", "about": "y", "who": "z", "now": "1"},
        id=seen.entry,
    )
    world.follow(0)
    world.join()
    for board, told in zip(world.boards, (["riverbank"], None), strict=True):
        assert board.version.point == seen.point
        assert board.changed_since(seen) == told, "nobody else can know what it was"
    assert world.boards[0].changed_since(before) == []


def test_a_restart_that_lost_nothing_tells_nobody_anything(open_world):
    world = open_world()
    world.report(0, 1)
    world.follow(0)
    seen = world.boards[0].version
    world.restart()
    world.follow(0)
    assert world.boards[0].version.epoch != seen.epoch
    assert world.boards[0].changed_since(seen) == []
    world.report(1, 2)
    world.follow(0)
    assert world.boards[0].changed_since(seen) == ["northside"]


def test_a_desk_can_undo_and_expect_across_a_restart_but_not_what_was_forgotten(open_world):
    world = open_world()

    def undo(version: Version, key: str) -> Outcome:
        place = (*BEDS[0], str(version), Hand("p-desk", Source.DESK), key)
        return world.store.reports.undo(Undo(*place), NOW).outcome

    world.report(0, 3)
    kept = world.store.stream.snapshot(DAY).version
    world.copy()
    world.restart()
    assert undo(kept, "u1") is Outcome.SAVED
    world.promote()
    world.report(0, 4)
    forgotten = world.store.stream.snapshot(DAY).version
    world.promote()
    world.report(0, 5)
    assert undo(forgotten, "u2") is Outcome.NOT_NEWEST
    for version in ("now:1-1", "server:1-1", "ffff:1-1"):
        assert undo(Version.parse(version), version) is Outcome.NOT_NEWEST
