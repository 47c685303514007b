"""The servers under test: real ones, fresh for each run, flushed before each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from dashboard.config import Settings
from dashboard.embedded import Server

from .by_hand import SOAK, tell

ENGINES = ("valkey", "redis")
OF_THE_STORE = ("test_store_", "test_dump", "test_epochs", "test_follower", "test_looks")
# How long a property takes is no property: it is measured in bench/, never asserted.
hypothesis.settings.register_profile("board", deadline=None)
hypothesis.settings.load_profile("board")

KEY = "a key for tests alone, never for a board"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine",
        choices=(*ENGINES, "both"),
        help="run the tests that use a store against this one; browser and process tests use one",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test of the store itself runs against both servers; at full length every test does."""
    if "engine" not in metafunc.fixturenames:
        return
    chosen = metafunc.config.getoption("--engine")
    slow = any(mark.name in ("browser", "processes") for mark in metafunc.definition.iter_markers())
    of_store = metafunc.definition.path.name.startswith(OF_THE_STORE)
    both = chosen == "both" or (not slow and (of_store or SOAK))
    engines = (chosen,) if chosen in ENGINES else ENGINES if both else ENGINES[:1]
    metafunc.parametrize("engine", engines, scope="session")


@pytest.fixture(scope="session")
def server(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A store server of this engine, as durable as the product's own; one per run and process."""
    binary = None
    if engine == "redis":
        found = shutil.which("redis-server")
        if not found:
            pytest.fail("No redis-server here: apt-get install redis-server, or --engine=valkey.")
        binary = Path(found)
    var = tmp_path_factory.mktemp(engine)
    running = Server(var / engine, var / "store.sock", binary)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def redis_url(server: Server) -> str:
    """The URL of an empty store."""
    assert tell(server, "FLUSHALL SYNC") == "+OK"
    return f"unix://{server.path}"


@pytest.fixture
def settings(redis_url: str, tmp_path: Path) -> Settings:
    """Default settings with an empty store and an empty data folder."""
    return Settings(var=tmp_path, redis_url=redis_url, secret_key=KEY)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The figures that tests of faults have measured, whether they passed or not."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, told in report.user_properties:
                if name == "figures" and report.when == "call":
                    terminalreporter.write_line(f"{report.nodeid.partition('::')[2]}: {told}")
