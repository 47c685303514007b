"""The hub's doors on the disk: pages come in by one, a successor takes everything by the other."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from .handoff import PACKET, Page

END = b"end"
MORE = b"+"  # before a further piece of a page's pending message
TAKEN = b"!"
PIECE = 8192  # bytes of a message in one packet; in JSON each may take six
PATIENCE = 10.0  # seconds that the old and the new hub wait for each other
Arrival = tuple[socket.socket, Page]


def paths(var: Path) -> tuple[Path, Path]:
    """Where pages come in, and where a successor knocks."""
    return var / "pages.sock", var / "hub.sock"


def open_pages(path: Path) -> socket.socket:
    """The door for pages. What an older hub left there is taken away."""
    path.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    door.bind(str(path))
    path.chmod(0o600)
    door.setblocking(False)
    return door


def open_succession(path: Path) -> socket.socket:
    """The door for a successor."""
    path.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    door.bind(str(path))
    path.chmod(0o600)
    door.listen(1)
    door.setblocking(False)
    return door


def arrivals(door: socket.socket, most: int = 256) -> Iterator[Arrival]:
    """The pages that wait at the door, at most so many; a packet that is none is let go."""
    for _ in range(most):
        try:
            packet, descriptors, _, _ = socket.recv_fds(door, PACKET, 4)
        except BlockingIOError:
            return
        if (arrival := _read(packet, descriptors)) is not None:
            yield arrival


def _read(packet: bytes, descriptors: list[int]) -> Arrival | None:
    with suppress(ValueError, TypeError):
        page = Page.read(packet)
        if len(descriptors) == 1:
            return socket.socket(fileno=descriptors[0]), page
    for one in descriptors:
        os.close(one)
    return None


def give(successor: socket.socket, door: socket.socket, pages: Iterable[Arrival]) -> None:
    """The old hub's part: the door first, so that nobody who comes now is lost, then each page.

    A page is one packet with its descriptor, and more packets where much of its message is still
    to be sent. Raises OSError where the successor did not say that it has all of them.
    """
    successor.settimeout(PATIENCE)
    socket.send_fds(successor, [b"door"], [door.fileno()])
    for connection, page in pages:
        first = replace(page, pending=page.pending[:PIECE])
        socket.send_fds(successor, [first.packed()], [connection.fileno()])
        for start in range(PIECE, len(page.pending), PIECE):
            successor.send(MORE + page.pending[start : start + PIECE])
    successor.send(END)
    if successor.recv(1) != TAKEN:
        raise ConnectionError("the new hub broke off")


def take(path: Path) -> tuple[socket.socket, list[Arrival]] | None:
    """The new hub's part: the door and the pages of the old one; None where there is no old one.

    Raises OSError where the old one broke off.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as old:
        old.settimeout(PATIENCE)
        try:
            old.connect(str(path))
        except OSError:
            return None
        _, (door,), _, _ = socket.recv_fds(old, PACKET, 1)
        found: list[Arrival] = []
        while True:
            packet, descriptors, _, _ = socket.recv_fds(old, PACKET, 1)
            if packet == END:
                break
            if not packet:
                raise ConnectionError("the old hub broke off while it gave its pages away")
            if packet.startswith(MORE) and not descriptors:
                connection, page = found.pop()
                found.append((connection, replace(page, pending=page.pending + packet[1:])))
            elif (arrival := _read(packet, descriptors)) is not None:
                found.append(arrival)
        old.send(TAKEN)
    inherited = socket.socket(fileno=door)
    inherited.setblocking(False)
    return inherited, found
