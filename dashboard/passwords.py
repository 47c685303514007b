"""Passwords: what is accepted, and how it is kept. Length and rarity count, composition does not.

After NIST SP 800-63B-4, section 3.1.1: at least 12 characters here, no rules of composition.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from threading import BoundedSemaphore
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

SHORTEST = 12
LONGEST = 256
LOOKED_AT = 72  # characters; guessing the strength of more takes seconds
GUESSABLE = 1  # zxcvbn's score from 0 to 4: under a million guesses
COST: dict[str, Any] = {
    "time_cost": 2,
    "memory_cost": 45 * 1024,
    "parallelism": 1,
}  # KiB; above OWASP's least
AT_ONCE = 2  # checks at the same time in one worker; each takes 45 MiB


class Weak(StrEnum):
    """Why a password is refused."""

    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"
    COMMON = "common"


class Passwords:
    """Hashes and checks passwords, a few at a time; one takes about 80 ms."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(**COST)
        self._turn = BoundedSemaphore(AT_ONCE)
        self._nobodys = ""

    def hash(self, password: str) -> str:
        with self._turn:
            return self._hasher.hash(_plain(password))

    def right(self, password: str, kept: str) -> bool:
        """Whether it is the one that was kept; takes as long for '', which nobody's is."""
        if len(password) > LONGEST:
            password, kept = "", ""
        self._nobodys = self._nobodys or self.hash("nobody's")
        with self._turn:
            try:
                self._hasher.verify(kept or self._nobodys, _plain(password))
            except (VerificationError, InvalidHashError):
                return False
        return bool(kept)


def weak(password: str, *own: str) -> Weak | None:
    """Why it can't be used by somebody with ``own`` words (login, name); None where it can."""
    if len(password) > 4 * LONGEST:  # long before its characters are put together, which is slow
        return Weak.TOO_LONG
    plain = _plain(password)
    if len(plain) < SHORTEST:
        return Weak.TOO_SHORT
    if len(plain) > LONGEST:
        return Weak.TOO_LONG
    words = [part for word in own for part in (word, *word.split())]
    found = zxcvbn(plain[:LOOKED_AT], user_inputs=words)
    return Weak.COMMON if found["score"] <= GUESSABLE else None


def _plain(password: str) -> str:
    """One form for one text, however a keyboard composed it."""
    return unicodedata.normalize("NFC", password)
