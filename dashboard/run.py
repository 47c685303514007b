"""The supervisor of ``make run``: starts the parts, starts again what dies, leaves no orphan.

It holds the port itself and hands it to the web server, so a visitor who comes while that starts
again waits a moment instead of being refused.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from . import demo, embedded, tether
from .config import BadSettings, Settings
from .embedded import CannotStart, Lock
from .part import Part, say

ROOT = Path(__file__).parents[1]
BACKLOG = 1024
FIRST_ANSWER = 60.0  # seconds for the web server to answer the first time
DRAIN = 8.0  # seconds for requests under way, above the web server's own patience


def main() -> int:
    """Run until asked to stop. 0 after a stop that was asked for, 1 when something is wrong."""
    make = os.getppid() if "--with-make" in sys.argv else None
    if make:
        tether.tie_to_parent()
    try:
        _heed_signals()
        settings = Settings.from_environ()
        with _lock(settings) as crashed, _port(settings, patient=crashed) as listener:
            if settings.demo:
                demo.afresh(settings)
            _supervise(settings, listener, make if _can_be_interrupted(make) else None)
    except KeyboardInterrupt:
        pass  # asked to stop, and all parts have
    except (BadSettings, CannotStart) as problem:
        say(str(problem))
        return 1
    say("Stopped.")
    return 0


def _can_be_interrupted(make: int | None) -> bool:
    """A make in the background of a script never could, so it can't tell us that it was."""
    return make is not None and tether.heeds_interrupts(make)


def parts(settings: Settings, listener: socket.socket) -> list[Part]:
    """Every part beside the store, in the order in which they start; they stop in reverse."""
    python = [sys.executable, "-m"]
    env = os.environ | {"VAR": str(settings.var)}
    port = listener.fileno()
    web = [*python, "gunicorn", "--bind", f"fd://{port}"]
    hub = [*python, "dashboard.live"]
    every = [
        Part("live hub", lambda: tether.start(hub, cwd=ROOT, env=env), DRAIN),
        Part("web server", lambda: tether.start(web, [port], cwd=ROOT, env=env), DRAIN),
    ]
    if settings.push_services:
        push = [*python, "dashboard.push"]
        every.append(Part("push sender", lambda: tether.start(push, cwd=ROOT, env=env), DRAIN))
    if settings.demo:
        play = [*python, "dashboard.demo"]
        every.append(Part("demo", lambda: tether.start(play, cwd=ROOT, env=env), DRAIN))
    return every


def _supervise(settings: Settings, listener: socket.socket, make: int | None) -> None:
    running: list[Part] = []
    try:
        if not settings.redis_url:
            running.append(_store(settings))
        for part in parts(settings, listener):
            running.append(part)
            part.start()
        _wait_for_an_answer(settings, running)
        say(f"The board is at {settings.address}/ (Ctrl-C stops it; everything is kept).")
        for _ in _wakes():
            if make and not tether.heeds_interrupts(make):
                break
            for part in running:
                part.tend(time.monotonic())
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        for part in reversed(running):
            part.stop()


def _store(settings: Settings) -> Part:
    server = embedded.of(settings)
    part = Part("store", server.launch, embedded.STOP_PATIENCE)
    part.started, part.child = time.monotonic(), server.start()
    return part


def _heed_signals() -> None:
    """Being asked to stop, by any signal, is one KeyboardInterrupt. ``nohup`` is respected."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


def _wait_for_an_answer(settings: Settings, running: list[Part]) -> None:
    until = time.monotonic() + FIRST_ANSWER
    while not _answers(urlsplit(settings.address)):
        if any(part.ended for part in running):
            raise CannotStart("A part of the product ended as it started; the reason stands above.")
        if time.monotonic() > until:
            raise CannotStart("The web server did not answer in time.")
        time.sleep(0.05)


def _answers(place: SplitResult) -> bool:
    connection = HTTPConnection(place.hostname or "", place.port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _wakes() -> Iterator[None]:
    """Once now, then whenever a child ends, and at least once a second."""
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writes, warn_on_full_buffer=False)
    while True:
        yield
        if select.select([reads], [], [], 1.0)[0]:
            os.read(reads, 512)


@contextmanager
def _lock(settings: Settings) -> Iterator[bool]:
    """The data folder is ours alone. Whether whoever had it last was killed."""
    if settings.redis_url:
        yield False
        return
    lock = Lock(settings.var, "product")
    until = time.monotonic() + 5
    while not lock.take():
        holder, _, number = lock.held_by().partition(" ")
        if holder == "product" or time.monotonic() > until:
            raise CannotStart(
                f"Process {number} already uses the data in {settings.var}: "
                "stop it, or set VAR to another folder."
            )
        time.sleep(0.1)
    try:
        yield lock.after_a_crash
    finally:
        lock.release()


@contextmanager
def _port(settings: Settings, *, patient: bool) -> Iterator[socket.socket]:
    """The listening socket. After a crash the last web server may hold it for a few seconds."""
    until = time.monotonic() + (DRAIN if patient else 0)
    while True:
        try:
            listener = _listen(settings)
            break
        except OSError as error:
            if time.monotonic() > until:
                raise CannotStart(_refusal(settings, error)) from None
            time.sleep(0.1)
    with listener:
        yield listener


def _listen(settings: Settings) -> socket.socket:
    family, *_, place = socket.getaddrinfo(
        settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    return socket.create_server(place[:2], family=family, backlog=BACKLOG)


def _refusal(settings: Settings, error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return f"HOST is {settings.host!r}, but must be an address of this machine."
    why = os.strerror(error.errno or 0).lower()
    return f"Port {settings.port} on {settings.host} can't be used: {why}. Set PORT to another."


if __name__ == "__main__":
    sys.exit(main())
