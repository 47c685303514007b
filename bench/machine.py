"""The machine under the benchmarks: which core is whose, what processes cost, what it is."""

from __future__ import annotations

import os
import platform
import resource
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]


def raise_limits() -> None:
    """As many open files as this machine lets us have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextmanager
def on(core: int) -> Iterator[None]:
    """What is started here stays on that core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    parents: dict[int, list[int]] = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(place.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it ended while we looked
        parents.setdefault(parent, []).append(int(place.parent.name))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def cpu(pids: Iterable[int]) -> float:
    """Seconds of CPU that these processes have used, the kernel's work for them included."""
    return sum(_cpu(pid) for pid in pids)


def _cpu(pid: int) -> float:
    spent = 0
    for place in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            spent += int(place.read_text().split()[0])
        except OSError:
            continue  # a thread that has ended
    return spent / 1e9


def memory(pids: Iterable[int]) -> tuple[int, int]:
    """What these processes hold, in KB: RSS, and PSS (shared pages split among their users)."""
    rss = pss = 0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue  # it has ended
        told = dict(line.split(":", 1) for line in text.splitlines()[1:])
        rss += int(told["Rss"].split()[0])
        pss += int(told["Pss"].split()[0])
    return rss, pss


def described() -> str:
    """One line: processor, cores, memory, kernel."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((one.split(":")[1].strip() for one in lines if one.startswith("model name")), "?")
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return f"{model}, {len(CORES)} cores, {pages:.0f} GB, Linux {platform.release()}"


def load() -> float:
    """How many processes want a core, on average over the last minute."""
    return os.getloadavg()[0]


def said_by(*command: str) -> str:
    """The first line that a program says, on either output; '' where there is no such program."""
    if shutil.which(command[0]) is None:
        return ""
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    return (done.stdout + done.stderr).strip().partition("\n")[0]
