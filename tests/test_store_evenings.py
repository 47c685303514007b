"""Declarations on a real store of each engine: kept once, told whole, settled between two desks."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from datetime import time, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.beds import Source
from dashboard.clock import horizons, next_reset
from dashboard.declaring import Saying
from dashboard.evening import COUNTED, LASTING, REASONS, TIMED, Declaration, Topic, find
from dashboard.events import Declared, Version
from dashboard.people import Hand
from dashboard.reports import Outcome, Report, ReportKind
from dashboard.rows import Moment
from dashboard.store import Store, differences
from tests.values import DAY, GROUPS, NOW, RIVERBANK, SITES, WOMEN, at

MINUTE = timedelta(minutes=1)
SAM, CORY = Hand("p-river", Source.DESK), Hand("p-cor", Source.DESK, "d-tablet")
keys = count()
communities = count()
EXAMPLES = 3_000 if os.environ.get("SOAK") else 60


@pytest.fixture
def store(redis_url):
    store = Store(redis_url, "riverbend")
    store.connection.check()
    store.profiles.save(SITES, GROUPS, "test", NOW)
    yield store
    assert differences(store.stream.snapshot(DAY), store.stream.rebuilt(DAY), NOW) == []
    store.connection.close()


def saying(topic, now=NOW, minutes=None, hand=SAM, seen=None, number=4, key=None, lasts=""):
    """What a desk sends: of the women's beds where it is a count, else of the site."""
    until = None if topic in LASTING else next_reset(now, DAY)
    if minutes is not None:
        until, lasts = now + minutes * MINUTE, lasts or f"{minutes} min"
    more = {
        "time": time(20, number % 60) if topic in TIMED else None,
        "count": number if topic in COUNTED else None,
        "reason": REASONS[topic][number % 4] if topic in REASONS else None,
    }
    said = Declaration(topic, now, until, hand.who, **more)
    group = WOMEN.id if topic in COUNTED else ""
    key = key or f"key-{next(keys)}"
    return Saying(RIVERBANK.id, group, topic, said, hand, key, seen, lasts)


def ending(topic, hand=SAM, seen=None):
    return replace(saying(topic, hand=hand, seen=seen), declaration=None)


def state(store):
    return store.stream.snapshot(DAY).sites[RIVERBANK.id]


def entries(store):
    return [event for event in store.stream.events() if isinstance(event, Declared)]


def test_a_declaration_is_kept_with_who_when_and_through_what(store):
    heard = store.evenings.say(saying(Topic.MEAL, hand=CORY), NOW)
    assert heard.outcome is Outcome.SAVED
    (entry,) = entries(store)
    kept = find(state(store).evening, Topic.MEAL, NOW)
    assert entry.now == kept
    assert str(entry.version) == heard.version
    assert (kept.who, kept.since, kept.version) == ("p-cor", NOW, entry.version.entry)
    assert (entry.before, entry.source, entry.device) == (None, Source.DESK, "d-tablet")
    assert (entry.site, entry.group, entry.who, entry.at) == ("riverbank", "", "p-cor", NOW)


def test_an_entry_holds_what_was_and_what_is(store):
    store.evenings.say(saying(Topic.SURGE, number=4), NOW)
    store.evenings.say(saying(Topic.SURGE, number=6), NOW)
    store.evenings.say(ending(Topic.SURGE, CORY), NOW)
    first, second, last = entries(store)
    assert [one.now.count if one.now else None for one in (first, second, last)] == [4, 6, None]
    assert (second.before, last.before) == (first.now, second.now)
    assert state(store).group("women").tonight == ()


def test_what_ended_by_itself_is_not_what_was_before(store):
    store.evenings.say(saying(Topic.KNOCK, minutes=5), NOW)
    later = NOW + 5 * MINUTE
    store.evenings.say(saying(Topic.KNOCK, later), later)
    assert entries(store)[-1].before is None


def test_sent_twice_it_is_declared_once(store):
    sent = saying(Topic.CLOSED)
    first = store.evenings.say(sent, NOW)
    again = store.evenings.say(sent, NOW + MINUTE)
    assert (again.outcome, again.version, again.repeated) == (first.outcome, first.version, True)
    assert len(entries(store)) == 1


def test_a_repeat_after_the_reset_is_answered_as_the_first_time(store):
    sent = saying(Topic.KNOCK)
    first = store.evenings.say(sent, NOW)
    tomorrow = at("09:00", 21)
    again = replace(sent, declaration=saying(Topic.KNOCK, tomorrow).declaration)
    assert store.evenings.say(again, tomorrow).version == first.version
    assert find(state(store).evening, Topic.KNOCK, tomorrow) is None


def test_a_key_for_something_else_is_refused(store):
    store.evenings.say(saying(Topic.KNOCK, key="one key of a form"), NOW)
    for other in (
        saying(Topic.WASH, key="one key of a form"),
        saying(Topic.KNOCK, key="one key of a form", minutes=9),
        saying(Topic.KNOCK, key="one key of a form", hand=CORY),
    ):
        assert store.evenings.say(other, NOW).outcome is Outcome.KEY_REUSED
    assert len(entries(store)) == 1


