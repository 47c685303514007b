"""The Procfile's lines, as a Procfile host runs them: a shell, PORT and REDIS_URL, no make."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from dashboard.embedded import Server
from tests.by_hand import tell, wait_until

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
    wait_until(host.healthy)
    web.terminate()
    assert web.wait(60) == 0
    assert host.pids() == {}


def test_web_without_a_store_is_one_sentence(host: Product) -> None:
    assert host.launch("sh", "-c", lines()["web"]).wait(60) == 1
    assert host.said == (
        "REDIS_URL is not set and no store runs here: set it, or start with `make run`.\n"
    )


def test_web_with_a_setting_that_cannot_be_used_is_one_sentence(host: Product) -> None:
    host.settings["THREADS"] = "many"
    assert host.launch("sh", "-c", lines()["web"]).wait(60) == 1
    assert host.said == "THREADS is 'many', but must be a whole number from 4 to 1000.\n"


def test_web_refuses_a_store_that_may_forget_until_that_is_accepted(
    host: Product, server: Server, redis_url: str
) -> None:
    host.settings["REDIS_URL"] = redis_url
    tell(server, "CONFIG SET maxmemory-policy allkeys-lru")
    try:
        assert host.launch("sh", "-c", lines()["web"]).wait(60) == 1
        assert host.said.startswith("This Redis can lose what it has acknowledged.")
        assert host.said.count("\n") == 1
        host.settings["STORE_MAY_LOSE"] = "yes"
        host.launch("sh", "-c", "exec " + lines()["web"])
        wait_until(host.healthy)
    finally:
        tell(server, "CONFIG SET maxmemory-policy noeviction")


def test_web_starts_while_the_store_is_away_and_says_that_the_board_is_starting(
    host: Product,
) -> None:
    host.settings["REDIS_URL"] = "redis://127.0.0.1:1"
    host.launch("sh", "-c", "exec " + lines()["web"])
    wait_until(host.healthy)
    assert "The store does not answer yet" in host.said
    with pytest.raises(HTTPError) as answer:
        urlopen(f"http://127.0.0.1:{host.port}/", timeout=10)
    assert answer.value.code == 503


def test_push_waits_for_its_store_and_stops_when_it_is_asked(host: Product) -> None:
    host.settings["REDIS_URL"] = "redis://127.0.0.1:1"
    push = host.launch("sh", "-c", "exec " + lines()["push"])
    wait_until(lambda: "the store is away" in host.said)
    assert len((host.var / "push_key").read_text()) == 43
    push.terminate()
    assert push.wait(60) == 0
    assert host.pids() == {}
