"""What a tap on a hold or of a visit says: untrusted fields to values, as ``forms`` does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from .forms import KEY_LENGTH, Reading, Unfit, Wrong, count, key_of, observed_at, word
from .holds import ARRIVALS
from .turnaways import TurnAway
from .visits import REASONS, Found, Visit

ENDING = "ending."  # begins the name of a field for each hold that somebody chose to end
MOST_CHOSEN = 200


def arriving(given: Mapping[str, str]) -> tuple[int, str]:
    """In how many ``minutes`` somebody will be there, and the key. Raises Refused."""
    reading, minutes = Reading(), 0
    with reading.of("minutes"):
        minutes = count(given.get("minutes"))
        if minutes not in ARRIVALS:
            raise Unfit(Wrong.UNKNOWN_WORD)
    found = key_of(reading, given)
    reading.done()
    return minutes, found


def ending(given: Mapping[str, str]) -> tuple[str, ...]:
    """The ids of the holds that somebody chose to end, from fields ``ending.ID``."""
    chosen = {name.removeprefix(ENDING) for name in given if name.startswith(ENDING)}
    return tuple(sorted(one for one in chosen if 0 < len(one) <= KEY_LENGTH))[:MOST_CHOSEN]


def visiting(
    given: Mapping[str, str], site: str, group: str, agency: str, promised: bool, now: datetime
) -> Visit:
    """What was found, from fixed words; it may have waited as a report does. Raises Refused.

    ``found`` is a word of Found, or the reason of a refusal.
    """
    reading, found, reason = Reading(), Found.REFUSED, None
    with reading.of("found"):
        if given.get("found") in REASONS:
            reason = TurnAway(given["found"])
        elif (found := word(given.get("found"), Found)) is Found.REFUSED:
            raise Unfit(Wrong.UNKNOWN_WORD)
    key = key_of(reading, given)
    reading.done()
    return Visit(site, group, agency, found, observed_at(given, now), promised, key, reason)
