"""The hub: one small process that holds the open pages and tells them all at once.

It lives beside the web server, so a reload or a crash there drops no page. One epoll loop: new
pages, news from the follower, the clock, and pages that leave or lag. The bytes of a message are
made once for each language; a page that can't take them now gets the newest state when it can.
"""

from __future__ import annotations

import os
import select
import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from random import randint
from time import monotonic, thread_time

from .. import web
from ..follower import Follower
from .audience import Audience
from .feed import Feed
from .guard import Listener
from .handoff import Page
from .position import Position

BEAT = timedelta(seconds=20)
RETRY = (1_000, 5_000)  # ms; each page gets its own, so that a restart is no stampede
DUTY = 0.5  # the share of a processor that the loop may spend telling pages
HEADERS = "".join(f"{name}: {value}\r\n" for name, value in web.HEADERS.items())
HEADERS += "Cache-Control: no-store\r\nX-Accel-Buffering: no\r\nConnection: close\r\n\r\n"
STREAM = "Content-Type: text/event-stream; charset=utf-8\r\n"
HEAD = f"HTTP/1.1 200 OK\r\n{STREAM}{HEADERS}".encode()
FULL = f"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 30\r\n{HEADERS}".encode()
GONE = select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR
SEND_BUFFER = 16_384  # bytes; a stalled phone then costs 43 KB of kernel memory, not 3.9 MB
SILENCE = 30_000  # ms without an acknowledgement after which a phone is dead


class Crowd:
    """The pages of one audience that are in step: each has been sent all up to ``position``."""

    def __init__(self, audience: Audience, position: Position):
        self.audience = audience
        self.position = position
        self.sends: dict[int, Callable[[bytes], int]] = {}


class Lagging:
    """A page with bytes still to be sent; after them it is at ``position``."""

    __slots__ = ("crowd", "pending", "position")

    def __init__(self, crowd: Crowd, pending: bytes, position: Position):
        self.crowd, self.pending, self.position = crowd, pending, position


