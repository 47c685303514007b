"""Whether what many saw at once could have happened one by one: a check of linearizability.

After Wing and Gong ("Testing and Verifying Concurrent Objects", 1993): look for an order in which
each act comes between its call and its answer, and answers what a plain, sequential model says.
A place where the search has been is left at once, as Lowe does it (2017).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

NEVER = float("inf")
LONG = 400_000  # places to look at, after which there is no verdict: a fault of the test


@dataclass(frozen=True)
class Done:
    """One act, when it was called, when it was answered, and what was answered.

    An answer that never came (``end`` is NEVER): nobody knows whether it was done at all.
    """

    act: Any
    start: float
    end: float
    answer: Hashable


class NoVerdict(AssertionError):
    """The search was given up."""


Model = Callable[[Any, Any], tuple[Hashable, Any]]  # state and act to answer and next state


def explained(history: Sequence[Done], state: Any, model: Model) -> list[Done]:
    """The longest part of a history that some order explains: all of it, if nothing is wrong.

    ``state`` is what was before. Raises NoVerdict.
    """
    acts = sorted(history, key=lambda done: done.start)
    wanted = sum(1 << place for place, done in enumerate(acts) if done.end < NEVER)
    best, seen = 0, set()
    todo = [(0, state)]
    while todo:
        done, now = todo.pop()
        if (done, now) in seen:
            continue
        seen.add((done, now))
        if len(seen) > LONG:
            raise NoVerdict(f"no verdict after {LONG} places")
        if done.bit_count() > best.bit_count():
            best = done
        if done & wanted == wanted:
            return acts
        for place in _next(acts, done):
            answer, then = model(now, acts[place].act)
            if acts[place].end == NEVER or answer == acts[place].answer:
                todo.append((done | 1 << place, then))
    return [one for place, one in enumerate(acts) if best >> place & 1]


def _next(acts: Sequence[Done], done: int) -> list[int]:
    """Which may come next: called before any that is left was answered. The last is tried first."""
    place = (~done & done + 1).bit_length() - 1  # the first that is left
    found, answered = [], NEVER
    while place < len(acts) and acts[place].start <= answered:
        if not done >> place & 1:
            found.append(place)
            answered = min(answered, acts[place].end)
        place += 1
    return sorted(found, key=lambda one: acts[one].end, reverse=True)
