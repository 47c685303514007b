"""The log of cold nights: which alerts were on, and what a coordinator wrote down of each night."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import access, coldnights, forms, issuing, web
from ..alerts import Issued, Outcome
from ..coldnights import Entry, Sky
from ..store import StoreDown

bp = Blueprint("coldlog", __name__)
bp.register_error_handler(StoreDown, web.unsure)


@bp.get("/cold/log")
def page() -> ResponseReturnValue:
    access.coordinator()
    return _page()


@bp.post("/cold/log/<night>")
def write(night: str) -> ResponseReturnValue:
    coordinator, entry, now = access.coordinator(), _entry(night), web.now()
    given, sky = request.form, request.form.getlist("sky")
    try:
        seen, key = issuing.of_night(given)
        found = issuing.night(given, sky, entry.date, coordinator.id, now)
    except forms.Refused as refused:
        return _page(refused.errors, night), 422
    answer = access.store().alerts.log(found, seen, key, now)
    if answer.outcome is not Outcome.SAVED:
        return _page(night=night, why=answer.outcome), 409
    access.keep([{"code": night}])
    return redirect(url_for("coldlog.page", _anchor=f"night-{night}"), 303)


def _entries() -> list[Entry]:
    issued = [one for one in web.board().alerts if isinstance(one, Issued)]
    written = access.store().alerts.nights()
    return coldnights.log(issued, written, web.now(), web.board().day)


def _entry(night: str) -> Entry:
    """A night of the log; any other is 404."""
    when = None
    with suppress(ValueError):
        when = date.fromisoformat(night)
    return next((one for one in _entries() if one.date == when), None) or abort(404)


def _page(errors: Mapping[str, str] | None = None, night: str = "", why: str = "") -> str:
    entries = _entries()
    whos = [one.night.who for one in entries if one.night]
    whos += [alert.who for one in entries for alert in one.alerts]
    return render_template(
        "office/coldlog.html",
        log=entries,
        opened=coldnights.opened(web.board(), web.now()),
        names=access.store().people.names(whos),
        sky=list(Sky),
        errors=errors or {},
        typed=night if errors or why else "",
        given=request.form,
        chosen=request.form.getlist("sky"),
        why=why or request.args.get("again", ""),
        said=next((one["code"] for one in access.kept()), ""),
        say=web.voice(),
    )
