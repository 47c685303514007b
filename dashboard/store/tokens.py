"""Tokens of machines. A token is shown once; the store keeps only its SHA-256.

A token is known by its label, and so are the reports that it makes: a new token under the label
of a revoked one goes on where that stopped.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from secrets import token_hex, token_urlsafe

from . import wire
from .connection import Connection, fingerprint, steady


class LabelTaken(Exception):
    """Another token has this label."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a machine may reach: these sites, or every site where ``sites`` is None."""

    label: str
    sites: tuple[str, ...] | None
    created_at: datetime
    used_on: date | None = None

    def reaches(self, site: str) -> bool:
        return self.sites is None or site in self.sites


class Tokens:
    """The store's side of what machines show to get in."""

    def __init__(self, connection: Connection):
        self._store = connection
        self._keys = [connection.key("tokens"), connection.key("tokens-used")]
        self._noted: dict[str, date] = {}

    def create(self, label: str, sites: Sequence[str] | None, who: str, now: datetime) -> str:
        """Makes a token and returns it, for the only time. Raises LabelTaken, StoreDown."""
        if label in {one.label for one in self.all()}:
            raise LabelTaken(label)
        token = f"beds_{token_urlsafe(32)}"
        told = {"label": label, "sites": sites, "created": wire.to_ms(now)}
        change = {"field": fingerprint(token), "text": json.dumps(told)}
        self._note("token-created", label, who, now, self._keys[:1], [change])
        return token

    def revoke(self, label: str, who: str, now: datetime) -> bool:
        """Ends a token at once; False where no token has this label. Raises StoreDown."""
        with steady():
            kept = self._store.client.hgetall(self._keys[0])
        found = [mark for mark, text in kept.items() if json.loads(text)["label"] == label]
        if not found:
            return False
        keys = [self._keys[0]] * len(found) + self._keys[1:]
        changes = [{"field": name} for name in [*found, label]]
        self._note("token-revoked", label, who, now, keys, changes)
        return True

    def _note(
        self,
        act: str,
        label: str,
        who: str,
        now: datetime,
        keys: list[str],
        changes: list[dict[str, str]],
    ) -> None:
        key = token_hex(16)
        asked = {"act": act, "about": label, "now": wire.to_ms(now), "changes": changes}
        self._store.run("note", keys, who, key, key, asked)

    def all(self) -> list[Token]:
        """Every token that is not revoked, by label. Raises StoreDown."""
        with steady():
            texts = self._store.client.hvals(self._keys[0])
            used = self._store.client.hgetall(self._keys[1])
        found = [_token(text) for text in texts]
        found = [_token(text, used.get(one.label)) for text, one in zip(texts, found, strict=True)]
        return sorted(found, key=lambda one: one.label)

    def find(self, token: str, now: datetime) -> Token | None:
        """Whose token this is; None for a wrong or revoked one. Notes the day.

        Raises MemoryGone where the store may have known it and lost all, and StoreDown.
        """
        mark, today = fingerprint(token), now.date()
        with steady():
            text = self._store.client.hget(self._keys[0], mark)
            if text is None:
                self._store.remembers()
                return None
            found = _token(text)
            if self._noted.get(mark) != today:  # once a day in each process, not with each report
                self._store.client.hset(self._keys[1], found.label, today.isoformat())
                self._noted[mark] = today
        return replace(found, used_on=today)


def _token(text: str, used: str | None = None) -> Token:
    told = json.loads(text)
    sites = None if told["sites"] is None else tuple(told["sites"])
    used_on = date.fromisoformat(used) if used else None
    return Token(told["label"], sites, wire.from_ms(told["created"]), used_on)
