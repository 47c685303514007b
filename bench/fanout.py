"""Fan-out: one update to the last of many open pages, and what an open page costs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from .bench import SITES, Bench
from .clients import Streams
from .machine import cpu, memory
from .servers import Floor, Nginx, Node, Ours, Server
from .tables import Table, middle, ratio

SERVERS: Sequence[type[Server]] = (Floor, Ours, Nginx, Node)
PATIENCE = 20.0  # seconds for one update to reach everyone
WARM, WARM_STREAMS = 2, 100  # updates and streams before those that count


@dataclass(frozen=True, slots=True)
class Run:
    """One run. Milliseconds for each update, KB for each stream, connections for each second."""

    last: float
    cpu: float
    client: float
    rss: float
    pss: float
    connects: float
    size: float


def measure(bench: Bench, kind: type[Server], count: int, updates: int) -> Run | None:
    """Open so many streams, and send updates one after the other."""
    with bench.serving(kind) as server:
        if server is None:
            return None
        with Streams(server.port, WARM_STREAMS, server.stream, SITES):
            time.sleep(0.3)  # what the first streams cost is no cost of a stream
        before = memory(server.pids)
        with Streams(server.port, count, server.stream, SITES) as streams:
            time.sleep(0.5)
            rss, pss = (
                (new - old) / count for new, old in zip(memory(server.pids), before, strict=True)
            )
            _send(server, streams, WARM)
            used, client, read = cpu(server.pids), streams.cpu, streams.seen().bytes
            _send(server, streams, updates)
            used, client = cpu(server.pids) - used, streams.cpu - client
            seen = streams.seen()
            if streams.open < count or seen.behind:
                bench.say(f"{kind.name}: {streams.open} of {count} open, {seen.behind} behind")
            return Run(
                last=middle([ms for ms in seen.last[WARM:] if ms is not None]) or float("nan"),
                cpu=1000 * used / updates,
                client=1000 * client / updates,
                rss=rss,
                pss=pss,
                connects=streams.open / streams.seconds,
                size=(seen.bytes - read) / updates / count,
            )


def _send(server: Server, streams: Streams, updates: int) -> None:
    for _ in range(updates):
        begun = time.monotonic()
        server.publish(streams.next_update())
        streams.wait(PATIENCE)
        time.sleep(max(0.1, 1.5 * (time.monotonic() - begun)))  # whoever paces has rested


def run(bench: Bench) -> list[Table]:
    counts, updates = ((200,), 3) if bench.quick else ((1_000, 5_000, 10_000), 20)
    return [_table(bench, count, updates) for count in counts]


def _table(bench: Bench, count: int, updates: int) -> Table:
    runs: dict[type[Server], list[Run]] = {kind: [] for kind in SERVERS}
    for turn in range(bench.runs):
        for kind in SERVERS:
            if one := measure(bench, kind, count, updates):
                runs[kind].append(one)
                bench.say(f"{count} streams, run {turn + 1}: {kind.name}: {one.last:.1f} ms")
    floor = {name: _middle(runs[Floor], name) for name in Run.__slots__}
    rows = []
    for kind in SERVERS:
        own = {name: _middle(runs[kind], name) for name in Run.__slots__}
        times = [own["last"], ratio(own["last"], floor["last"])]
        costs = [own["cpu"], ratio(own["cpu"], floor["cpu"]), own["client"]]
        rows.append(
            [kind.name, *times, *costs, own["rss"], own["pss"], own["connects"], own["size"]]
        )
    head = ["server", "last page, ms", "× floor", "CPU an update, ms", "× floor"]
    head += ["client's CPU, ms", "RSS a stream, KB", "PSS a stream, KB", "connects/s", "bytes"]
    note = f"One update to {count:,} open pages; {updates} updates in each of {bench.runs} runs."
    return Table(head, rows, note)


def _middle(runs: Sequence[Run], name: str) -> float | None:
    return middle([getattr(run, name) for run in runs])
