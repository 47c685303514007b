"""A machine's report, from the bytes that it sent to a checked value.

Stricter than a form: a number is a JSON number, and a field that is not known is refused, since a
machine that means something by it would believe that it was heard.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any, NoReturn

from .beds import Source
from .forms import KEY_LENGTH, OLDEST, Reading, Unfit, Wrong, count, version, word, words
from .reports import Report, ReportKind

AHEAD = timedelta(minutes=2)  # how far a machine's clock may be ahead, and is taken as now
COUNTS = ("capacity", "surge", "out_of_service")
FIELDS = ("open", "kind", "observed_at", *COUNTS, "expected_version")
KINDS = (ReportKind.CHANGE, ReportKind.CONFIRM)
KEY = "Idempotency-Key"


class NotJson(ValueError):
    """The body is not one JSON object."""


def body(content: bytes) -> dict[str, Any]:
    """The JSON object in these bytes. Raises NotJson."""
    try:
        found = json.loads(content.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise NotJson from None
    if not isinstance(found, dict):
        raise NotJson
    return found


def _no_number(name: str) -> NoReturn:
    raise NotJson(name)


def report(
    given: Mapping[str, object], key: str | None, site: str, group: str, who: str, now: datetime
) -> Report:
    """A report by the machine ``who``. Without a ``key`` each is a report of its own.

    Raises Refused.
    """
    reading = Reading()
    kind, value, stamp, expected = ReportKind.CHANGE, 0, now, None
    counts: dict[str, int | None] = dict.fromkeys(COUNTS)
    for name in given.keys() - set(FIELDS):
        reading.errors[name[:80]] = Wrong.NO_SUCH_FIELD
    with reading.of("kind"):
        kind = _kind(given.get("kind"))
    with reading.of("open"):
        value = whole(given.get("open"))
    with reading.of("observed_at"):
        stamp = observed_at(given.get("observed_at"), now)
    for name in COUNTS:
        with reading.of(name):
            counts[name] = None if given.get(name) is None else whole(given[name])
    with reading.of("expected_version"):
        if given.get("expected_version") is not None:
            expected = version(given["expected_version"])
    with reading.of(KEY):
        key = _key(key)
    reading.done()
    said = Report(site, group, kind, value, min(stamp, now), Source.API, who, f"api:{key}")
    return replace(
        said,
        stamp=stamp,
        expected=expected,
        capacity=counts["capacity"],
        surge=counts["surge"],
        out_of_service=counts["out_of_service"],
    )


def _kind(given: object) -> ReportKind:
    kind = word(given, ReportKind)
    if kind not in KINDS:
        raise Unfit(Wrong.UNKNOWN_WORD)
    return kind


def whole(given: object) -> int:
    """A count, given as a whole JSON number. Raises Unfit."""
    if given is None:
        raise Unfit(Wrong.MISSING)
    if isinstance(given, bool) or not isinstance(given, int):
        raise Unfit(Wrong.NOT_A_NUMBER)
    return count(given)


def observed_at(given: object, now: datetime) -> datetime:
    """When a person or the source last counted; it may be a little ahead of ``now``.

    Raises Unfit.
    """
    try:
        found = datetime.fromisoformat(words(given, 60))
    except ValueError as error:
        raise error if isinstance(error, Unfit) else Unfit(Wrong.NOT_A_TIME) from None
    if found.tzinfo is None:
        raise Unfit(Wrong.NOT_A_TIME)
    if found - now > AHEAD:
        raise Unfit(Wrong.AHEAD)
    if now - found > OLDEST:
        raise Unfit(Wrong.TOO_OLD)
    return found


def _key(given: str | None) -> str:
    if given is None:
        return token_hex(16)
    if not re.fullmatch(rf"[\x21-\x7e]{{1,{KEY_LENGTH}}}", given):
        raise Unfit(Wrong.NOT_A_KEY)
    return given
