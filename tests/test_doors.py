"""What passes between an old and a new hub: the door, and each page with all that is still owed."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from dashboard.live import doors
from dashboard.live.audience import Audience
from dashboard.live.handoff import Page
from dashboard.voice import Language

PAGE = Page(Audience(Language.FR), "a1b2:1-0", begun=True)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    near, far = socket.socketpair()
    yield near, far
    near.close()
    far.close()


@pytest.mark.parametrize("owed", [b"", b"short", "é".encode() * 300_000])
def test_a_page_in_the_middle_of_a_message_keeps_every_byte_of_the_rest(
    tmp_path: Path, pair: tuple[socket.socket, socket.socket], owed: bytes
) -> None:
    page = Page(PAGE.audience, PAGE.position, begun=True, pending=owed)
    door, succession = (
        doors.open_pages(tmp_path / "pages.sock"),
        doors.open_succession(tmp_path / "hub.sock"),
    )
    succession.setblocking(True)

    def old() -> None:
        successor, _ = succession.accept()
        with successor:
            doors.give(successor, door, [(pair[0], page), (pair[0], PAGE)])

    giving = Thread(target=old)
    giving.start()
    taken = doors.take(tmp_path / "hub.sock")
    giving.join(10)
    assert taken
    inherited, found = taken
    assert [one for _, one in found] == [page, PAGE]
    found[0][0].sendall(b"on the same connection")
    assert pair[1].recv(64) == b"on the same connection"
    for one in (inherited, door, succession, *(connection for connection, _ in found)):
        one.close()


def test_an_old_hub_that_is_not_told_that_all_were_taken_keeps_its_pages(
    tmp_path: Path, pair: tuple[socket.socket, socket.socket]
) -> None:
    door = doors.open_pages(tmp_path / "pages.sock")
    old, new = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    new.close()
    with pytest.raises(OSError):  # noqa: PT011 - whatever the kernel says of it
        doors.give(old, door, [(pair[0], PAGE)])
    old, new = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    Thread(target=lambda: (new.recv(99), new.recv(9999), new.recv(99), new.close())).start()
    with pytest.raises(ConnectionError):
        doors.give(old, door, [(pair[0], PAGE)])
    old.close()
    door.close()


def test_a_packet_that_is_no_page_is_let_go_with_its_descriptor(
    tmp_path: Path, pair: tuple[socket.socket, socket.socket]
) -> None:
    door = doors.open_pages(tmp_path / "pages.sock")
    open_before = len(os.listdir("/proc/self/fd"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.connect(str(tmp_path / "pages.sock"))
        for packet in (b"[]", b"{", b'["xx", "", "a1b2:1-0", "", false, ""]'):
            socket.send_fds(sender, [packet], [pair[0].fileno()])
            assert list(doors.arrivals(door)) == []
    assert len(os.listdir("/proc/self/fd")) == open_before
    door.close()
