"""What desks declare for tonight: one intention, one script, one entry of the stream."""

from __future__ import annotations

import json
from datetime import datetime

from ..declaring import Heard, Saying
from ..reports import Outcome
from . import declared, wire
from .connection import Connection, fingerprint


class Evenings:
    """The store's side of what a desk declares of its site and its bed groups."""

    def __init__(self, connection: Connection):
        self._store = connection

    def say(self, saying: Saying, now: datetime) -> Heard:
        """Keeps a declaration, or ends one. Raises StoreDown: then say it again, with its key."""
        said = saying.declaration
        asked = {
            "site": saying.site,
            "group": saying.group,
            "topic": saying.topic,
            "declared": declared.pack(said) if said else None,
            "seen": saying.seen,
            "now": wire.to_ms(now),
            "source": saying.hand.source,
            "device": saying.hand.device or None,
        }
        keys = [self._store.key(name) for name in ("sites", "groups", "declared")]
        digest = fingerprint(_told(saying))
        heard = self._store.run("declare", keys, saying.hand.who, saying.key, digest, asked)
        stands = heard.get("declared")
        return Heard(
            Outcome(heard["outcome"]),
            heard.get("version", ""),
            declared.declaration(stands) if stands else None,
            bool(heard.get("repeated")),
        )


def _told(saying: Saying) -> str:
    """What makes two sayings the same one: what was typed, not what follows from the hour."""
    place = ["declare", saying.site, saying.group, saying.topic]
    said = saying.declaration
    if said is None:
        return json.dumps([*place, "end", saying.seen])
    told = declared.pack(said)
    what = [told.get(name) for name in ("time", "count", "reason")]
    return json.dumps([*place, *what, saying.lasts, saying.seen])
