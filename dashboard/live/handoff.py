"""How a stream's socket leaves the web server: its descriptor goes to the hub over a unix socket.

One packet is one page: a line of JSON that says what it shows, and the descriptor beside it. The
web server is left with a dummy, so that its own graceful close can't reach the page.
"""

from __future__ import annotations

import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from ..voice import Language
from .audience import Audience

PACKET = 65_536  # bytes; what a page says is far less, its pending message may be long
PATIENCE = 1.0  # seconds; a hub that does not take a page by then hangs
HUNG = 10.0  # seconds for which nobody waits again for a hub that hangs


@dataclass(frozen=True, slots=True)
class Page:
    """What the hub is told of a page: who hears it, and the position that it shows.

    ``session`` marks who signed in, where only some may hear. ``begun``: an older hub has sent
    the head of the answer. ``pending`` is the rest of a message that was cut in the middle; it
    must be sent before anything else.
    """

    audience: Audience
    position: str
    session: str = ""
    begun: bool = False
    pending: bytes = b""

    def packed(self) -> bytes:
        pending = self.pending.decode("latin-1")
        told = [*self.audience, self.position, self.session, self.begun, pending]
        return json.dumps(told).encode()

    @classmethod
    def read(cls, packet: bytes) -> Page:
        """Raises ValueError for a packet that is none of ours."""
        language, desk, position, session, begun, pending = json.loads(packet)
        audience = Audience(Language(language), desk)
        return cls(audience, position, session, begun, pending.encode("latin-1"))


class Door:
    """The web server's end: gives sockets away, and says whether the hub took them."""

    def __init__(self, path: Path):
        self._path = str(path)
        self._hung_until = 0.0

    @property
    def hung(self) -> bool:
        """Whether the hub was there, a moment ago, but took no page."""
        return monotonic() < self._hung_until

    @property
    def open(self) -> bool:
        """Whether a hub is there, and as far as we know does its work."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as hub:
            return not self.hung and hub.connect_ex(self._path) == 0

    def hand_over(self, environ: dict[str, Any], page: Page) -> bool:
        """Whether the hub has the page now; then the web server's connection is only a dummy."""
        connection = movable(environ)
        if connection is None or not self._give(connection, page):
            return False
        with socket.socket() as dummy:
            os.dup2(dummy.fileno(), connection.fileno(), inheritable=False)
        return True

    def _give(self, connection: socket.socket, page: Page) -> bool:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as hub:
                hub.settimeout(0 if self.hung else PATIENCE)
                hub.connect(self._path)
                socket.send_fds(hub, [page.packed()], [connection.fileno()])
        except TimeoutError:  # one request has waited; those that come now need their threads
            self._hung_until = monotonic() + HUNG
            return False
        except OSError:  # no hub, or it still hangs: the worker streams by itself
            return False
        self._hung_until = 0.0
        return True


def movable(environ: dict[str, Any]) -> socket.socket | None:
    """The plain connection of gunicorn that can go to a hub: no TLS, no HTTP/2, no test client."""
    connection = environ.get("gunicorn.socket")
    if type(connection) is not socket.socket or environ.get("HTTP_VERSION") == "2":
        return None
    return connection
