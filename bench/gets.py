"""The board's page: how many a second from one core, and how late one is during broadcasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from threading import Event, Thread

from .bench import SITES, Bench
from .clients import Answers, Streams, requests
from .machine import cpu
from .servers import Express, Nginx, Node, Ours, Server
from .tables import Table, middle, ratio

BROWSER = (
    "User-Agent: Mozilla/5.0 (Linux; Android 9; SM-J330F) AppleWebKit/537.36 Mobile Safari\r\n"
    "Accept: text/html,application/xhtml+xml\r\nAccept-Language: en-CA,en;q=0.8\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
)
UPDATES = 10  # a second, in the background
RATE = 100  # GETs a second then


class StaticNginx(Nginx):
    name = "nginx, static file"
    encoding = "br"


class KeptExpress(Express):
    name = "Express, cached bytes"
    encoding = "br"


@dataclass(frozen=True, slots=True)
class Run:
    """One run: answers a second, and how long one took in ms, 32 connections at once."""

    rate: float
    p50: float
    p99: float
    cpu: float
    size: float


def page(bench: Bench) -> bytes:
    """The board as we send it to a browser, for the peers to keep."""
    with bench.serving(Ours) as ours:
        assert ours
        line = HTTPConnection("127.0.0.1", ours.port)
        line.request("GET", "/", headers={"Accept-Encoding": "br"})
        body = line.getresponse().read()
        line.close()
        return body


def flood(bench: Bench, kind: type[Server], kept: bytes, seconds: float) -> Run | None:
    """The same GET from 32 connections, each as soon as it has its answer."""
    with bench.serving(kind, page=kept) as server:
        if server is None:
            return None
        asked = server.get(BROWSER)
        requests(server.port, asked, seconds / 4)
        used = cpu(server.pids)
        found = requests(server.port, asked, seconds)
        used = cpu(server.pids) - used
        if found.bad or found.lost:
            bench.say(f"{kind.name}: {found.bad} refused, {found.lost} lost")
        each = 1e6 * used / max(1, found.good)
        return Run(found.rate, found.p50, found.p99, each, found.size)


def during(
    bench: Bench, kind: type[Server], kept: bytes, count: int, seconds: float
) -> Answers | None:
    """GETs at a steady pace while updates go out to many streams."""
    with bench.serving(kind, page=kept) as server:
        if server is None:
            return None
        with Streams(server.port, count, server.stream, SITES) as streams:
            requests(server.port, server.get(BROWSER), 1.0, 16, RATE)
            done = Event()
            publisher = Thread(target=_publish, args=(server, streams, done))
            publisher.start()
            try:
                return requests(server.port, server.get(BROWSER), seconds, 16, RATE)
            finally:
                done.set()
                publisher.join()


def _publish(server: Server, streams: Streams, done: Event) -> None:
    while not done.wait(1 / UPDATES):
        server.publish(streams.next_update())


def run(bench: Bench) -> list[Table]:
    kept = page(bench)
    return [_flooded(bench, kept), _broadcast(bench, kept)]


def _flooded(bench: Bench, kept: bytes) -> Table:
    kinds: Sequence[type[Server]] = (Ours, KeptExpress, StaticNginx)
    runs: dict[type[Server], list[Run]] = {kind: [] for kind in kinds}
    for _ in range(bench.runs):
        for kind in kinds:
            if one := flood(bench, kind, kept, 1.0 if bench.quick else 5.0):
                runs[kind].append(one)
                bench.say(f"{kind.name}: {one.rate:,.0f} GETs/s")
    found = {
        kind: [middle([getattr(one, name) for one in runs[kind]]) for name in Run.__slots__]
        for kind in kinds
    }
    rows = [
        [kind.name, own[0], ratio(own[0], found[KeptExpress][0]), *own[1:]]
        for kind, own in found.items()
    ]
    head = ["server", "GETs/s", "× Express", "p50, ms", "p99, ms", "CPU each, µs", "bytes"]
    note = f"The board of {SITES} sites, compressed, from 32 connections that stay open."
    return Table(head, rows, note)


def _broadcast(bench: Bench, kept: bytes) -> Table:
    kinds: Sequence[type[Server]] = (Ours, Node, Nginx)
    count, seconds = (200, 1.0) if bench.quick else (5_000, 10.0)
    runs: dict[type[Server], list[Answers]] = {kind: [] for kind in kinds}
    for _ in range(bench.runs):
        for kind in kinds:
            if one := during(bench, kind, kept, count, seconds):
                runs[kind].append(one)
                bench.say(f"{kind.name}: GET p99 {one.p99:.1f} ms during broadcasts")
    names = ("p50", "p99", "most", "bad", "lost")
    rows = [
        [kind.name, *(middle([getattr(one, name) for one in runs[kind]]) for name in names)]
        for kind in kinds
    ]
    head = ["server", "GET p50, ms", "GET p99, ms", "longest, ms", "refused", "lost"]
    note = f"{RATE} GETs a second, while {UPDATES} updates a second go to {count:,} open pages."
    return Table(head, rows, note)
