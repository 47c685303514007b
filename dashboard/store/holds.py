"""Holds: each intention one script, and an end that is told to whoever held the bed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..beds import MOST, Hold, HoldEnd
from ..clock import Horizons
from ..people import Hand
from ..reports import Answer
from . import wire
from .grips import ASKING, Grip, Gripped, by


@dataclass(frozen=True, slots=True)
class Ended:
    """A hold that ended within the last day."""

    hold: Hold
    reason: HoldEnd
    at: datetime


class Holds(Gripped):
    """The store's side of beds that are kept for people on the way."""

    def keep(
        self,
        hold: Hold,
        judge: Horizons,
        hand: Hand,
        key: str = "",
        most: int = MOST,
        codes: Sequence[str] = (),
    ) -> Answer:
        """Keeps a bed if one is available on a fresh, undisputed figure. Raises StoreDown.

        ``most`` open holds and asks for an agency. ``codes`` take the place of the hold's own code
        where another open hold of the site has that. Without a ``key`` a hold is kept once by its
        id.
        """
        asked = by(hand, hold.made_at) | {
            "id": hold.id,
            "site": hold.site,
            "group": hold.group,
            "agency": hold.agency,
            "codes": [hold.code, *codes],
            "expires": wire.to_ms(hold.expires_at),
            "arrives": wire.to_ms(hold.arrives_at) if hold.arrives_at else None,
            "reset": wire.to_ms(judge.reset),
            "fresh": wire.to_ms(judge.fresh),
            "most": most,
        }
        told = [hold.site, hold.group, hold.agency] if key else [hold.id]
        return self._run("hold", ASKING, hand, key or f"hold:{hold.id}", told, asked)

    def end(self, grip: Grip, reason: HoldEnd, now: datetime) -> Answer:
        """Ends a hold that is open; ending it again changes nothing. Raises StoreDown."""
        asked = self._asked(grip, now) | {"reason": reason}
        return self._act("end_hold", ("holds", "holds-ended"), grip, asked, reason)

    def arrive(self, grip: Grip, observed: datetime, judge: Horizons, now: datetime) -> Answer:
        """Ends a hold and takes its bed, in one step. Raises StoreDown."""
        asked = self._asked(grip, now) | {
            "observed": wire.to_ms(min(observed, now)),
            "reset": wire.to_ms(judge.reset),
            "stale": wire.to_ms(judge.stale),
        }
        keys = ("figures", "holds", "holds-ended")
        return self._act("arrive", keys, grip, asked, HoldEnd.ARRIVED)

    def extend(
        self, grip: Grip, more: timedelta, limit: datetime, now: datetime, once: bool = False
    ) -> Answer:
        """Keeps it ``more`` longer, never past ``limit``. Its holder may ``once``.

        Raises StoreDown.
        """
        asked = self._asked(grip, now) | {
            "more": more // timedelta(milliseconds=1),
            "limit": wire.to_ms(limit),
            "once": once,
        }
        return self._act("extend", ("holds", "holds-ended"), grip, asked, "longer")

    def lapse(self, hold: Hold, now: datetime) -> None:
        """Says in the stream, once whoever says it, that this hold ended by itself.

        Raises StoreDown.
        """
        self._lapse("lapse", ("holds", "holds-ended"), hold.id, now)

    def ended(self, agency: str, since: datetime) -> list[Ended]:
        """The holds of an agency that ended since then, within a day; newest first.

        Raises StoreDown.
        """
        found = map(_ended, self._over("holds-ended"))
        ours = [one for one in found if one.hold.agency == agency and one.at >= since]
        return sorted(ours, key=lambda one: (one.at, one.hold.id), reverse=True)


def _ended(told: dict[str, Any]) -> Ended:
    hold = wire.hold(json.dumps(told["hold"]))
    return Ended(hold, HoldEnd(told["reason"]), wire.from_ms(told["at"]))
