"""Tonight: which sites need a call, for who coordinates and who phones them.

It follows the board. Whoever takes a site has it for ten minutes, on a page of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import access, counter, forms, phoning, planned, web
from ..beds import Source
from ..board import SiteState
from ..calls import CallEnd
from ..cards import tel
from ..people import Hand, Person
from ..reports import Answer, Outcome
from ..rows import Moment
from ..store import Promise, StoreDown, Wanted
from ..worklist import CALLS_FOR, Work, next_sites, work, worklist

bp = Blueprint("tonight", __name__)
CALL = "/tonight/call/<site>"


@bp.errorhandler(StoreDown)
def unsure(error: StoreDown) -> ResponseReturnValue:
    """Nobody knows whether it was kept: the same form again, with the same key, is safe."""
    return web.unsure(error)


@bp.get("/tonight")
def page() -> ResponseReturnValue:
    person = _caller()
    said = _said()
    why = request.args.get("again", "")
    return render_template("office/tonight.html", said=said, why=why, **_list(person))


@bp.get("/tonight/list")
def news() -> ResponseReturnValue:
    """The list and the banner, for a page that follows the board."""
    return render_template("office/_news.html", **_list(_caller()))


@bp.post("/tonight/next")
def take() -> ResponseReturnValue:
    """The next site, or the one that the form names; nobody else gets it meanwhile."""
    person, site = _caller(), request.form.get("site", "")
    try:
        key = forms.only_a_key(request.form)
    except forms.Refused:
        abort(422)
    taken = access.store().calls.take(_wanted(site), _hand(person), key, web.now())
    if taken.call is None:
        access.keep([{"code": "taken" if site else "nobody", "site": site}])
        return redirect(url_for("tonight.page"), 303)
    other = bool(site) and site != taken.call.site
    access.keep([{"code": "unfinished" if other else "yours", "version": taken.version}])
    return redirect(url_for("tonight.call", site=taken.call.site), 303)


@bp.get(CALL)
def call(site: str) -> ResponseReturnValue:
    person = _caller()
    said = _said()
    return _page(person, _state(site), given=request.args, said=said)


@bp.post(CALL)
def counts(site: str) -> ResponseReturnValue:
    """The numbers that the desk said, as reports by phone; then the call is over."""
    person, state = _caller(), _state(site)
    try:
        told, key = phoning.counted(request.form, state, _hand(person), web.now())
    except forms.Refused as refused:
        return _page(person, state, given=request.form, errors=refused.errors), 422
    judge = Moment(web.board(), web.now()).judge(state.site)
    reports = access.store().reports
    answers = {one.group: reports.report(one, judge, web.now()) for one in told}
    if not all(one.kept for one in answers.values()):
        web.catch_up(counter.newest(*(one.version for one in answers.values())))
        return _page(person, _state(site), given=request.form, answers=answers), 409
    late = all(one.outcome is Outcome.LATE for one in answers.values())
    return _over(person, site, CallEnd.COUNTED, key, "late" if late else _saved())


@bp.post(f"{CALL}/end")
def end(site: str) -> ResponseReturnValue:
    """Nobody answered, or somebody else shall phone there."""
    person = _caller()
    _state(site)
    try:
        found, key = phoning.over(request.form)
    except forms.Refused:
        abort(422)
    return _over(person, site, found, key, found)


def _over(person: Person, site: str, end: CallEnd, key: str, code: str) -> ResponseReturnValue:
    """Ends the call; back to the list, which says what became of it."""
    id_ = phoning.call_of(request.form)
    said = access.store().calls.end(site, id_, end, _hand(person), f"{key}/end", web.now())
    access.keep(
        [{"code": code, "site": site, "at": web.now().timestamp(), "version": said.version}]
    )
    return redirect(url_for("tonight.page"), 303)


def _caller() -> Person:
    """Who phones sites; 404 for others. Raises SignedOut, StoreDown."""
    found = access.signed_in()
    if not found.phones:
        abort(404)
    return found


def _hand(person: Person) -> Hand:
    """What is said here was heard on the phone, whoever phoned."""
    return Hand(person.id, Source.PHONE)


def _state(site: str) -> SiteState:
    found = web.board().sites.get(site)
    if found is None or not found.groups:
        abort(404)
    return found.on(planned.today(web.now(), web.board().day))


def _saved() -> str:
    return "sent" if access.store().connection.promise is Promise.SENT else "saved"


def _wanted(site: str) -> list[Wanted]:
    moment = Moment(web.board(), web.now())
    works = [work(moment, _state(site))] if site else next_sites(_works(moment))
    found = [one.state for one in works]
    return [Wanted(one.site.id, one.called.version if one.called else "") for one in found]


def _works(moment: Moment) -> list[Work]:
    return worklist(moment, web.board().sites.values())


def _said() -> list[dict[str, Any]]:
    """What became of the last tap, once the board holds it."""
    said = access.kept()
    web.catch_up(counter.newest(*(one.get("version", "") for one in said)))
    return [
        one | {"at": datetime.fromtimestamp(one["at"], UTC)} if "at" in one else one for one in said
    ]


def _list(person: Person) -> dict[str, Any]:
    """What the page and its fragment show."""
    moment = Moment(web.board(), web.now())
    works = _works(moment)
    mine = next((one for one in works if one.call and one.call.who == person.id), None)
    return {
        "works": works,
        "due": next_sites(works),
        "mine": mine,
        "needs": CALLS_FOR,
        "names": access.store().people.names(_whos(works)),
        "sites": {one.state.site.id: one.state.site for one in works},
        "tel": tel,
        "say": web.voice(),
        "version": moment.version,
    }


def _whos(works: list[Work]) -> set[str]:
    figures = {line.figure.who for one in works for line in one.lines if line.figure}
    calls = {one.call.who for one in works if one.call}
    return figures | calls | {one.called.who for one in works if one.called}


def _page(
    person: Person,
    state: SiteState,
    *,
    given: Mapping[str, str],
    said: list[dict[str, Any]] | None = None,
    errors: Mapping[str, str] | None = None,
    answers: Mapping[str, Answer] | None = None,
) -> str:
    """One site on the phone; ``given`` is what was typed, and stays until it is saved."""
    moment = Moment(web.board(), web.now())
    found = work(moment, state)
    entries = access.store().stream.entries(counter.entries(state))
    refused = {group: one for group, one in (answers or {}).items() if not one.kept}
    whos = counter.people(entries.values()) | _whos([found])
    names = access.store().people.names(
        whos | {one.figure.who for one in refused.values() if one.figure}
    )
    judge = moment.judge(state.site)
    return render_template(
        "office/call.html",
        site=state.site,
        work=found,
        mine=found.call if found.call and found.call.who == person.id else None,
        rows=counter.rows(state, judge, moment.now, entries, names, False),
        lines=found.lines,
        names=names,
        given=given,
        why=given.get("again", ""),
        said=said or [],
        errors=errors or {},
        refused=refused,
        tel=tel,
        say=web.voice(),
    )
