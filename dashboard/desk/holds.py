"""Beds kept for people on the way: they arrived, did not come, or are given more time."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, request
from flask.typing import ResponseReturnValue

from .. import access, forms, web
from ..access import Desk
from ..beds import Hold, HoldEnd
from ..evening import tonight
from ..holds import A_LITTLE, latest_end
from ..reports import Answer, Outcome
from ..rows import Moment
from ..store import Grip
from .answers import of_hold
from .blueprint import bp
from .screen import answer


@bp.post("/desk/<site>/holds/<id_>/arrived")
def arrived(site: str, id_: str) -> ResponseReturnValue:
    desk = _of_ours(access.desk_counts(site))  # it takes a bed: a count
    judge = Moment(web.board(), web.now()).judge(desk.state.site)
    observed = forms.observed_at(request.form, web.now())
    holds = access.store().holds
    return _tapped(desk, id_, "arrived", lambda it: holds.arrive(it, observed, judge, web.now()))


@bp.post("/desk/<site>/holds/<id_>/did-not-come")
def did_not_come(site: str, id_: str) -> ResponseReturnValue:
    desk, reason = _of_ours(access.desk_at(site)), HoldEnd.DID_NOT_COME
    return _tapped(desk, id_, reason, lambda it: access.store().holds.end(it, reason, web.now()))


@bp.post("/desk/<site>/holds/<id_>/longer")
def longer(site: str, id_: str) -> ResponseReturnValue:
    desk = _of_ours(access.desk_at(site))
    return _tapped(desk, id_, "longer", lambda it: _extend(desk, it))


def _of_ours(desk: Desk) -> Desk:
    """Only the site's own people may know of a hold; 404 for others."""
    return desk if desk.own else abort(404)


def _extend(desk: Desk, grip: Grip) -> Answer:
    hold = _open(desk, grip.hold)
    if hold is None:
        return Answer(Outcome.NO_HOLD)
    site = tonight(desk.state.site, desk.state.evening, web.now())
    limit = latest_end(hold, site, web.board().day)
    return access.store().holds.extend(grip, A_LITTLE, limit, web.now())


def _open(desk: Desk, id_: str) -> Hold | None:
    kept = (hold for group in desk.state.groups for hold in group.holds)
    return next((hold for hold in kept if hold.id == id_), None)


def _tapped(desk: Desk, id_: str, kind: str, act: Callable[[Grip], Answer]) -> ResponseReturnValue:
    site = desk.state.site.id
    try:
        key = forms.only_a_key(request.form)
    except forms.Refused as refused:
        said = {"hold": id_, "kind": kind, "code": "wrong", "wrong": refused.errors["key"]}
        return answer(site, [said])
    told = act(Grip(id_, desk.hand, f"{key}/{kind}", site=site))
    return answer(site, [of_hold(id_, kind, told)])
