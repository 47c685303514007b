"""The quick answer on a real connection: the same as the slow one, in order, to slow readers."""

from __future__ import annotations

import gzip
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import pytest

from dashboard.store import Store
from tests.by_hand import wait_until
from tests.values import GROUPS, SITES

from .product import Product

pytestmark = pytest.mark.processes
BOARD = b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: %s\r\nAccept-Language: %s\r\n%s\r\n"


@pytest.fixture
def pair(tmp_path: Path, redis_url: str) -> Iterator[list[Product]]:
    """Two web servers on one store: one that answers early, one that never does."""
    store = Store(redis_url, "riverbend")
    store.profiles.save(SITES, GROUPS, "test", datetime.now(UTC))
    store.connection.close()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    told = {"PATH": path, "HOST": "127.0.0.1", "REDIS_URL": redis_url, "COMMUNITY": "riverbend"}
    servers = [Product(tmp_path / on / "var", QUICK_BOARD=on, **told) for on in ("yes", "no")]
    for server in servers:
        server.var.mkdir(parents=True)
        server.launch("sh", "-c", "exec python -m gunicorn")
    for server in servers:
        wait_until(server.healthy)
    yield servers
    for server in servers:
        server.end()


def talk(server: Product, *requests: bytes) -> list[bytes]:
    """The answers to requests on one connection, one after the other."""
    with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
        found = []
        for request in requests:
            connection.sendall(request)
            found.append(answer(connection))
        return found


def answer(connection: socket.socket) -> bytes:
    read = b""
    while b"\r\n\r\n" not in read:
        read += connection.recv(65536)
    head, _, body = read.partition(b"\r\n\r\n")
    length = re.search(rb"Content-Length: (\d+)", head)
    while length and len(body) < int(length[1]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def told(response: bytes) -> tuple[set[bytes], bytes]:
    """The headers, without those that differ from one printing to the next, and the words."""
    head, _, body = response.partition(b"\r\n\r\n")
    printing = (b"ETag", b"Date", b"Cache-Control", b"Content-Length")
    if b"Content-Encoding: br" in head:
        body = brotli.decompress(body)
    if b"Content-Encoding: gzip" in head:
        body = gzip.decompress(body)
    headers = {line for line in head.split(b"\r\n") if not line.startswith(printing)}
    return headers, re.sub(rb"@\d+|data-now=.\d+", b"", body)


def test_it_is_the_same_as_the_slow_answer(pair: list[Product]) -> None:
    quick, slow = pair
    for encoding, language in ((b"br", b"fr"), (b"gzip", b"en"), (b"", b"de"), (b"br;q=0", b"")):
        request = BOARD % (encoding, language, b"")
        minute = 0.0
        while minute != time.time() // 60:  # all of it within one minute
            minute = time.time() // 60
            ours, theirs = talk(quick, request, request), talk(slow, request, request)
        assert [told(one) for one in ours] == [told(one) for one in theirs]
        etag = re.search(rb"ETag: ([^\r]*)", ours[1])
        assert etag
        known = BOARD % (encoding, language, b"If-None-Match: " + etag[1] + b"\r\n")
        assert talk(quick, request, known)[1][9:12] in (b"304", b"200")


def test_requests_of_both_kinds_on_one_connection_are_answered_in_order(
    pair: list[Product],
) -> None:
    board = BOARD % (b"br", b"en", b"")
    other = b"GET /how-we-count HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for server in pair:
        found = talk(server, board, other, board, other, board, board)
        assert all(one.startswith(b"HTTP/1.1 200 OK") for one in found)
        assert [b'id="board"' in told(one)[1] for one in found] == [1, 0, 1, 0, 1, 1]


def test_one_that_does_not_read_keeps_nobody_waiting(pair: list[Product]) -> None:
    quick, _ = pair
    plain = BOARD % (b"identity", b"en", b"")
    with socket.socket() as stalled:
        stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        stalled.connect(("127.0.0.1", quick.port))
        stalled.sendall(plain)
        for _ in range(20):
            assert talk(quick, plain, plain)[1].startswith(b"HTTP/1.1 200 OK")
        stalled.settimeout(10)
        assert b"</html>" in answer(stalled)


def test_no_bytes_end_a_worker(pair: list[Product]) -> None:
    quick, _ = pair
    plain = BOARD % (b"br", b"en", b"")
    wait_until(lambda: len(quick.pids()) == 2)  # the master and its worker
    workers = quick.pids()
    for hidden in (b"a\nb", b"a\rb", b"a\0b", b"\xff"):
        for header in (b"If-None-Match", b"Accept-Language", b"Accept-Encoding", b"User-Agent"):
            bad = b"GET / HTTP/1.1\r\nHost: localhost\r\n%s: %s\r\n\r\n" % (header, hidden)
            with (
                suppress(ConnectionError),
                socket.create_connection(("127.0.0.1", quick.port), 10) as connection,
            ):
                connection.sendall(plain)
                answer(connection)
                connection.sendall(bad)
                connection.recv(65536)
    assert quick.pids() == workers


def test_every_answer_is_one_look_early_or_late(pair: list[Product], redis_url: str) -> None:
    began = datetime.now(UTC) - timedelta(minutes=10)
    board = BOARD % (b"br", b"en", b"")
    site = b"GET /sites/riverbank HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for server in pair:
        talk(server, *(board, site, board, board) * 10)
    for server in pair:
        os.kill(min(server.pids()), signal.SIGTERM)
        wait_until(lambda: not server.pids(), 20)  # noqa: B023 (at once)
    store = Store(redis_url, "riverbend")
    assert store.looked.since(began) == 80
    store.connection.close()
