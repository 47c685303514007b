"""Any sequence of reports, undos, holds, repeats, delays and clocks, against a second opinion.

The model below says the rules of the product once more, in the plainest Python; the store says
them in Lua. After every step both must agree; in the end the stream must hold exactly what was
accepted, alone rebuild the board, and every follower must be at the same one.

What is found is told at once; it is made smaller only at full length, since that takes minutes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dashboard.asking import ANSWER_IN, Ask, AskEnd, waiting
from dashboard.beds import Hold, HoldEnd, Source
from dashboard.board import Board
from dashboard.clock import Freshness, horizons
from dashboard.events import Asked, AskEnded, Held, HoldEnded, HoldExtended, Reported, Version
from dashboard.holds import LONGEST, coming
from dashboard.people import Hand
from dashboard.reports import Report, ReportKind
from dashboard.store import Grip, Store, Undo, differences
from tests.by_hand import SOAK
from tests.values import DAY, GROUPS, SITES, WOMEN, at

MINUTE = timedelta(minutes=1)
EXAMPLES = 8_000 if SOAK else 80
PHASES = tuple(Phase) if SOAK else (Phase.explicit, Phase.reuse, Phase.generate)
START = at("09:00")
DESKS = ("p-desk", "p-night", "p-caller")  # the last may not know what is kept, so it is not asked
AGENCIES = {"van": 1, "clinic": 9}  # and how many beds each may keep
CLOCKS = {"p-desk": 0, "p-night": -3, "p-caller": 2}  # minutes by which each differs from the first
LASTING = (90, 45, 20, 90, 10)  # minutes
NOTHING = "nothing to undo"


@dataclass
class Model:
    """One bed group by the book: (open, observed, counted) now, and before the newest report.

    ``back`` are the holds that the newest report ended; ``log`` is what the stream must hold.
    """

    figure: tuple[int, datetime, datetime] | None = None
    before: object = NOTHING
    holds: dict[str, Hold] = field(default_factory=dict)
    asks: dict[str, Ask] = field(default_factory=dict)
    back: list[Hold] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    def live(self, now):
        return self.figure and horizons(now, DAY).judge(self.figure[1]) is not Freshness.NEVER

    def freshness(self, now):
        return horizons(now, DAY).judge(self.figure[1] if self.figure else None)

    def kept(self, now):
        return [hold for hold in self.holds.values() if hold.expires_at > now]

    def notice(self, now):
        """Whoever acts on what is kept ends what is over by their clock, for all."""
        self.holds = {id_: one for id_, one in self.holds.items() if one.expires_at > now}

    def notice_asks(self, now):
        self.asks = {id_: one for id_, one in self.asks.items() if one.expires_at > now}

    def spare(self, now):
        """Beds that can still be kept, when nobody looks at an end that was not noticed."""
        self.notice(now)
        return self.figure[0] - len(self.holds)

    def room(self, agency, now):
        self.notice_asks(now)
        every = [*self.holds.values(), *self.asks.values()]
        return sum(one.agency == agency for one in every) < AGENCIES[agency]

    def available(self, now):
        return max(0, self.figure[0] - len(self.kept(now)))

    def report(self, kind, value, observed, now, minds, chosen):
        observed = min(observed, now)
        if minds or kind == "full":
            self.notice(now)
        if kind == "full":
            value = len(self.kept(now))
        live = self.live(now)
        late = horizons(now, DAY).judge(observed) is Freshness.NEVER
        if late or (live and observed < self.figure[2 if kind == "adjust" else 1]):
            self.log.append(f"{kind} late")
            return "late"
        if kind == "confirm" and (not live or self.figure[0] != value):
            return "conflict"
        counted = observed
        if kind == "adjust":
            if not live or self.freshness(now) is Freshness.STALE:
                return "ask-number"
            open_, last, counted = self.figure
            value, observed = open_ + value, max(last, observed)
            if not 0 <= value <= 9_999:
                return "below-zero" if value < 0 else "too-many"
        ends = self.ends(self.kept(now), value, chosen) if minds else []
        if ends is None:
            return "below-held"
        self.take((value, observed, counted), ends, kind)
        self.finish(ends, "taken-back")
        return "saved"

    def ends(self, kept, open_, chosen):
        """Which holds end with a number; None where more would have to."""
        if len(kept) <= open_:
            return []
        ends = [hold for hold in kept if hold.id in chosen]
        return ends if len(kept) - len(ends) <= open_ else None

    def take(self, figure, ends, kind):
        self.figure, self.before, self.back = figure, self.figure, list(ends)
        self.log.append(kind)

    def finish(self, ends, reason):
        for hold in sorted(ends, key=lambda one: one.id):
            del self.holds[hold.id]
            self.log.append(reason)
        return "saved"

    def undo(self, now, minds, chosen):
        if self.before == NOTHING:
            return "not-newest"
        back = [hold for hold in self.back if hold.expires_at > now]
        if minds and self.before:
            self.notice(now)
        kept, ends = self.kept(now), []
        if minds and self.before:
            ends = self.ends(kept, max(0, self.before[0] - len(back)), chosen)
        if ends is None:
            return "below-held"
        for hold in back:
            self.holds[hold.id] = hold
            self.log.append("held")
            self.notice(now)
        self.figure, self.before, self.back = self.before, NOTHING, []
        self.log.append("undo")
        return self.finish(ends, "taken-back")

    def keep(self, hold, now):
        if self.freshness(now) is not Freshness.FRESH:
            return "not-fresh"
        if self.spare(now) < 1:
            return "no-bed"
        if not self.room(hold.agency, now):
            return "too-many-holds"
        self.holds[hold.id] = hold
        self.log.append("held")
        return "saved"

    def open_hold(self, id_, now, agency=None):
        hold = self.holds.get(id_)
        if hold is None or agency not in (None, hold.agency):
            return None
        if hold.expires_at <= now:
            del self.holds[id_]
            return None
        return hold

    def ask(self, ask, now):
        trusted = self.freshness(now) in (Freshness.FRESH, Freshness.AGEING)
        self.notice(now)
        if trusted and self.spare(now) < 1:
            return "no-bed"
        if not self.room(ask.agency, now):
            return "too-many-holds"
        self.asks[ask.id] = ask
        self.log.append("asked")
        return "saved"

    def open_ask(self, id_, now, agency=None):
        ask = self.asks.get(id_)
        if ask is None or agency not in (None, ask.agency):
            return None
        if ask.expires_at <= now:
            del self.asks[id_]
            return None
        return ask

    def grant(self, id_, hold, now):
        ask = self.open_ask(id_, now)
        if ask is None:
            return "no-ask"
        self.notice(now)
        if not self.live(now) or self.spare(now) < 1:
            return "no-bed"
        who = {"agency": ask.agency, "arrives_at": ask.arrives_at, "who": ask.who}
        self.holds[id_] = replace(hold, **who)
        self.log += ["held", AskEnd.YES]
        del self.asks[id_]
        return "saved"

    def end_ask(self, id_, now, agency, reason):
        ask = self.open_ask(id_, now, agency)
        if ask is None:
            return "no-ask"
        del self.asks[id_]
        self.log.append(reason)
        return "saved"

    def arrive(self, id_, observed, now):
        hold, observed = self.open_hold(id_, now), min(observed, now)
        if hold is None:
            return "no-hold"
        if self.live(now) and self.figure[0] > 0 and observed >= self.figure[2]:
            open_, last, counted = self.figure
            stale = self.freshness(now) is Freshness.STALE
            self.take(
                (open_ - 1, last if stale else max(last, observed), counted), [hold], "arrived"
            )
        return self.finish([hold], "arrived!")

    def end(self, id_, now, agency, reason):
        hold = self.open_hold(id_, now, agency)
        return self.finish([hold], reason) if hold else "no-hold"

    def extend(self, id_, now, more, agency, once):
        hold = self.open_hold(id_, now, agency)
        if hold is None:
            return "no-hold"
        expires = min(hold.expires_at + more, hold.made_at + LONGEST)
        if expires <= hold.expires_at or (once and hold.extended):
            return "at-limit"
        extended = hold.extended or once
        self.holds[id_] = replace(hold, expires_at=expires, extended=extended)
        self.log.append("extended")
        return "saved"


SAY = ["change", "fewer", "fewer", "adjust", "confirm", "right", "right", "full", "undo"]
TOUCH = ["arrive", "arrive", "arrive", "did-not-come", "release", "longer", "extend", "lapse"]
ASKS = [*["ask", "yes"] * 4, "no", "withdraw"]
KINDS = [*["keep"] * 7, *TOUCH, *ASKS, *SAY]
moments = st.sampled_from([*[0] * 6, 1, 1, 2, 5, 10, 20, 45, 90, 200, None, None])
steps = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.sampled_from([0, 1, 2, 3, 3, 4, 4, 5, 5, 6, 9_999]),
        moments,  # minutes that pass first; None: until the very end of the next that ends
        # minutes that it waited; a device's clock may be wrong by a day, either way
        st.sampled_from([*[0] * 12, 1, 5, 5, 45, 130, 600, 1440, -1440]),
        st.booleans(),  # whether it is sent twice
        st.sampled_from(DESKS),
        st.sampled_from(sorted(AGENCIES)),
        st.sets(st.integers(0, 5), max_size=3),  # which holds are chosen to end
        st.sampled_from([False] * 5 + [True]),  # whether it was a slip, and is taken back at once
    ),
    min_size=8,
    max_size=20,
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
    phases=PHASES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps, st.sampled_from([1, 2, 2, 4]))
def test_any_sequence_keeps_the_rules_and_ends_the_same_on_every_follower(open_store, plan, open_):
    store, model, now = open_store(), Model(), START
    follower, lazy = store.stream.snapshot(DAY), store.stream.snapshot(DAY)
    first = ("change", open_, 0, 0, False, DESKS[0], "van", set(), False)  # else nobody holds a bed
    for number, one in enumerate([first, *plan]):
        kind, value, passed, waited, twice, desk, agency, chosen, slip = one
        now = soonest_end(model, now) if passed is None else now + passed * MINUTE
        kind, clock = likely(kind, value, model, now), now + CLOCKS[desk] * MINUTE
        step = Step(kind, value, clock - waited * MINUTE, clock, desk, agency, chosen, f"k{number}")
        taps = [step, replace(step, kind="undo", key=f"u{number}")] if slip else [step]
        for each in taps:
            do(store, model, follower, each, twice)
            follow(store, follower)
            agree(store, model, follower, now)
        if desk == DESKS[0]:
            follow(store, lazy)
    follow(store, lazy)
    assert differences(store.stream.snapshot(DAY), lazy, now) == []
    assert differences(store.stream.snapshot(DAY), store.stream.rebuilt(DAY), now) == []
    assert list(told(store)) == model.log


def soonest_end(model, now):
    open_ = [*model.kept(now), *waiting(model.asks.values(), now)]
    return min((one.expires_at for one in open_), default=now)


def likely(kind, value, model, now):
    """Mostly what can be done now: who arrives without a hold is told the same every time."""
    if value == 3:
        return kind
    asked = waiting(model.asks.values(), now)
    if kind in ("ask", "no", "withdraw", "yes"):
        kind = {"ask": "yes"}.get(kind, kind) if asked else "ask"
    if kind in TOUCH[:-1] and not model.kept(now):
        kind = "keep"
    fresh = model.figure and model.freshness(now) is Freshness.FRESH
    return kind if fresh or kind not in ("keep", "ask") else "change"


def do(store, model, follower, step, twice):
    """One step, by the book and in the store; both must say the same."""
    if step.kind == "lapse":
        model.notice(step.now)
        model.notice_asks(step.now)
        return lapse(store, follower, step.now)
    expected, send = expect(store, model, step)
    answer = send()
    assert answer.outcome == expected
    if twice and (step.kind, expected) != (
        "yes",
        "no-bed",
    ):  # whoever counts first may say it again
        again = send()
        assert again.repeated
        assert (again.outcome, again.version) == (answer.outcome, answer.version)
    return None


@dataclass(frozen=True)
class Step:
    """What somebody does, and what they mean by it."""

    kind: str
    value: int
    observed: datetime
    now: datetime
    desk: str
    agency: str
    numbers: set[int]
    key: str

    @property
    def hand(self):
        return Hand(self.desk, Source.DESK, "tablet")

    @property
    def minutes(self):
        """How long a bed is kept: as long as may pass before somebody comes, so that ends meet."""
        return LASTING[self.value % len(LASTING)] * MINUTE

    @property
    def minds(self):
        return self.desk != DESKS[2]

    def meant(self, model):
        """A hold that is open, or one that ended or never was."""
        asks = self.kind in ("yes", "no", "withdraw")
        found = waiting(model.asks.values(), self.now) if asks else model.kept(self.now)
        known = sorted(one.id for one in found)
        return known[self.value % len(known)] if known and self.value < 9_999 else "h-k1"

    def chosen(self, model):
        """The holds chosen to end; the rest of the numbers name none, or one that has ended."""
        known = sorted(model.holds)
        return tuple(
            known[one] if one < len(known) else f"h-k{one}" for one in sorted(self.numbers)
        )


def expect(store, model, step):
    """What must come of a step, by the model, and how to send it to the store."""
    chosen = step.chosen(model)
    match step.kind:
        case "undo":
            undo = Undo(
                *(WOMEN.site, WOMEN.id, newest(store)),
                *(step.hand, step.key, step.minds, chosen),
            )
            expected = model.undo(step.now, step.minds, chosen)
            return expected, lambda: store.reports.undo(undo, step.now)
        case "keep":
            hold = Hold(
                *(f"h-{step.key}", WOMEN.site, WOMEN.id, step.agency, step.key),
                *(step.now, step.now + step.minutes),
                arrives_at=step.now + step.value % 90 * MINUTE,
                who=step.desk,
            )
            judge, most = horizons(step.now, DAY), AGENCIES[step.agency]
            expected = model.keep(hold, step.now)
            return expected, lambda: store.holds.keep(hold, judge, step.hand, most=most)
        case "ask":
            ask = Ask(
                *(f"h-{step.key}", WOMEN.site, WOMEN.id, step.agency),
                *(step.now, step.now + ANSWER_IN, step.now + 40 * MINUTE, step.desk),
            )
            judge, most = horizons(step.now, DAY), AGENCIES[step.agency]
            expected = model.ask(ask, step.now)
            return expected, lambda: store.asks.ask(ask, judge, step.hand, step.key, most, 99)
        case "yes" | "no" | "withdraw":
            return reply(store, model, step, step.meant(model))
        case "arrive" | "did-not-come" | "release" | "longer" | "extend":
            return touch(store, model, step, step.meant(model))
        case _:
            return say(store, model, step, chosen)


def touch(store, model, step, id_):
    now, field_ = step.now, step.kind in ("release", "extend")
    mine = {"agency": step.agency} if field_ else {"site": WOMEN.site}
    agency = step.agency if field_ else None
    grip, holds = Grip(id_, step.hand, step.key, **mine), store.holds
    if step.kind == "arrive":
        judge = horizons(now, DAY)
        expected = model.arrive(id_, step.observed, now)
        return expected, lambda: holds.arrive(grip, step.observed, judge, now)
    if step.kind in ("longer", "extend"):
        known = model.holds.get(id_)
        limit = known.made_at + LONGEST if known else now
        more = 60 * MINUTE if field_ else 30 * MINUTE
        expected = model.extend(id_, now, more, agency, field_)
        return expected, lambda: holds.extend(grip, more, limit, now, field_)
    reason = HoldEnd.RELEASED if field_ else HoldEnd.DID_NOT_COME
    expected = model.end(id_, now, agency, reason)
    return expected, lambda: holds.end(grip, reason, now)


def reply(store, model, step, id_):
    now, asks = step.now, store.asks
    if step.kind == "yes":
        until, judge = now + step.minutes, horizons(now, DAY)
        hold = Hold(id_, WOMEN.site, WOMEN.id, "", id_, now, until)
        expected = model.grant(id_, hold, now)
        grip = Grip(id_, step.hand, step.key, WOMEN.site)
        return expected, lambda: asks.grant(grip, [id_], until, judge, now)
    ours = step.kind == "withdraw"
    mine = {"agency": step.agency} if ours else {"site": WOMEN.site}
    reason = AskEnd.WITHDRAWN if ours else AskEnd.NO
    expected = model.end_ask(id_, now, step.agency if ours else None, reason)
    return expected, lambda: asks.end(Grip(id_, step.hand, step.key, **mine), reason, now)


def say(store, model, step, chosen):
    kind, value = step.kind, step.value
    if kind == "right":
        kind, value = "confirm", model.figure[0] if model.figure else value
    if kind == "fewer":  # than are kept
        kind, value = "change", max(0, len(model.kept(step.now)) - 1)
    if kind == "adjust":
        value -= 3
    report = Report(
        *(WOMEN.site, WOMEN.id, ReportKind(kind), value, step.observed),
        *(Source.DESK, step.desk, step.key),
        device="tablet",
        minds_held=step.minds,
        ending=chosen,
    )
    expected = model.report(kind, value, step.observed, step.now, step.minds, chosen)
    judge = horizons(step.now, DAY)
    return expected, lambda: store.reports.report(report, judge, step.now)


def newest(store):
    board = store.stream.snapshot(DAY)
    figure = board.sites["riverbank"].group("women").figure
    return f"{board.version.epoch}:{figure.version}" if figure else str(board.version)


def lapse(store, board, now):
    """Three processes notice at once which holds and asks have ended."""
    for ask in board.sites["riverbank"].group("women").asks * 3:
        if not ask.waits(now):
            store.asks.lapse(ask, now)
    for hold in board.sites["riverbank"].group("women").holds * 3:
        if not hold.keeps(now):
            store.holds.lapse(hold, now)


def follow(store, board):
    for event in store.stream.follow(board.version, 0):
        board.apply(event)


def told(store):
    """What the stream holds of the bed group, in the model's words, lapses aside."""
    for event in store.stream.events():
        match event:
            case Reported(late=True, kind=kind):
                yield f"{kind} late"
            case Reported(kind=kind):
                assert event.device == "tablet"
                yield kind
            case Held():
                yield "held"
            case HoldExtended():
                yield "extended"
            case Asked():
                yield "asked"
            case AskEnded(reason=reason) if reason is not AskEnd.GONE:
                yield reason
            case HoldEnded(reason=HoldEnd.ARRIVED):
                yield "arrived!"
            case HoldEnded(reason=reason) if reason is not HoldEnd.LAPSED:
                yield reason


