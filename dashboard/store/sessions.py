"""Who is signed in, and how often somebody failed to. Nothing here enters the stream.

A session lives as long as the password it was begun with: a new one, or none, ends it.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from secrets import token_hex, token_urlsafe
from typing import Any

from ..people import Person
from . import wire
from .connection import Connection, fingerprint, steady
from .people import People

LASTS = timedelta(days=30)  # after it was last used: nobody types a password at 4:55 pm
RENEWED = 3600  # seconds; a session is made to last anew no more often than that
WAITS = (0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900)  # seconds after so many failures
FORGET = 24 * 3600  # seconds after the last failure
WRONG_PINS = 20  # of one person, on all devices together
PIN_BACK = 3600  # seconds after which one of those is given back


class Sessions:
    """The store's side of being signed in."""

    def __init__(self, connection: Connection):
        self._store = connection
        self._people = People(connection)

    def begin(self, id_: str, proof: str, passkey: str = "") -> str:
        """A new session of this person; returns its token. Raises StoreDown.

        One that was begun with a passkey lasts no longer than that.
        """
        token = token_urlsafe(24)
        text = json.dumps({"person": id_, "proof": fingerprint(proof), "passkey": passkey})
        with steady():
            self._store.client.set(self._key(token), text, ex=LASTS)
        return token

    def person(self, token: str) -> Person | None:
        """Who is signed in with this token, if anybody. Raises StoreDown."""
        return self.person_of(fingerprint(token))

    def person_of(self, mark: str) -> Person | None:
        """The same, by the fingerprint of the token. Raises StoreDown."""
        key = self._store.key("session", mark)
        with steady():
            text = self._store.client.get(key)
        if not text:
            return None
        told = json.loads(text)
        known = self._people.find(told["person"])
        if not known or not known.proof or known.person.disabled:
            return None
        if told["proof"] != fingerprint(known.proof):
            return None
        if told.get("passkey", "") not in ("", *known.passkey_marks):
            return None
        self._renew(key)
        return known.person

    def _renew(self, key: str) -> None:
        with steady():
            if 0 < self._store.client.ttl(key) < LASTS.total_seconds() - RENEWED:
                self._store.client.expire(key, LASTS)

    def end(self, token: str) -> None:
        """Raises StoreDown."""
        with steady():
            self._store.client.delete(self._key(token))

    def _key(self, token: str) -> str:
        return self._store.key("session", fingerprint(token))


class Tries:
    """Counts failures to sign in by ``door``: an account, or an account on an enrolled device."""

    def __init__(self, connection: Connection):
        self._store = connection

    def knock(self, door: str, now: datetime) -> int:
        """0 where a try may be made now, and then it counts as failed until ``forget``.

        Otherwise the seconds to wait, and it does not count. Raises StoreDown.
        """
        asked = {"now": wire.to_ms(now), "waits": WAITS, "forget": FORGET}
        key = token_hex(16)
        said = self._store.run("knock", [self._key(door)], "", key, key, asked)
        return int(said["wait"])

    def forget(self, door: str) -> None:
        """Raises StoreDown."""
        with steady():
            self._store.client.delete(self._key(door))

    def knock_pin(self, device: str, person: str, now: datetime) -> int:
        """The same for a PIN: a count for each person on each device, and one over all devices.

        So on all devices together at most 20 + 24 wrong PINs can be tried in a day, and 24 in
        each day after it; the latter count forgets nothing when a PIN was right. Raises StoreDown.
        """
        asked = {"now": wire.to_ms(now), "waits": WAITS, "forget": FORGET}
        asked |= {"most": WRONG_PINS, "every": PIN_BACK * 1000}
        return self._pins("knock_pin", device, person, asked)

    def right_pin(self, device: str, person: str) -> None:
        """Raises StoreDown."""
        self._pins("right_pin", device, person, {})

    def _pins(self, script: str, device: str, person: str, asked: dict[str, Any]) -> int:
        keys = [self._key(f"pin:{device}:{person}"), self._key(f"pins:{person}")]
        key = token_hex(16)
        return int(self._store.run(script, keys, "", key, key, asked)["wait"])

    def _key(self, door: str) -> str:
        return self._store.key("tries", fingerprint(door))
