"""The hub by itself, with socket pairs for pages: they join, lag, leave, or are one too many."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest

from dashboard import create_app
from dashboard.config import Settings
from dashboard.live.audience import Audience
from dashboard.live.feed import Feed
from dashboard.live.handoff import Page
from dashboard.live.hub import DUTY, Hub
from dashboard.live.position import Position
from dashboard.voice import Language

from .riverbend import Follower, Town, riverbend

KEY = "a key for tests alone, never for a board"
PUBLIC = Audience(Language.EN)
DESK = Audience(Language.EN, "maple-house")


class Hall:
    """A hub over the town, and the far ends of the pages in it."""

    def __init__(self, town: Town | None = None, most: int = 9) -> None:
        self.town: Town = town or riverbend()
        self.follower = Follower(self.town.board)
        settings = Settings(community="riverbend", community_name="Riverbend", secret_key=KEY)
        app = create_app(settings, self.follower, clock=lambda: self.town.now)
        self.hub = Hub(Feed(app, self.follower), self.follower, most, lambda: self.town.now)
        self.ends: list[socket.socket] = []

    def open(self, audience: Audience = PUBLIC, since: str = "", **more: object) -> socket.socket:
        near, far = socket.socketpair()
        self.ends.append(far)
        far.setblocking(False)
        since = since or str(Position(self.town.board.version, self.town.now))
        self.hub.welcome(near, Page(audience, since, **more))  # type: ignore[arg-type]
        return far

    def report(self, open_: int) -> None:
        self.town.report("cedar-hall", "beds", open_, 0)
        self.follower.turn += 1
        self.hub.rest_until = 0
        self.hub.tell()

    def drain(self) -> None:
        for number in list(self.hub.lagging):
            self.hub.drained(number)


@pytest.fixture
def hall() -> Iterator[Hall]:
    hall = Hall()
    yield hall
    for end in hall.ends:
        end.close()


def read(end: socket.socket) -> bytes:
    """All that has come by now; fails where the stream has ended."""
    got = b""
    while True:
        try:
            more = end.recv(1 << 20)
        except BlockingIOError:
            return got
        assert more, "the stream has ended"
        got += more


def counts(data: bytes) -> list[str]:
    """The numbers of Cedar Hall, in the order in which they came."""
    cards = re.findall(r'id="site-cedar-hall".*?</article>', data.decode(), re.S)
    return [found[1] for card in cards if (found := re.search(r"<b>(\d+)</b>", card))]


def test_a_page_gets_its_head_and_a_beat_and_then_each_change_once(hall: Hall) -> None:
    page = hall.open()
    head = read(page)
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\n\r\nretry: " in head
    assert counts(head) == []
    hall.report(4)
    hall.report(5)
    assert counts(read(page)) == ["4", "5"]


def test_one_that_joins_between_two_changes_misses_none_and_gets_none_twice(hall: Hall) -> None:
    early = hall.open()
    hall.report(4)
    before = str(Position(hall.town.board.version.at("1-1"), hall.town.now))
    late = hall.open(since=before)
    hall.report(5)
    assert counts(read(early)) == ["4", "5"]
    assert counts(read(late)) == ["4", "5"]


def test_one_that_comes_when_nobody_was_there_has_missed_what_came_before(hall: Hall) -> None:
    before = str(hall.town.board.version)
    hall.open().close()
    hall.hub.drop(next(iter(hall.hub.pages)))
    hall.report(4)
    late = hall.open(since=before)
    hall.report(5)
    assert counts(read(late)) == ["4", "5"]


def test_news_is_made_once_for_all_who_missed_the_same_whenever_they_come(hall: Hall) -> None:
    before = str(hall.town.board.version)
    hall.report(4)
    made = []
    make = hall.hub.feed._make
    hall.hub.feed._make = lambda *asked: made.append(asked) or make(*asked)  # type: ignore[func-returns-value, method-assign]
    for _ in range(3):
        hall.town.now += timedelta(seconds=1)
        assert counts(read(hall.open(since=before))) == ["4"]
    assert len(made) == 1


def test_a_page_that_does_not_read_gets_the_newest_state_and_no_backlog(hall: Hall) -> None:
    page, reader = hall.open(), hall.open()
    read(page)
    for number in range(100, 400):
        hall.report(number)
        read(reader)
    assert len(hall.hub.lagging) == 1
    got = b""
    for _ in range(100):
        got += read(page)
        hall.drain()
    assert not hall.hub.lagging
    told = counts(got)
    assert told[-1] == "399"
    assert len(told) < 300
    hall.report(7)
    assert counts(read(page)) == ["7"], "it is in step again"


def test_one_page_too_many_is_told_to_come_back(hall: Hall) -> None:
    hall.hub.most = 2
    hall.open(), hall.open()
    near, far = socket.socketpair()
    hall.ends.append(far)
    hall.hub.welcome(near, Page(PUBLIC, "a:1-1"))
    said = far.recv(65536)
    assert said.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 30\r\n" in said
    assert far.recv(1) == b""


def test_a_page_that_left_is_forgotten(hall: Hall) -> None:
    page = hall.open()
    page.close()
    hall.report(4)
    hall.report(5)
    assert hall.hub.pages == {}


def test_a_packet_with_a_position_that_is_none_is_let_go(hall: Hall) -> None:
    page = hall.open(since="nonsense")
    assert page.recv(1) == b""
    assert hall.hub.pages == {}


def test_after_a_broadcast_the_hub_rests_and_then_tells_only_the_newest(hall: Hall) -> None:
    page = hall.open()
    read(page)
    hall.report(4)
    assert hall.hub.rest_until > 0
    assert 0 < DUTY < 1
    hall.hub.rest_until = float("inf")
    for number in (5, 6, 7):
        hall.town.report("cedar-hall", "beds", number, 0)
        hall.follower.turn += 1
        hall.hub.tell()
    assert counts(read(page)) == ["4"]
    hall.hub.rest_until = 0
    hall.hub.tell()
    assert counts(read(page)) == ["7"]


def test_the_clock_tells_pages_too_and_a_beat_comes_every_twenty_seconds(hall: Hall) -> None:
    page = hall.open()
    hall.hub.tell()
    read(page)
    hall.town.now += timedelta(seconds=21)
    hall.hub.rest_until = 0
    hall.hub.tell()
    assert read(page).count(b"event: beat") == 1
    hall.town.now += timedelta(minutes=47)
    hall.hub.rest_until = 0
    hall.hub.tell()
    assert b"site-station-hall" in read(page), "its figure is an hour old now"


def test_a_desk_hears_nothing_of_another_site(hall: Hall) -> None:
    desk = hall.open(DESK)
    read(desk)
    hall.report(4)
    assert read(desk) == b""
    hall.town.report("maple-house", "men", 4, 0)
    hall.report(5)
    assert read(desk).startswith(b"event: figures\n")


def test_a_store_that_goes_away_is_told_to_everybody_at_once(hall: Hall) -> None:
    ends = [hall.open(), hall.open(DESK)]
    for end in ends:
        read(end)
    hall.follower.away_since = hall.town.now
    hall.follower.turn += 1
    hall.hub.rest_until = 0
    hall.hub.tell()
    assert all(b'"since": 1' in read(end) for end in ends)


def test_who_may_hear_no_more_is_sent_away_and_the_others_stay(hall: Hall) -> None:
    public, desk = hall.open(), hall.open(DESK, session="mark")
    assert hall.hub.listeners() == [(DESK, "mark")]
    hall.hub.revoke({(DESK, "mark")})
    hall.hub.heard()
    read(public)
    with pytest.raises(AssertionError, match="the stream has ended"):
        read(desk)


def test_what_a_successor_gets_goes_on_where_it_stopped(hall: Hall) -> None:
    pages = [hall.open(), hall.open(Audience(Language.FR)), hall.open(DESK, session="mark")]
    for page in pages:
        read(page)
    for number in range(100, 250):
        hall.report(number)
        read(pages[1])
    heir = Hall(hall.town)
    notes = hall.hub.leave()
    assert [bool(page.pending) for _, page in notes] == [True, False, False]
    assert [page.session for _, page in notes] == ["", "", "mark"]
    for connection, page in notes:
        heir.hub.welcome(connection, Page.read(page.packed()))
    got = b""
    for _ in range(100):
        got += read(pages[0])
        heir.drain()
    assert counts(got)[-1] == "249"
    assert b"HTTP/1.1" not in got


def test_a_newcomer_never_gets_the_number_of_a_page_that_we_still_hear_of(hall: Hall) -> None:
    leaver = hall.open()
    number = next(iter(hall.hub.pages))
    leaver.close()
    hall.report(4)
    assert not hall.hub.pages, "it could not be told"
    hall.open()
    assert number not in hall.hub.pages
    hall.hub.drained(number)
    hall.hub.drop(number)
    assert len(hall.hub.pages) == 1
    hall.hub.bury()
