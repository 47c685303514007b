"""Asks: each intention one script, and an end that is told to whoever asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..asking import IN_VAIN, Ask, AskEnd
from ..beds import MOST
from ..clock import Horizons
from ..people import Hand
from ..reports import Answer
from . import asked as written
from . import wire
from .grips import ASKING, Grip, Gripped, by

ENDING = ("asks", "asks-ended")


@dataclass(frozen=True, slots=True)
class AskOver:
    """An ask that ended within the last day."""

    ask: Ask
    reason: AskEnd
    at: datetime


class Asks(Gripped):
    """The store's side of beds that a desk is asked to keep."""

    def ask(
        self,
        ask: Ask,
        judge: Horizons,
        hand: Hand,
        key: str,
        most: int = MOST,
        vain: int = IN_VAIN,
    ) -> Answer:
        """Asks the desk, unless a number that can be trusted leaves no bed. Raises StoreDown.

        ``most`` open holds and asks for an agency, and ``vain`` asks at a site within an hour
        that came to nothing.
        """
        asked = by(hand, ask.made_at) | {
            "id": ask.id,
            "site": ask.site,
            "group": ask.group,
            "agency": ask.agency,
            "expires": wire.to_ms(ask.expires_at),
            "arrives": wire.to_ms(ask.arrives_at),
            "reset": wire.to_ms(judge.reset),
            "stale": wire.to_ms(judge.stale),
            "most": most,
            "vain": vain,
        }
        return self._run("ask", ASKING, hand, key, [ask.site, ask.group, ask.agency], asked)

    def grant(
        self, grip: Grip, codes: Sequence[str], until: datetime, judge: Horizons, now: datetime
    ) -> Answer:
        """The desk's yes: a bed is kept ``until`` then, if the number leaves one.

        It takes the first of the ``codes`` that no open hold of the site has. Raises StoreDown.
        """
        asked = self._asked(grip, now) | {
            "codes": list(codes),
            "expires": wire.to_ms(until),
            "reset": wire.to_ms(judge.reset),
        }
        return self._act("grant", ASKING, grip, asked, AskEnd.YES)

    def end(self, grip: Grip, reason: AskEnd, now: datetime) -> Answer:
        """The desk's no, or whoever asked needs the bed no more. Raises StoreDown."""
        asked = self._asked(grip, now) | {"reason": reason}
        return self._act("end_ask", ENDING, grip, asked, reason)

    def lapse(self, ask: Ask, now: datetime) -> None:
        """Says in the stream, once whoever says it, that nobody answered. Raises StoreDown."""
        self._lapse("lapse_ask", ENDING, ask.id, now)

    def ended(self, agency: str, since: datetime) -> list[AskOver]:
        """The asks of an agency that ended since then, within a day; newest first.

        Raises StoreDown.
        """
        found = map(_over, self._over("asks-ended"))
        ours = [one for one in found if one.ask.agency == agency and one.at >= since]
        return sorted(ours, key=lambda one: (one.at, one.ask.id), reverse=True)


def _over(told: dict[str, Any]) -> AskOver:
    return AskOver(written.ask(told["ask"]), AskEnd(told["reason"]), wire.from_ms(told["at"]))
