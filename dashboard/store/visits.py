"""Visits and calls in the store: each one script and one entry, with an agency and no person."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from ..clock import Horizons
from ..people import Hand
from ..reports import Answer
from ..visits import GRACE, MOST, SLIP, Visit
from . import wire
from .connection import Connection, fingerprint
from .reports import KEYS, answer


class Visits:
    """The store's side of what outreach workers found."""

    def __init__(self, connection: Connection):
        self._store = connection

    def tell(self, visit: Visit, judge: Horizons, hand: Hand, now: datetime) -> Answer:
        """Notes one, and disputes the figure that it contradicts.

        ``judge`` are the site's horizons at ``now``. Raises StoreDown; sending it again with the
        same key is safe.
        """
        asked = {
            "site": visit.site,
            "group": visit.group,
            "agency": visit.agency,
            "found": visit.found,
            "reason": visit.reason,
            "promised": visit.promised,
            "observed": wire.to_ms(min(visit.observed_at, now)),
            "now": wire.to_ms(now),
            "reset": wire.to_ms(judge.reset),
            "stale": wire.to_ms(judge.stale),
            "grace": GRACE // timedelta(milliseconds=1),
            "slip": SLIP // timedelta(milliseconds=1),
            "most": MOST,
            "source": hand.source,
        }
        told = json.dumps(["visit", visit.site, visit.group, visit.found, visit.reason])
        lately = self._store.key("lately", fingerprint(f"{visit.site}/{visit.agency}"))
        keys = [*(self._store.key(name) for name in KEYS), lately]
        said = self._store.run("visit", keys, hand.who, visit.key, fingerprint(told), asked)
        return answer(said)
