"""Requests for the board that are answered early: only those, and just as they would be later."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterator
from datetime import timedelta

import pytest
from gunicorn.workers.gthread import TConn, ThreadWorker
from hypothesis import given
from hypothesis import strategies as st

from dashboard import create_app
from dashboard.config import Settings
from dashboard.press import Press
from dashboard.quick import QuickBoard, wish

from .riverbend import Follower, Town, riverbend

KEY = "a key for tests alone, never for a board"
BROWSER = (
    b"GET / HTTP/1.1\r\nHost: beds.example\r\nConnection: keep-alive\r\nUser-Agent: a\r\n"
    b"Accept: text/html\r\nAccept-Encoding: gzip, br\r\nAccept-Language: fr\r\n\r\n"
)
# gunicorn 27.0.1. Where this changes, read these five anew before writing the new sum here.
READ = (
    ThreadWorker.handle,
    ThreadWorker.on_client_socket_readable,
    ThreadWorker.finish_request,
    TConn.__init__,
    TConn.init,
)
READ_SUM = "853609c80f5d3b9f"


@pytest.fixture
def town() -> Town:
    return riverbend()


@pytest.fixture
def quick(town: Town) -> QuickBoard:
    settings = Settings(community="riverbend", community_name="Riverbend", secret_key=KEY)
    app = create_app(settings, Follower(town.board), clock=lambda: town.now)
    return QuickBoard(app, "gunicorn", lambda: town.now.timestamp())


def test_what_it_builds_on_in_gunicorn_is_what_was_read() -> None:
    sources = "".join(inspect.getsource(one) for one in READ)
    assert hashlib.sha256(sources.encode()).hexdigest()[:16] == READ_SUM


def test_a_browser_that_asks_for_the_board_gets_it(quick: QuickBoard) -> None:
    answer = quick.answer(BROWSER)
    assert answer is not None
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "HTTP/1.1 200 OK"
    assert f"Content-Length: {len(body)}" in lines
    assert "Content-Encoding: br" in lines
    assert not [line for line in lines if line.startswith("Set-Cookie")]


def test_one_that_has_it_is_told_so_without_a_body(quick: QuickBoard) -> None:
    first = quick.answer(BROWSER)
    assert first
    etag = next(line for line in first.split(b"\r\n") if line.startswith(b"ETag: "))[6:]
    again = quick.answer(BROWSER[:-2] + b"If-None-Match: " + etag + b"\r\n\r\n")
    assert again
    assert again.startswith(b"HTTP/1.1 304 ")
    assert again.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"GET /", b"POST /"),
        (b"GET /", b"HEAD /"),
        (b"GET / ", b"GET /?who=woman "),
        (b"GET / ", b"GET //evil "),
        (b"GET / ", b"GET http://beds.example/ "),
        (b"HTTP/1.1", b"HTTP/1.0"),
        (b"Host: beds.example\r\n", b""),
        (b"Host: beds.example\r\n", b"Host: a\r\nHost: b\r\n"),
        (b"keep-alive", b"close"),
        (b"keep-alive", b"Upgrade, HTTP2-Settings"),
        (b"User-Agent: a", b"Content-Length: 3"),
        (b"User-Agent: a", b"Transfer-Encoding: chunked"),
        (b"User-Agent: a", b"X-Forwarded-Proto: https"),
        (b"User-Agent: a", b"Range: bytes=0-9"),
        (b"User-Agent: a", b"Expect: 100-continue"),
        (b"User-Agent: a", b"X-Unknown: 1"),
        (b"User-Agent: a", b" folded"),
        (b"User-Agent: a", b"Accept-Language : en"),
        (b"User-Agent: a", b"Accept-Language: en"),  # for the second time
        (b"Accept-Language: fr", b"Accept-Language: \xff"),
        (b"\r\n\r\n", b"\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
        (b"\r\n\r\n", b"\r\n\r\nx"),
        (b"\r\n\r\n", b"\r\n"),
        (BROWSER, b""),
    ],
)
def test_anything_else_is_left_to_the_web_server(old: bytes, new: bytes) -> None:
    assert wish(BROWSER) == (b"fr", b"gzip, br", b"")
    assert wish(BROWSER.replace(old, new)) is None


@given(st.binary(max_size=200), st.integers(0, len(BROWSER)))
def test_no_bytes_break_it(noise: bytes, place: int) -> None:
    wish(BROWSER[:place] + noise + BROWSER[place:])
    assert wish(noise) is None


@pytest.mark.parametrize("unseen", [b"\n", b"\r", b"\0", b"\x7f", b"\n\tx"])
@pytest.mark.parametrize("header", [b"Accept-Language: fr", b"User-Agent: a"])
def test_what_hides_in_a_header_is_left_to_the_server(header: bytes, unseen: bytes) -> None:
    assert wish(BROWSER)
    assert wish(BROWSER.replace(header, header + unseen + b"x")) is None


def test_who_comes_before_the_first_board_waits_in_a_thread(quick: QuickBoard) -> None:
    ready = quick._ready
    ready.clear()
    assert quick.answer(BROWSER) is None
    ready.set()
    assert quick.answer(BROWSER)


def test_a_report_and_the_clock_are_in_the_next_answer(quick: QuickBoard, town: Town) -> None:
    plain = BROWSER.replace(b"gzip, br", b"identity").replace(b"fr", b"en")
    assert b"4:12" in (quick.answer(plain) or b"")
    town.report("cedar-hall", "beds", 17, 0)
    assert b"<b>17</b>" in (quick.answer(plain) or b"")
    town.now += timedelta(seconds=31)
    assert b"4:13" in (quick.answer(plain) or b"")


def test_an_answer_is_made_once_and_kept_for_no_more_than_a_second(
    quick: QuickBoard, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = quick.answer(BROWSER)
    made = []
    monkeypatch.setattr(quick, "_made", lambda *_: made.append(1))
    assert quick.answer(BROWSER) is first
    town.now += timedelta(seconds=1)
    quick.answer(BROWSER)
    assert made == [1]


def test_many_different_wishes_do_not_fill_the_memory(quick: QuickBoard) -> None:
    for number in range(600):
        quick.answer(BROWSER.replace(b": fr", f": fr;q=0.{number}".encode()))
    assert len(quick._kept) <= 512


@pytest.fixture
def slow_printer(quick: QuickBoard, town: Town) -> Iterator[bytes]:
    """A board that was read, a report since, and a printer that has not come to it yet."""
    press: Press = quick._app.extensions["press"]
    before = quick.answer(BROWSER)
    assert before
    with press._printing:
        town.report("maple-house", "men", 9)
        press.hear()
        yield before


def test_nobody_waits_for_the_printer(quick: QuickBoard, slow_printer: bytes) -> None:
    assert quick.answer(BROWSER) == slow_printer


def test_a_board_that_the_printer_leaves_for_long_is_not_handed_out(
    quick: QuickBoard, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = quick.answer(BROWSER)
    town.report("maple-house", "men", 9)
    quick._app.extensions["press"].hear()
    monkeypatch.setattr("dashboard.press.LATE", 0)
    assert quick.answer(BROWSER) != before


@pytest.mark.parametrize("change", ["minute", "away", "memory"])
def test_what_the_clock_or_the_store_made_untrue_is_handed_out_to_nobody(
    quick: QuickBoard, town: Town, slow_printer: bytes, change: str
) -> None:
    press: Press = quick._app.extensions["press"]
    if change == "minute":
        town.now += timedelta(minutes=1)
    elif change == "away":
        quick._app.extensions["follower"].away_since = town.now
    else:
        town.board.lose()
    press._printing.release()
    assert quick.answer(BROWSER) != slow_printer
    press._printing.acquire()
