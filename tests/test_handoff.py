"""The web server's end of the handoff: a hub that hangs must not take the desk's threads."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from dashboard.live import handoff
from dashboard.live.audience import Audience
from dashboard.live.doors import arrivals, open_pages
from dashboard.live.handoff import Door, Page
from dashboard.voice import Language

PAGE = Page(Audience(Language.EN), "a1b2:1-0")


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def test_a_page_goes_through_the_door_and_leaves_a_dummy(tmp_path: Path, pair):
    ours, theirs = pair
    hub, door = open_pages(tmp_path / "pages.sock"), Door(tmp_path / "pages.sock")
    assert door.open
    assert door.hand_over({"gunicorn.socket": ours}, PAGE)
    ((taken, page),) = arrivals(hub)
    with pytest.raises(OSError, match="not connected"):
        ours.shutdown(socket.SHUT_RDWR)  # as the server does in the end: it reaches a dummy
    taken.sendall(b"hello")
    assert (theirs.recv(9), page) == (b"hello", PAGE)
    taken.close()
    hub.close()
    assert not door.open


def test_only_the_first_waits_for_a_hub_that_hangs(tmp_path: Path, pair, monkeypatch):
    monkeypatch.setattr(handoff, "PATIENCE", 0.05)
    hub, door = open_pages(tmp_path / "pages.sock"), Door(tmp_path / "pages.sock")
    waits = []
    give = socket.send_fds

    def send(to, *rest):
        waits.append(to.gettimeout())
        return give(to, *rest)

    monkeypatch.setattr(socket, "send_fds", send)
    while door._give(pair[0], PAGE):
        assert len(waits) < 10_000, "a queue without an end"
    assert door.hung
    assert not door.open, "a stream that a worker holds does not leave for it"
    assert not door._give(pair[0], PAGE)
    assert waits[-2:] == [0.05, 0]
    for connection, _ in arrivals(hub, 10_000):
        connection.close()
    assert door._give(pair[0], PAGE), "it goes on, and pages come to it at once"
    assert door.open
    for connection, _ in arrivals(hub):
        connection.close()
    hub.close()
