"""What one report and a first page cost, from ten sites to ten thousand."""

from __future__ import annotations

import time
from dataclasses import dataclass
from http.client import HTTPConnection

from .bench import Bench
from .clients import Streams
from .machine import cpu
from .servers import Ours, Server
from .tables import Table, middle, ratio

PAGES = 10  # open ones
PATIENCE = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Run:
    """One run, in ms: CPU of one report, until it is on open pages, the page then and again."""

    report: float
    shown: float
    first: float
    again: float
    size: float


def measure(bench: Bench, sites: int, updates: int) -> Run:
    """Reports first, while nobody has asked for the page; then the page after each of three."""
    with bench.serving(Ours, sites) as server:
        assert server, bench.skipped[Ours.name]
        with Streams(server.port, PAGES, server.stream, sites) as streams:
            time.sleep(0.5)
            for _ in range(3):
                _report(server, streams)
            everyone = [*server.pids, bench.keeper_pid]
            used, begun = cpu(everyone), len(streams.seen().last)
            for _ in range(updates):
                _report(server, streams)
            used = cpu(everyone) - used
            shown = [ms for ms in streams.seen().last[begun:] if ms is not None]
            first, again, size = [], [], 0
            for _ in range(3):
                _report(server, streams)
                ms, size = page(server.port)
                first.append(ms)
                again.append(page(server.port)[0])
            on_pages, new, old = (middle(ms) or 0.0 for ms in (shown, first, again))
            return Run(1000 * used / updates, on_pages, new, old, size)


def _report(server: Server, streams: Streams) -> None:
    server.publish(streams.next_update())
    streams.wait(PATIENCE, pause=0.002)
    time.sleep(0.02)


def page(port: int) -> tuple[float, int]:
    """How long the board took, in ms, and its size as it was sent."""
    line = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    line.connect()
    begun = time.monotonic()
    line.request("GET", "/", headers={"Accept-Encoding": "br"})
    body = line.getresponse().read()
    took = 1000 * (time.monotonic() - begun)
    line.close()
    return took, len(body)


def run(bench: Bench) -> list[Table]:
    numbers, updates = ((10, 100), 5) if bench.quick else ((10, 100, 1_000, 10_000), 100)
    runs: dict[int, list[Run]] = {sites: [] for sites in numbers}
    for _ in range(bench.runs):
        for sites in numbers:
            runs[sites].append(one := measure(bench, sites, updates))
            bench.say(f"{sites} sites: a report {one.report:.2f} ms, a page {one.first:.0f} ms")
    found = {
        sites: [middle([getattr(one, name) for one in own]) for name in Run.__slots__]
        for sites, own in runs.items()
    }
    least = found[numbers[0]][0]
    rows = [[sites, own[0], ratio(own[0], least), *own[1:]] for sites, own in found.items()]
    head = ["sites", "CPU of a report, ms", f"× at {numbers[0]}", "on open pages after, ms"]
    head += ["page after a report, ms", "page again, ms", "page, bytes (brotli)"]
    note = f"All processes and the store together; {PAGES} open pages, {updates} reports a run."
    return [Table(head, rows, note)]
