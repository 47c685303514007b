"""Areas and the minutes between them in the store; the stream only says that they changed.

One hash: a field for each area, and one for each pair that somebody has timed. So two coordinators
who edit different pairs never undo each other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from secrets import token_hex

from ..travel import Leg, Pair, Travel, ordered, pair
from . import wire
from .connection import Connection, steady

Change = dict[str, str]


class Areas:
    """The store's side of what the coordinator knows of the town."""

    def __init__(self, connection: Connection):
        self._store = connection
        self._key = connection.key("areas")

    def travel(self) -> Travel:
        """All of it. Raises StoreDown."""
        with steady():
            kept = self._store.client.hgetall(self._key)
        fields = [(json.loads(field), text) for field, text in kept.items()]
        areas = ordered(names[0] for names, _ in fields if len(names) == 1)
        legs = {pair(*names): _leg(text) for names, text in fields if len(names) == 2}
        return Travel(tuple(areas), legs)

    def save(self, areas: Iterable[str], legs: Mapping[Pair, Leg], who: str, now: datetime) -> None:
        """Adds these areas, and sets these legs; one without minutes goes. Raises StoreDown."""
        changes = [{"field": _field(name), "text": "1"} for name in areas]
        changes += [_change(between, leg) for between, leg in legs.items()]
        self._note("areas-saved", changes, who, now)

    def remove(self, area: str, who: str, now: datetime) -> None:
        """Takes an area away, and every leg that leads to it. Raises StoreDown."""
        legs = [between for between in self.travel().legs if area in between]
        fields = [_field(area), *(_field(*between) for between in legs)]
        self._note("area-removed", [{"field": field} for field in fields], who, now)

    def _note(self, act: str, changes: list[Change], who: str, now: datetime) -> None:
        if not changes:
            return
        key, keys = token_hex(16), [self._key] * len(changes)
        asked = {"act": act, "about": "", "now": wire.to_ms(now), "changes": changes}
        self._store.run("note", keys, who, key, key, asked)


def _field(*names: str) -> str:
    return json.dumps(names, ensure_ascii=False)


def _change(between: Pair, leg: Leg) -> Change:
    change = {"field": _field(*pair(*between))}
    return change | {"text": json.dumps([leg.walk, leg.drive])} if leg else change


def _leg(text: str) -> Leg:
    walk, drive = json.loads(text)
    return Leg(walk, drive)
