"""One process of the product: started, started again when it ends, stopped in good order."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from . import tether
from .embedded import CannotStart

STEADY = 30.0  # seconds after which a part that ended counts as having been well
LONGEST_PAUSE = 5.0  # seconds between two starts of a part that keeps ending: a desk waits for it


@dataclass
class Part:
    """A name for people, how to start it, and how many seconds it may take to stop."""

    name: str
    launch: Callable[[], subprocess.Popen[bytes]]
    patience: float
    child: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.0

    def start(self) -> None:
        """Raises CannotStart."""
        self.started = time.monotonic()
        self.child = self.launch()

    @property
    def ended(self) -> bool:
        return self.child is not None and self.child.poll() is not None

    def tend(self, now: float) -> None:
        """Start it again if it ended: soon if it had run well, else after a growing pause."""
        if self.child and self.ended:
            self.pause = 0.0 if now - self.started > STEADY else self._longer()
            say(f"The {self.name} ended ({_how(self.child.returncode)}); it is started again.")
            self.child, self.started = None, now
        if not self.child and now >= self.started + self.pause:
            self._start_again(now)

    def _start_again(self, now: float) -> None:
        try:
            self.start()
        except CannotStart as problem:
            say(str(problem))
            self.started, self.pause = now, self._longer()

    def _longer(self) -> float:
        return min(max(2 * self.pause, 0.5), LONGEST_PAUSE)

    def stop(self) -> None:
        if self.child:
            tether.stop(self.child, self.patience)
            self.child = None


def say(sentence: str) -> None:
    """One line to whoever started the product, if that still listens."""
    with suppress(OSError):
        print(sentence, flush=True)


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"code {code}"
