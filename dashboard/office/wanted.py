"""Which entries of the record an address asks for; 404 for what nobody can ask for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode

from flask import abort, request

from .. import web
from ..clock import DAY, instant, last_reset
from ..entries import About, Spot, Wanted
from ..events import Version

BEGAN = datetime(1970, 1, 1, tzinfo=UTC)
MS = timedelta(milliseconds=1)


def wanted() -> Wanted:
    """``site``, ``about``, ``who``, and the dates ``since`` and ``until``, both included."""
    given, until = request.args, _day("until")
    about = given.get("about", "")
    if about and about not in list(About):
        abort(404)
    return Wanted(
        last_reset(web.now(), web.day()),
        given.get("site", ""),
        About(about) if about else None,
        given.get("who", ""),
        _starts(_day("since")),
        _starts(until + DAY) if until else None,
    )


def _day(name: str) -> date | None:
    try:
        text = request.args.get(name, "")
        found = date.fromisoformat(text) if text else None
    except ValueError:
        abort(404)
    if found and not 1 < found.year < date.max.year:
        abort(404)
    return found


def _starts(day: date | None) -> datetime | None:
    """When a date begins: at midnight, as people read a calendar."""
    return instant(day, time(0), web.day().zone) if day else None


def behind() -> Spot | None:
    """Behind which entry the page begins: "1763680000000.1763680000000-0"."""
    text = request.args.get("behind", "")
    if not text:
        return None
    told, _, entry = text.partition(".")
    try:
        return BEGAN + MS * int(told), Version.parse(f"a:{entry}").point
    except (ValueError, OverflowError):
        abort(404)


def address(older: Spot | None) -> str:
    """The same page, further back; '' where nothing is."""
    if older is None:
        return ""
    at, (ms, seq) = older
    kept = [(name, one) for name, one in request.args.items() if name != "behind"]
    return f"{request.path}?{urlencode([*kept, ('behind', f'{(at - BEGAN) // MS}.{ms}-{seq}')])}"
