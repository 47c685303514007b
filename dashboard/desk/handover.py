"""Handing over: what the next shift must know, on the screen and on one sheet of paper."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import access, counter, forms, handover, holds, web
from ..rows import Moment
from . import reminders
from .answers import of_act, refusal, told
from .blueprint import bp


@bp.get("/desk/<site>/handover")
def hand_over_card(site: str) -> ResponseReturnValue:
    desk, now = access.desk_at(site), web.now()
    moment = Moment(web.board(), now)
    events = list(access.store().stream.back(site, now - handover.OLDEST))
    card = handover.card(events, desk.state, reminders.shift(desk), now)
    judge, kept = moment.judge(desk.state.site), [h for g in desk.state.groups for h in g.holds]
    return render_template(
        "desk/handover.html",
        site=desk.state.site,
        state=desk.state,
        card=card,
        public=[moment.group_row(desk.state, one) for one in desk.state.groups],
        on=counter.tonight(desk.state, now),
        rows=counter.rows(desk.state, judge, now, {}, {}, desk.own),
        coming=holds.coming(kept, now) if desk.own else [],
        outlook=reminders.outlook(desk, moment),
        own=desk.own,
        said=[told(one) for one in access.kept()],
        say=web.voice(),
    )


@bp.post("/desk/<site>/handover")
def hand_over(site: str) -> ResponseReturnValue:
    desk = access.desk_at(site)
    try:
        key = forms.only_a_key(request.form)
        said = access.store().turned.hand_over(site, desk.hand, key, web.now())
        access.keep([of_act("hand-over", said)])
    except forms.Refused as refused:
        access.keep([refusal("", refused)])
    return redirect(url_for("desk.hand_over_card", site=site), 303)
