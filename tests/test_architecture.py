"""The rooms of the product and the one direction in which they know each other."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PRODUCT = Path(__file__).parents[1] / "dashboard"
LONGEST = 300  # lines
CORE = {"zones", "clock", "facts", "beds", "holds", "codes", "events", "reports"}
CORE |= {"journal", "board", "rows", "lapses", "asking"}
CORE |= {"evening", "turnaways", "visits", "record", "reminders", "handover"}  # no package
CORE |= {"vouchers", "travel", "hours", "trips", "later", "shortage", "planned", "seen"}
CORE |= {"calls", "worklist"}
CORE |= {"digest", "nights", "season"}
CORE |= {"alerts", "coldnights"}
CORE |= {"terms", "customs", "voice", "states"}
BLUEPRINTS = {"public", "api", "health", "signin", "welcome", "desk", "outreach", "office"}
BLUEPRINTS |= {"account", "enrol"}
# From what knows nobody to what knows all: a room may know its own row and the rows above it.
ROWS: tuple[set[str], ...] = (
    CORE
    | {
        "address",
        "secret",
        "environment",
        "config",
        "people",
        "shifts",
        "passwords",
        "pins",
        "logs",
    },
    {
        "forms",
        "taps",
        "declaring",
        "phoning",
        "settling",
        "machine",
        "cells",
        "columns",
        "csvfiles",
        "importing",
    }
    | {"issuing", "cap", "capfetch"}
    | {"wrong", "edits", "hushed", "editing", "running", "adding"},  # what comes in
    # what goes out
    {"filters", "cards", "pages", "press", "squeeze", "published", "counter", "offers"}
    | {"asked", "takes", "fit", "watches"},
    {"history", "distances", "sheets"},
    {"entries"},
    {"catalogue", "sentences"},  # in which words
    {"shelf", "store", "tether", "embedded", "part"},
    {"follower", "archivist", "door", "looks", "push"},
    {"here", "web", "banner", "device", "session", "passkeys", "access", "rules"},
    BLUEPRINTS | {"live"},
    {"cli", "demo", "run", "quick"},
    {"factory"},
    {"__init__", "__main__"},
)
FILES = {path.relative_to(PRODUCT).as_posix(): path for path in sorted(PRODUCT.rglob("*.py"))}
ROOMS = {path.partition("/")[0].removesuffix(".py") for path in FILES}


def room(path: str) -> str:
    """'store/wire.py' stands in the room 'store'; what starts a process knows whom it starts."""
    if path.endswith("__main__.py"):
        return "__main__"
    return path.partition("/")[0].removesuffix(".py")


def imports(path: str) -> Iterator[str]:
    """What a module imports, by its absolute name: 'redis.retry', 'dashboard.store.wire'."""
    package = ("dashboard", *Path(path).parent.parts)
    for node in ast.walk(ast.parse(FILES[path].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            whole = ".".join((*base, *([node.module] if node.module else [])))
            yield from ([whole] if node.module else [f"{whole}.{one.name}" for one in node.names])


def rooms_known_to(path: str) -> set[str]:
    """Without its own. What is no room, as in `from .. import create_app`, is the factory's."""
    ours = (name.split(".") for name in imports(path) if name.split(".")[0] == "dashboard")
    known = {"".join(name[1:2]) for name in ours}
    return {name if name in ROOMS else "__init__" for name in known} - {room(path)}


def row(name: str) -> int:
    found = [number for number, row in enumerate(ROWS) if name in row]
    assert found, f"give {name!r} a place in ROWS of {Path(__file__).name}: whom may it know?"
    return found[0]


@pytest.mark.parametrize("path", FILES)
def test_a_room_knows_only_the_rows_above_it(path: str) -> None:
    wrong = [known for known in rooms_known_to(path) if row(known) > row(room(path))]
    assert not wrong, f"dashboard/{path} must not know {wrong}: move what it needs up"


@pytest.mark.parametrize("path", FILES)
def test_a_blueprint_knows_no_other(path: str) -> None:
    if room(path) in BLUEPRINTS:
        shared = rooms_known_to(path) & BLUEPRINTS
        assert not shared, f"dashboard/{path}: what {shared} have in common belongs in web or pages"


@pytest.mark.parametrize("path", FILES)
def test_the_core_needs_the_standard_library_alone(path: str) -> None:
    if room(path) in CORE:
        strangers = {name.split(".")[0] for name in imports(path)} - set(sys.stdlib_module_names)
        assert strangers <= {"dashboard"}, f"dashboard/{path} imports {strangers}"
        assert rooms_known_to(path) <= CORE


@pytest.mark.parametrize("path", FILES)
def test_only_the_store_knows_redis(path: str) -> None:
    uses = {name.split(".")[0] for name in imports(path)} & {"redis", "valkey"}
    assert not uses or room(path) == "store", f"dashboard/{path}: ask the store instead"


@pytest.mark.parametrize("path", FILES)
def test_a_module_is_short_enough_to_read_at_once(path: str) -> None:
    lines = len(FILES[path].read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST, f"dashboard/{path} has {lines} lines: find the two rooms in it"


def test_there_is_something_to_hold_to() -> None:
    assert {"store/wire.py", "board.py", "demo/__main__.py"} <= FILES.keys()
    assert {"board", "clock", "people"} & rooms_known_to("store/stream.py") == {"board", "clock"}
    assert "redis.retry" in set(imports("store/guide.py"))
    assert room("live/view.py") == "live"
