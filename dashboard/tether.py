"""Ties a child's life to its parent's, so that not even ``kill -9`` of the parent leaves an orphan.

On Linux the kernel does it. Elsewhere this module runs as a small process between the two, which
holds the end of a pipe: when the parent is gone, the pipe closes and the child is asked to stop.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

LINUX = sys.platform == "linux"
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if LINUX else None


def tie_to_parent() -> None:
    """Called in the child: SIGTERM when the thread that forked it ends. Does nothing off Linux."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def heeds_interrupts(pid: int) -> bool:
    """Whether a process has a handler for SIGINT; True where that can't be told.

    ``make`` takes its handler away once it was interrupted, then waits for us without a word.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return True
    caught = status.partition("SigCgt:")[2].split()[0]
    return bool(int(caught, 16) >> (signal.SIGINT - 1) & 1)


def start(
    command: Sequence[str | Path],
    pass_fds: Sequence[int] = (),
    *,
    stdout: IO[bytes] | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start ``command`` in a session of its own, tied to this process. Call from the main thread.

    Its own session keeps a terminal's Ctrl-C away: the parent decides who stops, and in what order.
    """
    ours, _theirs = (-1, -1) if LINUX else os.pipe()  # ours is read, theirs closes when we die
    between = [] if LINUX else [sys.executable, "-P", __file__, str(ours)]
    child = subprocess.Popen(  # noqa: S603 (the command is ours)
        [*between, *command],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.STDOUT if stdout else None,
        pass_fds=pass_fds if LINUX else (*pass_fds, ours),
        cwd=cwd,
        env=env,
        start_new_session=True,
        preexec_fn=tie_to_parent,
    )
    if not LINUX:
        os.close(ours)
    return child


def stop(child: subprocess.Popen[bytes], patience: float) -> None:
    """Ask a child to stop; after ``patience`` seconds, end it and all that it started."""
    child.terminate()
    with suppress(subprocess.TimeoutExpired):
        child.wait(patience)
    with suppress(ProcessLookupError, PermissionError):  # all of it is gone already
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def main(pipe: int, command: Sequence[str]) -> int:
    """Run ``command`` until it ends, or until the other end of ``pipe`` is closed."""
    child = subprocess.Popen(command)  # noqa: S603 (the command is ours)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda signum, _frame: child.send_signal(signum))
    while child.poll() is None:
        if select.select([pipe], [], [], 0.2)[0]:
            child.terminate()
            break
    return child.wait()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
