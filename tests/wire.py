"""A wire between a browser and a server that a test can cut: for good, or within one POST."""

from __future__ import annotations

import socket
import struct
from contextlib import closing, suppress
from threading import Thread

RESET = struct.pack("ii", 1, 0)


class Wire:
    """Forwards every byte from its own port to ``port``.

    ``down``: nothing gets through, and nothing did in time. ``cut_at(way, count)``: the next POST
    breaks once so many bytes of its request ("up") or of its answer ("back") have passed.
    """

    def __init__(self, port: int):
        self.upstream, self.down = port, False
        self.posts: list[tuple[int, int]] = []  # bytes up and back of each POST that passed whole
        self._cut: tuple[str, int] | None = None
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cut_at(self, way: str, count: int) -> None:
        self._cut = (way, count)

    @property
    def whole(self) -> bool:
        """Whether the cut that was asked for has been made."""
        return self._cut is None

    def break_(self) -> None:
        self.down = True
        for one in list(self._open):
            _reset(one)

    def mend(self) -> None:
        self.down = False

    def close(self) -> None:
        self.break_()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.down:
                    _reset(client)
                else:
                    Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with (
            suppress(OSError),
            closing(client),
            socket.create_connection(("127.0.0.1", self.upstream), 10) as server,
        ):
            self._open |= {client, server}
            if self.down:  # it was broken before anybody could know of these two
                _reset(client)
                return
            first = client.recv(65536)
            cut, passed = None, {"up": 0, "back": 0}
            if first.startswith(b"POST ") and self._cut:
                cut, self._cut = self._cut, None
            back = Thread(target=self._pump, args=(server, client, "back", cut, passed))
            back.start()
            if self._pass(first, client, server, "up", cut, passed):
                self._pump(client, server, "up", cut, passed)
            back.join(20)
            if first.startswith(b"POST ") and not cut:
                self.posts.append((passed["up"], passed["back"]))
            self._open -= {client, server}

    def _pump(
        self,
        source: socket.socket,
        target: socket.socket,
        way: str,
        cut: tuple[str, int] | None,
        passed: dict[str, int],
    ) -> None:
        with suppress(OSError):
            while more := source.recv(65536):
                sides = (source, target) if way == "up" else (target, source)
                if not self._pass(more, *sides, way, cut, passed):
                    return
            target.shutdown(socket.SHUT_WR)

    def _pass(
        self,
        data: bytes,
        client: socket.socket,
        server: socket.socket,
        way: str,
        cut: tuple[str, int] | None,
        passed: dict[str, int],
    ) -> bool:
        """Whether the wire still holds after these bytes."""
        here = cut is not None and cut[0] == way
        room = cut[1] - passed[way] if here and cut else len(data)
        target = server if way == "up" else client
        if room > 0:
            target.sendall(data[:room])
        passed[way] += min(room, len(data))
        if here and room <= len(data):
            _reset(client)
            _reset(server)
            return False
        return True


def _reset(one: socket.socket) -> None:
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        one.shutdown(socket.SHUT_RDWR)
    one.close()
