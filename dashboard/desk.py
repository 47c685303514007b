"""The desk: one tap to say how many beds are open, and an honest answer to it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from . import access, counter, forms, web
from .access import Desk
from .reports import Answer, Outcome, Report
from .rows import Moment
from .store import Promise, StoreDown, Undo

bp = Blueprint("desk", __name__)
PATIENCE = 1.0  # seconds that an answer waits for the board to hold what was just saved
TIMES = ("at", "then")
MOST_TOLD = 8  # answers in a cookie
SHOWN = 40  # characters of a refused number that are shown again
GOOD = (Outcome.SAVED, Outcome.LATE, "sent")

Said = dict[str, Any]


@bp.app_context_processor
def _keys() -> dict[str, Any]:
    return {"new_key": lambda: token_hex(12)}


@bp.get("/desk")
def mine() -> ResponseReturnValue:
    person = access.signed_in()
    states = [one for id_, one in web.board().sites.items() if person.may_report(id_)]
    if len(states) == 1:
        return redirect(url_for("desk.page", site=states[0].site.id), 303)
    sites = sorted((one.site for one in states), key=lambda site: site.name.casefold())
    return render_template("desk/mine.html", sites=sites)


@bp.get("/desk/<site>")
def page(site: str) -> ResponseReturnValue:
    access.desk_at(site)  # what was said is taken up only by who may hear it
    said = access.kept() or _from_address()
    _catch_up(said)
    return render_template("desk/page.html", **_given(access.desk_at(site), said))


@bp.get("/desk/<site>/figures")
def figures(site: str) -> ResponseReturnValue:
    desk = access.desk_at(site)
    return render_template("desk/figures.html", **_given(desk, []))


@bp.post("/desk/<site>/groups/<group>/reports")
def report(site: str, group: str) -> ResponseReturnValue:
    desk = access.desk_at(site, group)
    try:
        told = forms.desk_report(request.form, site, group, desk.person, web.now())
    except forms.Refused as refused:
        return _answer(site, [_refused(group, refused)])
    return _answer(site, [_send(desk, told)])


@bp.post("/desk/<site>/reports")
def confirm_all(site: str) -> ResponseReturnValue:
    desk = access.desk_at(site)
    try:
        seen = forms.all_still_right(request.form, desk.state, desk.person, web.now())
    except forms.Refused as refused:
        return _answer(site, [_refused("", refused)])
    return _answer(site, [_send(desk, told) for told in seen])


@bp.post("/desk/<site>/groups/<group>/undo")
def undo(site: str, group: str) -> ResponseReturnValue:
    desk = access.desk_at(site, group)
    try:
        undoes, key = forms.undoing(request.form)
    except forms.Refused as refused:
        return _answer(site, [_refused(group, refused)])
    taken = Undo(site, group, undoes, desk.person.source, desk.person.id, key)
    answer = access.store().reports.undo(taken, web.now())
    return _answer(site, [_said(group, "undo", 0, answer)])


@bp.errorhandler(StoreDown)
def unsure(error: StoreDown) -> ResponseReturnValue:
    """Nobody knows whether it was kept: the same form again, with the same key, is safe."""
    if request.method != "POST":
        return web.store_down(error)
    fields = [(name, given) for name, given in request.form.items(multi=True)]
    fields = [(name, given) for name, given in fields if name != "csrf_token"]
    if "first_tried" not in request.form:
        fields.append(("first_tried", str(int(web.now().timestamp() * 1000))))
    html = render_template("desk/unsure.html", fields=fields, action=request.path)
    return html, 503, {"Retry-After": "2"}


def _send(desk: Desk, told: Report) -> Said:
    judge = Moment(web.board(), web.now()).judge(desk.state.site)
    answer = access.store().reports.report(told, judge, web.now())
    return _said(told.group, told.kind, told.value, answer)


def _said(group: str, kind: str, value: int, answer: Answer) -> Said:
    """What became of one report, small enough for a cookie."""
    if answer.outcome is Outcome.NO_GROUP:
        abort(404)
    code: str = answer.outcome
    if code == Outcome.SAVED and access.store().connection.promise is Promise.SENT:
        code = "sent"
    at = answer.figure.received_at if answer.repeated and answer.figure else web.now()
    said = {"group": group, "kind": kind, "value": value, "code": code, "at": at.timestamp()}
    if answer.figure:
        figure = answer.figure
        said |= {"open": figure.open, "who": figure.who, "then": figure.received_at.timestamp()}
    return said | {"version": answer.version}


def _refused(group: str, refused: forms.Refused) -> Said:
    wrong = refused.errors.get("value") or next(iter(refused.errors.values()))
    value = request.form.get("value", "")[:SHOWN]
    kind = request.form.get("kind", "")[:SHOWN]
    return {"group": group, "kind": kind, "value": value, "code": "wrong", "wrong": wrong}


def _from_address() -> list[Said]:
    """What somebody was about to send when they had to sign in again."""
    if request.args.get("again") not in ("signed-out", "expired"):
        return []
    asked = {name: request.args.get(name, "")[:SHOWN] for name in ("group", "kind", "value")}
    return [asked | {"code": request.args["again"]}]


def _answer(site: str, said: Sequence[Said]) -> ResponseReturnValue:
    """By script the figures and what to say; without, the page again."""
    if not request.htmx:  # type: ignore[attr-defined]
        access.keep(_short(said))
        return redirect(url_for("desk.page", site=site), 303)
    _catch_up(said)
    html = render_template("desk/answer.html", **_given(access.desk_at(site), said))
    return html, max(_code(one) for one in said) if said else 200


def _short(said: Sequence[Said]) -> list[Said]:
    """What a cookie has room for: what went wrong, and the last that did not."""
    good = [one for one in said if one["code"] in GOOD]
    return [one for one in said if one not in good][:MOST_TOLD] + good[-1:]


def _code(said: Said) -> int:
    return 200 if said["code"] in GOOD else 409 if said["code"] == Outcome.CONFLICT else 422


def _catch_up(said: Sequence[Said]) -> None:
    """Waits until the board holds what was just saved, so nobody sees their own figure undone."""
    wanted = counter.newest(*(one.get("version", "") for one in said))
    follower, until = web.follower(), time.monotonic() + PATIENCE
    while wanted and follower.connected and follower.board.version < wanted:
        if time.monotonic() > until or follower.board.version.epoch != wanted.epoch:
            return
        time.sleep(0.005)


def _given(desk: Desk, said: Sequence[Said]) -> dict[str, Any]:
    """What the page and its fragments show: one place, so they can't tell two stories."""
    moment = Moment(web.board(), web.now())
    told = access.store().stream.entries(counter.entries(desk.state))
    others = {one["who"] for one in said if "who" in one}
    names = access.store().people.names(counter.people(told.values()) | others)
    judge = moment.judge(desk.state.site)
    rows = counter.rows(desk.state, judge, web.now(), told, names, desk.own)
    return {
        "site": desk.state.site,
        "rows": rows,
        "names": names,
        "own": desk.own,
        "say": web.voice(),
        "said": [_told(one) for one in said],
        "version": moment.version,
    }


def _told(said: Said) -> Said:
    times = {name: datetime.fromtimestamp(said[name], UTC) for name in TIMES if name in said}
    return said | times
