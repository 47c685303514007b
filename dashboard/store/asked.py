"""How an ask is written in the store and read back, in its hash and in its entries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..asking import Ask, AskEnd
from ..beds import Source
from ..events import Asked, AskEnded, Version
from .instants import from_ms


def ask(told: Mapping[str, Any]) -> Ask:
    return Ask(
        id=told["id"],
        site=told["site"],
        group=told["group"],
        agency=told["agency"],
        made_at=from_ms(told["made"]),
        expires_at=from_ms(told["expires"]),
        arrives_at=from_ms(told["arrives"]),
        who=told["who"],
    )


def asked(version: Version, entry: Mapping[str, str]) -> Asked:
    """The entry of an ask as a value."""
    found = ask(json.loads(entry["ask"]))
    source, at = Source(entry["source"]), from_ms(entry["now"])
    return Asked(version, found, source, entry["who"], at, entry.get("device", ""))


def ended(version: Version, entry: Mapping[str, str]) -> AskEnded:
    """The entry of what became of one."""
    source = Source(entry["source"]) if entry["source"] else None
    place = (entry["id"], entry["site"], entry["group"])
    reason, at = AskEnd(entry["reason"]), from_ms(entry["now"])
    return AskEnded(version, *place, reason, at, entry["who"], source, entry.get("device", ""))
