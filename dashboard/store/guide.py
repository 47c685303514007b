"""Which server to talk to, where there are many: asked at each connection, and when one refuses.

All keys of a community share one slot, so in a cluster too it lives on one server. Everything
that holds for one connection (MULTI, a script, a blocking read, WAIT) holds there unchanged.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.crc import key_slot
from redis.retry import Retry

from ..address import Address, Host, Kind

PATIENCE = 0.5  # seconds for one node or sentinel to say where the store is


class Moved(redis.ConnectionError):
    """Refused by this server and not done: another one is in charge. Asking again is safe."""


class Guide:
    """Knows which server has this community now. ``place`` is None when it must be found anew."""

    def __init__(self, address: Address, community: str, **settings: Any):
        self._address = address
        self._slot = key_slot(f"{{{community}}}".encode())
        self._settings = settings
        self._hosts = list(address.hosts)
        self.place: Host | None = None

    def lost(self) -> None:
        """Whoever was in charge is so no more, or is gone."""
        self.place = None

    def find(self) -> Host:
        """Asks nodes or sentinels, the one that last answered first. Raises ConnectionError.

        Sentinels are asked at each connection, the cluster only where nobody knows: its servers
        refuse what is not theirs, and say whose it is.
        """
        if self.place and self._address.kind is Kind.CLUSTER:
            return self.place
        for host in list(self._hosts):
            if found := self._ask(host):
                self._hosts.remove(host)
                self._hosts.insert(0, host)
                self.place = found
                return found
        asked = ", ".join(f"{name}:{port}" for name, port in self._hosts)
        raise redis.ConnectionError(f"nobody at {asked} knows a server for this community")

    def _ask(self, host: Host) -> Host | None:
        name, port = host
        patience = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
        try:
            with redis.Redis(name, port, **(self._settings | patience)) as asked:
                if self._address.kind is Kind.SENTINEL:
                    return _named(asked, self._address.service)
                return _owner(asked, self._slot, host)
        except redis.RedisError:  # this one can't tell; the next may
            return None


def _named(sentinel: redis.Redis, service: str) -> Host | None:
    found: Any = sentinel.execute_command("SENTINEL GET-MASTER-ADDR-BY-NAME", service)
    return (str(found[0]), int(found[1])) if found else None


def _owner(node: redis.Redis, slot: int, asked: Host) -> Host | None:
    """Who owns the slot. A node that does not know its own name is who was asked."""
    ranges: Any = node.execute_command("CLUSTER", "SLOTS")
    for first, last, (name, port, *_), *_ in ranges:
        if first <= slot <= last:
            return (str(name) if name not in ("", "?", None) else asked[0], int(port))
    return None


class Led(redis.Connection):
    """A connection that goes where the guide says, and only to a server in charge."""

    def __init__(self, guide: Guide, **settings: Any):
        super().__init__(**settings)
        self._guide = guide

    def connect(self) -> None:
        if self.is_connected and (self.host, self.port) != self._guide.place:
            self.disconnect()
        super().connect()

    def _connect(self) -> Any:
        self.host, self.port = self._guide.find()
        try:
            return super()._connect()
        except OSError:
            self._guide.lost()
            raise

    def on_connect_check_health(self, check_health: bool = True) -> None:
        super().on_connect_check_health(check_health)
        self.send_command("ROLE", check_health=False)
        if self.read_response()[0] != "master":
            self._guide.lost()
            raise Moved("this server only follows another")

    def read_response(self, *args: Any, **settings: Any) -> Any:
        try:
            return super().read_response(*args, **settings)
        except redis.exceptions.MovedError as moved:
            self._guide.place = (moved.host or self.host, moved.port)
            refused: Exception = moved
        except redis.ReadOnlyError as demoted:
            self._guide.lost()
            refused = demoted
        self.disconnect()
        raise Moved(str(refused)) from refused


class LedOverTLS(Led, redis.SSLConnection):
    """The same, encrypted."""


SETTINGS: dict[str, Any] = {
    "decode_responses": True,
    "protocol": 2,
    "retry": Retry(NoBackoff(), 0),
    "socket_connect_timeout": 1.0,
}
AGAIN = Retry(NoBackoff(), 1, supported_errors=(Moved,))


def clients(address: Address, community: str, *patience: float) -> list[Any]:
    """A client for each of these times to wait for an answer, in seconds; all led alike."""
    if address.kind is Kind.SERVER:
        return [
            redis.Redis.from_url(address.url, socket_timeout=one, **SETTINGS) for one in patience
        ]
    login = {"username": address.user or None, "password": address.password or None}
    asks = SETTINGS | (login if address.kind is Kind.CLUSTER else {})
    guide = Guide(address, community, **asks, ssl=address.tls)
    kind = LedOverTLS if address.tls else Led
    settings = SETTINGS | login | {"retry": AGAIN, "guide": guide}
    pools = [redis.ConnectionPool(kind, socket_timeout=one, **settings) for one in patience]
    return [redis.Redis.from_pool(pool) for pool in pools]
