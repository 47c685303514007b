"""Live pages against the running product: news within moments, and no page keeps a desk waiting."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

import pytest

from dashboard.beds import Source
from dashboard.clock import horizons
from dashboard.reports import Outcome, Report, ReportKind
from dashboard.store import Store
from tests.by_hand import wait_until
from tests.values import DAY, GROUPS, SITES

from .product import Product

pytestmark = pytest.mark.processes
THREADS, WORKERS = 8, 2
PLACES = THREADS // 2 * WORKERS


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    var: Path = tmp_path_factory.mktemp("live") / "var"
    running = Product(var, THREADS=str(THREADS), WORKERS=str(WORKERS), COMMUNITY="riverbend")
    process = running.start()
    # A worker that streams lets go of its pages, to come back, as soon as there is a hub.
    wait_until((var / "pages.sock").exists)
    yield running
    process.terminate()
    process.wait(60)
    running.end()


@pytest.fixture(scope="module")
def store(product: Product) -> Iterator[Store]:
    store = Store(f"unix://{product.store.path}", "riverbend")
    store.profiles.save(SITES, GROUPS, "test", datetime.now(UTC))
    yield store
    store.connection.close()


def report(store: Store, open_: int, key: str) -> Outcome:
    now = datetime.now(UTC)
    sent = Report("riverbank", "women", ReportKind.CHANGE, open_, now, Source.DESK, "p-desk", key)
    return store.reports.report(sent, horizons(now, DAY), now).outcome


class Page:
    """An open page: a socket that reads its stream."""

    def __init__(self, product: Product, since: str, cookie: str = "") -> None:
        self.socket = socket.create_connection(("127.0.0.1", product.port), 10)
        self.socket.sendall(
            f"GET /live?since={since}&lang=en HTTP/1.1\r\nHost: localhost\r\n"
            f"Cookie: {cookie}\r\n\r\n".encode()
        )
        self.read = b""
        self.read_until(b"\r\n\r\n")
        self.status = int(self.read.split()[1])

    def read_until(self, text: bytes) -> bool:
        """Whether this came before the stream ended; fails after ten seconds of silence."""
        while text not in self.read:
            if not (more := self.socket.recv(65536)):
                return False
            self.read += more
        return True

    def close(self) -> None:
        self.socket.close()


def version(store: Store) -> str:
    return str(store.stream.snapshot(DAY).version)


def open_page(product: Product, store: Store, since: str = "") -> Page:
    """A page that streams; one that found no place tries again, as the real one does."""
    found: list[Page] = []

    def streams() -> bool:
        page = Page(product, since or version(store))
        (found.append if page.status == 200 else Page.close)(page)
        return bool(found)

    wait_until(streams, 15)
    return found[0]


def test_a_report_is_on_every_open_page(product: Product, store: Store) -> None:
    pages = [open_page(product, store) for _ in range(4)]
    assert report(store, 11, "every") is Outcome.SAVED
    for page in pages:
        assert page.read_until(b"<b>11</b>")
        page.close()


@pytest.fixture
def alone(tmp_path: Path, redis_url: str) -> Iterator[tuple[Product, Store]]:
    """A web server with a store but no hub, as on a host that runs one process."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    host = Product(
        tmp_path / "var",
        PATH=path,
        HOST="127.0.0.1",
        REDIS_URL=redis_url,
        THREADS=str(THREADS),
        COMMUNITY="riverbend",
    )
    host.launch("sh", "-c", "exec python -m gunicorn")
    store = Store(redis_url, "riverbend")
    store.profiles.save(SITES, GROUPS, "test", datetime.now(UTC))
    wait_until(host.healthy)
    yield host, store
    store.connection.close()
    host.end()


def test_fifty_pages_and_no_hub_keep_no_desk_from_reporting(alone: tuple[Product, Store]) -> None:
    product, store = alone
    open_page(product, store).close()
    since = version(store)
    pages = [Page(product, since) for _ in range(50)]
    streaming = [page for page in pages if page.status == 200]
    polling = [page for page in pages if page.status == 503]
    assert len(streaming) + len(polling) == 50
    assert 0 < len(streaming) <= PLACES
    assert all(b"Retry-After" in page.read for page in polling)
    with urlopen(f"http://127.0.0.1:{product.port}/", timeout=10) as answer:
        assert answer.status == 200
    assert report(store, 7, "fifty") is Outcome.SAVED
    assert all(page.read_until(b"<b>7</b>") for page in streaming)
    for page in pages:
        page.close()
    open_page(product, store).close()


def test_a_page_that_comes_back_after_the_store_died_misses_nothing(
    product: Product, store: Store
) -> None:
    page = open_page(product, store)
    pid = product.pid("valkey-server")
    os.kill(pid, signal.SIGKILL)
    assert page.read_until(b'"since": 1'), "the page hears that the store is away"
    wait_until(lambda: product.keeps())
    assert report(store, 3, "back") is Outcome.SAVED
    assert page.read_until(b"<b>3</b>")
    page.close()
