"""Outreach: keeping a bed for someone on the way, for longer, or no more; and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import SystemRandom
from secrets import token_hex
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from . import access, codes, forms, offers, taps, web
from .beds import Hold, HoldEnd, Source
from .cards import tel
from .counter import newest
from .holds import LONGER, latest_end
from .offers import Door, Mine
from .people import Hand, Person
from .reports import Answer, Outcome
from .rows import Moment
from .store import Grip, Promise, StoreDown

bp = Blueprint("outreach", __name__)
LATELY = timedelta(hours=3)  # for which an ended hold is shown
SPARE_CODES = 8
Said = dict[str, Any]


@bp.get("/outreach")
def page() -> ResponseReturnValue:
    worker = access.outreach()
    said = access.kept() or _from_address()
    web.catch_up(newest(*(one.get("version", "") for one in said)))
    return render_template("outreach/page.html", said=said, **_given(worker))


@bp.get("/outreach/news")
def news() -> ResponseReturnValue:
    return render_template("outreach/news.html", **_given(access.outreach()))


@bp.post("/outreach/sites/<site>/groups/<group>/holds")
def keep(site: str, group: str) -> ResponseReturnValue:
    worker, moment = access.outreach(), Moment(web.board(), web.now())
    door, found = offers.offer(moment, site, group) or abort(404)
    try:
        minutes, key = taps.arriving(request.form)
    except forms.Refused as refused:
        return _answer("keep", "wrong", wrong=next(iter(refused.errors.values())))
    if door.ends is None or timedelta(minutes=minutes) > door.ends - web.now():
        return _answer("keep", "too-late")
    if found.row.available is None:  # the site wants a call first, or is closed
        return _answer("keep", Outcome.NOT_FRESH)
    hold, judge = _hold(worker, door, group, minutes), moment.judge(door.site)
    spare = codes.some(SPARE_CODES, SystemRandom())
    most = web.settings().agency_holds
    return _told("keep", access.store().holds.keep(hold, judge, _hand(worker), key, most, spare))


@bp.post("/outreach/holds/<id_>/longer")
def longer(id_: str) -> ResponseReturnValue:
    def extend(grip: Grip, found: Mine) -> Answer:
        limit = latest_end(found.hold, found.site, web.board().day)
        return access.store().holds.extend(grip, LONGER, limit, web.now(), once=True)

    return _tapped(id_, "longer", extend)


@bp.post("/outreach/holds/<id_>/release")
def release(id_: str) -> ResponseReturnValue:
    def end(grip: Grip, _: Mine) -> Answer:
        return access.store().holds.end(grip, HoldEnd.RELEASED, web.now())

    return _tapped(id_, "release", end)


@bp.errorhandler(StoreDown)
def unsure(error: StoreDown) -> ResponseReturnValue:
    return web.unsure(error)


def _tapped(id_: str, kind: str, act: Callable[[Grip, Mine], Answer]) -> ResponseReturnValue:
    worker = access.outreach()
    found = offers.find(_mine(worker), id_)
    try:
        key = forms.only_a_key(request.form)
    except forms.Refused as refused:
        return _answer(kind, "wrong", wrong=refused.errors["key"])
    if found is None:
        return _answer(kind, Outcome.NO_HOLD)
    grip = Grip(id_, _hand(worker), f"{key}/{kind}", agency=worker.agency)
    return _told(kind, act(grip, found))


def _hold(worker: Person, door: Door, group: str, minutes: int) -> Hold:
    now = web.now()
    arrives, code = now + timedelta(minutes=minutes), codes.code(SystemRandom())
    place = (door.site.id, group, worker.agency, code)
    return Hold(f"h-{token_hex(6)}", *place, now, door.ends or now, arrives, who=worker.id)


def _hand(worker: Person) -> Hand:
    return Hand(worker.id, Source.OUTREACH)


def _told(kind: str, answer: Answer) -> ResponseReturnValue:
    code: str = answer.outcome
    if code == Outcome.SAVED and access.store().connection.promise is Promise.SENT:
        code = "sent"
    return _answer(kind, code, version=answer.version)


def _answer(kind: str, code: str, **more: str) -> ResponseReturnValue:
    access.keep([{"kind": kind, "code": code, "at": web.now().timestamp(), **more}])
    return redirect(url_for("outreach.page"), 303)


def _from_address() -> list[Said]:
    """What somebody was about to send when they had to sign in again."""
    why = request.args.get("again")
    return [{"kind": "again", "code": why}] if why in ("signed-out", "expired") else []


def _mine(worker: Person) -> list[Mine]:
    return offers.mine(web.board(), worker.agency, web.board().day, web.now())


def _given(worker: Person) -> dict[str, Any]:
    """What the page and its news show: one place, so they can't tell two stories."""
    moment, mine = Moment(web.board(), web.now()), _mine(worker)
    since, sites = web.now() - LATELY, web.board().sites
    ended = access.store().holds.ended(worker.agency, since)
    return {
        "mine": mine,
        "ended": [one for one in ended if one.reason is not HoldEnd.RELEASED],
        "sites": {one.hold.site: sites[one.hold.site] for one in ended if one.hold.site in sites},
        "doors": offers.doors(moment),
        "most": web.settings().agency_holds,
        "agency": worker.agency,
        "tap_key": f"{moment.version.entry}-{worker.id}",
        "version": moment.version,
        "say": web.voice(),
        "tel": tel,
    }
