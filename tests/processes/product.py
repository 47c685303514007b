"""The product as a person runs it: started, watched, signalled, and searched for what it left."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from dashboard.embedded import Server, answers
from tests.by_hand import wait_until

ROOT = Path(__file__).parents[2]
SUPERVISOR = (sys.executable, "-m", "dashboard.run")


class Product:
    """One running product with a data folder and a port of its own."""

    def __init__(self, var: Path, **settings: str) -> None:
        self.var, self.port, self.root = var, free_port(), ROOT
        self.store = Server(var / "valkey", var / "valkey.sock")
        self.said_in = var.with_name("said")
        few = {"WORKERS": "1", "PUSH_SERVICES": "none"}  # no more processes than most tests look at
        self.settings = {"VAR": str(var), "PORT": str(self.port)} | few | settings

    def start(self, *command: str, seconds: float = 30) -> subprocess.Popen[bytes]:
        """Start it, and return its first process once it has said its address."""
        process = self.launch(*command)
        wait_until(lambda: "The board is at" in self.said or process.poll() is not None, seconds)
        assert process.poll() is None, self.said
        return process

    def launch(self, *command: str) -> subprocess.Popen[bytes]:
        with open(self.said_in, "wb") as said:
            return subprocess.Popen(
                command or SUPERVISOR,
                cwd=self.root,
                env=os.environ | self.settings,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_as_from_a_terminal,
            )

    @property
    def said(self) -> str:
        return self.said_in.read_text(errors="replace")

    def healthy(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def keeps(self) -> bool:
        return answers(self.store.path)

    def pids(self) -> dict[int, str]:
        """Every living process of this data folder, and its command line.

        It was started with that folder, or works in it (a store overwrites its own environment).
        """
        found = {}
        for place in Path("/proc").glob("[0-9]*"):
            try:
                told = f"VAR={self.var}\0".encode() in (place / "environ").read_bytes()
                if told or (place / "cwd").readlink().is_relative_to(self.var):
                    found[int(place.name)] = (place / "cmdline").read_bytes().decode()
            except OSError:
                continue  # it ended while we looked
        return found

    def pid(self, word: str, *, parent: int = 0) -> int:
        """The process whose command line has this word, a child of ``parent`` if given."""
        (pid,) = [
            pid
            for pid, command in self.pids().items()
            if word in command and (not parent or parent_of(pid) == parent)
        ]
        return pid

    def end(self) -> None:
        """For a test that failed half-way: nothing of it may stay."""
        for pid in self.pids():
            os.kill(pid, signal.SIGKILL)


def _as_from_a_terminal() -> None:
    """It heeds every signal, also where these tests run under nohup or in the background."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
