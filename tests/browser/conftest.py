"""A real Chromium before real pages. A page that complains in its console fails its test."""

from __future__ import annotations

import ctypes
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)
from werkzeug.serving import WSGIRequestHandler, make_server

from dashboard import create_app
from dashboard.config import Settings
from tests.riverbend import Follower, Town, riverbend

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=60_000)  # a busy machine is slow, not wrong
VENDORED = ("htmx.min.js", "ext/hx-sse.min.js")


@pytest.fixture(scope="session", autouse=True)
def scripts() -> None:
    """The two scripts of others, where ``make run`` puts them."""
    for name in VENDORED:
        source = ROOT / "node_modules" / "htmx.org" / "dist" / name
        target = ROOT / "static" / "vendor" / Path(name).name
        if not target.exists():
            assert source.exists(), "htmx is missing here: npm ci"
            target.parent.mkdir(exist_ok=True)
            shutil.copy(source, target)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.fail("No Chromium here: apt-get install chromium")
    _no_higher_than_others()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


def _no_higher_than_others() -> None:
    """Chromium started by root puts itself at nice -8, and starves what it is to look at.

    What starts from here loses the right to (PR_CAPBSET_DROP, CAP_SYS_NICE).
    """
    ctypes.CDLL(None).prctl(24, 23, 0, 0, 0)


class Place:
    """Riverbend behind a real web server, with a clock that runs and can be set."""

    def __init__(self, town: Town):
        self.town = town
        self.follower = Follower(town.board)
        self._begun = time.monotonic()
        self.app: Flask = create_app(
            Settings(community_name="Riverbend", secret_key="k" * 32, threads=64),
            self.follower,
            clock=self.now,
        )
        self.url = ""
        self.open()

    def now(self) -> datetime:
        return self.town.now + timedelta(seconds=time.monotonic() - self._begun)

    def open(self, port: int = 0) -> None:
        self.server = make_server("127.0.0.1", port, self.app, threaded=True, request_handler=Quiet)
        self.url = f"http://127.0.0.1:{self.server.port}"
        self.app.extensions["live"].stopping = lambda: False
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> int:
        """Refuse new connections and end every stream; returns the port that was free again."""
        self.app.extensions["live"].stopping = lambda: True
        self.follower.tell()
        self.server.shutdown()
        self.server.server_close()
        return self.server.port

    def report(self, site: str, group: str, open_: int) -> None:
        self.town.report(
            site, group, open_, minutes=(self.town.now - self.now()) / timedelta(minutes=1)
        )
        self.follower.tell()


class Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """No line for each request."""


@pytest.fixture
def place() -> Iterator[Place]:
    running = Place(riverbend())
    yield running
    running.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the console complained of. A test that provokes complaints clears it."""
    return []


@pytest.fixture
def enter(browser: Browser, place: Place, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """Opens a path of Riverbend in a browser of its own; options are Playwright's."""
    contexts: list[BrowserContext] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    def go(path: str = "/", cookie: str = "", **options: object) -> Page:
        contexts.append(browser.new_context(**options))  # type: ignore[arg-type]
        if cookie:
            contexts[-1].add_cookies([{"name": "bedboard", "value": cookie, "url": place.url}])
        page = contexts[-1].new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(place.url + path)
        return page

    yield go
    for context in contexts:
        context.close()
    assert complaints == []
