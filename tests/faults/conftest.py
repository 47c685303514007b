"""One town for all: its product, and five hundred open pages that never close."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from .town import Town


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All in one process, one after the other: a second crowd would starve both."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.xdist_group("faults"))


@pytest.fixture(scope="session", autouse=True)
def _open_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    var: Path = tmp_path_factory.mktemp("town") / "var"
    running = Town(var)
    yield running
    running.close()
