"""Signing in and out."""

from __future__ import annotations

import re

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from . import access, forms, web
from .door import Closed
from .people import LOGIN_LENGTH

bp = Blueprint("signin", __name__)
OURS = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


@bp.get("/sign-in")
def page() -> ResponseReturnValue:
    wanted = _wanted(request.args.get("next"))
    if person := access.person():
        return redirect(wanted or access.home(person), 303)
    return _form(request.args.get("again"))


@bp.post("/sign-in")
def sign_in() -> ResponseReturnValue:
    device = access.device()
    try:
        login = forms.login_of(request.form.get("login"))
        access.door().knock(login, device, request.remote_addr or "", web.now())
    except forms.Unfit:
        return _form("wrong"), 422
    except Closed as closed:
        minutes = -(-closed.seconds // 60)
        return _form("wait", minutes), 429, {"Retry-After": str(closed.seconds)}
    known = access.store().people.by_login(login)
    password = request.form.get("password", "")
    if not access.passwords().right(password, known.proof if known else "") or not known:
        access.door().missed(device, login, request.remote_addr or "")
        return _form("wrong"), 422
    access.door().opened(login, device)
    access.begin(known)
    wanted = _wanted(request.form.get("next"))
    answer = make_response(redirect(wanted or access.home(known.person), 303))
    return access.enrolled(answer, login)


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    access.end()
    return redirect(url_for("public.board"), 303)


def _form(why: str | None = None, minutes: int = 0) -> str:
    given = request.form if request.method == "POST" else request.args
    return render_template(
        "signin/page.html",
        login=given.get("login", "")[:LOGIN_LENGTH],
        next=_wanted(given.get("next")),
        why=why,
        minutes=minutes,
    )


def _wanted(next_: str | None) -> str:
    """Where somebody was going, if it is a page of ours; '' otherwise."""
    return next_ if next_ and OURS.fullmatch(next_) else ""