def test_two_desks_that_say_the_same_say_it_once(store):
    first = store.evenings.say(saying(Topic.CLOSED, seen=""), NOW)
    second = store.evenings.say(saying(Topic.CLOSED, seen="", hand=CORY), NOW)
    assert second.outcome is Outcome.SAVED
    assert find(state(store).evening, Topic.CLOSED, NOW).who == "p-river"
    assert (len(entries(store)), first.version != "") == (1, True)


def test_two_desks_that_say_different_things_must_choose(store):
    seen = Version.parse(store.evenings.say(saying(Topic.MEAL, seen=""), NOW).version).entry
    store.evenings.say(saying(Topic.MEAL, seen=seen, number=5, hand=CORY), NOW)
    heard = store.evenings.say(saying(Topic.MEAL, seen=seen, number=9), NOW)
    assert (heard.outcome, heard.current.time) == (Outcome.CONFLICT, time(20, 5))
    assert len(entries(store)) == 2
    settled = saying(Topic.MEAL, seen=heard.current.version, number=9)
    assert store.evenings.say(settled, NOW).outcome is Outcome.SAVED
    assert find(state(store).evening, Topic.MEAL, NOW).time == time(20, 9)


def test_what_was_ended_meanwhile_is_a_question_too_and_what_ended_by_itself_is_none(store):
    seen = Version.parse(store.evenings.say(saying(Topic.MEAL), NOW).version).entry
    store.evenings.say(ending(Topic.MEAL, CORY), NOW)
    heard = store.evenings.say(saying(Topic.MEAL, seen=seen, number=9), NOW)
    assert (heard.outcome, heard.current) == (Outcome.CONFLICT, None)
    for looked in (True, False):
        store.evenings.say(saying(Topic.KNOCK, minutes=5), NOW)
        seen = find(state(store).evening, Topic.KNOCK, NOW).version if looked else ""
        later = NOW + 6 * MINUTE
        again = saying(Topic.KNOCK, later, minutes=9, seen=seen)
        assert store.evenings.say(again, later).outcome is Outcome.SAVED
        store.evenings.say(ending(Topic.KNOCK), later)


def test_ending_what_has_ended_changes_nothing(store):
    heard = store.evenings.say(ending(Topic.KNOCK), NOW)
    assert (heard.outcome, heard.version) == (Outcome.SAVED, "")
    store.evenings.say(saying(Topic.KNOCK, minutes=5), NOW)
    store.evenings.say(ending(Topic.KNOCK, seen="1-1"), NOW + 5 * MINUTE)
    assert len(entries(store)) == 1


def test_nobody_ends_what_they_have_not_seen(store):
    store.evenings.say(saying(Topic.KNOCK), NOW)
    heard = store.evenings.say(ending(Topic.KNOCK, seen=""), NOW)
    assert (heard.outcome, heard.current.topic) == (Outcome.CONFLICT, Topic.KNOCK)


def test_a_place_that_is_not_there_declares_nothing(store):
    for place in ({"site": "nowhere"}, {"group": "nowhere"}):
        sent = replace(saying(Topic.KNOCK), **place)
        assert store.evenings.say(sent, NOW).outcome is Outcome.NO_GROUP
    assert entries(store) == []


def test_figures_and_their_age_stay_as_they_are(store):
    judge = horizons(NOW, DAY)
    report = Report(
        *(WOMEN.site, WOMEN.id, ReportKind.CHANGE, 4, NOW, Source.DESK, "p-river", "a report")
    )
    store.reports.report(report, judge, NOW)
    before = state(store).group("women").figure
    for topic in Topic:
        store.evenings.say(saying(topic), NOW + 50 * MINUTE)
    assert state(store).group("women").figure == before
    row = Moment(store.stream.snapshot(DAY), NOW + 61 * MINUTE).row(RIVERBANK.id)
    assert row.groups[0].freshness == "ageing"


def test_an_import_of_sites_leaves_what_was_declared(store):
    store.evenings.say(saying(Topic.CLOSED), NOW)
    store.evenings.say(saying(Topic.SURGE), NOW)
    store.profiles.save([replace(RIVERBANK, name="The Bank")], [WOMEN], "test", NOW)
    found = state(store)
    assert found.site.name == "The Bank"
    assert find(found.evening, Topic.CLOSED, NOW)
    assert find(found.group("women").tonight, Topic.SURGE, NOW).count == 4


