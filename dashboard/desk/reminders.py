"""The quiet bar that asks for a count when one is due, and what the last one brought."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import session
from flask.typing import ResponseReturnValue

from .. import access, device, reminders, web
from ..access import Desk
from ..reminders import Outlook
from ..rows import Moment
from .blueprint import bp
from .screen import answer, part

PUT_OFF = "put_off"  # in the session: by site, when its reminder was put off on this device


@bp.post("/desk/<site>/later")
def put_off(site: str) -> ResponseReturnValue:
    """A quarter of an hour without the bar, on this device. Nothing about beds is said by it."""
    access.desk_seen(site)
    session[PUT_OFF] = {site: web.now().timestamp()}
    return answer(site, [])


@part
def _due(desk: Desk, moment: Moment) -> dict[str, Any]:
    last = _last_report(desk, moment)
    return {
        "outlook": outlook(desk, moment),
        "looks": access.store().looked.since(last or moment.judge(desk.state.site).reset),
        "last_report": last,
    }


def outlook(desk: Desk, moment: Moment) -> Outlook:
    """What this desk is reminded of, on this device."""
    judge = moment.judge(desk.state.site)
    alerts = moment.alerts_at(desk.state.site)
    found = reminders.outlook(desk.state, judge, moment.day, moment.now, shift(desk), alerts)
    at = session.get(PUT_OFF, {}).get(desk.state.site.id)
    return found.put_off(datetime.fromtimestamp(at, moment.now.tzinfo) if at else None, moment.now)


def shift(desk: Desk) -> datetime | None:
    """When the shift of whoever is at the desk's device began, where there is one."""
    here = device.present() if desk.device else None
    found = here.shift(here.hand) if here else None
    return found.began_at if found else None


def _last_report(desk: Desk, moment: Moment) -> datetime | None:
    """When the site last said anything that still counts."""
    reset = moment.judge(desk.state.site).reset
    figures = (one.figure for one in desk.state.groups if one.figure)
    return max((one.observed_at for one in figures if one.observed_at >= reset), default=None)
