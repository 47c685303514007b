"""What a one-time link opens: the page on which somebody sets a password, and is let in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from . import access, forms, web
from .passwords import LONGEST, SHORTEST, weak
from .people import Person
from .store import Known, LinkEnded, LoginTaken

bp = Blueprint("welcome", __name__)


@bp.get("/welcome")
def page() -> ResponseReturnValue:
    """Looking uses nothing up: programs that read mail open links too."""
    invited = access.store().people.invited(request.args.get("link", ""), web.now())
    return _form(invited, {})


@bp.post("/welcome")
def set_password() -> ResponseReturnValue:
    token, password = request.form.get("link", ""), request.form.get("password", "")
    invited = access.store().people.invited(token, web.now())
    try:
        person = replace(invited, disabled=False) if invited else forms.coordinator(request.form)
        if why := weak(password, person.login, person.name):
            return _form(invited, {"password": why}), 422
        proof = access.passwords().hash(password)
        access.store().people.welcome(token, person, proof, web.now())
    except forms.Refused as refused:
        return _form(invited, refused.errors), 422
    except LoginTaken:
        return _form(invited, {"login": forms.Wrong.TAKEN}), 422
    return _let_in(Known(person, proof))


@bp.errorhandler(LinkEnded)
def ended(_: LinkEnded) -> ResponseReturnValue:
    return render_template("signin/ended.html"), 410


def _let_in(known: Known) -> ResponseReturnValue:
    access.begin(known)
    answer = make_response(redirect(access.home(known.person), 303))
    return access.enrolled(answer, known.person.login)


def _form(invited: Person | None, errors: Mapping[str, str]) -> str:
    given = request.form if request.method == "POST" else request.args
    return render_template(
        "signin/welcome.html",
        invited=invited,
        given=given,
        errors=errors,
        shortest=SHORTEST,
        longest=LONGEST,
    )