def test_a_dump_takes_it_along_and_a_difference_is_found(store, redis_url):
    store.evenings.say(saying(Topic.CLOSED), NOW)
    store.evenings.say(saying(Topic.SURGE), NOW)
    lines = "\n".join(store.dump.lines(NOW)) + "\n"
    other = Store(redis_url, "moved")
    other.dump.load(io.BytesIO(lines.encode()))
    assert state(other) == state(store)
    assert differences(other.stream.snapshot(DAY), other.stream.rebuilt(DAY), NOW) == []
    hash_ = other.connection.key("declared")
    for id_, name in (("riverbank//closed", "riverbank"), ("riverbank/women/surge", "/women")):
        kept = other.connection.client.hget(hash_, id_)
        other.connection.client.hdel(hash_, id_)
        found = differences(other.stream.snapshot(DAY), other.stream.rebuilt(DAY), NOW)
        assert [one for one in found if one.endswith(name)] == found != []
        other.connection.client.hset(hash_, id_, kept)
    other.connection.close()


@pytest.mark.parametrize(
    ("topic", "more"), [("moon", {}), ("closed", {"reason": "moon"}), ("moon", {"count": 3})]
)
def test_what_a_later_version_declares_stops_no_reader(store, topic, more):
    store.evenings.say(saying(Topic.CLOSED), NOW)
    follower = store.stream.snapshot(DAY)
    told = {"topic": topic, "since": 1, "until": 9 * 10**12, "who": "p-river"} | more
    asked = {"site": "riverbank", "group": "", "topic": topic, "declared": told, "now": 1}
    keys = [store.connection.key(name) for name in ("sites", "groups", "declared")]
    store.connection.run("declare", keys, "p-river", "later", "", asked | {"source": "desk"})
    for event in store.stream.follow(follower.version, 0):
        follower.apply(event)
    store.evenings.say(saying(Topic.KNOCK), NOW)
    for event in store.stream.follow(follower.version, 0):
        follower.apply(event)
    hashes = store.stream.snapshot(DAY)
    assert differences(hashes, follower, NOW) == []
    assert find(hashes.sites["riverbank"].evening, Topic.KNOCK, NOW)
    closed = find(hashes.sites["riverbank"].evening, Topic.CLOSED, NOW)
    assert (closed is None) == (topic == "closed")


steps = st.lists(
    st.tuples(
        st.sampled_from([*Topic][:5] + list(COUNTED)),
        st.integers(0, 3),
        st.sampled_from(["say", "say", "say", "end"]),
        st.sampled_from(
            [0, 0, 1, 7, 30, 900, -20, -1500]
        ),  # minutes that pass first; a clock may err
        st.none() | st.sampled_from([1, 5, 45]),  # minutes for which it stands
        st.sampled_from(["blind", "looked", "long ago"]),
        st.booleans(),  # whether it is sent twice
    ),
    max_size=14,
)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps)
def test_any_sequence_ends_the_same_in_hashes_stream_and_followers(redis_url, plan):
    store = Store(redis_url, f"e{next(communities)}")
    store.connection.check()
    store.profiles.save(SITES, GROUPS, "test", NOW)
    follower, now, model = store.stream.snapshot(DAY), NOW, {}
    for topic, number, act, passed, minutes, looks, twice in plan:
        now += passed * MINUTE
        stands = model.get(topic) if topic in model and model[topic].stands(now) else None
        seen = {"blind": None, "looked": stands.version if stands else "", "long ago": "1-1"}[looks]
        sent = saying(topic, now, minutes, seen=seen, number=number)
        sent = replace(sent, declaration=None) if act == "end" else sent
        heard = store.evenings.say(sent, now)
        expected = expect(model, sent, stands, looks)
        assert heard.outcome is expected
        if heard.outcome is Outcome.SAVED and heard.version:
            model[topic] = with_version(sent.declaration, heard.version)
        model = {name: one for name, one in model.items() if one}
        if twice and heard.outcome is Outcome.SAVED:
            again = store.evenings.say(sent, now)
            assert (again.outcome, again.version) == (heard.outcome, heard.version)
            assert again.repeated
        for event in store.stream.follow(follower.version, 0):
            follower.apply(event)
    hashes = store.stream.snapshot(DAY)
    found = hashes.sites[RIVERBANK.id]
    assert {one.topic: one for one in (*found.evening, *found.group("women").tonight)} == model
    for other in (store.stream.rebuilt(DAY), follower):
        assert differences(hashes, other, now) == []
        assert other.sites[RIVERBANK.id].evening == found.evening
    assert follower.version == hashes.version
    store.connection.close()


def expect(model, sent, stands, looks):
    """The rule once more: what is so already is saved, what nobody saw coming is a conflict."""
    said = sent.declaration
    same = said and stands and replace(stands, since=said.since, version="") == said
    if same or (not said and not stands):
        return Outcome.SAVED
    return Outcome.CONFLICT if looks == "long ago" else Outcome.SAVED


def with_version(said, version):
    return replace(said, version=Version.parse(version).entry) if said else None


def test_a_board_that_comes_back_is_told_what_was_declared_meanwhile(store):
    known = store.stream.snapshot(DAY)
    store.evenings.say(saying(Topic.KNOCK), NOW)
    newer = store.stream.snapshot(DAY)
    assert known.become(newer) == [RIVERBANK.id]
    assert find(known.sites[RIVERBANK.id].evening, Topic.KNOCK, NOW)
