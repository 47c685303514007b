"""How long a start takes until the first answer, and what is in memory then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .bench import Bench
from .machine import memory
from .servers import Express, Nginx, Node, Ours, Server
from .tables import Table, middle

KINDS: Sequence[type[Server]] = (Ours, Nginx, Node, Express)


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds until it answers; MB."""

    seconds: float
    rss: float
    pss: float


def run(bench: Bench) -> list[Table]:
    runs: dict[type[Server], list[Run]] = {kind: [] for kind in KINDS}
    for _ in range(bench.runs):
        for kind in KINDS:
            with bench.serving(kind) as server:
                if server:
                    rss, pss = memory(server.pids)
                    runs[kind].append(Run(server.started_in, rss / 1024, pss / 1024))
    rows = [
        [kind.name, *(middle([getattr(one, name) for one in runs[kind]]) for name in Run.__slots__)]
        for kind in KINDS
    ]
    head = ["server", "first answer after, s", "RSS, MB", "PSS, MB"]
    note = "All processes of each, the store not counted."
    return [Table(head, rows, note)]
