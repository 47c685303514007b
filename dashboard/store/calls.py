"""Calls to sites: taking one, ending it, and the lapse that the clock brings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from ..calls import LEASE, Call, CallEnd
from ..people import Hand
from ..reports import Answer, Outcome
from . import called, wire
from .connection import Connection, fingerprint
from .grips import by
from .reports import answer

KEYS = ("sites", "calls", "called")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A site that needs a call; ``seen`` is the last call made there that its reader knew of.

    Another one means that somebody has phoned it since: it is not given away again.
    """

    site: str
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of taking a call: saved, with the call, or no-call where none is left."""

    outcome: Outcome
    call: Call | None = None
    version: str = ""


class Calls:
    """The store's side of who phones which site."""

    def __init__(self, connection: Connection):
        self._store = connection

    def take(self, wanted: Sequence[Wanted], hand: Hand, key: str, now: datetime) -> Taken:
        """The first of these that nobody else is calling; or the call that this caller has.

        Raises StoreDown; asking again with the same key gives the same call.
        """
        asked = by(hand, now) | {
            "id": token_hex(8),
            "wanted": [{"site": one.site, "seen": one.seen} for one in wanted],
            "expires": wire.to_ms(now + LEASE),
        }
        keys = [self._store.key(name) for name in KEYS]
        # Which sites needed a call at that moment is no part of what was asked.
        said = self._store.run("call", keys, hand.who, key, fingerprint("call"), asked)
        call = called.call(said["call"]) if "call" in said else None
        return Taken(Outcome(said["outcome"]), call, said.get("version", ""))

    def end(self, site: str, id_: str, end: CallEnd, hand: Hand, key: str, now: datetime) -> Answer:
        """Ends a call. One that was made counts as made, also where its time was over.

        Raises StoreDown; ending it again with the same key changes nothing.
        """
        asked = by(hand, now) | {"id": id_, "site": site, "end": end}
        digest = fingerprint(json.dumps(["call-end", site, id_, end]))
        keys = [self._store.key(name) for name in KEYS]
        return answer(self._store.run("end_call", keys, hand.who, key, digest, asked))

    def lapse(self, call: Call, now: datetime) -> None:
        """Says in the stream, once whoever says it, that a call's time is over.

        Raises StoreDown.
        """
        key, asked = token_hex(16), {"id": call.id, "site": call.site, "now": wire.to_ms(now)}
        keys = [self._store.key(name) for name in KEYS]
        self._store.run("lapse_call", keys, "", key, key, asked)
