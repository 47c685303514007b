"""Passkeys: public keys of people's phones and security keys, and the questions put to them.

A question (the protocol's challenge) is answered once, by the browser that got it, within
minutes. Nothing kept here lets anybody sign in.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_bytes, token_hex, token_urlsafe
from typing import Any

from . import wire
from .connection import Connection, fingerprint, steady

MOST = 10  # passkeys of one person
ASKED = timedelta(minutes=5)


class PasskeyTaken(Exception):
    """This passkey is there already."""


class TooManyPasskeys(Exception):
    """One has to be taken away first."""


class NoSuchPasskey(Exception):
    """There is no such passkey, or what it says is what a copy would say."""


@dataclass(frozen=True, slots=True)
class Passkey:
    """``id`` and ``public_key`` in base64url; ``count`` is what its own counter said last."""

    id: str
    public_key: str
    count: int
    name: str
    made_at: datetime
    used_at: datetime | None = None


class Passkeys:
    """The store's side of WebAuthn."""

    def __init__(self, connection: Connection):
        self._store = connection
        self._name = connection.key("passkeys")

    def of(self, person: str) -> list[Passkey]:
        """The passkeys of a person, the oldest first. Raises StoreDown."""
        with steady():
            text = self._store.client.hget(self._name, person)
        return listed(text)

    def add(self, person: str, passkey: Passkey, now: datetime) -> None:
        """Raises PasskeyTaken, TooManyPasskeys, StoreDown."""
        told = {"key": passkey.public_key, "count": passkey.count, "name": passkey.name}
        told["made"] = wire.to_ms(now)
        asked = {"id": passkey.id, "key": json.dumps(told), "most": MOST}
        self._act("passkey", person, asked | {"act": "passkey-added"}, now)

    def remove(self, person: str, id_: str, now: datetime) -> None:
        """Raises NoSuchPasskey, StoreDown."""
        self._act("passkey", person, {"id": id_, "act": "passkey-removed"}, now)

    def used(self, person: str, id_: str, count: int, now: datetime) -> None:
        """Raises NoSuchPasskey where it is gone or looks like a copy, and StoreDown."""
        self._act("passkey_used", person, {"id": id_, "count": count}, now)

    def ask(self, person: str) -> tuple[str, bytes]:
        """A new question: a token for the browser's session, and 32 random bytes.

        ``person``: who adds a passkey, '' for somebody who signs in. Raises StoreDown.
        """
        token, question = token_urlsafe(24), token_bytes(32)
        text = json.dumps({"person": person, "question": question.hex()})
        with steady():
            self._store.client.set(self._key(token), text, ex=ASKED)
        return token, question

    def asked(self, token: str, person: str) -> bytes | None:
        """The question behind a token, for the only time; None if there is none for ``person``.

        Raises StoreDown.
        """
        with steady():
            text = self._store.client.getdel(self._key(token))
        told: dict[str, str] = json.loads(text) if text else {}
        return bytes.fromhex(told["question"]) if told.get("person") == person else None

    def _act(self, script: str, person: str, asked: dict[str, Any], now: datetime) -> None:
        key, told = token_hex(16), asked | {"person": person, "now": wire.to_ms(now)}
        said = self._store.run(script, [self._name], person, key, key, told)
        if said["outcome"] in REFUSALS:
            raise REFUSALS[said["outcome"]]

    def _key(self, token: str) -> str:
        return self._store.key("asked", fingerprint(token))


REFUSALS: dict[str, type[Exception]] = {
    "taken": PasskeyTaken,
    "too-many": TooManyPasskeys,
    "no-passkey": NoSuchPasskey,
    "copied": NoSuchPasskey,
}


def listed(text: str | None) -> list[Passkey]:
    """The passkeys that stand in a text of the store, the oldest first."""
    found = [
        Passkey(
            id_,
            told["key"],
            int(told["count"]),
            told["name"],
            wire.from_ms(int(told["made"])),
            wire.from_ms(int(told["used"])) if "used" in told else None,
        )
        for id_, told in (json.loads(text) if text else {}).items()
    ]
    return sorted(found, key=lambda one: (one.made_at, one.id))
