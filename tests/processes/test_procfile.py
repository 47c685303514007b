"""The Procfile's lines, as a Procfile host runs them: a shell, PORT and REDIS_URL, no make."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.by_hand import wait_until

from .product import ROOT, Product

pytestmark = pytest.mark.processes


def lines() -> dict[str, str]:
    text = (ROOT / "Procfile").read_text(encoding="utf-8")
    return dict(line.split(": ", 1) for line in text.splitlines())


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Product]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    host = Product(tmp_path / "var", PATH=path, HOST="127.0.0.1")
    yield host
    host.end()


def test_web_answers_with_the_port_and_store_it_is_given(host: Product, redis_url: str) -> None:
    host.settings["REDIS_URL"] = redis_url
    web = host.launch("sh", "-c", "exec " + lines()["web"])
    wait_until(host.healthy, 20)
    web.terminate()
    assert web.wait(20) == 0
    assert host.pids() == {}


def test_web_without_a_store_is_one_sentence(host: Product) -> None:
    assert host.launch("sh", "-c", lines()["web"]).wait(20) == 1
    assert host.said == (
        "REDIS_URL is not set and no store runs here: set it, or start with `make run`.\n"
    )


def test_web_with_a_setting_that_cannot_be_used_is_one_sentence(host: Product) -> None:
    host.settings["THREADS"] = "many"
    assert host.launch("sh", "-c", lines()["web"]).wait(20) == 1
    assert host.said == "THREADS is 'many', but must be a whole number from 4 to 1000.\n"
