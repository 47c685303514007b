"""Pages looked at are counted, exactly; about who looks at them there is nothing to find."""

from __future__ import annotations

import re
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from dashboard.config import Settings
from dashboard.embedded import Server
from dashboard.looks import Looks
from dashboard.quick import QuickBoard, QuickWorker
from dashboard.store import Looked, Store, StoreDown
from dashboard.store.looks import piece

from .desks import Town, riverbend
from .values import NOW

BROWSER = b"GET / HTTP/1.1\r\nHost: beds.example\r\nAccept-Language: fr\r\nUser-Agent: a\r\n\r\n"


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        yield town


@pytest.fixture
def looks(town: Town) -> Looks:
    found: Looks = town.app.extensions["looks"]
    return found


def test_every_look_counts_once_among_threads() -> None:
    looks = Looks(None, lambda: NOW)

    def many(_: int) -> list[int]:
        for _ in range(20_000):
            looks.look()
        return [looks.seen() for _ in range(50)]

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(many, range(8)))
    assert looks.seen() == 160_000
    assert all(one == sorted(one) for one in told), "asking never takes one away"


@pytest.mark.parametrize(
    ("path", "looked"),
    [
        ("/", 1),
        ("/?lang=fr", 1),
        ("/?who=woman", 1),
        ("/sites/riverbank", 1),
        ("/sites/nowhere", 0),
        ("/sites/haven", 0),
        ("/how-we-count", 0),
        ("/healthz", 0),
        ("/api/v1/board", 0),
        ("/sign-in", 0),
    ],
)
def test_the_board_and_sites_are_looks_and_nothing_else(
    town: Town, looks: Looks, path: str, looked: int
) -> None:
    visitor = town.as_("visitor")
    visitor.open(path)
    assert looks.seen() == looked
    visitor.client.head(path)
    visitor.client.post(path)
    assert looks.seen() == looked


def test_who_has_the_page_already_looks_too(town: Town, looks: Looks) -> None:
    visitor = town.as_("visitor")
    for path in ("/", "/sites/riverbank"):
        etag = visitor.open(path).headers["ETag"]
        assert visitor.client.get(path, headers={"If-None-Match": etag}).status_code == 304
    assert looks.seen() == 4


