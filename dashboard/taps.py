"""What a tap on a hold says: untrusted fields to values, as ``forms`` does."""

from __future__ import annotations

from collections.abc import Mapping

from .forms import KEY_LENGTH, Reading, Unfit, Wrong, count, key_of
from .holds import ARRIVALS

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
