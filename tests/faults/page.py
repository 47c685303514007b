"""One open page, as its script keeps it: a stream, its last id, the cards that it shows.

It comes back with ``Last-Event-ID`` when its stream ends, after the pause that the server asked
for, and gives a stream up that has been silent for longer than two beats.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from functools import lru_cache
from http.client import HTTPConnection
from random import uniform
from time import monotonic

CARD = re.compile(r'<article class="card" id="site-([^"]+)".*?</article>', re.DOTALL)
PARTIAL = re.compile(r'<hx-partial hx-target="#([^"]+)"[^>]*>(.*?)</hx-partial>', re.DOTALL)
AGE = re.compile(r'(<span class="age"[^>]*>)[^<]*')
QUIET = 45.0  # seconds, as in the page's script
FIRST, LONGEST = 2.0, 4.0  # seconds between two tries; the script's longest is 22
Cards = dict[str, str]


def plain(card: str) -> str:
    """A card without what the passing minute changes."""
    return AGE.sub(r"\1", card).replace(" hidden", "")


@lru_cache(512)
def cards(html: str) -> Cards:
    return {found[1]: plain(found[0]) for found in CARD.finditer(html)}


@dataclass(frozen=True)
class Fresh:
    """What a person sees who opens the board now."""

    status: int
    html: str

    @classmethod
    def get(cls, port: int) -> Fresh:
        connection = HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", "/?lang=en")
        answer = connection.getresponse()
        found = cls(answer.status, answer.read().decode())
        connection.close()
        return found

    @property
    def cards(self) -> Cards:
        return cards(self.html)

    @property
    def version(self) -> str:
        return self._said("data-version")

    @property
    def position(self) -> str:
        return f"{self.version}@{self._said('data-now')}"

    @property
    def banner(self) -> str:
        found = re.search(r'<p class="banner" id="banner"[^>]*>(.*?)</p>', self.html, re.DOTALL)
        return found[1].strip() if found else ""

    def _said(self, name: str) -> str:
        found = re.search(rf'{name}="([^"]*)"', self.html)
        assert found, self.html[:500]
        return found[1]


@dataclass(frozen=True)
class Message:
    """One message of a stream: what it changes, or that it is the whole board."""

    id: str
    retry: int | None
    beat: str
    changes: Cards
    whole: bool

    @staticmethod
    @lru_cache(512)
    def read(block: bytes) -> Message:
        told: dict[str, list[str]] = {}
        for line in block.decode().split("\n"):
            name, _, text = line.partition(": ")
            told.setdefault(name, []).append(text)
        data, event = "\n".join(told.get("data", ())), told.get("event")
        parts = {} if event else {found[1]: found[2] for found in PARTIAL.finditer(data)}
        whole = cards(parts["board"]) if "board" in parts else {}
        changes = {key: card for text in parts.values() for key, card in cards(text).items()}
        retry = int(told["retry"][0]) if "retry" in told else None
        return Message(told["id"][0], retry, data if event else "", whole or changes, bool(whole))


@dataclass(slots=True)
class Page:
    """Its cards, and its stream at this moment. ``due`` is when it tries again."""

    cards: Cards
    id: str
    socket: socket.socket | None = None
    buffer: bytes = b""
    streaming: bool = False
    chunked: bool = False
    chunks: bytes = b""
    retry: float = 3.0
    wait: float = FIRST
    due: float = 0.0
    heard_at: float = 0.0
    beat: str = ""
    heard: int = 0  # messages with news

    @property
    def version(self) -> str:
        return self.id.partition("@")[0]

    @property
    def gone(self) -> bool:
        """Whether it was told that the board's memory is gone."""
        return '"gone": true' in self.beat

    def request(self) -> bytes:
        return (
            f"GET /live?since={self.id}&lang=en HTTP/1.1\r\nHost: localhost\r\n"
            f"Last-Event-ID: {self.id}\r\n\r\n"
        ).encode()

    def hear(self, data: bytes) -> int | None:
        """Take bytes in; returns the status of the answer when its head is complete."""
        self.heard_at = monotonic()
        if self.streaming:
            self._read(data)
            return None
        self.buffer += data
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return None
        status = int(head.split()[1])
        self.buffer, self.streaming = b"", status == 200
        self.chunked = b"chunked" in head.lower()
        if self.streaming:
            self.wait = FIRST
            self._read(rest)
        return status

    def _read(self, data: bytes) -> None:
        if self.chunked:
            data = self._unwrap(data)
        *blocks, self.buffer = (self.buffer + data).split(b"\n\n")
        for block in blocks:
            self._apply(Message.read(block))

    def _unwrap(self, data: bytes) -> bytes:
        """What is inside the chunks that are complete."""
        self.chunks, found = self.chunks + data, b""
        while b"\r\n" in self.chunks:
            size, _, rest = self.chunks.partition(b"\r\n")
            end = int(size, 16)
            if len(rest) < end + 2:
                break
            found, self.chunks = found + rest[:end], rest[end + 2 :]
        return found

    def _apply(self, message: Message) -> None:
        self.id = message.id
        self.beat = message.beat or self.beat
        self.heard += bool(message.changes)
        self.retry = message.retry / 1000 if message.retry else self.retry
        if message.whole:
            self.cards = dict(message.changes)
        else:
            self.cards.update({key: it for key, it in message.changes.items() if key in self.cards})

    def ended(self, refused: bool) -> None:
        """Its stream is over; when it will try again."""
        pause = self.wait * uniform(1, 2) if refused else self.retry * uniform(0.7, 1.3)
        self.wait = min(self.wait * 2, LONGEST) if refused else self.wait
        self.due = monotonic() + pause
        self.socket, self.buffer, self.chunks, self.streaming = None, b"", b"", False
