"""Keeping a bed for someone on the way, for longer, or no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import SystemRandom
from secrets import token_hex

from flask import abort, request
from flask.typing import ResponseReturnValue

from .. import access, codes, forms, offers, taps, web
from ..asking import Way
from ..beds import Hold, HoldEnd, Status
from ..holds import LONGER, latest_end
from ..offers import Door, Mine
from ..people import Person
from ..reports import Answer, Outcome
from ..rows import Moment
from ..store import Grip
from .blueprint import bp
from .screen import hand, mine, said, told

SPARE_CODES = 8


@bp.post("/outreach/sites/<site>/groups/<group>/holds")
def keep(site: str, group: str) -> ResponseReturnValue:
    worker, moment = access.outreach(), Moment(web.board(), web.now())
    door, found = offers.offer(moment, site, group) or abort(404)
    try:
        minutes, key = taps.arriving(request.form)
    except forms.Refused as refused:
        return said("keep", "wrong", wrong=next(iter(refused.errors.values())))
    if door.ends is None or timedelta(minutes=minutes) > door.ends - web.now():
        return said("keep", "too-late")
    if door.site.asks_call_first or found.row.status is Status.CLOSED:
        return said("keep", Way.CALL)
    hold, judge = _hold(worker, door, group, minutes), moment.judge(door.site)
    spare = codes.some(SPARE_CODES, SystemRandom())
    most = web.settings().agency_holds
    return told("keep", access.store().holds.keep(hold, judge, hand(worker), key, most, spare))


@bp.post("/outreach/holds/<id_>/longer")
def longer(id_: str) -> ResponseReturnValue:
    def extend(grip: Grip, found: Mine) -> Answer:
        limit = latest_end(found.hold, found.site, web.board().day)
        return access.store().holds.extend(grip, LONGER, limit, web.now(), once=True)

    return _tapped(id_, "longer", extend)


@bp.post("/outreach/holds/<id_>/release")
def release(id_: str) -> ResponseReturnValue:
    def end(grip: Grip, _: Mine) -> Answer:
        return access.store().holds.end(grip, HoldEnd.RELEASED, web.now())

    return _tapped(id_, "release", end)


def _tapped(id_: str, kind: str, act: Callable[[Grip, Mine], Answer]) -> ResponseReturnValue:
    worker = access.outreach()
    found = offers.find(mine(worker), id_)
    try:
        key = forms.only_a_key(request.form)
    except forms.Refused as refused:
        return said(kind, "wrong", wrong=refused.errors["key"])
    if found is None:
        return said(kind, Outcome.NO_HOLD)
    grip = Grip(id_, hand(worker), f"{key}/{kind}", agency=worker.agency)
    return told(kind, act(grip, found))


def _hold(worker: Person, door: Door, group: str, minutes: int) -> Hold:
    now = web.now()
    arrives, code = now + timedelta(minutes=minutes), codes.code(SystemRandom())
    place = (door.site.id, group, worker.agency, code)
    return Hold(f"h-{token_hex(6)}", *place, now, door.ends or now, arrives, who=worker.id)
