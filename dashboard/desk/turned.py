"""Turned away: one tap and a reason, without a word about anybody; for a minute it can go back."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from .. import access, forms, web
from ..access import Desk
from ..rows import Moment
from ..turnaways import TurnAway
from .answers import of_act, refusal
from .blueprint import bp
from .screen import answer, part


@bp.post("/desk/<site>/turned")
def turn_away(site: str) -> ResponseReturnValue:
    desk = access.desk_counts(site)
    try:
        turned = forms.turning_away(request.form, web.now())
    except forms.Refused as refused:
        return answer(site, [refusal("", refused)])
    reset = Moment(web.board(), web.now()).judge(desk.state.site).reset
    said = access.store().turned.turn_away(site, turned, desk.hand, reset, web.now())
    return answer(site, [of_act("turned", said, reason=turned.reason)])


@bp.post("/desk/<site>/turned/undo")
def turn_back(site: str) -> ResponseReturnValue:
    desk = access.desk_counts(site)
    try:
        undoes, key = forms.undoing(request.form)
    except forms.Refused as refused:
        return answer(site, [refusal("", refused)])
    said = access.store().turned.turn_back(site, undoes, desk.hand, key, web.now())
    return answer(site, [of_act("turned-undo", said)])


@part
def _today(desk: Desk, moment: Moment) -> dict[str, Any]:
    site, epoch = desk.state.site, moment.version.epoch
    tally = access.store().turned.today(site.id, moment.judge(site).reset, moment.now, epoch)
    return {"turned": tally, "turn_aways": list(TurnAway)}
