"""Nothing a visitor sends, and nowhere they come from, reaches what the web server writes."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.by_hand import wait_until

from .product import Product

pytestmark = pytest.mark.processes
SECRET = b"two-spirit-youth-4pm"
REQUESTS = [
    b"GET /?%s HTTP/9.9\r\n\r\n",
    b"GET /?%s\r\n\r\n",
    b"G%%T /?%s HTTP/1.1\r\n\r\n",
    b"%s\r\n\r\n",
    b"\x16\x03\x01 %s\r\n\r\n",
    b"GET /?%s HTTP/1.1\r\nno colon here\r\n\r\n",
    b"GET / HTTP/1.1\r\n%s\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nBad Header %s: b\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: %s\r\nX: a\0b\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nExpect: %s\r\n\r\n",
    b"GET /?" + b"x" * 5000 + b"%s HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nX: " + b"x" * 9000 + b"%s\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: %s\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: %s\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n",
    b"GET /how-we-count?%s HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /outside?%s HTTP/1.1\r\nHost: a\r\nUser-Agent: %s\r\n\r\n",
    b"GET /late?%s HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /half?%s HTTP/1.1\r\nHo",
]


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Product]:
    web = Product(tmp_path / "var", REDIS_URL="unix:///nowhere", WORKERS="1")
    web.launch(sys.executable, "-m", "gunicorn", "tests.processes.failing:app")
    wait_until(lambda: connects(web.port))
    yield web
    web.end()


def connects(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def send(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: client.recv(4096), b""))


def test_no_request_however_malformed_leaves_an_address_or_a_word(web: Product) -> None:
    for request in REQUESTS:
        send(web.port, request.replace(b"%s", SECRET).replace(b"%%", b"%"))
    wait_until(lambda: all(kind in web.said for kind in ("LookupError", "ValueError", "TypeError")))
    assert "A malformed request was refused." in web.said
    assert SECRET.decode() not in web.said
    assert "127.0.0.1" not in web.said
    assert "?" not in web.said


def test_a_failure_is_still_told_by_its_kind_and_place(web: Product) -> None:
    send(web.port, b"GET /outside HTTP/1.1\r\nHost: a\r\n\r\n")
    wait_until(lambda: "ValueError" in web.said)
    assert "A request failed." in web.said
    assert "failing.py" in web.said