def test_what_a_browser_fetches_ahead_is_not_looked_at(town: Town, looks: Looks) -> None:
    visitor = town.as_("visitor")
    for header in ({"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}):
        assert visitor.client.get("/", headers=header).status_code == 200
        (told,) = header.items()
        request = BROWSER.replace(b"User-Agent: a", ": ".join(told).encode())
        assert QuickBoard(town.app, "gunicorn").answer(request) is None
    assert looks.seen() == 0


def test_the_quick_answer_counts_as_often_as_it_is_sent(town: Town, looks: Looks) -> None:
    town.as_("visitor").open("/")
    worker = QuickWorker.__new__(QuickWorker)
    worker.quick = QuickBoard(town.app, "gunicorn", lambda: 0.0)
    mine, theirs = socket.socketpair()
    connection: Any = SimpleNamespace(sock=theirs, is_http2=False, parser=None)
    for number in range(5):
        mine.sendall(BROWSER)
        assert worker._answer(connection) is not None
        assert b"</html>" in receive(mine)
        assert looks.seen() == 2 + number
    mine.sendall(b"GET /sites/riverbank HTTP/1.1\r\nHost: a\r\n\r\n")
    assert worker._answer(connection) is None, "a thread answers this, and counts it"
    assert looks.seen() == 6
    mine.close()
    theirs.close()


def receive(end: socket.socket) -> bytes:
    end.settimeout(5)
    read = b""
    while b"</html>" not in read:
        read += end.recv(1 << 20)
    return read


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def store(redis_url: str) -> Iterator[Store]:
    store = Store(redis_url, "riverbend")
    store.connection.check()
    yield store
    store.connection.close()


def test_what_was_counted_is_added_up_by_five_minutes_and_never_in_later_ones(
    store: Store,
) -> None:
    clock = Clock()
    looks = Looks(store.looked, clock)
    for looked in (3, 0, 4, 5):
        for _ in range(looked):
            looks.look()
        clock.now += timedelta(minutes=3)
        looks.add_up()
    # Looks of 4:12, 4:18 and 4:21 pm, so the two last lie in the pieces of 4:15 and 4:20.
    assert store.looked.since(NOW - timedelta(hours=1)) == 12
    assert store.looked.since(NOW) == 9
    assert store.looked.since(NOW + timedelta(minutes=3)) == 9
    assert store.looked.since(NOW + timedelta(minutes=4)) == 5
    assert store.looked.since(NOW + timedelta(minutes=9)) == 0


def test_several_workers_add_up_and_saying_it_again_changes_nothing(store: Store) -> None:
    for worker in ("one", "two"):
        for _ in range(3):
            store.looked.keep(worker, {piece(NOW): 7}, NOW)
    store.looked.keep("one", {piece(NOW): 9}, NOW)
    assert store.looked.since(NOW - timedelta(minutes=5)) == 16


def test_looks_are_kept_for_two_days(store: Store) -> None:
    for days in range(5):
        now = NOW + timedelta(days=days)
        store.looked.keep("one", {piece(now): 1}, now)
    key = store.connection.key("looks")
    assert store.connection.client.hlen(key) == 3
    assert 0 < store.connection.client.ttl(key) <= 2 * 24 * 3600


def test_while_the_store_is_away_it_goes_on_counting_and_tells_it_once(
    store: Store, server: Server
) -> None:
    looks = Looks(store.looked, lambda: NOW)
    looks.look()
    assert server.child
    server.child.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(StoreDown):
            looks.add_up()
        looks.look()
        with pytest.raises(StoreDown):
            looks.add_up()
    finally:
        server.child.send_signal(signal.SIGCONT)
    looks.look()
    looks.add_up()
    looks.add_up()
    assert store.looked.since(NOW - timedelta(hours=1)) == 3


def test_a_look_asks_no_store(town: Town, looks: Looks, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = town.as_("visitor")
    visitor.open("/")

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a public page asks no store")

    monkeypatch.setattr(town.app.extensions["store"].connection.client, "execute_command", never)
    monkeypatch.setattr(Looked, "keep", never)
    visitor.open("/")
    visitor.open("/sites/riverbank")
    assert looks.seen() == 3


SECRETS = ("sec-agent-7", "sec-cookie-7", "192.0.2.77", "two-spirit", "sec-referrer-7", "fr-CA")


def test_looking_leaves_numbers_in_the_store_and_nothing_else(town: Town, looks: Looks) -> None:
    visitor = town.as_("visitor")
    visitor.open("/")
    before = everything(town.store)
    heads = {
        "User-Agent": "sec-agent-7",
        "Cookie": "bedboard=sec-cookie-7",
        "X-Forwarded-For": "192.0.2.77",
        "Referer": "https://sec-referrer-7.example/",
        "Accept-Language": "fr-CA",
    }
    for path in ("/", "/?who=two-spirit&need=pets", "/sites/riverbank"):
        for _ in range(3):
            answer = visitor.client.get(path, headers=heads)
            assert "Set-Cookie" not in answer.headers
    looks.start()
    looks.add_up()
    after = everything(town.store)
    (new,) = after.keys() - before.keys()
    assert new == "{riverbend}:looks"
    assert {key: told for key, told in after.items() if key != new} == before
    assert re.fullmatch(r"\{'\d+:[0-9a-f]{8}': '10'\}", after[new])
    assert not [word for word in SECRETS if word in str(after)]


def everything(store: Store) -> dict[str, str]:
    """All of Redis, whatever it is for, as text."""
    client = store.connection.client
    read = {
        "string": client.get,
        "hash": client.hgetall,
        "stream": client.xrange,
        "list": lambda key: client.lrange(key, 0, -1),
        "set": lambda key: sorted(client.smembers(key)),
        "zset": lambda key: client.zrange(key, 0, -1, withscores=True),
    }
    return {key: str(read[client.type(key)](key)) for key in client.keys("*")}
