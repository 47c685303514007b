"""Pages that behave badly harm nobody else, and themselves end at the true board."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.by_hand import wait_until

from .page import Page
from .town import SETTLE, Record, Town

pytestmark = pytest.mark.processes
STALLED = 8
RETURNS = 1000
ROOM = 1 << 20  # bytes
ELSEWHERE = "other:1-0"  # a page from another memory: its first message is the whole board


def connect(town: Town, page: Page, room: int = 0) -> socket.socket:
    page.socket = socket.socket()
    if room:
        page.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    page.socket.settimeout(30)
    page.socket.connect(("127.0.0.1", town.product.port))
    page.socket.sendall(page.request())
    return page.socket


def read(page: Page) -> None:
    assert page.socket
    data = page.socket.recv(65536)
    assert data, "its stream has ended"
    assert page.hear(data) in (None, 200)


def test_pages_that_stall_hold_nobody_up_and_get_the_newest_state_without_a_backlog(
    town: Town, record_property: Record
) -> None:
    cards = town.fresh().cards
    stalled = [Page(dict(cards), ELSEWHERE) for _ in range(STALLED)]
    with town.under_load(record_property, pause=0.01) as load:
        for page in stalled:
            connect(town, page, room=1)
        load.keeps(200)
    assert load.dropped == 0
    fresh = town.fresh()
    for page in stalled:
        assert page.socket
        page.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)  # now it reads
        while page.version != fresh.version:
            read(page)
        assert page.cards == fresh.cards
        assert page.heard < 100, "what it can't take is not kept for it"
        page.socket.close()


def test_a_page_that_comes_back_a_thousand_times_misses_nothing_and_leaves_nothing_behind(
    town: Town, record_property: Record
) -> None:
    descriptors = Path(f"/proc/{town.hub}/fd")
    wait_until(town.crowd.at_home, SETTLE)
    before = len(list(descriptors.iterdir()))
    page = Page(dict(town.fresh().cards), ELSEWHERE)
    with town.under_load(record_property):
        for _ in range(RETURNS):
            with connect(town, page):
                read(page)
                while not page.streaming:
                    read(page)
            page.ended(refused=False)
    with connect(town, page):
        while page.version != town.newest:
            read(page)
    assert page.cards == town.fresh().cards
    # A few may be its connections to the store; of a thousand pages none is left.
    wait_until(lambda: len(list(descriptors.iterdir())) <= before + 5, 30)
