"""Answers the public board before its request reaches a thread, where it can prove that it may.

It may for ``GET /`` with nothing but headers that can't change the answer, or whose change is
known. Everything else is left untouched to gunicorn. ``QUICK_BOARD=no`` turns it off.
"""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import formatdate
from threading import Event
from time import monotonic
from typing import Any

from flask import Flask
from gunicorn.workers.gthread import TConn, ThreadWorker

from .events import Version
from .looks import NO_LOOK, Looks
from .press import Press

LONGEST = 4096  # bytes; a longer request is none of ours
FIRST_LINE = b"GET / HTTP/1.1"
END = b"\r\n\r\n"
UNSEEN = re.compile(rb"[^\t\x20-\x7e\x80-\xff]")  # a lone line end, which some take for a header
CHOOSING = (b"accept-language", b"accept-encoding", b"if-none-match")
HARMLESS = {
    *(b"accept", b"user-agent", b"dnt", b"cookie", b"referer", b"origin", b"priority"),
    *(b"cache-control", b"pragma", b"upgrade-insecure-requests", b"save-data"),
    *(b"sec-fetch-dest", b"sec-fetch-mode", b"sec-fetch-site", b"sec-fetch-user"),
    *(b"sec-ch-ua", b"sec-ch-ua-mobile", b"sec-ch-ua-platform", b"sec-gpc"),
}
MOST = 512  # answers kept; more wishes than that are no browsers
TURN = 0.0005  # seconds that a thread which prints keeps the others waiting
LASTS = 1.0  # seconds; then the date in it is wrong
Wish = tuple[bytes, ...]
State = tuple[Version, datetime | None]


def wish(request: bytes) -> Wish | None:
    """What a request for the board chooses by; None where it is anything else than that.

    Raises nothing, whatever the bytes are.
    """
    if not request.endswith(END) or request.count(END) > 1:
        return None
    first, *lines = request[: -len(END)].split(b"\r\n")
    if first != FIRST_LINE or any(map(UNSEEN.search, lines)):
        return None
    chosen: dict[bytes, bytes] = {}
    hosts = 0
    for line in lines:
        name, colon, value = line.partition(b":")
        name = name.lower()
        if name in CHOOSING and name not in chosen:
            chosen[name] = value.strip()
        elif name == b"host":
            hosts += 1
        elif name == b"connection":
            if value.strip().lower() != b"keep-alive":
                return None
        elif name not in HARMLESS or not colon:
            return None
    if hosts != 1 or not all(value.isascii() for value in chosen.values()):
        return None
    return tuple(chosen.get(name, b"") for name in CHOOSING)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, how long it is the one that Flask would give, and how long the clock allows it."""

    data: bytes
    state: State
    until: float
    ends: float


class QuickBoard:
    """The answers to wishes, each made by the application itself and kept for a second."""

    def __init__(self, app: Flask, server: str, now: Callable[[], float] = monotonic):
        self._app, self._server, self._now = app, server, now
        self._press: Press = app.extensions["press"]
        looks: Looks = app.extensions["looks"]
        self.look = looks.look
        self._ready: Event = app.extensions["follower"].ready
        self._kept: dict[Wish, Kept] = {}

    def answer(self, request: bytes) -> bytes | None:
        """All bytes of the answer; None where this request is not for us."""
        wished = wish(request)
        if wished is None or not self._ready.is_set():  # who waits for a board waits in a thread
            return None
        kept, state = self._kept.get(wished), self._press.state()
        if kept is None or not self._good(kept, state):
            kept = self._made(wished, state)
        return kept.data if kept else None

    def _good(self, kept: Kept, state: State) -> bool:
        """It is what is so; or it was so a moment ago, and what is so now is being printed."""
        now, (version, away) = self._now(), kept.state
        if kept.state == state and now < kept.until:
            return True
        same = version.epoch == state[0].epoch and away == state[1]
        return same and now < kept.ends and self._press.prints

    def _made(self, wished: Wish, state: State) -> Kept | None:
        now, left = self._now(), self._press.seconds_left()
        names = ("Accept-Language", "Accept-Encoding", "If-None-Match")
        asked = [(name, value.decode()) for name, value in zip(names, wished, strict=True) if value]
        client = self._app.test_client(use_cookies=False)
        response = client.get("/", headers=asked, environ_overrides={NO_LOOK: True})
        if response.status_code not in (200, 304) or "Set-Cookie" in response.headers:
            return None
        if len(self._kept) >= MOST:
            self._kept.clear()
        head = [
            f"HTTP/1.1 {response.status}",
            f"Server: {self._server}",
            f"Date: {formatdate(usegmt=True)}",
            "Connection: keep-alive",
            *(f"{name}: {value}" for name, value in response.headers.items()),
        ]
        data = "\r\n".join(head).encode("latin-1") + END + response.data
        made = self._kept[wished] = Kept(data, state, now + min(LASTS, left), now + left)
        return made


class QuickWorker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's own worker of threads, which first looks whether a request is for the board."""

    quick: QuickBoard | None = None

    def load_wsgi(self) -> None:
        super().load_wsgi()
        sys.setswitchinterval(TURN)
        if not self.cfg.is_ssl:
            self.quick = QuickBoard(self.wsgi, "gunicorn")

    def on_client_socket_readable(self, conn: TConn, client: Any) -> None:
        """A connection that waits for its next request; the loop's own thread can answer this."""
        rest = self._answer(conn) if self.alive else None
        if rest is None:
            super().on_client_socket_readable(conn, client)
            return
        conn.set_timeout()
        if rest:  # this page can't take it all now: a thread waits for it, not the loop
            self.poller.unregister(client)
            self.keepalived_conns.remove(conn)
            sending = self.tpool.submit(self._send, conn, rest)
            sending.add_done_callback(
                lambda sent: self.method_queue.defer(self.finish_request, conn, sent)
            )

    def handle(self, conn: TConn) -> Any:
        rest = self._answer(conn) if self.alive else None
        if rest is None:
            return super().handle(conn)
        conn.init()
        return self._send(conn, rest)

    def _send(self, conn: TConn, rest: bytes) -> bool:
        try:
            conn.sock.setblocking(True)
            conn.sock.sendall(rest)
        except OSError:
            return False
        return True

    def _answer(self, conn: TConn) -> bytes | None:
        """What is still to be sent of the answer; None: not ours, and not a byte was touched."""
        if self.quick is None or conn.is_http2 or type(conn.sock) is not socket.socket:
            return None
        if conn.parser is not None and conn.parser.unreader.buf.getvalue():
            return None
        try:
            request = conn.sock.recv(LONGEST, socket.MSG_PEEK | socket.MSG_DONTWAIT)
            data = self.quick.answer(request)
            if data is None:
                return None
            sent = conn.sock.send(data, socket.MSG_DONTWAIT)
            conn.sock.recv(len(request))
            self.quick.look()
        except OSError:
            return None
        except Exception:  # the loop that calls this would end, and with it the worker
            self.log.exception("The quick board broke.")
            return None
        return data[sent:]
