"""Reports and undo: each one intention, one script, one entry of the stream."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..beds import MOST
from ..clock import Horizons
from ..people import Hand
from ..record import APART
from ..reports import Answer, Outcome, Report
from . import wire
from .connection import Connection, fingerprint

KEYS = ("groups", "figures", "holds", "holds-ended", "record")


@dataclass(frozen=True, slots=True)
class Undo:
    """Taking back the newest report of a bed group; ``undoes`` is the version that it made.

    ``minds_held`` and ``ending`` as in a Report.
    """

    site: str
    group: str
    undoes: str
    hand: Hand
    key: str
    minds_held: bool = False
    ending: tuple[str, ...] = ()


class Reports:
    """The store's side of what desks and machines say about beds."""

    def __init__(self, connection: Connection):
        self._store = connection

    def report(self, report: Report, judge: Horizons, now: datetime) -> Answer:
        """Keeps one report by the rules for late ones, conflicts and adjustments.

        ``judge`` are the site's horizons at ``now``. Raises StoreDown, and then nobody knows
        whether it was kept: the same report may be sent again with the same key.
        """
        asked = self._asked(report) | {
            "observed": wire.to_ms(min(report.observed_at, now)),
            "stamp": wire.to_ms(report.stamp) if report.stamp else None,
            "now": wire.to_ms(now),
            "reset": wire.to_ms(judge.reset),
            "stale": wire.to_ms(judge.stale),
            "most": MOST,
            "apart": APART // timedelta(milliseconds=1),
        }
        return self._say("report", report.who, report.key, _told(report), asked)

    def _asked(self, report: Report) -> dict[str, Any]:
        return {
            "site": report.site,
            "group": report.group,
            "kind": report.kind,
            "value": report.value,
            "source": report.source,
            "expected": report.expected,
            "capacity": report.capacity,
            "surge": report.surge,
            "out": report.out_of_service,
            "device": report.device or None,
            "minds_held": report.minds_held,
            "ending": report.ending,
            "seen": report.seen,
        }

    def undo(self, undo: Undo, now: datetime) -> Answer:
        """Restores figure and stamp of before the newest report. Raises StoreDown."""
        asked = {
            "site": undo.site,
            "group": undo.group,
            "undoes": undo.undoes,
            "source": undo.hand.source,
            "device": undo.hand.device or None,
            "now": wire.to_ms(now),
            "minds_held": undo.minds_held,
            "ending": undo.ending,
        }
        told = json.dumps(["undo", undo.site, undo.group, undo.undoes, *sorted(undo.ending)])
        return self._say("undo", undo.hand.who, undo.key, told, asked)

    def _say(self, script: str, who: str, key: str, told: str, asked: dict[str, Any]) -> Answer:
        keys = [self._store.key(name) for name in KEYS]
        return answer(self._store.run(script, keys, who, key, fingerprint(told), asked))


def _told(report: Report) -> str:
    """What makes two reports the same one; a screen's observed-at is the server's, so it is not."""
    stamp = wire.to_ms(report.stamp) if report.stamp else None
    return json.dumps(
        [
            *(report.site, report.group, report.kind, report.value, report.source, stamp),
            *(report.expected, report.capacity, report.surge, report.out_of_service),
            report.seen,
            *sorted(report.ending),
        ]
    )


def answer(said: dict[str, Any]) -> Answer:
    """What a script said, as a value."""
    told = said.get("figure")
    return Answer(
        Outcome(said["outcome"]),
        said.get("version", ""),
        wire.figure(told) if told else None,
        bool(said.get("repeated")),
        int(said.get("short", 0)),
    )
