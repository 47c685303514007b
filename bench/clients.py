"""The load clients in C, run from here: open streams, and requests over and over."""

from __future__ import annotations

import json
import mmap
import struct
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from .machine import CLIENT_CORE, cpu, on
from .workshop import compiled

UPDATES = 100_000
START = 4  # what stands before the clocks: published, sites, shown, spare


@dataclass(frozen=True, slots=True)
class Seen:
    """What the streams have seen so far. Times in ms; ``last`` has one for each update: until
    every stream had it, or None. ``behind`` streams do not show the newest board."""

    open: int
    dropped: int
    behind: int
    missed: int
    bytes: int
    cpu: float
    p50: float
    p99: float
    most: float
    last: list[float | None]


class Streams:
    """Open streams to one server, and the clock of each update for them."""

    def __init__(self, port: int, count: int, request: bytes, sites: int):
        self._folder = tempfile.TemporaryDirectory(prefix="bench-")
        folder = Path(self._folder.name)
        (folder / "request").write_bytes(request)
        with open(folder / "board", "w+b") as file:
            file.truncate(8 * (START + UPDATES))
            self._board = mmap.mmap(file.fileno(), 0)
        self._set(1, sites)
        self.count, self.published = count, 0
        given = (compiled("streams"), port, count, folder / "board", folder / "request")
        command = [str(one) for one in given]
        with on(CLIENT_CORE):
            self._child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        told = self._line()
        self.open, self.seconds = int(told["open"]), float(told["seconds"])

    def __enter__(self) -> Streams:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._child.kill()
        self._child.wait()
        self._board.close()
        self._folder.cleanup()

    def next_update(self, due: float | None = None) -> int:
        """The number of the update that is about to be written; its clock starts now.

        In a steady flow it starts when it was ``due``, on the monotonic clock, late or not.
        """
        number = self.published
        self.published += 1
        self._set(START + number, int(due * 1e9) if due else time.monotonic_ns())
        self._set(0, self.published)
        return number

    def wait(self, seconds: float, pause: float = 0.01) -> bool:
        """Whether every stream shows every update before the time is up."""
        until = time.monotonic() + seconds
        while self._get(2) < self.open * self.published:
            if time.monotonic() > until:
                return False
            time.sleep(pause)
        return True

    def seen(self) -> Seen:
        assert self._child.stdin
        self._child.stdin.write("\n")
        self._child.stdin.flush()
        told = self._line()
        del told["reads"]
        for name in ("p50", "p99", "most"):
            told[name] /= 1000
        told["last"] = [None if us < 0 else us / 1000 for us in told["last"]]
        return Seen(**told)

    @property
    def cpu(self) -> float:
        """Seconds of CPU that this client has used."""
        return cpu([self._child.pid])

    def _line(self) -> dict[str, Any]:
        assert self._child.stdout
        if not (line := self._child.stdout.readline()):
            raise RuntimeError("the load client ended; its reason stands above")
        return dict(json.loads(line))

    def _set(self, at: int, value: int) -> None:
        struct.pack_into("Q", self._board, 8 * at, value)

    def _get(self, at: int) -> int:
        return int(struct.unpack_from("Q", self._board, 8 * at)[0])


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of one request sent over and over. Times in ms."""

    sent: int
    good: int
    bad: int
    lost: int
    seconds: float
    bytes: int
    cpu: float
    p50: float
    p99: float
    most: float

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return self.good / self.seconds

    @property
    def size(self) -> float:
        """Bytes of an answer, its head included."""
        return self.bytes / max(1, self.good + self.bad)


def requests(
    port: int, request: bytes, seconds: float, connections: int = 32, rate: int = 0
) -> Answers:
    """Send it from so many connections, as fast as it is answered or at a steady ``rate``."""
    with tempfile.NamedTemporaryFile(prefix="bench-") as file, on(CLIENT_CORE):
        file.write(request)
        file.flush()
        told = (compiled("requests"), port, connections, int(seconds * 1000), rate, file.name)
        command = [str(one) for one in told]
        done = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, text=True, timeout=seconds + 60
        )
    answers = dict(json.loads(done.stdout))
    for name in ("p50", "p99", "most"):
        answers[name] /= 1000
    return Answers(**answers)
