"""Looking back: the last entries about this site, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import islice

from flask import render_template
from flask.typing import ResponseReturnValue

from .. import access, history, web
from ..access import Desk
from ..events import Event
from .blueprint import bp


@bp.get("/desk/<site>/history")
def look_back(site: str) -> ResponseReturnValue:
    desk = access.desk_at(site)
    found = access.store().stream.back(site, web.now() - history.AGE)
    events = list(islice(history.readable(found, desk.own), history.SHOWN))
    say = web.voice()
    return render_template(
        "desk/history.html",
        site=desk.state.site,
        days=history.by_day(told(desk, events), say),
        say=say,
        today=say.date(say.now),
        yesterday=say.date(say.now - timedelta(days=1)),
        most=history.SHOWN,
    )


def told(desk: Desk, events: Iterable[Event]) -> Sequence[history.Line]:
    """These entries in words, with the names of people and devices."""
    known = list(events)
    whos, devices = history.hands(known)
    names = access.store().people.names(whos)
    tablets = access.store().devices.names(devices)
    return list(history.lines(known, desk.state, web.voice(), names, tablets))
