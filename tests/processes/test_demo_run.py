"""`make demo` as people meet it: a town that fills by itself, and a store that dies under it."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from dashboard.store import Store
from tests.by_hand import wait_until

from .product import Product

pytestmark = pytest.mark.processes


@pytest.fixture
def riverbend(tmp_path: Path) -> Iterator[Product]:
    riverbend = Product(
        tmp_path / "var", DEMO="yes", COMMUNITY="riverbend", COMMUNITY_NAME="Riverbend"
    )
    yield riverbend
    riverbend.end()


def page(product: Product) -> str:
    connection = HTTPConnection("127.0.0.1", product.port, timeout=10)
    connection.request("GET", "/", headers={"Accept-Language": "en"})
    html = connection.getresponse().read().decode()
    connection.close()
    return html


def reports(product: Product) -> int:
    """How many reports the store has. It may be away: then none are seen."""
    store = Store(f"unix://{product.store.path}", "riverbend")
    try:
        return int(store.connection.client.xlen(store.connection.key("events")))
    finally:
        store.connection.close()


def sign_ins(product: Product) -> list[str]:
    return re.findall(r"^ {4}(\w+ +[a-z-]{19})$", product.said, re.M)


def test_it_says_how_to_sign_in_and_that_all_of_it_is_made_up(riverbend: Product) -> None:
    riverbend.start()
    wait_until(lambda: len(sign_ins(riverbend)) == 4)
    assert [line.split()[0] for line in sign_ins(riverbend)] == [
        "coordinator",
        "desk",
        "outreach",
        "caller",
    ]
    assert f"http://127.0.0.1:{riverbend.port}/sign-in" in riverbend.said
    wait_until(lambda: "Heronfoot House" in page(riverbend))
    assert "Nobody coordinates yet" not in riverbend.said
    assert "All numbers are made up." in page(riverbend)
    assert re.search(r"As of.{0,40}4:0[5-9]", page(riverbend), re.S)


def test_it_plays_on_after_the_store_died_and_after_it_died_itself(riverbend: Product) -> None:
    supervisor = riverbend.start()
    wait_until(lambda: len(sign_ins(riverbend)) == 4)
    os.kill(riverbend.pid("valkey-server"), signal.SIGKILL)
    wait_until(lambda: "The store ended" in riverbend.said)
    wait_until(riverbend.keeps)
    before = reports(riverbend)
    wait_until(lambda: reports(riverbend) > before, 30)
    os.kill(riverbend.pid("dashboard.demo", parent=supervisor.pid), signal.SIGKILL)
    wait_until(lambda: "The demo ended (signal 9)" in riverbend.said)
    before = reports(riverbend)
    wait_until(lambda: reports(riverbend) > before, 30)
    assert len(sign_ins(riverbend)) == 4, "those who can sign in already are left alone"


def test_the_next_demo_starts_afresh(riverbend: Product) -> None:
    for _ in range(2):
        supervisor = riverbend.start()
        wait_until(lambda: len(sign_ins(riverbend)) == 4)
        supervisor.terminate()
        assert supervisor.wait(60) == 0
        assert riverbend.pids() == {}
