"""What somebody declares for tonight, from the fields of a form to a checked saying."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from .clock import Day, instant, next_instant, next_reset
from .evening import COUNTED, LASTING, REASONS, TIMED, Declaration, Reason, Topic
from .forms import Reading, Unfit, Wrong, count, key_of, word, words
from .people import Hand
from .reports import Outcome

Place = tuple[str, str]  # a site, and a bed group of it or '' for the site itself
FARTHEST = timedelta(days=366)  # for how long beds may be said to be out of service
CLOCK = re.compile(r"([01]?[0-9]|2[0-3])(?: ?[:h] ?([0-5][0-9])?)? ?(?:([ap])\.? ?m\.?)?", re.I)


@dataclass(frozen=True, slots=True)
class Saying:
    """A declaration on its way to the store; ``declaration`` None ends what stands.

    ``group`` is '' for the site itself. ``seen`` is the version of what the sender saw standing,
    '' for nothing, None for whatever stands. ``lasts`` is the end as it was typed: it tells two
    sayings with one key apart, since an end that follows from the hour may not.
    """

    site: str
    group: str
    topic: Topic
    declaration: Declaration | None
    hand: Hand
    key: str
    seen: str | None = None
    lasts: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a saying: saved, conflict, no-group or key-reused.

    With a conflict, ``current`` is what stands instead; None where it was ended.
    """

    outcome: Outcome
    version: str = ""
    current: Declaration | None = None
    repeated: bool = False


def declared(given: Mapping[str, str], place: Place, hand: Hand, now: datetime, day: Day) -> Saying:
    """What a form declares of ``place``. Raises Refused.

    ``topic``; ``time``, ``count`` and ``reason`` where it has them; ``until``, a time before the
    next daily reset, which is the end where none is given; ``back``, the day on which beds that
    are out of service can be used again; ``seen.TOPIC`` and ``key``.
    """
    reading = Reading()
    topic, key = _topic(reading, given, place), key_of(reading, given)
    found, ends = _facts(reading, given, topic), None
    if topic in LASTING:
        with reading.of("back"):
            ends = back_on(given.get("back"), now, day)
    else:
        with reading.of("until"):
            ends = until(given.get("until") or _over(topic, found), now, day)
    seen = _seen(reading, given, topic)
    reading.done()
    lasts = given.get("back" if topic in LASTING else "until", "").strip()
    said = Declaration(topic, now, ends, hand.who, **found)
    return Saying(*place, topic, said, hand, key, seen, lasts)


def _facts(reading: Reading, given: Mapping[str, str], topic: Topic) -> dict[str, Any]:
    """What this topic is told with: a time, a number, a reason."""
    wants: tuple[tuple[str, Container[Topic], Callable[[object], object]], ...] = (
        ("time", TIMED, wall_time),
        ("count", COUNTED, count),
        ("reason", REASONS, lambda one: _reason(one, topic)),
    )
    found = {}
    for name, topics, read in wants:
        if topic in topics:
            with reading.of(name):
                found[name] = read(given.get(name))
    return found


def _over(topic: Topic, found: Mapping[str, Any]) -> str:
    """The end that a topic has by itself: a meal is over at its time."""
    return found["time"].isoformat("minutes") if topic is Topic.MEAL and "time" in found else ""


def ended(given: Mapping[str, str], place: Place, hand: Hand) -> Saying:
    """That what stands of ``topic`` ends now. Raises Refused."""
    reading = Reading()
    topic, key = _topic(reading, given, place), key_of(reading, given)
    seen = _seen(reading, given, topic)
    reading.done()
    return Saying(*place, topic, None, hand, key, seen)


def _topic(reading: Reading, given: Mapping[str, str], place: Place) -> Topic:
    """What it is about: beds where the place is a bed group, and all else where it is a site."""
    found = Topic.CLOSED
    with reading.of("topic"):
        found = word(given.get("topic"), Topic)
        if (found in COUNTED) != bool(place[1]):
            raise Unfit(Wrong.UNKNOWN_WORD)
    return found


def wall_time(given: object) -> time:
    """A time of day as people write it: "21:30", "9:30 pm", "21 h 30". Raises Unfit."""
    found = CLOCK.fullmatch(words(given, 20))
    if not found:
        raise Unfit(Wrong.NOT_A_CLOCK_TIME)
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half and not 1 <= hour <= 12:
        raise Unfit(Wrong.NOT_A_CLOCK_TIME)
    return time(hour % 12 + 12 * (half == "p") if half else hour, minute)


def until(given: object, now: datetime, day: Day) -> datetime:
    """The end of a declaration: the next daily reset, or a time before it. Raises Unfit."""
    reset = next_reset(now, day)
    if not given:
        return reset
    at = next_instant(now, wall_time(given), day.zone)
    if at > reset:
        raise Unfit(Wrong.AFTER_RESET)
    return at


def back_on(given: object, now: datetime, day: Day) -> datetime | None:
    """The daily reset of the day on which beds can be used again; None where nobody knows.

    Raises Unfit.
    """
    if not given:
        return None
    try:
        wanted = date.fromisoformat(words(given, 20))
    except ValueError as error:
        raise error if isinstance(error, Unfit) else Unfit(Wrong.NOT_A_DAY) from None
    today = now.astimezone(day.zone).date()
    if wanted > today + FARTHEST:
        raise Unfit(Wrong.TOO_FAR)
    if wanted < today or (at := instant(wanted, day.reset, day.zone)) <= now:
        raise Unfit(Wrong.PASSED)
    return at


def _reason(given: object, topic: Topic) -> Reason:
    found = word(given, Reason)
    if found not in REASONS[topic]:
        raise Unfit(Wrong.UNKNOWN_WORD)
    return found


def _seen(reading: Reading, given: Mapping[str, str], topic: Topic) -> str | None:
    """The entry that declared what the sender saw standing; '' for nothing."""
    seen = given.get(f"seen.{topic}")
    if seen and not re.fullmatch(r"[0-9]{1,20}-[0-9]{1,20}", seen):
        reading.errors["seen"] = Wrong.NOT_A_VERSION
    return seen
