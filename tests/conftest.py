"""The servers under test: real ones, fresh for each run, flushed before each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from flask.templating import Environment
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from dashboard import passwords
from dashboard.config import Settings
from dashboard.embedded import Server

from .by_hand import SOAK, tell

ENGINES = ("valkey", "redis")
OF_THE_STORE = ("test_store_", "test_dump", "test_epochs", "test_follower", "test_looks")
# How long a property takes is no property: it is measured in bench/, never asserted.
hypothesis.settings.register_profile("board", deadline=None)
hypothesis.settings.load_profile("board")

KEY = "a key for tests alone, never for a board"
SHIPPED = dict(passwords.COST)  # test_passwords.py looks at what it costs; elsewhere it only delays
passwords.COST |= {"time_cost": 1, "memory_cost": 8}


class Compiled(BytecodeCache):
    """Each template is compiled once for all the apps of a run."""

    kept: dict[str, bytes] = {}  # noqa: RUF012 - one for all

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


class Remembering(Environment):
    def __init__(self, app: Any, **options: Any):
        super().__init__(app, bytecode_cache=Compiled(), **options)


Flask.jinja_environment = Remembering  # type: ignore[assignment]


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
