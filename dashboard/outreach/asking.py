"""Asking a desk to keep a bed, and needing it no more."""

from __future__ import annotations

from datetime import timedelta
from secrets import token_hex

from flask import request
from flask.typing import ResponseReturnValue

from .. import access, forms, web
from ..asking import ANSWER_IN, Ask, AskEnd
from ..reports import Answer
from ..store import Grip
from .blueprint import bp
from .screen import hand, said, told
from .wishes import Wish, wished


@bp.post("/outreach/sites/<site>/groups/<group>/asks")
def ask(site: str, group: str) -> ResponseReturnValue:
    def asked(wish: Wish) -> Answer:
        most = web.customs().agency_holds
        return access.store().asks.ask(_ask(wish), wish.judge, hand(wish.worker), wish.key, most)

    return wished("ask", site, group, asked)


@bp.post("/outreach/asks/<id_>/withdraw")
def withdraw(id_: str) -> ResponseReturnValue:
    worker = access.outreach()
    try:
        key = forms.only_a_key(request.form)
    except forms.Refused as refused:
        return said("withdraw", "wrong", wrong=refused.errors["key"])
    grip = Grip(id_, hand(worker), f"{key}/withdraw", agency=worker.agency)
    return told("withdraw", access.store().asks.end(grip, AskEnd.WITHDRAWN, web.now()))


def _ask(wish: Wish) -> Ask:
    now, worker = web.now(), wish.worker
    place = (f"h-{token_hex(6)}", wish.door.site.id, wish.group, worker.agency)
    return Ask(*place, now, now + ANSWER_IN, now + timedelta(minutes=wish.minutes), worker.id)
