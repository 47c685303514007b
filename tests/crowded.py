"""A crowd at one bed group of a real store: phones, desks, clocks, and all that they were told."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from random import Random
from threading import Barrier

from dashboard.asking import Ask, AskEnd
from dashboard.beds import Hold, HoldEnd, Source
from dashboard.clock import Horizons
from dashboard.facts import Holding
from dashboard.people import Hand
from dashboard.reports import Report, ReportKind
from dashboard.store import Grip, Store, StoreDown
from dashboard.store.instants import from_ms, to_ms
from tests.book import FRESH, STALE, Act, Book, Figure, State
from tests.linear import NEVER, Done, explained
from tests.values import DAY, NOW, RIVERBANK, WOMEN

SECOND, MINUTE = 1000, 60_000
START, RESET = to_ms(NOW), to_ms(NOW) - 8 * 60 * MINUTE
TICK = 15 * SECOND  # which pass between two acts of the crowd
CLOCKS = (0, 0, 0, 2 * SECOND, -2 * SECOND, 90 * SECOND, -120 * SECOND, 1)
AGENCIES = ("van", "clinic")
DESK, FIELD = Hand("p-desk", Source.DESK), Hand("p-van", Source.OUTREACH)
ACTS = (
    *["keep"] * 8,
    *["ask"] * 3,
    *["yes"] * 3,
    *("no", "withdraw", "lapse", "lapse_ask", "full"),
    *["arrive"] * 3,
    *["end", "release"] * 2,
    *["extend"] * 3,
    *["change", "adjust"] * 2,
    *["look"] * 3,
)
PATIENCE = 20  # seconds for a store that restarts

Patch = Callable[[Store], None]


@dataclass
class Crowd:
    """One round: a fresh community with one bed group, which some clients throng to.

    ``patch`` is done to each client's store. ``history`` is what became of each act.
    """

    url: str
    seed: int
    patch: Patch = lambda _: None
    clients: int = 8
    acts: int = 40
    history: list[Done] = field(default_factory=list)
    ends: dict[str, int] = field(default_factory=dict)  # by id: of holds and asks, as made
    held: list[str] = field(default_factory=list)  # ids, as they came to be
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        chance = Random(self.seed)
        self.mode = chance.choice([*[Holding.AT_ONCE] * 3, Holding.AFTER_YES])
        self.book = Book(self.mode, chance.choice([0, 0, 0, 1]), chance.choice([2, 3, 9]), RESET)
        self.open = chance.choice([1, 2, 3, 5])
        self.ticks, self.keys = count(), count()

    @property
    def start(self) -> State:
        return State(Figure(self.open, START, START))

    def run(self, meanwhile: Callable[[], None] = lambda: None) -> list[Done]:
        """What became of all that they did; ``meanwhile`` happens while they do it."""
        community = f"r{self.seed}"
        stores = [Store(self.url, community) for _ in range(self.clients)]
        group = replace(WOMEN, holds=self.mode, walk_in=self.book.walk_in)
        stores[0].profiles.save([RIVERBANK], [group], "test", NOW)
        first = Client(self, stores[0], -1)
        first.done(Act("change", START, value=self.open, observed=START), "first")
        clients = [Client(self, store, number) for number, store in enumerate(stores)]
        for store in stores:
            self.patch(store)
        begin = Barrier(self.clients + 1)
        with ThreadPoolExecutor(self.clients) as pool:
            running = [pool.submit(client.throng, begin) for client in clients]
            begin.wait()
            meanwhile()
            for one in running:
                one.result()
        self.history.append(first.done(Act("look", START + next(self.ticks) * TICK), "last"))
        for store in stores:
            store.connection.close()
        return self.history

    def unexplained(self) -> list[Done]:
        """What no order of these acts explains, by the book; nothing, if all went well."""
        found = explained(self.history, self.start, self.book)
        return [one for one in self.history if one not in found]


class Client:
    """One of the crowd, with a clock and a connection of its own."""

    def __init__(self, crowd: Crowd, store: Store, number: int):
        self.crowd, self.store, self.number = crowd, store, number
        self.chance = Random(f"{crowd.seed}/{number}")
        self.clock = CLOCKS[number % len(CLOCKS)]
        self.said: list[tuple[Act, str, str]] = []

    def throng(self, begin: Barrier) -> None:
        begin.wait()
        for _ in range(self.crowd.acts):
            key = f"k{next(self.crowd.keys)}"
            self.crowd.history.append(self.done(self.choose(key), key))
            if self.said and self.chance.random() < 0.05:
                self.again(*self.chance.choice(self.said))

    def again(self, act: Act, key: str, outcome: str) -> None:
        """What is sent twice is answered as the first time, and is done once."""
        try:
            answer = self.send(act, key)
        except StoreDown:
            return
        assert answer.repeated, (act, answer)
        assert answer.outcome == outcome, (act, answer)

    def done(self, act: Act, key: str) -> Done:
        """Does it, and writes down when. While the store is away, it is sent again and again."""
        start = time.monotonic()
        while True:
            try:
                answer = self.do(act, key)
            except StoreDown:
                if time.monotonic() > start + PATIENCE:
                    raise TimeoutError("the store stays away") from None
                if act.kind == "yes":  # what it refuses for want of a bed, it does not remember
                    return Done(act, start, NEVER, None)
                time.sleep(0.02)
            else:
                return Done(act, start, time.monotonic(), answer)

    def choose(self, key: str) -> Act:
        chance, kind = self.chance, self.chance.choice(ACTS)
        if kind == "keep" and self.crowd.mode is Holding.AFTER_YES and chance.random() < 0.8:
            kind = "ask"
        now = START + next(self.crowd.ticks) * TICK + self.clock
        some = (
            self.crowd.asked if kind in ("yes", "no", "withdraw", "lapse_ask") else self.crowd.held
        )
        known = (some if chance.random() < 0.8 else list(self.crowd.ends))[-4:]
        id_ = chance.choice(known) if known else "nobody"
        if kind in ("keep", "ask"):
            expires = now + chance.choice([MINUTE, 5 * MINUTE, 20 * MINUTE, 40 * MINUTE])
            self.crowd.ends[f"h-{key}"] = expires
            return Act(kind, now, f"h-{key}", chance.choice(AGENCIES), expires)
        if kind in ("change", "adjust", "full"):
            minds, waited = chance.random() < 0.7, chance.choice([0, 0, 0, MINUTE, 10 * MINUTE])
            value = chance.choice([-1, -1, 1, 2] if kind == "adjust" else [0, 2, 3, 4, 5, 6])
            ending = tuple(sorted(chance.sample(known, min(2, len(known)))))
            return Act(kind, now, "", "", 0, value, now - waited, minds, ending)
        if kind == "look":
            return Act(kind, now)
        if chance.random() < 0.2:  # at its very end, or a moment before
            now = self.crowd.ends.get(id_, now) - chance.choice([0, 0, 1])
        return self._touch(kind, now, id_)

    def _touch(self, kind: str, now: int, id_: str) -> Act:
        theirs = self.chance.choice(AGENCIES) if kind in ("release", "withdraw") else ""
        if kind == "extend":
            longer = {"more": 5 * MINUTE, "limit": self.crowd.ends.get(id_, now) + 8 * MINUTE}
            theirs = self.chance.choice(("", *AGENCIES))
            return Act(kind, now, id_, theirs, **longer, once=bool(theirs))
        kind = {"release": "end", "withdraw": "no"}.get(kind, kind)
        return Act(kind, now, id_, theirs, now + 20 * MINUTE, observed=now)

    # -- in the store

    def do(self, act: Act, key: str) -> object:
        """The answer, in the words of the book."""
        if act.kind == "look":
            return self.look(act)
        if act.kind.startswith("lapse"):
            return self.lapse(act)
        answer = self.send(act, key)
        if answer.outcome == "saved" and act.kind in ("keep", "yes", "ask"):
            (self.crowd.asked if act.kind == "ask" else self.crowd.held).append(act.id)
        if key != "first" and not (act.kind == "yes" and answer.outcome == "no-bed"):
            self.said.append((act, key, answer.outcome))
        return str(answer.outcome)

    def look(self, act: Act) -> object:
        group = self.store.stream.snapshot(DAY).sites[RIVERBANK.id].groups[0]
        assert group.figure
        stamps = (group.figure.observed_at, group.figure.counted_at)
        now = from_ms(act.now)
        return (
            Figure(group.figure.open, *map(to_ms, stamps)),
            frozenset((one.id, to_ms(one.expires_at)) for one in group.holds if one.keeps(now)),
            frozenset(one.id for one in group.asks if one.waits(now)),
        )

    def lapse(self, act: Act) -> None:
        now, place = from_ms(act.now), (WOMEN.site, WOMEN.id, "van")
        if act.kind == "lapse":
            self.store.holds.lapse(Hold(act.id, *place, "", now, now), now)
        else:
            self.store.asks.lapse(Ask(act.id, *place, now, now, now), now)

    def send(self, act: Act, key: str):  # type: ignore[no-untyped-def]
        now, judge, most = from_ms(act.now), horizons(act.now), self.crowd.book.most
        place, until = (WOMEN.site, WOMEN.id, act.agency), from_ms(act.expires)
        grip = Grip(act.id, DESK, key, "" if act.agency else WOMEN.site, act.agency)
        holds, asks = self.store.holds, self.store.asks
        match act.kind:
            case "keep":
                hold = Hold(act.id, *place, act.id, now, until)
                return holds.keep(hold, judge, FIELD, key, most)
            case "ask":
                return asks.ask(
                    Ask(act.id, *place, now, until, until), judge, FIELD, key, most, 9_999
                )
            case "yes":
                return asks.grant(grip, [act.id], until, judge, now)
            case "no":
                return asks.end(grip, AskEnd.NO, now)
            case "end":
                return holds.end(grip, HoldEnd.DID_NOT_COME, now)
            case "arrive":
                return holds.arrive(grip, from_ms(act.observed), judge, now)
            case "extend":
                more = timedelta(milliseconds=act.more)
                return holds.extend(grip, more, from_ms(act.limit), now, act.once)
        said = (ReportKind(act.kind), act.value, from_ms(act.observed), Source.DESK, "p-desk", key)
        report = Report(*place[:2], *said, minds_held=act.minds, ending=act.ending)
        return self.store.reports.report(report, judge, now)


def horizons(now: int) -> Horizons:
    """As they are in the evening."""
    return Horizons(from_ms(now - FRESH), from_ms(now - STALE), from_ms(RESET), ())
