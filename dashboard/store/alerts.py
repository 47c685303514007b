"""Cold-weather mode in the store: issuing, changing and logging are one script and one entry each.

Hashes: ``alerts`` by id, ``draft`` with the one draft, ``nights`` by date.
"""

from __future__ import annotations

import json
from datetime import datetime
from secrets import token_hex
from typing import Any

from ..alerts import Act, Answer, Draft, Ending, Issued, Outcome
from ..coldnights import Night
from . import alerted, wire
from .connection import Connection, fingerprint, steady


class Alerts:
    """The store's side of the coordinator's cold nights."""

    def __init__(self, connection: Connection):
        self._store = connection

    def draft(self) -> Draft | None:
        """What is drafted now. Raises StoreDown."""
        with steady():
            return alerted.draft(self._store.client.hget(self._store.key("draft"), "draft"))

    def save_draft(self, draft: Draft | None, who: str, now: datetime) -> None:
        """Keeps a draft in the place of the one before; None: there is none. Raises StoreDown."""
        change = {"field": "draft"} | ({"text": alerted.pack_draft(draft)} if draft else {})
        act = "alert-drafted" if draft else "alert-draft-dropped"
        asked = {"act": act, "about": draft.cold if draft else "", "now": wire.to_ms(now)}
        key = token_hex(16)
        self._store.run("note", [self._store.key("draft")], who, key, key, asked | _only(change))

    def issue(self, alert: Issued, typed: str, key: str, now: datetime) -> Answer:
        """Issues an alert, and takes the draft away. ``typed`` tells two forms with one key apart.

        Raises StoreDown: then issue it again, with its key.
        """
        asked = {"alert": alerted.pack(alert), "now": wire.to_ms(now)}
        keys = [self._store.key("alerts"), self._store.key("draft")]
        digest = fingerprint(json.dumps(["issue", alert.cold, alert.reason, alert.area, typed]))
        return _answer(self._store.run("issue_alert", keys, alert.who, key, digest, asked))

    def extend(
        self, id_: str, until: datetime, seen: str, who: str, key: str, now: datetime
    ) -> Answer:
        """Lets an alert end later than its sender saw in version ``seen``. Raises StoreDown."""
        return self._change(Act.EXTENDED, id_, seen, who, key, now, {"until": wire.to_ms(until)})

    def cancel(self, id_: str, why: Ending, seen: str, who: str, key: str, now: datetime) -> Answer:
        """Ends an alert now, or before it began. Raises StoreDown."""
        return self._change(Act.CANCELLED, id_, seen, who, key, now, {"ending": why})

    def _change(
        self,
        act: Act,
        id_: str,
        seen: str,
        who: str,
        key: str,
        now: datetime,
        change: dict[str, Any],
    ) -> Answer:
        asked = {"act": act, "id": id_, "seen": seen, "now": wire.to_ms(now), **change}
        digest = fingerprint(json.dumps([act, id_, seen, change]))
        return _answer(
            self._store.run("change_alert", [self._store.key("alerts")], who, key, digest, asked)
        )

    def log(self, night: Night, seen: str, key: str, now: datetime) -> Answer:
        """Writes down a night of which the sender saw version ``seen``. Raises StoreDown."""
        told = alerted.pack_night(night)
        asked = {"night": told, "seen": seen, "now": wire.to_ms(now)}
        typed = {name: value for name, value in told.items() if name not in ("who", "at")}
        digest = fingerprint(json.dumps(["night", seen, typed], sort_keys=True))
        return _answer(
            self._store.run("log_night", [self._store.key("nights")], night.who, key, digest, asked)
        )

    def nights(self) -> list[Night]:
        """Every night that was written down. Raises StoreDown."""
        with steady():
            texts = self._store.client.hvals(self._store.key("nights"))
        return [alerted.night(json.loads(text)) for text in texts]


def _only(change: dict[str, str]) -> dict[str, Any]:
    return {"changes": [change]}


def _answer(said: dict[str, Any]) -> Answer:
    stands = said.get("alert")
    alert = alerted.alert(stands) if stands else None
    return Answer(Outcome(said["outcome"]), said.get("version", ""), alert)
