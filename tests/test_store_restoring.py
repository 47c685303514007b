"""A community comes back out of its archive alone: all that entries tell, or nothing at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard import create_app
from dashboard.beds import Source
from dashboard.calls import CallEnd
from dashboard.coldnights import Night
from dashboard.config import Settings
from dashboard.evening import Topic
from dashboard.events import Visited
from dashboard.people import Hand
from dashboard.settling import Settling
from dashboard.shelf import Folder, folder
from dashboard.store import NotEmpty, Store, differences, faults, sealed
from dashboard.store.calls import Wanted
from dashboard.terms import Setting
from dashboard.visits import Found
from dashboard.vouchers import Pool, Turn, Why

from . import values
from .test_alerts import issued
from .test_archive_commands import done, flask
from .test_store_archive import FAR, KEEP, MUCH_LATER, TOMORROW, old, report
from .test_store_evenings import saying
from .test_visits import visit
from .values import DAY, NOW

TODAY = datetime.now(UTC)  # for the archive, which goes by the ids of the store


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    made = Store(settings.store_url, settings.community, shelf=Folder(folder(settings)))
    made.connection.check()
    yield made
    made.connection.close()


def fill(store: Store, settings: Settings) -> None:
    """Two old nights, and a day with reports, declarations and a dispute; all of it archived."""
    for night in (1, 2):
        old(store, night)
    store.profiles.save(values.SITES, values.GROUPS, "server", NOW)
    for open_ in (3, 3, 5):
        report(store, open_, NOW)
    for topic in (Topic.MEAL, Topic.PETS, Topic.SURGE):
        store.evenings.say(saying(topic, NOW), NOW)
    caller, sites = Hand("p-cal", Source.PHONE), [Wanted("northside"), Wanted("riverbank")]
    call = store.calls.take(sites, caller, "call 1", NOW).call
    assert call
    store.calls.end(call.site, call.id, CallEnd.NO_ANSWER, caller, "end 1", NOW)
    assert store.calls.take(sites[1:], caller, "call 2", NOW).call
    store.customs.settle(Settling(Setting.DECISION, "18:00", 0, "settle 1"), "p-cor", NOW)
    store.alerts.issue(issued(), "typed", "alert 1", NOW)
    store.alerts.log(Night(NOW.date(), low=-20, sheltered=4, who="p-cor", at=NOW), "", "n", NOW)
    hand = Hand("p-cor", Source.DESK)
    store.vouchers.turn("Street team", Turn.ADDED, 9, hand, "nights 1", NOW, Why.BOUGHT)
    store.vouchers.turn("Street team", Turn.ISSUED, 2, hand, "nights 2", NOW)
    store.archiving.daily(FAR, TOMORROW, timedelta(days=3650))


def second(path: Path, kind: str = "gz") -> Path:
    return sorted(path.glob(f"*.{kind}"))[1]


def lose(store: Store) -> None:
    store.connection.client.flushall()


def test_what_the_entries_tell_comes_back_and_goes_on(store: Store, settings: Settings):
    fill(store, settings)
    before, events = store.stream.snapshot(DAY), list(store.archive.events())
    cold, pools = store.alerts.nights(), store.vouchers.all()
    assert before.alerts
    assert before.settlement
    lose(store)
    back = store.restoring.restore(FAR, TODAY, timedelta(days=10))
    assert (back.nights, back.entries, back.sites) == (3, len(events), 3)
    board = store.stream.snapshot(DAY)
    assert store.alerts.nights() == cold
    assert store.vouchers.all() == pools == [Pool("Street team", hand=7, out=2)]
    assert [one.version for one in store.vouchers.all()] == [one.version for one in pools]
    assert differences(before, board, NOW) == []
    assert board.version.point == before.version.point
    assert [one.version.point for one in store.archive.events()] == [
        one.version.point for one in events
    ]
    assert differences(board, store.archive.rebuilt(DAY), NOW) == []
    assert list(faults(store.archive)) == []
    report(store, 9, NOW + timedelta(minutes=1))
    newest = store.stream.snapshot(DAY)
    figure = newest.sites["riverbank"].groups[0].figure
    assert figure
    assert figure.open == 9
    assert differences(newest, store.archive.rebuilt(DAY), NOW) == []


def test_the_store_gets_the_last_nights_alone(store: Store, settings: Settings):
    fill(store, settings)
    lose(store)
    store.restoring.restore(FAR, TODAY, timedelta(days=10))
    events = store.connection.key("events")
    assert store.connection.client.xrange(events, count=1)[0][1]["kind"] == "site"
    assert len(store.archive.seals()) == 3
    lose(store)
    store.restoring.restore(FAR, MUCH_LATER, timedelta(days=10))
    assert store.connection.client.xlen(events) == 1
    assert differences(store.stream.snapshot(DAY), store.archive.rebuilt(DAY), NOW) == []
    assert list(faults(store.archive)) == []
    report(store, 9, NOW + timedelta(minutes=1))
    assert len(store.archiving.daily(FAR, MUCH_LATER, timedelta(days=10)).written) == 1
    assert list(faults(store.archive)) == []


def test_a_dispute_comes_back_with_its_figure(store: Store, settings: Settings):
    fill(store, settings)
    visit(store, Found.WAS_FULL, NOW + timedelta(minutes=20))
    assert any(isinstance(one, Visited) and one.disputes for one in store.archive.events())
    before = store.stream.snapshot(DAY)
    store.archiving.daily(FAR, TOMORROW, KEEP)
    lose(store)
    store.restoring.restore(FAR, TODAY, KEEP)
    assert differences(before, store.stream.snapshot(DAY), NOW) == []


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (lambda path: second(path).unlink(), "not there"),
        (lambda path: second(path).write_bytes(b"x"), "altered"),
        (lambda path: second(path, "seal").unlink(), "missing or was altered"),
        (lambda path: second(path, "seal").write_text("{}"), "not a seal"),
        (shutil.rmtree, "no night in the archive"),
    ],
)
def test_an_archive_that_is_not_whole_brings_nothing_back(
    store: Store, settings: Settings, harm: Callable[[Path], None], sentence: str
):
    fill(store, settings)
    lose(store)
    harm(folder(settings))
    with pytest.raises(sealed.BadNight, match=sentence):
        store.restoring.restore(FAR, TODAY, KEEP)
    assert store.connection.client.keys("*") == []


def test_a_community_that_is_there_is_not_touched(store: Store, settings: Settings):
    fill(store, settings)
    before = list(store.dump.lines(NOW))
    with pytest.raises(NotEmpty):
        store.restoring.restore(FAR, TODAY, KEEP)
    assert list(store.dump.lines(NOW)) == before


def test_the_command_says_what_came_back_and_what_did_not(store: Store, settings: Settings):
    app = create_app(settings)
    assert "no night in the archive" in flask(app, "archive", "restore").output
    fill(store, settings)
    refused = flask(app, "archive", "restore")
    assert (refused.exit_code, "is not empty" in refused.output) == (1, True)
    lose(store)
    said = done(flask(app, "archive", "restore"))
    assert said.startswith("Restored 3 nights with ")
    assert "addresses, people, devices" in said
    assert "The history alone gives the board" in done(flask(app, "check"))
