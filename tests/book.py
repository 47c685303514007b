"""One bed group by the book: what each act answers, and what it leaves, one after the other.

The rules of the product once more, for the check of what many do at once. Plain values, which can
be compared and kept in a set. Instants are ms; a clock may be ahead of another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

HOUR = 3_600_000
FRESH, STALE = HOUR, 3 * HOUR


class Kept(NamedTuple):
    id: str
    agency: str
    expires: int
    extended: bool = False


class Asked(NamedTuple):
    id: str
    agency: str
    expires: int


class Figure(NamedTuple):
    open: int
    observed: int
    counted: int


class State(NamedTuple):
    """``figure`` is None until somebody counts."""

    figure: Figure | None = None
    holds: frozenset[Kept] = frozenset()
    asks: frozenset[Asked] = frozenset()


@dataclass(frozen=True)
class Act:
    """What somebody does by their clock, ``now``. ``expires``: of what it makes."""

    kind: str
    now: int
    id: str = ""
    agency: str = ""
    expires: int = 0
    value: int = 0
    observed: int = 0
    minds: bool = False
    ending: tuple[str, ...] = ()
    more: int = 0
    limit: int = 0
    once: bool = False


@dataclass(frozen=True)
class Book:
    """The rules, where a bed group keeps its beds so, and an agency has ``most``."""

    mode: str = "at once"
    walk_in: int = 0
    most: int = 3
    reset: int = 0
    seen: dict[tuple[State, Act], tuple[object, State]] = field(default_factory=dict, compare=False)

    def __call__(self, state: State, act: Act) -> tuple[object, State]:
        found = self.seen.get((state, act))
        if found is None:
            found = self.seen[state, act] = getattr(self, f"_{act.kind}")(state, act)
        return found

    # -- what they all need

    def _live(self, figure: Figure | None) -> Figure | None:
        return figure if figure and figure.observed >= self.reset else None

    def _keeps(self, state: State, hold: Kept) -> State:
        assert state.figure
        assert len(state.holds) + self.walk_in < state.figure.open, "two holders of one bed"
        return state._replace(holds=state.holds | {hold})

    def _room(self, state: State, agency: str) -> bool:
        return sum(one.agency == agency for one in (*state.holds, *state.asks)) < self.most

    def _spare(self, state: State) -> int:
        return state.figure.open - len(state.holds) - self.walk_in if state.figure else 0

    # -- beds are kept

    def _keep(self, state: State, act: Act) -> tuple[object, State]:
        if self.mode != "at once":
            return {"counts only": "counts-only"}.get(self.mode, "ask-desk"), state
        figure = self._live(state.figure)
        if figure is None or figure.observed < act.now - FRESH:
            return "not-fresh", state
        state = over(state, act.now)
        if self._spare(state) < 1:
            return "no-bed", state
        state = gone(state, act.now)
        if not self._room(state, act.agency):
            return "too-many-holds", state
        return "saved", self._keeps(state, Kept(act.id, act.agency, act.expires))

    def _ask(self, state: State, act: Act) -> tuple[object, State]:
        if self.mode == "counts only":
            return "counts-only", state
        figure, state = self._live(state.figure), over(state, act.now)
        if figure and figure.observed >= act.now - STALE and self._spare(state) < 1:
            return "no-bed", state
        state = gone(state, act.now)
        if not self._room(state, act.agency):
            return "too-many-holds", state
        return "saved", state._replace(asks=state.asks | {Asked(act.id, act.agency, act.expires)})

    def _yes(self, state: State, act: Act) -> tuple[object, State]:
        ask, state = take_ask(state, act)
        if ask is None:
            return "no-ask", state
        state = over(state, act.now)
        if not self._live(state.figure) or self._spare(state) < 1:
            return "no-bed", state
        kept = self._keeps(state, Kept(ask.id, ask.agency, act.expires))
        return "saved", kept._replace(asks=state.asks - {ask})

    def _no(self, state: State, act: Act) -> tuple[object, State]:
        ask, state = take_ask(state, act)
        return ("saved", state._replace(asks=state.asks - {ask})) if ask else ("no-ask", state)

    # -- holds end, or last

    def _end(self, state: State, act: Act) -> tuple[object, State]:
        hold, state = take_hold(state, act)
        return ("saved", state._replace(holds=state.holds - {hold})) if hold else ("no-hold", state)

    def _arrive(self, state: State, act: Act) -> tuple[object, State]:
        hold, state = take_hold(state, act)
        if hold is None:
            return "no-hold", state
        state = state._replace(holds=state.holds - {hold})
        figure, observed = self._live(state.figure), min(act.observed, act.now)
        if figure and figure.open > 0 and observed >= figure.counted:
            stale = figure.observed < act.now - STALE
            last = figure.observed if stale else max(figure.observed, observed)
            state = state._replace(figure=Figure(figure.open - 1, last, figure.counted))
        return "saved", state

    def _extend(self, state: State, act: Act) -> tuple[object, State]:
        hold, state = take_hold(state, act)
        if hold is None:
            return "no-hold", state
        expires = min(hold.expires + act.more, act.limit)
        if expires <= hold.expires or (act.once and hold.extended):
            return "at-limit", state
        longer = hold._replace(expires=expires, extended=hold.extended or act.once)
        return "saved", state._replace(holds=state.holds - {hold} | {longer})

    def _lapse(self, state: State, act: Act) -> tuple[object, State]:
        ended = {one for one in state.holds if one.id == act.id and one.expires <= act.now}
        return None, state._replace(holds=state.holds - ended)

    def _lapse_ask(self, state: State, act: Act) -> tuple[object, State]:
        ended = {one for one in state.asks if one.id == act.id and one.expires <= act.now}
        return None, state._replace(asks=state.asks - ended)

    # -- the desk counts

    def _change(self, state: State, act: Act) -> tuple[object, State]:
        return self._number(state, act, act.value)

    def _full(self, state: State, act: Act) -> tuple[object, State]:
        state = over(state, act.now)
        return self._number(state, act, len(state.holds))

    def _number(self, state: State, act: Act, value: int) -> tuple[object, State]:
        observed, figure = min(act.observed, act.now), self._live(state.figure)
        state = over(state, act.now) if act.minds else state
        if observed < self.reset or (figure and observed < figure.observed):
            return "late", state
        return self._count(state, act, Figure(value, observed, observed))

    def _adjust(self, state: State, act: Act) -> tuple[object, State]:
        observed, figure = min(act.observed, act.now), self._live(state.figure)
        state = over(state, act.now) if act.minds else state
        if observed < self.reset or (figure and observed < figure.counted):
            return "late", state
        if figure is None or figure.observed < act.now - STALE:
            return "ask-number", state
        if figure.open + act.value < 0:
            return "below-zero", state
        last = max(observed, figure.observed)
        return self._count(state, act, Figure(figure.open + act.value, last, figure.counted))

    def _count(self, state: State, act: Act, figure: Figure) -> tuple[object, State]:
        short, ends = len(state.holds) - figure.open, frozenset[Kept]()
        if act.minds and short > 0:
            ends = frozenset(one for one in state.holds if one.id in act.ending)
            if len(ends) < short:
                return "below-held", state
        return "saved", state._replace(figure=figure, holds=state.holds - ends)

    # -- somebody looks

    def _look(self, state: State, act: Act) -> tuple[object, State]:
        kept = frozenset((one.id, one.expires) for one in state.holds if one.expires > act.now)
        asked = frozenset(one.id for one in state.asks if one.expires > act.now)
        return (state.figure, kept, asked), state


def over(state: State, now: int) -> State:
    """Without the holds whose time is over by this clock: they have ended for all."""
    return state._replace(holds=frozenset(one for one in state.holds if one.expires > now))


def gone(state: State, now: int) -> State:
    return state._replace(asks=frozenset(one for one in state.asks if one.expires > now))


def take_hold(state: State, act: Act) -> tuple[Kept | None, State]:
    """The hold that is meant, if it is open and theirs; one whose time is over is no more."""
    hold = next((one for one in state.holds if one.id == act.id), None)
    if hold is None or act.agency not in ("", hold.agency):
        return None, state
    if hold.expires <= act.now:
        return None, state._replace(holds=state.holds - {hold})
    return hold, state


def take_ask(state: State, act: Act) -> tuple[Asked | None, State]:
    ask = next((one for one in state.asks if one.id == act.id), None)
    if ask is None or act.agency not in ("", ask.agency):
        return None, state
    if ask.expires <= act.now:
        return None, state._replace(asks=state.asks - {ask})
    return ask, state
