"""Turn-aways and hand-overs in the store: each one script and one entry, without anybody's name."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from ..events import Event, TurnAwayUndone, TurnedAway, Version
from ..people import Hand
from ..reports import Answer, Outcome
from ..turnaways import UNDO_FOR, Tally, TurnAway, TurningAway, ordered
from . import wire
from .connection import Connection, fingerprint, steady

NOTHING: dict[str, Any] = {"reset": 0, "counts": {}, "recent": {}}
WITHIN = UNDO_FOR // timedelta(milliseconds=1)


class Turned:
    """The store's side of who was turned away (how often, never who), and of hand-overs."""

    def __init__(self, connection: Connection):
        self._store = connection
        self._key = connection.key("turned")

    def turn_away(
        self,
        site: str,
        turned: TurningAway,
        hand: Hand,
        reset: datetime,
        now: datetime,
    ) -> Answer:
        """Notes one; ``reset`` is the last daily reset. Again with the same key it counts once.

        Raises StoreDown.
        """
        asked = {"reason": turned.reason, "observed": wire.to_ms(min(turned.observed_at, now))}
        asked |= {"reset": wire.to_ms(reset), "within": WITHIN}
        return self._say("turn_away", site, asked, hand, turned.key, now)

    def turn_back(self, site: str, undoes: str, hand: Hand, key: str, now: datetime) -> Answer:
        """Takes the one back that made this version, within a minute. Raises StoreDown."""
        return self._say("turn_back", site, {"undoes": undoes, "within": WITHIN}, hand, key, now)

    def hand_over(self, site: str, hand: Hand, key: str, now: datetime) -> Answer:
        """Writes down that a shift ended here and the next began. Raises StoreDown."""
        return self._say("hand_over", site, {}, hand, key, now)

    def _say(
        self, script: str, site: str, asked: dict[str, Any], hand: Hand, key: str, now: datetime
    ) -> Answer:
        told = fingerprint(json.dumps([script, site, asked.get("reason"), asked.get("undoes")]))
        asked |= {"site": site, "now": wire.to_ms(now)}
        asked |= {"source": hand.source, "device": hand.device or None}
        keys = [] if script == "hand_over" else [self._store.key("sites"), self._key]
        said = self._store.run(script, keys, hand.who, key, told, asked)
        repeated = bool(said.get("repeated"))
        return Answer(Outcome(said["outcome"]), said.get("version", ""), repeated=repeated)

    def today(self, site: str, reset: datetime, now: datetime, epoch: str) -> Tally:
        """Since ``reset``, the last one; ``epoch`` is the board's. Raises StoreDown."""
        with steady():
            text = self._store.client.hget(self._key, site)
        kept: dict[str, Any] = json.loads(text) if text else NOTHING
        counts = kept["counts"] if kept["reset"] == wire.to_ms(reset) else {}
        sure = [id_ for id_, one in kept["recent"].items() if wire.to_ms(now) - one["at"] <= WITHIN]
        told = {reason: counts[reason] for reason in TurnAway if reason in counts}
        if not sure:
            return Tally(told)
        newest = max((Version.parse(f"{epoch}:{id_}") for id_ in sure), key=lambda one: one.point)
        one = kept["recent"][newest.entry]
        until = wire.from_ms(one["at"]) + UNDO_FOR
        return Tally(told, str(newest), TurnAway(one["reason"]), until)

    def kept(self) -> dict[str, dict[str, Any]]:
        """Every site's tally as it is kept, for who compares. Raises StoreDown."""
        with steady():
            texts = self._store.client.hgetall(self._key)
        return {site: json.loads(text) for site, text in texts.items()}


def miscounted(kept: dict[str, dict[str, Any]], events: Iterable[Event]) -> list[str]:
    """The sites whose tally is not what the stream says up to the tally's last entry."""
    found: dict[str, dict[str, TurnedAway]] = {site: {} for site in kept}
    for event in events:
        if not isinstance(event, TurnedAway | TurnAwayUndone) or event.site not in kept:
            continue
        if event.version.point > _point(kept[event.site]["last"]):
            continue
        if isinstance(event, TurnedAway):
            found[event.site][event.version.entry] = event
        else:
            found[event.site].pop(event.undoes, None)
    return [
        site for site in sorted(kept) if kept[site]["counts"] != _since(kept[site], found[site])
    ]


def _since(tally: dict[str, Any], turned: dict[str, TurnedAway]) -> dict[str, int]:
    reset = wire.from_ms(tally["reset"])
    told = ordered(event.reason for event in turned.values() if event.observed_at >= reset)
    return {str(reason): count for reason, count in told.items()}


def _point(entry: str) -> tuple[int, int]:
    return Version.parse(f"a:{entry}").point
