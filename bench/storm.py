"""A storm: 100 updates a second to 5,000 open pages. How late, at what cost, and what is lost."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from .bench import SITES, Bench
from .clients import Streams
from .fanout import PATIENCE, SERVERS
from .machine import cpu
from .servers import Server
from .tables import Table, middle, ratio

RATE = 100  # updates a second


@dataclass(frozen=True, slots=True)
class Run:
    """One run. Milliseconds; ``busy`` is the share of one core; the rest are counts."""

    p50: float
    p99: float
    most: float
    busy: float
    written: int
    missed: int
    behind: int
    dropped: int


def measure(bench: Bench, kind: type[Server], count: int, seconds: float) -> Run | None:
    """Send updates at a steady pace, whatever becomes of them; then wait until it is calm."""
    with bench.serving(kind) as server:
        if server is None:
            return None
        with Streams(server.port, count, server.stream, SITES) as streams:
            time.sleep(0.5)
            begun, used = time.monotonic(), cpu(server.pids)
            for number in range(int(RATE * seconds)):
                due = begun + number / RATE
                if time.monotonic() > due + PATIENCE:
                    break  # it takes no more; what was not written is not counted as late
                time.sleep(max(0.0, due - time.monotonic()))
                server.publish(streams.next_update(due))
            busy = (cpu(server.pids) - used) / (time.monotonic() - begun)
            streams.wait(PATIENCE, pause=0.1)
            seen = streams.seen()
            late = (seen.p50, seen.p99, seen.most)
            return Run(*late, busy, streams.published, seen.missed, seen.behind, seen.dropped)


def run(bench: Bench) -> list[Table]:
    count, seconds = (200, 1.0) if bench.quick else (5_000, 10.0)
    runs: dict[type[Server], list[Run]] = {kind: [] for kind in SERVERS}
    for turn in range(bench.runs):
        for kind in SERVERS:
            if one := measure(bench, kind, count, seconds):
                runs[kind].append(one)
                bench.say(f"storm, run {turn + 1}: {kind.name}: p99 {one.p99:.0f} ms")
    rows = [[kind.name, *_cells(runs[kind])] for kind in SERVERS]
    head = ["server", "p50, ms", "p99, ms", "longest, ms", "CPU, % of a core"]
    head += ["updates written", "not seen", "pages behind at the end", "dropped"]
    note = (
        f"{RATE} updates a second for {seconds:.0f} s to {count:,} open pages. An update counts as "
        "seen when the page shows it or a newer one of the same site. Its clock starts when it is "
        "due, written late or not."
    )
    return [Table(head, rows, note)]


def _cells(runs: Sequence[Run]) -> list[float | None]:
    found = [middle([float(getattr(run, name)) for run in runs]) for name in Run.__slots__]
    found[3] = ratio(found[3], 0.01)
    return found
