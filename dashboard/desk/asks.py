"""Beds that somebody asks this desk to keep: yes or no, within ten minutes."""

from __future__ import annotations

from collections.abc import Callable
from random import SystemRandom
from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue

from .. import access, codes, forms, web
from ..access import Desk
from ..asking import AskEnd, waiting
from ..evening import tonight
from ..holds import first_end
from ..reports import Answer, Outcome
from ..rows import Moment
from ..store import Grip
from .answers import of_ask
from .blueprint import bp
from .screen import answer, part

CODES = 9  # from which the first is taken that nobody else says at this door


@bp.post("/desk/<site>/asks/<id_>/yes")
def say_yes(site: str, id_: str) -> ResponseReturnValue:
    desk = _of_ours(access.desk_counts(site))
    return _tapped(desk, id_, AskEnd.YES, lambda it: _grant(desk, it))


@bp.post("/desk/<site>/asks/<id_>/no")
def say_no(site: str, id_: str) -> ResponseReturnValue:
    desk, reason = _of_ours(access.desk_counts(site)), AskEnd.NO
    return _tapped(desk, id_, reason, lambda it: access.store().asks.end(it, reason, web.now()))


def _of_ours(desk: Desk) -> Desk:
    """Only the site's own people may know of an ask; 404 for others."""
    return desk if desk.own else abort(404)


def _grant(desk: Desk, grip: Grip) -> Answer:
    moment, site = Moment(web.board(), web.now()), desk.state.site
    until = first_end(tonight(site, desk.state.evening, web.now()), moment.day, web.now())
    if until is None:
        return Answer(Outcome.TOO_LATE)
    words = codes.some(CODES, SystemRandom())
    return access.store().asks.grant(grip, words, until, moment.judge(site), web.now())


def _tapped(
    desk: Desk, id_: str, kind: AskEnd, act: Callable[[Grip], Answer]
) -> ResponseReturnValue:
    site = desk.state.site.id
    try:
        key = forms.only_a_key(request.form)
    except forms.Refused as refused:
        said = {"ask": id_, "kind": kind, "code": "wrong", "wrong": refused.errors["key"]}
        return answer(site, [said])
    told = act(Grip(id_, desk.hand, f"{key}/{kind}", site=site))
    return answer(site, [of_ask(id_, kind, told)])


@part
def _asking(desk: Desk, moment: Moment) -> dict[str, Any]:
    """What this desk is asked, the oldest first; on its device without anybody, only that it is."""
    asks = [(ask, one.group) for one in desk.state.groups for ask in waiting(one.asks, moment.now)]
    found = sorted(asks, key=lambda it: (it[0].made_at, it[0].id))
    return {"asking": found if desk.own else [], "asked": bool(found) and desk.ours}
