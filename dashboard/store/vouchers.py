"""Motel vouchers in the store: one field for each agency, each turn one script with its note."""

from __future__ import annotations

import json
from datetime import datetime

from ..people import Hand
from ..vouchers import Pool, Turn, Why
from . import wire
from .connection import Connection, fingerprint, steady


class TooFew(Exception):
    """There are fewer nights than that."""


class KeyReused(Exception):
    """The key was sent before, with something else."""


class Vouchers:
    """The store's side of the pools."""

    def __init__(self, connection: Connection):
        self._store = connection
        self._key = connection.key("vouchers")

    def pool(self, agency: str) -> Pool:
        """One agency's. Raises StoreDown."""
        with steady():
            text = self._store.client.hget(self._key, agency)
        return Pool(agency, **json.loads(text or "{}"))

    def all(self) -> list[Pool]:
        """Every pool that there is, by agency. Raises StoreDown."""
        with steady():
            kept = self._store.client.hgetall(self._key)
        found = (Pool(agency, **json.loads(text)) for agency, text in kept.items())
        return sorted(found, key=lambda pool: pool.agency.casefold())

    def turn(
        self,
        agency: str,
        turn: Turn,
        nights: int,
        hand: Hand,
        key: str,
        now: datetime,
        why: Why | None = None,
    ) -> None:
        """Moves ``nights``, once however often it is sent. Raises TooFew, KeyReused, StoreDown."""
        asked = {"agency": agency, "turn": turn, "nights": nights, "why": why}
        digest = fingerprint(json.dumps(asked))
        more = asked | {"source": hand.source, "now": wire.to_ms(now)}
        said = self._store.run("voucher", [self._key], hand.who, key, digest, more)
        if said["outcome"] == "too-few":
            raise TooFew
        if said["outcome"] == "key-reused":
            raise KeyReused