def agree(store, model, follower, now):
    hashes = store.stream.snapshot(DAY)
    group = hashes.sites["riverbank"].group("women")
    figure = group.figure
    found = (figure.open, figure.observed_at, figure.counted_at) if figure else None
    assert found == model.figure
    if figure:
        assert group.free(now) == model.available(now)
        assert 0 <= group.free(now) <= figure.open
    ours = {hold.id: hold for hold in model.kept(now)}
    assert {hold.id: hold for hold in coming(group.holds, now)} == ours
    asked = {ask.id: ask for ask in model.asks.values() if ask.waits(now)}
    assert {ask.id: ask for ask in waiting(group.asks, now)} == asked
    assert differences(hashes, follower, now) == []
    assert follower.version == hashes.version


def test_a_follower_that_joins_anywhere_ends_at_the_same_board(open_store):
    store = open_store()
    boards: list[Board] = [Board(DAY, Version(store.stream.epoch(), 0, 0))]
    for number in range(20):
        boards.append(store.stream.snapshot(DAY))
        report = Report(
            *(WOMEN.site, WOMEN.id, ReportKind.CHANGE, number % 7, START),
            *(Source.DESK, "p-desk", f"j{number}"),
        )
        store.reports.report(report, horizons(START, DAY), START)
        if number % 3 == 0:
            follow(store, boards[number])
    for board in boards:
        follow(store, board)
        assert differences(store.stream.snapshot(DAY), board, START) == []
