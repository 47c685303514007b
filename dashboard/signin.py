"""Signing in and out, by password or passkey; on a desk's device either opens a shift."""

from __future__ import annotations

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from . import access, device, forms, passkeys, web
from .door import Closed
from .people import LOGIN_LENGTH
from .store import PASSWORD, Known

bp = Blueprint("signin", __name__)


@bp.get("/sign-in")
def page() -> ResponseReturnValue:
    wanted = access.ours(request.args.get("next"))
    if person := access.person():
        return redirect(wanted or access.home(person), 303)
    return _form(request.args.get("again"))


@bp.post("/sign-in")
def sign_in() -> ResponseReturnValue:
    browser = access.browser()
    try:
        login = forms.login_of(request.form.get("login"))
        access.door().knock(login, browser, request.remote_addr or "", web.now())
    except forms.Unfit:
        return _form("wrong"), 422
    except Closed as closed:
        return _wait(closed)
    known = access.store().people.by_login(login)
    password = request.form.get("password", "")
    if not access.passwords().right(password, known.proof if known else "") or not known:
        access.door().missed(browser, login, request.remote_addr or "")
        return _form("wrong"), 422
    access.door().opened(login, browser)
    return _let_in(known, PASSWORD)


@bp.post("/sign-in/passkey/question")
def question() -> ResponseReturnValue:
    """What a browser asks its passkeys; its answer goes to ``by_passkey``."""
    here = device.present()  # a desk has a count of its own: it may share its address with many
    try:
        access.door().asked(here.device.id if here else request.remote_addr or "")
    except Closed as closed:
        return "", 429, {"Retry-After": str(closed.seconds)}
    return jsonify(passkeys.to_sign_in())


@bp.post("/sign-in/passkey")
def by_passkey() -> ResponseReturnValue:
    try:
        known, passkey = passkeys.shown(request.form.get("credential", ""))
    except passkeys.BadPasskey:
        return _form("passkey"), 422
    return _let_in(known, passkey.id)


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    access.end()
    return redirect(url_for("public.board"), 303)


def _let_in(known: Known, by: str) -> ResponseReturnValue:
    if not access.let_in(known, by):
        return _form("other-desk"), 403
    wanted = access.ours(request.form.get("next"))
    answer = make_response(redirect(wanted or access.home(known.person), 303))
    return access.familiar(answer, known.person.login)


def _wait(closed: Closed) -> ResponseReturnValue:
    minutes = -(-closed.seconds // 60)
    return _form("wait", minutes), 429, {"Retry-After": str(closed.seconds)}


def _form(why: str | None = None, minutes: int = 0) -> str:
    given = request.form if request.method == "POST" else request.args
    here = device.present()
    state = web.board().sites.get(here.device.site) if here else None
    return render_template(
        "signin/page.html",
        login=given.get("login", "")[:LOGIN_LENGTH],
        next=access.ours(given.get("next")),
        why=why,
        minutes=minutes,
        desk=state.site if state else None,
    )
