"""Fetches a warning from the one address that the settings name: briefly, little, nowhere else.

It follows no redirect. With https it reaches only public addresses; with http, where nobody could
tell who answers, only those of one's own network.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Timer
from urllib.parse import urlsplit

from .cap import LARGEST, NotTaken, Why

PATIENCE = 3.0  # seconds for each step
LONGEST = 8.0  # seconds for all of it
CHUNK = 16 * 1024
GATEWAYS = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))  # RFC 6052, RFC 8215


def fetch(address: str) -> bytes:
    """What stands there. Raises NotTaken."""
    if not address:
        raise NotTaken(Why.NOT_SET)
    parts = urlsplit(address)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    host = _number(parts.hostname or "", port, public=secure)
    try:
        with socket.create_connection((host, port), PATIENCE) as plain:
            connection = _wrapped(plain, parts.hostname or "") if secure else plain
            return _read(connection, parts.netloc, f"{parts.path or '/'}?{parts.query}".rstrip("?"))
    except (OSError, HTTPException):
        raise NotTaken(Why.NO_ANSWER) from None


def _number(host: str, port: int, public: bool) -> str:
    """The number of this name, which is then the one that is called."""
    try:
        found = {one[4][0] for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError:
        raise NotTaken(Why.NO_ANSWER) from None
    numbers = sorted(str(one) for one in found)
    if any(_is_public(one) != public for one in numbers):
        raise NotTaken(Why.ELSEWHERE)
    return numbers[0]


def _is_public(number: str) -> bool:
    found = ip_address(number.partition("%")[0])
    if isinstance(found, IPv6Address) and (within := _within(found)):
        found = within
    return found.is_global and not found.is_multicast


def _within(found: IPv6Address) -> IPv4Address | None:
    """The older number that one of these stands for, or leads to through a gateway."""
    if any(found in net for net in GATEWAYS):
        return IPv4Address(int(found) & 0xFFFFFFFF)
    return found.ipv4_mapped or found.sixtofour


def _wrapped(plain: socket.socket, host: str) -> socket.socket:
    return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


def _read(connection: socket.socket, host: str, path: str) -> bytes:
    """One GET, cut off when its time is over."""
    timer = Timer(LONGEST, _cut, [connection])
    timer.daemon = True
    timer.start()
    asking = HTTPConnection("unused")
    asking.sock = connection
    try:
        headers = {"Host": host, "Accept": "application/cap+xml, application/xml"}
        asking.request("GET", path, headers=headers | {"Accept-Encoding": "identity"})
        answer = asking.getresponse()
        if answer.status != 200:
            raise NotTaken(Why.ELSEWHERE if 300 <= answer.status < 400 else Why.NO_ANSWER)
        found = b""
        while chunk := answer.read(CHUNK):
            found += chunk
            if len(found) > LARGEST:
                raise NotTaken(Why.TOO_LARGE)
        return found
    finally:
        timer.cancel()
        connection.close()


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
