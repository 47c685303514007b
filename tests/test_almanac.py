"""The almanac against a slow second opinion: which sites the clock has changed since a look."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.beds import Source
from dashboard.board import Board, SiteState
from dashboard.evening import Declaration, Reason, Topic
from dashboard.events import Declared, GroupSaved, Held, Reported
from dashboard.live.almanac import Almanac
from dashboard.live.position import Position
from dashboard.rows import Moment
from tests.by_hand import SOAK
from tests.values import DAY, NORTHSIDE, NOW, WOMEN, figure, hold, version

MINUTE = timedelta(minutes=1)
SITES = [replace(NORTHSIDE, id=f"s{number}") for number in range(4)]
steps = st.lists(
    st.tuples(
        st.sampled_from(["report", "hold", "close", "beds", "nothing"]),
        st.integers(0, 3),
        st.integers(0, 90),
    ),
    max_size=25,
)


def board():
    made = Board(DAY, version(1), [SiteState(site, version(1)) for site in SITES])
    for number, site in enumerate(SITES):
        made.apply(GroupSaved(version(2 + number), group_of(site.id), "", NOW))
    return made


def group_of(site):
    return replace(WOMEN, site=site)


def act(board, kind, site, now, number):
    entry = version(100 + number)
    group = group_of(f"s{site}")
    if kind == "report":
        told = figure(number % 5, now, entry.entry)
        place = {"site": group.site, "group": group.id, "kind": "change", "late": False}
        stamps = {"observed_at": now, "received_at": now, "source": Source.DESK, "who": ""}
        board.apply(Reported(entry, **place, **stamps, value=1, before=None, figure=told))
    if kind == "hold":
        board.apply(Held(entry, hold(f"h{number}", group, now, 20)))
    if kind in ("close", "beds"):
        until = now + (3 + number) * MINUTE
        said = Declaration(Topic.CLOSED, now, until, "", reason=Reason.SAFETY)
        if kind == "beds":
            said = Declaration(Topic.CAPACITY, now, until, "", count=number)
        of = group.id if kind == "beds" else ""
        told = {"topic": said.topic, "now": said, "before": None, "source": Source.DESK}
        board.apply(Declared(entry, **told, site=group.site, group=of, who="", at=now))


def shown(board, site, now):
    """What a page shows, without the version and without when it will change."""
    row = Moment(board, now).row(site)
    groups = tuple(replace(one, changes_at=None) for one in row.groups)
    calls = tuple(replace(one, changes_at=None) for one in row.call_first)
    return replace(row, version=version(0), changes_at=None, groups=groups, call_first=calls)


@settings(max_examples=150 if SOAK else 40)
@given(steps, st.integers(0, 24))
def test_whatever_differs_is_told_and_a_page_is_never_left_behind(plan, pause):
    made, now = board(), NOW
    almanac = Almanac(made, now)
    seen = {Position(made.version, now): {site.id: shown(made, site.id, now) for site in SITES}}
    for number, (kind, site, minutes) in enumerate(plan):
        now += minutes * MINUTE
        act(made, kind, site, now, number)
        if number == pause:
            continue  # nobody looks, so more has changed at the next look
        almanac.keep(now)
        for position, pages in seen.items():
            told = almanac.changed(position)
            for id_, page in pages.items():
                if shown(made, id_, now) != page:
                    assert told is None or id_ in told
        seen[Position(made.version, now)] = {site.id: shown(made, site.id, now) for site in SITES}
        assert almanac.next is None or almanac.next > now


@given(steps)
def test_a_page_that_is_current_is_told_nothing(plan):
    made, now = board(), NOW
    almanac = Almanac(made, now)
    for number, (kind, site, minutes) in enumerate(plan):
        now += minutes * MINUTE
        act(made, kind, site, now, number)
        almanac.keep(now)
        assert almanac.changed(Position(made.version, now)) == []


def test_only_what_was_touched_is_looked_at_again(monkeypatch):
    made = board()
    almanac = Almanac(made, NOW)
    looked = []
    row = Moment.row
    monkeypatch.setattr(Moment, "row", lambda self, site: looked.append(site) or row(self, site))
    act(made, "report", 2, NOW, 1)
    almanac.keep(NOW)
    assert looked == ["s2"]
