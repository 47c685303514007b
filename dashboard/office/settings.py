"""The coordinator's page of settings: what each is, what it means, who changed it last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import access, settling, web
from ..counter import newest
from ..customs import Settled, standing, value
from ..reports import Outcome
from ..store import Promise, StoreDown
from ..terms import OFFERED, Setting, ranges

bp = Blueprint("settings", __name__)
bp.register_error_handler(StoreDown, web.unsure)


@bp.get("/settings", defaults={"setting": ""})
@bp.get("/settings/<setting>")
def page(setting: str) -> ResponseReturnValue:
    """All of them, or the form of one."""
    access.coordinator()
    if setting:
        return _one(_setting(setting), request.args)
    said = access.kept()
    web.catch_up(newest(*(one.get("version", "") for one in said)))
    who = {one.who for one in web.board().settlement}
    return render_template("office/settings.html", said=said, **_given(who))


@bp.post("/settings/<setting>")
def settle(setting: str) -> ResponseReturnValue:
    coordinator, name = access.coordinator(), _setting(setting)
    try:
        said = settling.settled(request.form, request.form.getlist("without"), name)
    except settling.NotSettled as wrong:
        return _one(name, request.form, wrong.errors), 422
    heard = access.store().customs.settle(said, coordinator.id, web.now())
    match heard.outcome:
        case Outcome.SAVED:
            access.keep([_saved(name, heard.version)])
            return redirect(url_for("settings.page", _anchor=name), 303)
        case Outcome.CONFLICT:
            return _one(name, request.form, theirs=heard.current), 409
    return _one(name, request.form, {"key": heard.outcome}), 422


def _saved(setting: Setting, version: str) -> dict[str, str]:
    sent = access.store().connection.promise is Promise.SENT
    return {"name": setting, "code": "sent" if sent else "saved", "version": version}


def _setting(name: str) -> Setting:
    if name not in list(Setting):
        abort(404)
    return Setting(name)


def _one(
    setting: Setting,
    given: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    theirs: Settled | None = None,
) -> str:
    """The form of one. ``given`` is what was typed; ``theirs`` what another settled meanwhile."""
    stands = theirs or next((one for one in web.board().settlement if one.name is setting), None)
    return render_template(
        "office/setting.html",
        setting=setting,
        given=given if "seen" in given else {},
        ticked=request.values.getlist("without"),
        why=given.get("again", ""),
        errors=errors or {},
        theirs=theirs,
        turn=stands.turn if stands else 0,
        held=value(standing(web.settings().customs, (stands,) if stands else ()), setting),
        times=settling.TIMES,
        orders=settling.LANGUAGES,
        range=ranges(setting),
        **_given({stands.who} if stands else set()),
    )


def _given(who: set[str]) -> dict[str, Any]:
    """What both pages show of what stands."""
    first, customs = web.settings().customs, web.customs()
    return {
        "settings": {one: value(customs, one) for one in Setting},
        "defaults": {one: value(first, one) for one in Setting},
        "settled": {one.name: one for one in web.board().settlement},
        "names": access.store().people.names(who),
        "offered": OFFERED,
        "say": web.voice(),
    }
