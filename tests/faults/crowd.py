"""A crowd of open pages: hundreds of real streams that one thread reads with epoll."""

from __future__ import annotations

import select
import socket
from contextlib import suppress
from dataclasses import dataclass, fields
from threading import Thread
from time import monotonic

from .page import QUIET, Cards, Fresh, Page


@dataclass
class Counts:
    """What has happened to the streams so far."""

    opened: int = 0
    dropped: int = 0  # streams that ended by themselves
    refused: int = 0  # tries that were answered 503, or not at all
    silent: int = 0  # streams given up after two beats that did not come

    def since(self, before: Counts) -> Counts:
        names = [one.name for one in fields(self)]
        return Counts(**{name: getattr(self, name) - getattr(before, name) for name in names})

    def copy(self) -> Counts:
        return self.since(Counts())


class Crowd(Thread):
    """Opens ``count`` pages of the product at ``port`` and keeps them open until ``close``."""

    def __init__(self, port: int, count: int):
        super().__init__(daemon=True)
        self.counts = Counts()
        self._port = port
        fresh = Fresh.get(port)
        self.pages = [Page(dict(fresh.cards), fresh.position) for _ in range(count)]
        self._open: dict[int, Page] = {}
        self._epoll = select.epoll()
        self._closing = False

    def run(self) -> None:
        while not self._closing:
            for number, event in self._epoll.poll(0.05):
                page = self._open.get(number)
                if page and event & select.EPOLLOUT:
                    self._ask(number, page)
                elif page:
                    self._hear(number, page)
            self._look()

    def _look(self) -> None:
        """Whose time has come to try again, and whose stream has been silent for too long."""
        now = monotonic()
        for page in self.pages:
            if page.socket is None:
                if now >= page.due:
                    self._connect(page)
            elif now - page.heard_at > QUIET:
                self.counts.silent += 1
                self._end(page, refused=True)

    def _connect(self, page: Page) -> None:
        page.socket = socket.socket()
        page.socket.setblocking(False)
        page.heard_at = monotonic()
        page.socket.connect_ex(("127.0.0.1", self._port))
        self._open[page.socket.fileno()] = page
        self._epoll.register(page.socket, select.EPOLLOUT)

    def _ask(self, number: int, page: Page) -> None:
        assert page.socket
        try:
            page.socket.send(page.request())
        except OSError:
            self._end(page, refused=True)
        else:
            self._epoll.modify(number, select.EPOLLIN)

    def _hear(self, number: int, page: Page) -> None:
        assert page.socket
        try:
            data = page.socket.recv(262_144)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.counts.dropped += page.streaming
            self._end(page, refused=not page.streaming)
            return
        status = page.hear(data)
        if status == 200:
            self.counts.opened += 1
        elif status:
            self._end(page, refused=True)

    def _end(self, page: Page, refused: bool) -> None:
        assert page.socket
        self.counts.refused += refused
        del self._open[page.socket.fileno()]
        self._epoll.unregister(page.socket)
        page.socket.close()
        page.ended(refused)

    @property
    def streaming(self) -> int:
        return sum(page.streaming for page in self.pages)

    def at(self, version: str) -> bool:
        """Whether every page has a stream and has heard all up to this version."""
        return all(page.streaming and page.version == version for page in self.pages)

    def at_home(self) -> bool:
        """Whether the hub holds every page: a worker writes in chunks, and gives back its own."""
        return all(page.streaming and not page.chunked for page in self.pages)

    def differ_from(self, cards: Cards) -> int:
        """How many pages show anything else than these cards."""
        return sum(page.cards != cards for page in self.pages)

    def close(self) -> None:
        self._closing = True
        self.join(10)
        for page in self.pages:
            if page.socket:
                with suppress(OSError):
                    page.socket.close()
        self._epoll.close()
