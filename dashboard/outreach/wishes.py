"""How every tap for a bed begins: who, for which beds, by when, and what refuses it at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask import abort, request
from flask.typing import ResponseReturnValue

from .. import access, forms, offers, taps, web
from ..asking import Way
from ..beds import Status
from ..clock import Horizons
from ..offers import Door
from ..people import Person
from ..reports import Answer
from ..rows import Moment
from .screen import said, told


@dataclass(frozen=True, slots=True)
class Wish:
    """A bed of this ``group`` behind this ``door``, for somebody who is there in ``minutes``."""

    worker: Person
    judge: Horizons
    door: Door
    group: str
    minutes: int
    key: str


def wished(kind: str, site: str, group: str, act: Callable[[Wish], Answer]) -> ResponseReturnValue:
    """Does ``act`` where the form and the site allow it, and says what came of it or why not."""
    worker, moment = access.outreach(), Moment(web.board(), web.now())
    door, found = offers.offer(moment, site, group) or abort(404)
    try:
        minutes, key = taps.arriving(request.form)
    except forms.Refused as refused:
        return said(kind, "wrong", wrong=next(iter(refused.errors.values())))
    if door.ends is None or timedelta(minutes=minutes) > door.ends - web.now():
        return said(kind, "too-late")
    if door.site.asks_call_first or found.row.status is Status.CLOSED:
        return said(kind, Way.CALL)
    return told(kind, act(Wish(worker, moment.judge(door.site), door, group, minutes, key)))
