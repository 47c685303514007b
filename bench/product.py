"""A whole product of its own, started and stopped for a proof, with its commands."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parents[1]
PATIENCE = 60.0  # seconds to start
ZONE = "America/Toronto"


class Product:
    """A running product on 127.0.0.1, with a data folder of its own."""

    def __init__(self, var: Path, **settings: str) -> None:
        self.var, self.port = var, _free_port()
        self.env = os.environ | {"VAR": str(var), "PORT": str(self.port)} | settings
        self.env.pop("REDIS_URL", None)
        with open(var / "said", "wb") as said:
            command = [sys.executable, "-m", "dashboard.run"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=said)

    def wait(self) -> None:
        """Returns when it has said its address."""
        until = time.monotonic() + PATIENCE
        while "The board is at" not in (said := (self.var / "said").read_text()):
            if self.process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"The product did not start: {said}")
            time.sleep(0.05)

    def flask(self, *words: str | Path) -> str:
        """Runs one of its commands; returns what that said."""
        command = [sys.executable, "-m", "flask", "--app", "dashboard", *map(str, words)]
        ran = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True)
        if ran.returncode:
            raise SystemExit(f"flask {words[0]} failed: {ran.stdout}{ran.stderr}")
        return ran.stdout

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)


@contextmanager
def running(**settings: str) -> Iterator[Product]:
    """A product that is stopped, and whose data is thrown away, at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="board-") as folder:
        product = Product(Path(folder), **settings)
        try:
            product.wait()
            yield product
        finally:
            product.stop()


def far_reset() -> str:
    """A daily reset that is half a day away, so that nothing of the last hours crosses it."""
    return (datetime.now(ZoneInfo(ZONE)) + timedelta(hours=12)).strftime("%H:%M")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
