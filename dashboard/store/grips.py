"""What holds and asks share: a hand on one of them, each intention a script, and how it ended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any

from ..people import Hand
from ..reports import Answer
from . import wire
from .connection import Connection, fingerprint, steady
from .reports import answer

# The keys that a script needs which may keep a bed, in its order.
ASKING = ("groups", "figures", "holds", "holds-ended", "asks", "asks-ended")


@dataclass(frozen=True, slots=True)
class Grip:
    """Somebody's hand on one open hold or ask of their ``site`` or of their ``agency``."""

    hold: str
    hand: Hand
    key: str
    site: str = ""
    agency: str = ""


class Gripped:
    """The store's side of what somebody on the way has: open, until it ends."""

    def __init__(self, connection: Connection):
        self._store = connection

    def _asked(self, grip: Grip, now: datetime) -> dict[str, Any]:
        whose = {"site": grip.site or None, "agency": grip.agency or None}
        return by(grip.hand, now) | {"id": grip.hold} | whose

    def _act(
        self, script: str, names: Sequence[str], grip: Grip, asked: dict[str, Any], act: str
    ) -> Answer:
        return self._run(script, names, grip.hand, grip.key, [grip.hold, act], asked)

    def _run(
        self,
        script: str,
        names: Sequence[str],
        hand: Hand,
        key: str,
        told: Sequence[str],
        asked: dict[str, Any],
    ) -> Answer:
        keys, digest = [self._store.key(name) for name in names], fingerprint(json.dumps(told))
        return answer(self._store.run(script, keys, hand.who, key, digest, asked))

    def _lapse(self, script: str, names: Sequence[str], id_: str, now: datetime) -> None:
        key = token_hex(16)
        keys = [self._store.key(name) for name in names]
        self._store.run(script, keys, "", key, key, {"id": id_, "now": wire.to_ms(now)})

    def _over(self, name: str) -> list[dict[str, Any]]:
        with steady():
            texts = self._store.client.hvals(self._store.key(name))
        return [json.loads(text) for text in texts]


def by(hand: Hand, now: datetime) -> dict[str, Any]:
    return {"source": hand.source, "device": hand.device or None, "now": wire.to_ms(now)}
