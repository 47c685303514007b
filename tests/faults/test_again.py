"""Whatever is killed, again and again, in any order: nothing acknowledged is ever lost."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from time import monotonic

import pytest

from dashboard.part import STEADY

from .town import Load, Record, Town, kill

pytestmark = pytest.mark.processes
ROUNDS, KILLS = (40, 25) if os.environ.get("SOAK") else (1, 6)
SEED = int(os.environ.get("SEED", "0")) or random.randrange(1, 1 << 30)


def a_worker(town: Town) -> None:
    kill(random.choice(sorted(town.workers)))


# What the supervisor starts again: the sooner something ends once more, the longer that takes.
PARTS: dict[str, Callable[[Town], None]] = {
    "the web server": lambda town: kill(town.master),
    "the web server, politely": lambda town: kill(town.master, signal.SIGTERM),
    "the hub": lambda town: kill(town.hub),
    "the store": lambda town: kill(town.valkey),
}


class Harm:
    """Kills something that has run for a while, or else a worker."""

    def __init__(self, town: Town):
        self.town, self.killed = town, dict.fromkeys(PARTS, -STEADY)
        self.done: Counter[str] = Counter()

    def do(self, load: Load) -> None:
        rested = [name for name, at in self.killed.items() if monotonic() - at > STEADY]
        name = random.choice(["a worker", *rested])
        self.killed[name] = monotonic()
        self.done[name] += 1
        PARTS.get(name, a_worker)(self.town)
        load.keeps(3)


@pytest.fixture(scope="module")
def harm(town: Town) -> Harm:
    return Harm(town)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_nothing_is_lost_whatever_is_killed(
    town: Town, harm: Harm, record_property: Record, number: int
) -> None:
    random.seed(SEED + number)
    with town.under_load(record_property) as load:
        for _ in range(KILLS):
            harm.do(load)
    record_property("figures", f"SEED={SEED}: {harm.done}")
