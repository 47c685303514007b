"""Motel vouchers: an agency's own people see and move its nights, coordinators every pool."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_hex

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import access, forms, web
from ..people import NAME_LENGTH, Hand, Person, Role
from ..store import KeyReused, StoreDown, TooFew
from ..vouchers import MOST, Pool, Turn, Why

bp = Blueprint("vouchers", __name__)
THEIRS = (Turn.ISSUED, Turn.RETURNED, Turn.USED)


@bp.get("/vouchers")
def page() -> ResponseReturnValue:
    return _page(access.signed_in())


@bp.post("/vouchers")
def turn() -> ResponseReturnValue:
    """Nights of an agency's own pool: issued, back again, or used."""
    person = access.outreach()
    return _moved(person, person.agency, THEIRS)


@bp.post("/vouchers/adjust")
def adjust() -> ResponseReturnValue:
    """A coordinator adds nights to a pool, or takes some, and says why."""
    coordinator = access.coordinator()
    return _moved(coordinator, None, (Turn.ADDED, Turn.TAKEN))


@bp.errorhandler(StoreDown)
def unsure(error: StoreDown) -> ResponseReturnValue:
    return web.unsure(error)


def _moved(person: Person, agency: str | None, turns: tuple[Turn, ...]) -> ResponseReturnValue:
    """``agency``: whose nights; None where the form names it, and the reason."""
    reading, given, named, why = forms.Reading(), request.form, agency or "", None
    nights, turned = 0, turns[0]
    with reading.of("nights"):
        nights = forms.count(given.get("nights", ""))
        if not 0 < nights <= MOST:
            raise forms.Unfit(forms.Wrong.TOO_MANY if nights else forms.Wrong.MISSING)
    with reading.of("turn"):
        turned = forms.word(given.get("turn"), Turn)
    if agency is None:
        with reading.of("agency"):
            named = forms.words(given.get("agency"), NAME_LENGTH)
        with reading.of("why"):
            why = forms.word(given.get("why"), Why)
    key = forms.key_of(reading, given)
    try:
        reading.done()
        if turned not in turns:
            abort(404)
        hand = Hand(person.id, person.source)
        access.store().vouchers.turn(named, turned, nights, hand, key, web.now(), why)
    except forms.Refused as refused:
        return _page(person, refused.errors), 422
    except TooFew:
        return _page(person, {"nights": "too-few-nights"}), 409
    except KeyReused:
        return _page(person, {"nights": "not-a-version"}), 409
    return redirect(url_for("vouchers.page", done=turned), 303)


def _page(person: Person, errors: Mapping[str, str] | None = None) -> str:
    leads = person.role is Role.COORDINATOR
    given = request.form if request.method == "POST" else request.args
    return render_template(
        "office/vouchers.html",
        pools=access.store().vouchers.all() if leads else [_own(person)],
        agencies=_agencies() if leads else [],
        leads=leads,
        turns=(Turn.ADDED, Turn.TAKEN) if leads else THEIRS,
        reasons=list(Why),
        given=given,
        errors=errors or {},
        why=given.get("again", ""),
        done=request.args.get("done", ""),
        key=token_hex(12),
        most=MOST,
    )


def _own(person: Person) -> Pool:
    return access.store().vouchers.pool(person.agency)


def _agencies() -> list[str]:
    """Those for which somebody works here, and those that have nights."""
    named = {known.person.agency for known in access.store().people.all()} - {""}
    kept = {pool.agency for pool in access.store().vouchers.all()}
    return sorted(named | kept, key=str.casefold)
