"""How a declaration is written in the store and read back, in its hash and in its entry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import time
from typing import Any

from ..beds import Source
from ..evening import Declaration, Declarations, Reason, Topic, with_said
from ..events import Declared, Event, Noted, Version
from .instants import from_ms, to_ms


def pack(said: Declaration) -> dict[str, Any]:
    """A declaration as JSON; the id of its entry is written by the script that appends it."""
    given = {
        "topic": said.topic,
        "since": to_ms(said.since),
        "until": to_ms(said.until) if said.until else None,
        "who": said.who,
        "time": said.time.isoformat("minutes") if said.time else None,
        "count": said.count,
        "reason": said.reason,
    }
    return {name: value for name, value in given.items() if value is not None}


def declaration(told: Mapping[str, Any], version: str | None = None) -> Declaration:
    """``version`` is given where the text was written before its entry had an id."""
    return Declaration(
        Topic(told["topic"]),
        from_ms(told["since"]),
        from_ms(told["until"]) if "until" in told else None,
        told["who"],
        version or told["version"],
        time.fromisoformat(told["time"]) if "time" in told else None,
        told.get("count"),
        Reason(told["reason"]) if "reason" in told else None,
    )


def by_place(hash_: Mapping[str, str]) -> dict[str, Declarations]:
    """What was declared by ``site/`` and ``site/group``, from ``site/group/topic``."""
    said: dict[str, Declarations] = {}
    for id_, text in hash_.items():
        place, _, _ = id_.rpartition("/")
        if found := _known(text):
            said[place] = with_said(said.get(place, ()), found.topic, found)
    return said


def event(version: Version, entry: Mapping[str, str]) -> Event:
    """The entry of a declaration, or of its end, as a value."""
    at = from_ms(entry["now"])
    if entry["topic"] not in list(Topic):
        return Noted(version, entry["kind"], "", entry["who"], at)
    return Declared(
        version,
        site=entry["site"],
        group=entry["group"],
        topic=Topic(entry["topic"]),
        now=_known(entry["declared"], version.entry),
        before=_known(entry["before"]),
        source=Source(entry["source"]),
        who=entry["who"],
        at=at,
        device=entry.get("device", ""),
    )


def _known(text: str, version: str | None = None) -> Declaration | None:
    """None for nothing, and for what only a later version of the product can say."""
    if not text:
        return None
    try:
        return declaration(json.loads(text), version)
    except ValueError:
        return None
