"""What a community settled, in the store: a hash with one text for each setting, and its entries.

Each text stands with who settled it, when, for the how many-th time, and what stood shortly before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..customs import SettingChanged, Settled, Settlement, Was, in_order
from ..events import Event, Noted, Version
from ..reports import Outcome
from ..settling import Settling
from ..terms import Setting
from .connection import Connection, fingerprint
from .instants import from_ms, to_ms


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of it: saved, conflict (then ``current`` is what stands) or key-reused."""

    outcome: Outcome
    version: str = ""
    current: Settled | None = None


class Customs:
    """The store's side of the community's settings."""

    def __init__(self, connection: Connection):
        self._store = connection

    def settle(self, said: Settling, who: str, now: datetime) -> Heard:
        """Lets a text stand; '' leaves it to the environment. Raises StoreDown."""
        asked = {"name": said.name, "text": said.text, "seen": said.seen, "now": to_ms(now)}
        digest = fingerprint(json.dumps(["settle", said.name, said.text, said.seen]))
        keys = [self._store.key("settings")]
        heard = self._store.run("settle", keys, who, said.key, digest, asked)
        stands = heard.get("settled")
        return Heard(
            Outcome(heard["outcome"]),
            heard.get("version", ""),
            _settled(said.name, stands) if stands else None,
        )


def settlement(hash_: Mapping[str, str]) -> Settlement:
    """All that was settled. What only a later version of the product knows is left out."""
    known = list(Setting)
    return in_order(
        _settled(Setting(name), json.loads(text)) for name, text in hash_.items() if name in known
    )


def event(version: Version, entry: Mapping[str, str]) -> Event:
    """The entry of one change as a value."""
    name, who, at = entry["name"], entry["who"], from_ms(entry["now"])
    if name not in list(Setting):
        return Noted(version, entry["kind"], name, who, at)
    settled = _settled(Setting(name), json.loads(entry["settled"]))
    return SettingChanged(version, settled, entry["before"], who, at)


def _settled(name: Setting, told: Mapping[str, Any]) -> Settled:
    was = tuple(Was(one["text"], from_ms(one["until"])) for one in told["was"])
    return Settled(name, told["text"], told["who"], from_ms(told["at"]), told["turn"], was)
