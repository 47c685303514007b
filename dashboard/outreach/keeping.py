"""Keeping a bed for someone on the way, for longer, or no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import SystemRandom
from secrets import token_hex

from flask import request
from flask.typing import ResponseReturnValue

from .. import access, codes, forms, offers, web
from ..beds import Hold, HoldEnd
from ..holds import LONGER, latest_end
from ..offers import Mine
from ..reports import Answer, Outcome
from ..store import Grip
from .blueprint import bp
from .screen import hand, mine, said, told
from .wishes import Wish, wished

SPARE_CODES = 8


@bp.post("/outreach/sites/<site>/groups/<group>/holds")
def keep(site: str, group: str) -> ResponseReturnValue:
    def kept(wish: Wish) -> Answer:
        spare, most = codes.some(SPARE_CODES, SystemRandom()), web.customs().agency_holds
        told_by = hand(wish.worker)
        return access.store().holds.keep(_hold(wish), wish.judge, told_by, wish.key, most, spare)

    return wished("keep", site, group, kept)


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


def _hold(wish: Wish) -> Hold:
    now, worker = web.now(), wish.worker
    arrives, code = now + timedelta(minutes=wish.minutes), codes.code(SystemRandom())
    place = (wish.door.site.id, wish.group, worker.agency, code)
    return Hold(f"h-{token_hex(6)}", *place, now, wish.door.ends or now, arrives, who=worker.id)
