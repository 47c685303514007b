"""Motel vouchers in the store: one field for each agency, each turn one script and one entry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from ..beds import Source
from ..events import Event, Noted, Version
from ..people import Hand
from ..vouchers import Pool, Turn, VouchersTurned, Why
from .connection import Connection, fingerprint, steady
from .instants import from_ms, to_ms


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
        return _pool(text) or Pool(agency)

    def all(self) -> list[Pool]:
        """Every pool that there is, by agency. Raises StoreDown."""
        with steady():
            texts = self._store.client.hvals(self._key)
        found = (Pool(**json.loads(text)) for text in texts)
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
        more = asked | {"source": hand.source, "now": to_ms(now)}
        said = self._store.run("voucher", [self._key], hand.who, key, digest, more)
        if said["outcome"] == "too-few":
            raise TooFew
        if said["outcome"] == "key-reused":
            raise KeyReused


def event(version: Version, entry: Mapping[str, str]) -> Event:
    """One turn as a value; Noted where only a later version of the product can read it."""
    who, at, why = entry["who"], from_ms(entry["now"]), entry["why"]
    after = Pool(**json.loads(entry["after"]), version=version.entry)
    if entry["turn"] not in list(Turn) or (why and why not in list(Why)):
        return Noted(version, f"vouchers-{entry['turn']}", after.agency, who, at)
    return VouchersTurned(
        version,
        Turn(entry["turn"]),
        int(entry["nights"]),
        Why(why) if why else None,
        _pool(entry["before"]),
        after,
        Source(entry["source"]),
        who,
        at,
    )


def _pool(text: str | None) -> Pool | None:
    return Pool(**json.loads(text)) if text else None