class Hub:
    """Open pages, and how they are told. Everything but ``wake`` is for the loop's own thread."""

    def __init__(
        self,
        feed: Feed,
        follower: Follower,
        most: int,
        now: Callable[[], datetime],
    ):
        self.feed, self.follower, self.now, self.most = feed, follower, now, most
        self.pages: dict[int, socket.socket] = {}
        self.lagging: dict[int, Lagging] = {}
        self.crowds: dict[Audience, Crowd] = {}
        self.guarded: dict[int, Listener] = {}
        self.revoked: deque[set[Listener]] = deque()
        self.left: list[socket.socket] = []
        self.epoll = select.epoll()
        self.bell = os.eventfd(0, os.EFD_NONBLOCK)
        self.epoll.register(self.bell, select.EPOLLIN)
        self.turn = -1
        self.change: datetime | None = None
        self.beat_at = now() + BEAT
        self.away_since = follower.away_since
        self.rest_until = 0.0

    def wake(self) -> None:
        """Say from any thread that there is news."""
        os.eventfd_write(self.bell, 1)

    def heard(self) -> None:
        """The bell has been heard; what it rang for is told when it is time."""
        with suppress(BlockingIOError):
            os.eventfd_read(self.bell)
        while self.revoked:
            ended = self.revoked.popleft()
            for number in [one for one, who in self.guarded.items() if who in ended]:
                self.drop(number)

    def listeners(self) -> list[Listener]:
        """Who hears what only some may. Safe from any thread."""
        return list(self.guarded.copy().values())

    def revoke(self, ended: set[Listener]) -> None:
        """Say from any thread who may hear no more."""
        self.revoked.append(ended)
        self.wake()

    # -- pages come

    def welcome(self, connection: socket.socket, page: Page) -> None:
        """Take a page in: what it has missed, then it is in step. One too many is sent away."""
        if len(self.pages) >= self.most and not page.begun:
            with suppress(OSError):
                connection.send(FULL)
            return connection.close()
        _tune(connection)
        number = connection.fileno()
        self.pages[number] = connection
        self.epoll.register(number, GONE)
        self.tell()  # so that the crowd which it joins is at the newest position
        crowd = self._crowd(page.audience)
        try:  # a page that names no moment is at the crowd's: all such get the same bytes
            position = Position.parse(page.position, crowd.position.at)
        except ValueError:
            return self.drop(number)
        if page.session:
            self.guarded[number] = (page.audience, page.session)
        head = page.pending if page.begun else HEAD + self._first_beat(position)
        return self._send(number, crowd, head, position)

    def _crowd(self, audience: Audience) -> Crowd:
        if audience not in self.crowds:
            start = Position(self.follower.board.version, self.now())
            self.crowds[audience] = Crowd(audience, start)
        return self.crowds[audience]

    def _first_beat(self, position: Position) -> bytes:
        return self.feed.beat(position, self.now(), randint(*RETRY))  # noqa: S311 - spreads returns

    def _send(self, number: int, crowd: Crowd, head: bytes, position: Position) -> None:
        """Send ``head`` and then what a page at ``position`` has missed; then it is in step."""
        news, _ = self.feed.news(position, crowd.audience, crowd.position.at)
        self._push(number, crowd, head + news, crowd.position)

    def _push(self, number: int, crowd: Crowd, data: bytes, position: Position) -> None:
        sent = self._try(number, self.pages[number].send, data)
        if sent is None:
            return
        if sent < len(data):
            self.lagging[number] = Lagging(crowd, data[sent:], position)
            self.epoll.modify(number, GONE | select.EPOLLOUT)
        else:
            crowd.sends[number] = self.pages[number].send

    def _try(self, number: int, send: Callable[[bytes], int], data: bytes) -> int | None:
        """How many bytes went out; None where the page is gone (and dropped)."""
        try:
            return send(data) if data else 0
        except BlockingIOError:
            return 0
        except OSError:
            self.drop(number)
            return None

    def drained(self, number: int) -> None:
        """A page that lagged can take more: the rest of its message, then the newest state."""
        late = self.lagging.get(number)
        if late is None:  # it left while we heard that it can take more
            return
        sent = self._try(number, self.pages[number].send, late.pending)
        if sent is None:
            return
        late.pending = late.pending[sent:]
        if late.pending:
            return
        del self.lagging[number]
        self.epoll.modify(number, GONE)
        self._send(number, late.crowd, b"", late.position)

    def drop(self, number: int) -> None:
        """A page that has left."""
        connection = self.pages.pop(number, None)
        self.lagging.pop(number, None)
        self.guarded.pop(number, None)
        for crowd in self.crowds.values():
            crowd.sends.pop(number, None)
        if connection:
            with suppress(OSError):
                self.epoll.unregister(number)
                connection.shutdown(socket.SHUT_RDWR)
            self.left.append(connection)

    def bury(self) -> None:
        """Close who has left. Only now may a newcomer get the number of one of them."""
        while self.left:
            self.left.pop().close()

    # -- news goes out

    def tell(self) -> None:
        """Tell every page in step what an entry or the clock has changed, if anything has."""
        now = self.now()
        turn = self.follower.turn
        due = turn != self.turn or (self.change and now >= self.change)
        if (not due and now < self.beat_at) or monotonic() < self.rest_until:
            return
        started = thread_time()  # a busy machine is no reason to rest longer
        everybody = now >= self.beat_at or self.away_since != self.follower.away_since
        for crowd in self.crowds.values():
            news, position = b"", crowd.position
            if due:
                news, position = self._missed(crowd, now)
            crowd.position = position
            if news or everybody:
                self._broadcast(crowd, news + self.feed.beat(position, now))
        if everybody:
            self.beat_at, self.away_since = now + BEAT, self.follower.away_since
        self.turn, self.change = turn, self.feed.next_change(now)
        spent = thread_time() - started
        self.rest_until = monotonic() + spent * (1 / DUTY - 1)

    def _missed(self, crowd: Crowd, now: datetime) -> tuple[bytes, Position]:
        """What a crowd has missed, and where it is then; nothing is made for one without pages."""
        if not crowd.sends:
            return b"", Position(self.follower.board.version, now)
        return self.feed.news(crowd.position, crowd.audience, now)

    def _broadcast(self, crowd: Crowd, data: bytes) -> None:
        short = []
        for number, send in crowd.sends.items():
            try:
                if (sent := send(data)) < len(data):
                    short.append((number, sent))
            except BlockingIOError:
                short.append((number, 0))
            except OSError:
                short.append((number, -1))
        for number, sent in short:
            del crowd.sends[number]
            if sent < 0:
                self.drop(number)
            else:
                self.lagging[number] = Lagging(crowd, data[sent:], crowd.position)
                self.epoll.modify(number, GONE | select.EPOLLOUT)

    def pause(self) -> float:
        """Seconds until the clock, or the end of a rest, has something to say."""
        rest = self.rest_until - monotonic()
        if rest > 0:
            return rest
        ahead = min(self.beat_at, self.change or self.beat_at) - self.now()
        return max(0.0, ahead.total_seconds())

    # -- pages go to a successor

    def leave(self) -> list[tuple[socket.socket, Page]]:
        """Every page with what a successor must know of it."""
        return [(connection, self._note(number)) for number, connection in self.pages.items()]

    def _note(self, number: int) -> Page:
        session = self.guarded.get(number, (None, ""))[1]
        late = self.lagging.get(number)
        if late:
            audience, position = late.crowd.audience, late.position
            return Page(audience, str(position), session, True, late.pending)
        crowd = next(one for one in self.crowds.values() if number in one.sends)
        return Page(crowd.audience, str(crowd.position), session, True)


def _tune(connection: socket.socket) -> None:
    connection.setblocking(False)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    if connection.family in (socket.AF_INET, socket.AF_INET6):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENCE)
