"""Asking a desk to keep a bed, and needing it no more."""

from __future__ import annotations

from datetime import datetime, timedelta
from secrets import token_hex

from flask import abort, request
from flask.typing import ResponseReturnValue

from .. import access, forms, offers, taps, web
from ..asking import ANSWER_IN, Ask, AskEnd, Way
from ..beds import Status
from ..people import Person
from ..rows import Moment
from ..store import Grip
from .blueprint import bp
from .screen import hand, said, told


@bp.post("/outreach/sites/<site>/groups/<group>/asks")
def ask(site: str, group: str) -> ResponseReturnValue:
    worker, moment = access.outreach(), Moment(web.board(), web.now())
    door, found = offers.offer(moment, site, group) or abort(404)
    try:
        minutes, key = taps.arriving(request.form)
    except forms.Refused as refused:
        return said("ask", "wrong", wrong=next(iter(refused.errors.values())))
    if door.ends is None or timedelta(minutes=minutes) > door.ends - web.now():
        return said("ask", "too-late")
    if door.site.asks_call_first or found.row.status is Status.CLOSED:
        return said("ask", Way.CALL)
    asked = _ask(worker, site, group, minutes, web.now())
    judge, most = moment.judge(door.site), web.settings().agency_holds
    return told("ask", access.store().asks.ask(asked, judge, hand(worker), key, most))


@bp.post("/outreach/asks/<id_>/withdraw")
def withdraw(id_: str) -> ResponseReturnValue:
    worker = access.outreach()
    try:
        key = forms.only_a_key(request.form)
    except forms.Refused as refused:
        return said("withdraw", "wrong", wrong=refused.errors["key"])
    grip = Grip(id_, hand(worker), f"{key}/withdraw", agency=worker.agency)
    return told("withdraw", access.store().asks.end(grip, AskEnd.WITHDRAWN, web.now()))


def _ask(worker: Person, site: str, group: str, minutes: int, now: datetime) -> Ask:
    place = (f"h-{token_hex(6)}", site, group, worker.agency)
    return Ask(*place, now, now + ANSWER_IN, now + timedelta(minutes=minutes), worker.id)
