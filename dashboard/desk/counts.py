"""Counts: a report for one bed group, a confirmation of all, and taking the newest back."""

from __future__ import annotations

from dataclasses import replace

from flask import request
from flask.typing import ResponseReturnValue

from .. import access, forms, taps, web
from ..access import Desk
from ..reports import Report
from ..rows import Moment
from ..store import Undo
from .answers import Said, of_report, refusal
from .blueprint import bp
from .screen import answer


@bp.post("/desk/<site>/groups/<group>/reports")
def report(site: str, group: str) -> ResponseReturnValue:
    desk = access.desk_counts(site, group)
    try:
        told = forms.desk_report(request.form, site, group, desk.hand, web.now())
    except forms.Refused as refused:
        return answer(site, [refusal(group, refused)])
    return answer(site, [_send(desk, replace(told, ending=taps.ending(request.form)))])


@bp.post("/desk/<site>/reports")
def confirm_all(site: str) -> ResponseReturnValue:
    desk = access.desk_counts(site)
    try:
        seen = forms.all_still_right(request.form, desk.state, desk.hand, web.now())
    except forms.Refused as refused:
        return answer(site, [refusal("", refused)])
    return answer(site, [_send(desk, told) for told in seen])


@bp.post("/desk/<site>/groups/<group>/undo")
def undo(site: str, group: str) -> ResponseReturnValue:
    desk = access.desk_at(site, group)
    try:
        undoes, key = forms.undoing(request.form)
    except forms.Refused as refused:
        return answer(site, [refusal(group, refused)])
    taken = Undo(site, group, undoes, desk.hand, key, desk.own, taps.ending(request.form))
    told = access.store().reports.undo(taken, web.now())
    said = of_report(group, "undo", 0, told, len(taken.ending))
    return answer(site, [said | {"undoes": undoes}])


def _send(desk: Desk, told: Report) -> Said:
    judge = Moment(web.board(), web.now()).judge(desk.state.site)
    # Whoever may not know how many beds are kept is not asked to choose among them.
    told = replace(told, minds_held=desk.own)
    said = access.store().reports.report(told, judge, web.now())
    made = of_report(told.group, told.kind, told.value, said, len(told.ending))
    if "observed" in made and not said.repeated:
        # An adjustment leaves a figure that was counted later as old as it is, and is no younger.
        made["observed"] = min(made["observed"], told.observed_at.timestamp())
    return made
