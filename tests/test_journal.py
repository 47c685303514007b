"""Whoever saw whatever entry of whichever branch is told all in which the board differs from it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import journal
from dashboard.beds import Source
from dashboard.board import Board, SiteState
from dashboard.events import GroupSaved, Reported
from dashboard.journal import Journal
from tests.values import DAY, NORTHSIDE, NOW, WOMEN, figure, version

SITES = [replace(NORTHSIDE, id=f"s{number}") for number in range(3)]
steps = st.lists(
    st.one_of(
        st.tuples(st.just("report"), st.integers(0, 2)),
        st.tuples(st.just("rolled back"), st.integers(1, 3)),
        st.tuples(st.sampled_from(["follow", "connect", "restart"]), st.integers(0, 1)),
    ),
    max_size=30,
)


class Memory:
    """A store that a failover may set back; every entry has a later id than all before.

    The server that takes over begins an epoch, and its readers read all that it kept as of that.
    """

    def __init__(self):
        self.entries = [
            GroupSaved(version(2 + place), replace(WOMEN, site=site.id), "", NOW)
            for place, site in enumerate(SITES)
        ]
        self.next, self.epoch = 10, version(0).epoch

    def report(self, site):
        at, self.next = version(self.next)._replace(epoch=self.epoch), self.next + 1
        told = figure(at.ms, NOW, at.entry)
        place = {"site": f"s{site}", "group": "women", "kind": "change", "late": False}
        stamps = {"observed_at": NOW, "received_at": NOW, "source": Source.DESK, "who": ""}
        self.entries.append(Reported(at, **place, **stamps, value=at.ms, before=None, figure=told))

    def lose(self, count):
        self.epoch += "x"
        kept = self.entries[: max(len(SITES), len(self.entries) - count)]
        self.entries = [
            replace(one, version=one.version._replace(epoch=self.epoch)) for one in kept
        ]

    def snapshot(self):
        first = version(1)._replace(epoch=self.epoch)
        board = Board(DAY, first, [SiteState(site, first) for site in SITES])
        for entry in self.entries:
            board.apply(entry)
        states = [replace(state, version=board.version) for state in board.sites.values()]
        return Board(DAY, board.version, states)

    def holds(self, at):
        return at in [entry.version for entry in self.entries]


def shown(board):
    return {id_: state.groups for id_, state in board.sites.items()}


def follow(board, memory):
    """As the follower does it: it never applies an entry on top of one that was lost."""
    if not memory.holds(board.version):
        board.become(memory.snapshot())
    for entry in memory.entries:
        board.apply(entry)


@settings(max_examples=300)
@given(steps, st.sampled_from([2, 3, 10_000]))
def test_no_page_is_left_behind_by_a_store_that_went_back(plan, remembered):
    before, journal.MEMORY = journal.MEMORY, remembered
    try:
        memory = Memory()
        processes = [memory.snapshot(), memory.snapshot()]
        seen = []
        for act, number in plan:
            if act == "report":
                memory.report(number)
            elif act == "rolled back":
                memory.lose(number)
            elif act == "follow":
                follow(processes[number], memory)
            elif act == "connect":
                processes[number].become(memory.snapshot())
            else:
                processes[number] = memory.snapshot()
            seen += [(board.version, shown(board)) for board in processes]
            for board in processes:
                for at, page in seen:
                    told = board.changed_since(at)
                    differ = {id_ for id_, groups in shown(board).items() if page[id_] != groups}
                    assert told is None or differ <= set(told)
    finally:
        journal.MEMORY = before


def test_a_page_that_is_current_or_a_little_behind_gets_no_more_than_it_missed():
    memory = Memory()
    board = memory.snapshot()
    at = board.version
    memory.report(1)
    follow(board, memory)
    assert board.changed_since(at) == ["s1"]
    assert board.changed_since(board.version) == []


def test_a_journal_forgets_what_is_long_ago(monkeypatch):
    monkeypatch.setattr(journal, "MEMORY", 5)
    kept = Journal(version(0))
    for number in range(1, 100):
        kept.add(version(number), [f"s{number}"])
    assert kept.since(version(1)) is None
    assert kept.since(version(97)) == ["s98", "s99"]
    assert kept.start > version(80)


def test_what_was_rolled_back_is_told_however_late_a_page_comes(monkeypatch):
    monkeypatch.setattr(journal, "MEMORY", 3)
    memory = Memory()
    memory.report(1)
    board = memory.snapshot()
    memory.report(0)
    follow(board, memory)
    seen = board.version
    memory.lose(1)
    board.become(memory.snapshot())
    for _ in range(20):
        memory.report(1)
        follow(board, memory)
        told = board.changed_since(seen)
        assert told is None or "s0" in told, "whose entry was lost"
