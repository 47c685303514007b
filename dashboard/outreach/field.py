"""Truth from the field: what was found at a door or on the phone, in one tap and fixed words."""

from __future__ import annotations

from flask import abort, request
from flask.typing import ResponseReturnValue

from .. import access, forms, offers, taps, web
from ..reports import Answer
from ..rows import Moment
from ..visits import Visit
from .blueprint import bp
from .screen import hand, said, told


@bp.post("/outreach/sites/<site>/groups/<group>/visits")
def visit(site: str, group: str) -> ResponseReturnValue:
    worker, moment = access.outreach(), Moment(web.board(), web.now())
    door, found = offers.offer(moment, site, group) or abort(404)
    promised = found.row.available is not None
    try:
        given = taps.visiting(request.form, site, group, worker.agency, promised, web.now())
    except forms.Refused as refused:
        return said("visit", "wrong", wrong=next(iter(refused.errors.values())))
    judge = moment.judge(door.site)
    answer = access.store().visits.tell(given, judge, hand(worker), web.now())
    return told("visit", answer, disputes="yes" if _disputes(given, answer) else "")


def _disputes(given: Visit, answer: Answer) -> bool:
    """Whether the figure is disputed now by the word of this agency."""
    dispute = answer.figure.disputed if answer.figure else None
    return dispute is not None and (dispute.found, dispute.agency) == (given.found, given.agency)
