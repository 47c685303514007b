"""Who phones this desk for its count, and who could not get through."""

from __future__ import annotations

from typing import Any

from .. import access
from ..access import Desk
from ..calls import CallEnd
from ..rows import Moment
from .screen import part


@part
def _phoned(desk: Desk, moment: Moment) -> dict[str, Any]:
    """A call that nobody answered is told until the site says a number again."""
    state, reset = desk.state, moment.judge(desk.state.site).reset
    ringing = state.call if state.call and state.call.lasts(moment.now) else None
    missed, figures = state.called, [one.figure for one in state.groups if one.figure]
    if missed and (missed.end is not CallEnd.NO_ANSWER or missed.at < reset):
        missed = None
    if missed and any(one.received_at > missed.at for one in figures):
        missed = None
    whos = {one.who for one in (ringing, missed) if one}
    names = access.store().people.names(whos) if whos else {}
    return {"ringing": ringing, "missed": missed, "callers": names}
