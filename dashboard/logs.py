"""What the product writes about itself, and never about a visitor.

No address, query, user agent or other word that a visitor sent may reach a log. An exception's
message may hold such words, so an error is told by its kind and its place in the code alone.
"""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType
from typing import Any

from gunicorn.glogging import Logger

Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
AT_BOOT = "Exception in worker process"


class Discreet(logging.Formatter):
    """Tells an error's kind and where it arose; its message stays out."""

    def formatException(self, ei: Raised) -> str:
        error, told = ei[1], []
        while error is not None:
            told.append("".join(traceback.format_tb(error.__traceback__)) + type(error).__name__)
            error = error.__cause__ or error.__context__
        return "\n".join(reversed(told))


def keep_discreet() -> None:
    """Send every log line of this process through Discreet, once."""
    root = logging.getLogger()
    if not any(isinstance(handler.formatter, Discreet) for handler in root.handlers):
        handler = logging.StreamHandler()
        handler.setFormatter(Discreet("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        root.addHandler(handler)


class ServerLogger(Logger):  # type: ignore[misc]
    """gunicorn's log without what gunicorn says about requests it could not serve."""

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        if msg.startswith("Invalid request from ip="):
            msg, args = "A malformed request was refused.", ()
        super().warning(msg, *args, **kwargs)

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Whole at boot, when nobody has visited; by kind and place afterwards."""
        if msg == AT_BOOT:
            super().exception(msg, *args, **kwargs)
        elif not isinstance(sys.exc_info()[1], BlockingIOError):  # a client that stopped sending
            super().error("A request failed.\n%s", Discreet().formatException(sys.exc_info()))
