"""The coordinator's page of cold nights: a draft, issuing it, what is on. Nothing acts alone."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_hex
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import access, alerts, cap, capfetch, forms, issuing, web
from ..alerts import Answer, Cold, Ending, Issued, Outcome, Reason
from ..cap import NotTaken
from ..counter import newest
from ..evening import RULES, standing
from ..facts import Season
from ..people import Person
from ..rows import Moment
from ..store import StoreDown

bp = Blueprint("cold", __name__)
bp.register_error_handler(StoreDown, web.unsure)


@bp.get("/cold")
def page() -> ResponseReturnValue:
    access.coordinator()
    said = access.kept()
    web.catch_up(newest(*(one.get("version", "") for one in said)))  # it may be another worker's
    return _page(said=next((one["code"] for one in said), ""))


@bp.post("/cold/draft")
def draft() -> ResponseReturnValue:
    """A draft from a template, or the one that is open, mended. It changes nothing else."""
    coordinator = access.coordinator()
    try:
        found = _drafted(coordinator)
    except forms.Refused as refused:
        return _page(refused.errors), 422
    access.store().alerts.save_draft(found, coordinator.id, web.now())
    return _done("drafted")


@bp.post("/cold/drop")
def drop() -> ResponseReturnValue:
    coordinator = access.coordinator()
    access.store().alerts.save_draft(None, coordinator.id, web.now())
    return _done("dropped")


@bp.post("/cold/issue")
def issue() -> ResponseReturnValue:
    coordinator, day = access.coordinator(), web.board().day
    try:
        key = forms.only_a_key(request.form)
        found = issuing.draft(request.form, _areas(), coordinator.id, web.now(), day)
    except forms.Refused as refused:
        return _page(refused.errors), 422
    alert, typed = issuing.issued(f"a-{token_hex(6)}", found), issuing.typed(request.form)
    return _answered("issued", access.store().alerts.issue(alert, typed, key, web.now()))


@bp.post("/cold/<id_>/extend")
def extend(id_: str) -> ResponseReturnValue:
    coordinator, alert = access.coordinator(), _alert(id_)
    try:
        change = issuing.extension(request.form, alert, web.now(), web.board().day)
    except forms.Refused as refused:
        return _page(_beside(refused.errors, id_)), 422
    hand = (change.seen, coordinator.id, change.key, web.now())
    answer = access.store().alerts.extend(id_, change.until or alert.until, *hand)
    return _answered("extended", answer)


@bp.post("/cold/<id_>/cancel")
def cancel(id_: str) -> ResponseReturnValue:
    coordinator, alert = access.coordinator(), _alert(id_)
    try:
        change = issuing.cancellation(request.form)
    except forms.Refused as refused:
        return _page(_beside(refused.errors, id_)), 422
    hand = (change.seen, coordinator.id, change.key, web.now())
    answer = access.store().alerts.cancel(alert.id, change.ending or Ending.MISTAKE, *hand)
    return _answered("cancelled", answer)


@bp.post("/cold/cap")
def take() -> ResponseReturnValue:
    """A warning, pasted or uploaded: it fills the draft, and nothing else happens."""
    coordinator = access.coordinator()
    file = request.files.get("file")
    return _warned(coordinator, file.read(cap.LARGEST + 1) if file else b"")


@bp.post("/cold/fetch")
def fetch() -> ResponseReturnValue:
    coordinator = access.coordinator()
    try:
        found = capfetch.fetch(web.settings().cap_url)
    except NotTaken as error:
        return _page(why=error.why), 422
    return _warned(coordinator, found)


def _warned(coordinator: Person, file: bytes) -> ResponseReturnValue:
    now, day = web.now(), web.board().day
    try:
        warned = cap.read(file or request.form.get("cap", ""), now)
        found = cap.draft(warned, _areas(), coordinator.id, now, day)
    except NotTaken as error:
        return _page(why=error.why), 422
    access.store().alerts.save_draft(found, coordinator.id, now)
    return _done("filled")


def _beside(errors: Mapping[str, str], id_: str) -> dict[str, str]:
    """What is wrong with the fields of one alert, as the page names them."""
    shared = ("key", "seen")
    return {name if name in shared else f"{name}.{id_}": why for name, why in errors.items()}


def _drafted(coordinator: Person) -> alerts.Draft:
    now, day, template = web.now(), web.board().day, request.form.get("template", "")
    if template in list(Cold):
        return issuing.from_template(Cold(template), coordinator.id, now, day)
    return issuing.draft(request.form, _areas(), coordinator.id, now, day)


def _answered(act: str, answer: Answer) -> ResponseReturnValue:
    """Back to the page, which says what became of it; what stands instead is on it."""
    if answer.outcome is Outcome.UNKNOWN:
        abort(404)
    if answer.outcome is Outcome.SAVED:
        return _done(act, answer.version)
    if answer.alert:
        web.catch_up(web.board().version.at(answer.alert.version))
    return _page(why=answer.outcome), 409


def _done(act: str, version: str = "") -> ResponseReturnValue:
    access.keep([{"code": act, "version": version}])
    return redirect(url_for("cold.page"), 303)


def _alert(id_: str) -> Issued:
    known = (one for one in web.board().alerts if isinstance(one, Issued) and one.id == id_)
    return next(known, None) or abort(404)


def _areas() -> list[str]:
    """The parts of the town: those that have a name here, and those that a site is in."""
    sites = [state.site.place.area for state in web.board().sites.values()]
    found = {one.casefold(): one for one in (*sites, *access.store().areas.travel().areas) if one}
    return sorted(found.values(), key=str.casefold)


def _page(errors: Mapping[str, str] | None = None, why: str = "", said: str = "") -> str:
    now, board = web.now(), web.board()
    shown = alerts.announced(board.alerts, now)
    typed: Mapping[str, str] = request.form if errors or why else request.args
    return render_template(
        "office/cold.html",
        shown=shown,
        draft=access.store().alerts.draft(),
        typed=typed,
        again=request.args.get("again", ""),
        said=said,
        errors=errors or {},
        why=why,
        names=access.store().people.names(one.who for one in shown),
        areas=_areas(),
        kinds=list(Cold),
        reasons=list(Reason),
        endings=list(Ending),
        fetches=bool(web.settings().cap_url),
        sites=_sites(Moment(board, now)),
        say=web.voice(),
    )


def _sites(moment: Moment) -> list[dict[str, Any]]:
    """What each site does on a cold night: its groups for alerts, and the rules that it relaxed."""
    states = sorted(web.board().sites.values(), key=lambda one: one.site.name.casefold())
    return [
        {
            "site": state.site,
            "groups": [
                moment.group_row(state, one)
                for one in state.groups
                if one.group.season is Season.ALERT
            ],
            "relaxed": [one for one in standing(state.evening, moment.now) if one.topic in RULES],
        }
        for state in states
    ]
