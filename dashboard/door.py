"""The front door: who may try to sign in now, and how long others wait.

An account waits longer after every failure, wherever they come from. A browser on which somebody
has signed in before has its own count for them, so strangers lock nobody out of their own desk.
Addresses are counted in memory only.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from secrets import token_hex

from itsdangerous import BadSignature, URLSafeSerializer
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from .store import Tries

BY_ADDRESS = RateLimitItemPerMinute(30, 10)  # failures in ten minutes, in each worker
QUESTIONS = RateLimitItemPerMinute(60, 10)  # put to passkeys in ten minutes, in each worker
ENROLLED = 12  # accounts that one browser remembers


class Closed(Exception):
    """Too many tries; ``seconds`` until the next may be made."""

    def __init__(self, seconds: int):
        super().__init__(f"{seconds} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser, and by mark the accounts that have signed in there, the newest last."""

    id: str
    marks: tuple[str, ...] = ()

    def knows(self, login: str) -> bool:
        return _mark(login) in self.marks

    def with_login(self, login: str) -> Browser:
        others = [mark for mark in self.marks if mark != _mark(login)]
        return replace(self, marks=(*others, _mark(login))[-ENROLLED:])


class Door:
    """Slows guessing. One for each process."""

    def __init__(self, tries: Tries, secret: str | bytes | None):
        self._tries = tries
        self._addresses = MovingWindowRateLimiter(MemoryStorage())
        self._sealed = URLSafeSerializer(secret or "", salt="device")

    def knock(self, login: str, browser: Browser, address: str, now: datetime) -> None:
        """Raises Closed, StoreDown. The try counts as a failure until ``opened``."""
        if not browser.knows(login):
            self._by_address(_net(address))
        wait = self._tries.knock(_door(login, browser), now)
        if wait:
            raise Closed(wait)

    def opened(self, login: str, browser: Browser) -> None:
        """They gave the right password. Raises StoreDown."""
        self._tries.forget(_door(login, browser))

    def missed(self, browser: Browser, login: str, address: str) -> None:
        """They did not."""
        if not browser.knows(login):
            self._addresses.hit(BY_ADDRESS, _net(address))

    def asked(self, asker: str) -> None:
        """An address, or a desk's device, wants a question for a passkey. Raises Closed."""
        if not self._addresses.hit(QUESTIONS, _net(asker)):
            raise Closed(60)

    def browser(self, cookie: str | None) -> Browser:
        """The browser that this cookie names; a new one where it names none."""
        try:
            id_, *marks = self._sealed.loads(cookie or "")
        except (BadSignature, ValueError, TypeError):
            return Browser(token_hex(8))
        return Browser(id_, tuple(marks))

    def cookie(self, browser: Browser) -> str:
        return str(self._sealed.dumps([browser.id, *browser.marks]))

    def _by_address(self, net: str) -> None:
        if not self._addresses.test(BY_ADDRESS, net):
            ends = self._addresses.get_window_stats(BY_ADDRESS, net).reset_time
            raise Closed(max(1, math.ceil(ends - time.time())))


def _door(login: str, browser: Browser) -> str:
    return f"device:{browser.id}:{login}" if browser.knows(login) else f"login:{login}"


def _mark(login: str) -> str:
    return sha256(login.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _net(address: str) -> str:
    """The address; of IPv6 the half that one household has."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    plain = found.ipv4_mapped if isinstance(found, IPv6Address) else found
    return str(plain or int(found) >> 64)
