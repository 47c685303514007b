"""One run of the benchmarks: the store beside them, the servers to compare, how many times."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dashboard.embedded import Server as Keeper

from . import workshop
from .machine import CLIENT_CORE, on
from .servers import Ours, Server
from .town import Fragment, Town

SITES = 30


@dataclass
class Bench:
    """What every part is given. ``quick`` shows that it works; its figures mean nothing."""

    keeper: Path
    keeper_pid: int
    quick: bool
    fragment: Fragment = field(default=Fragment(b""))
    skipped: dict[str, str] = field(default_factory=dict)

    @property
    def runs(self) -> int:
        return 1 if self.quick else 3

    def town(self, sites: int = SITES) -> Town:
        """A store with a fresh town in it."""
        town = Town(f"unix://{self.keeper}", sites)
        town.settle()
        return town

    @contextmanager
    def serving(
        self, kind: type[Server], sites: int = SITES, page: bytes = b"board"
    ) -> Iterator[Server | None]:
        """A fresh town and this server for it; None, and a word, where it can't be had."""
        town = self.town(sites)
        server = kind(town, self.keeper, self.fragment, page)
        try:
            if kind.name in self.skipped:
                yield None
                return
            try:
                server.__enter__()
            except workshop.Missing as missing:
                self.skipped[kind.name] = str(missing)
                yield None
                return
            try:
                yield server
            finally:
                server.__exit__(None, None, None)
        finally:
            town.close()

    def say(self, text: str) -> None:
        print(f"  {text}", file=sys.stderr, flush=True)


@contextmanager
def opened(quick: bool) -> Iterator[Bench]:
    """The store on the client's core, durable on this machine's disk, and the model message."""
    folder = workshop.ROOM / f"store-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    sockets = Path(tempfile.mkdtemp(prefix="bench-"))
    keeper = Keeper(folder, sockets / "valkey.sock")
    with on(CLIENT_CORE):
        child = keeper.start()
    try:
        bench = Bench(keeper.path, child.pid, quick)
        with bench.serving(Ours) as ours:
            if ours is None:
                raise SystemExit(bench.skipped[Ours.name])
            bench.fragment = Fragment.taken_from(ours.port, ours.stream, ours.town)
        yield bench
    finally:
        keeper.stop()
        shutil.rmtree(sockets, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
