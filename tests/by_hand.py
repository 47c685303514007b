"""What tests do by hand: ask a store without any client library, wait, look at processes.

``make test`` is bounded, ``make soak`` runs every case at full length.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from dashboard.embedded import Server

SOAK = bool(os.environ.get("SOAK"))
Case = TypeVar("Case")


def bounded(cases: Sequence[Case]) -> Sequence[Case]:
    """Of cases that are much alike, all at full length, and otherwise the first, the hardest."""
    return cases if SOAK else cases[:1]


def ask(server: Server, command: str) -> list[str]:
    """One command to a store, and the lines of its answer."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        client.connect(str(server.path))
        client.sendall(command.encode() + b"\r\n")
        return client.recv(4096).decode().strip().split("\r\n")


def tell(server: Server, command: str) -> str:
    """The first line of the answer, such as '+OK'."""
    return ask(server, command)[0]


def value(server: Server, command: str) -> str:
    """The last line of the answer: the value of GET or CONFIG GET."""
    return ask(server, command)[-1]


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Return when it is true; fail when it has not become so in time."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)
