"""What open pages lose when a part is restarted, crashes or is replaced, while reports flow."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .bench import SITES, Bench
from .clients import Streams
from .fanout import PATIENCE
from .machine import SERVER_CORE, on
from .servers import Nginx, Node, Ours, Server
from .tables import Table, middle

RATE = 10  # updates a second
BEFORE, AFTER = 1.0, 5.0  # seconds of reports around the event


@dataclass(frozen=True, slots=True)
class Run:
    """Streams that ended, updates that streams did not get, and open streams that are behind."""

    dropped: int
    missed: int
    behind: int


def reload(server: Server) -> None:
    word = "gunicorn" if isinstance(server, Ours) else ""
    os.kill(server.pid(word), signal.SIGHUP)


def crash_a_worker(server: Server) -> None:
    word = "gunicorn" if isinstance(server, Ours) else ""
    os.kill(server.pids_of(word)[-1], signal.SIGKILL)


def kill_the_web_server(server: Server) -> None:
    os.kill(server.pid("gunicorn"), signal.SIGKILL)


def replace_the_hub(server: Server) -> None:
    """A new hub starts beside the old one, as in an upgrade."""
    with on(SERVER_CORE):
        server.beside.append(server.launch(sys.executable, "-m", "dashboard.live"))


def kill_the_hub(server: Server) -> None:
    os.kill(server.pid("dashboard.live"), signal.SIGKILL)


def restart(server: Server) -> None:
    """Stops it and starts it again, on the same port."""
    server.process.terminate()
    server.process.wait(PATIENCE)
    with on(SERVER_CORE):
        server.process = server.launch(*server.command())


HARMS: Sequence[tuple[str, type[Server], Callable[[Server], None]]] = (
    ("HUP of gunicorn", Ours, reload),
    ("a worker is killed", Ours, crash_a_worker),
    ("the web server is killed", Ours, kill_the_web_server),
    ("a new hub takes over", Ours, replace_the_hub),
    ("the hub is killed", Ours, kill_the_hub),
    ("HUP of nginx", Nginx, reload),
    ("nginx's worker is killed", Nginx, crash_a_worker),
    ("Node is restarted", Node, restart),
)


def measure(
    bench: Bench, kind: type[Server], harm: Callable[[Server], None], count: int, after: float
) -> Run | None:
    """Reports at a steady pace, and the event in their midst."""
    with bench.serving(kind) as server:
        if server is None:
            return None
        with Streams(server.port, count, server.stream, SITES) as streams:
            time.sleep(0.5)
            _flow(server, streams, BEFORE)
            harm(server)
            _flow(server, streams, after)
            streams.wait(PATIENCE / 4, pause=0.1)
            seen = streams.seen()
            return Run(seen.dropped, seen.missed, max(0, seen.behind - seen.dropped))


def _flow(server: Server, streams: Streams, seconds: float) -> None:
    begun = time.monotonic()
    for number in range(int(seconds * RATE)):
        time.sleep(max(0.0, begun + number / RATE - time.monotonic()))
        number = streams.next_update()
        try:
            server.publish(number)
        except OSError:  # nobody is there to take it: the streams miss it
            server.hang_up()


def run(bench: Bench) -> list[Table]:
    count, after = (200, 2.0) if bench.quick else (5_000, AFTER)
    runs: dict[str, list[Run]] = {name: [] for name, *_ in HARMS}
    for _ in range(bench.runs):
        for name, kind, harm in HARMS:
            if one := measure(bench, kind, harm, count, after):
                runs[name].append(one)
                bench.say(f"{name}: {one.dropped} dropped, {one.missed} missed")
    rows = [
        [name, *(middle([getattr(one, part) for one in own]) for part in Run.__slots__)]
        for name, own in runs.items()
    ]
    head = ["event", "streams dropped", "updates missed", "open but behind at the end"]
    note = (
        f"{count:,} open pages, {RATE} reports a second. A stream that ends is not opened again "
        "here, and misses all that follows; a real page comes back and is told what it missed."
    )
    return [Table(head, rows, note)]
