"""Enrolled devices: made by a one-time link, known by a secret, ended with one act.

Each act is one script with its note in the stream, which names a device by its id. The store
holds links and secrets only as fingerprints.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from hmac import compare_digest
from secrets import token_hex, token_urlsafe
from typing import Any

from ..shifts import Device
from . import wire
from .connection import Connection, fingerprint, steady
from .people import LINK_LASTS, LinkEnded

NOTED_EVERY = 60  # seconds; when a device was last used is written no more often


class NoSuchDevice(Exception):
    """There is no device with this id."""


class Devices:
    """The store's side of which browsers are desks."""

    def __init__(self, connection: Connection):
        self._store = connection
        self._keys = [connection.key("devices"), connection.key("devices-used")]
        self._noted: dict[str, datetime] = {}

    def all(self) -> list[Device]:
        """Every device that is not revoked, by site and name. Raises StoreDown."""
        with steady():
            texts = self._store.client.hgetall(self._keys[0])
            used = self._store.client.hgetall(self._keys[1])
        found = (_device(id_, json.loads(text), used.get(id_)) for id_, text in texts.items())
        return sorted(found, key=lambda one: (one.site, one.name.casefold(), one.id))

    def names(self, ids: Iterable[str]) -> dict[str, str]:
        """The names of those among ``ids`` that are not revoked. Raises StoreDown."""
        wanted = sorted(set(ids))
        if not wanted:
            return {}
        with steady():
            texts = self._store.client.hmget(self._keys[0], wanted)
        told = zip(wanted, texts, strict=True)
        return {id_: str(json.loads(text)["name"]) for id_, text in told if text}

    def make(self, name: str, site: str, who: str, now: datetime) -> str:
        """The token of a link that makes one browser this device. Raises StoreDown."""
        id_, secret = f"d-{token_hex(6)}", token_urlsafe(24)
        told = {"name": name, "site": site, "made": wire.to_ms(now)}
        told |= {"link": fingerprint(secret), "ends": wire.to_ms(now + LINK_LASTS)}
        change = {"field": id_, "text": json.dumps(told)}
        asked = {"act": "device-link", "about": id_, "changes": [change]}
        self._act("note", self._keys[:1], who, now, asked)
        return f"{id_}.{secret}"

    def invited(self, token: str, now: datetime) -> Device:
        """Which device this link makes. Raises LinkEnded, StoreDown."""
        id_, _, secret = token.partition(".")
        told = self._read(id_)
        right = compare_digest(told.get("link", ""), fingerprint(secret))
        if not right or told["ends"] <= wire.to_ms(now):
            raise LinkEnded
        return _device(id_, told)

    def enrol(self, token: str, now: datetime) -> str:
        """Uses the link up; the secret that makes it the device. Raises LinkEnded, StoreDown."""
        id_, _, link = token.partition(".")
        secret = token_urlsafe(32)
        marks = {"link": fingerprint(link), "mark": fingerprint(secret)}
        asked = {"id": id_, "act": "device-enrolled"} | marks
        self._act("enrol", self._keys[:1], id_, now, asked)
        return f"{id_}.{secret}"

    def revoke(self, id_: str, who: str, now: datetime) -> None:
        """Ends a device and every shift on it. Raises NoSuchDevice, StoreDown."""
        keys = [*self._keys, self._store.key("shifts", id_)]
        self._act("revoke", keys, who, now, {"id": id_, "act": "device-revoked"})

    def find(self, secret: str, now: datetime) -> Device | None:
        """Whose secret this is; None for a wrong or revoked one. Notes when. Raises StoreDown."""
        id_, _, rest = secret.partition(".")
        found = self.of(id_, fingerprint(rest))
        if found and _seconds(now, self._noted.get(id_)) >= NOTED_EVERY:
            with steady():
                self._store.client.hset(self._keys[1], id_, wire.to_ms(now))
            self._noted[id_] = now
        return found

    def of(self, id_: str, mark: str) -> Device | None:
        """The same, by the fingerprint of the secret alone. Raises StoreDown."""
        told = self._read(id_)
        return _device(id_, told) if compare_digest(told.get("mark", ""), mark) else None

    def _read(self, id_: str) -> dict[str, Any]:
        with steady():
            text = self._store.client.hget(self._keys[0], id_)
        return dict(json.loads(text)) if text else {}

    def _act(
        self, script: str, keys: Iterable[str], who: str, now: datetime, asked: dict[str, Any]
    ) -> None:
        key = token_hex(16)
        told = asked | {"now": wire.to_ms(now)}
        said = self._store.run(script, list(keys), who, key, key, told)
        if said["outcome"] in REFUSALS:
            raise REFUSALS[said["outcome"]]


REFUSALS: dict[str, type[Exception]] = {"link-ended": LinkEnded, "no-device": NoSuchDevice}


def _device(id_: str, told: dict[str, Any], used: str | None = None) -> Device:
    return Device(
        id_,
        told["name"],
        told["site"],
        wire.from_ms(told["made"]),
        wire.from_ms(told["ends"]) if "ends" in told else None,
        wire.from_ms(used) if used else None,
    )


def _seconds(now: datetime, then: datetime | None) -> float:
    return abs((now - then).total_seconds()) if then else NOTED_EVERY
