"""What a one-time link opens: the page on which somebody sets password and PIN, and is let in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from . import access, forms, pins, web
from .passwords import LONGEST, SHORTEST, weak
from .people import Person, Role
from .store import PASSWORD, LinkEnded, LoginTaken

bp = Blueprint("welcome", __name__)


@bp.get("/welcome")
def page() -> ResponseReturnValue:
    """Looking uses nothing up: programs that read mail open links too."""
    invited = access.store().people.invited(request.args.get("link", ""), web.now())
    return _form(invited, {})


@bp.post("/welcome")
def set_password() -> ResponseReturnValue:
    """A password, and for a desk a PIN. Who has a password may leave it empty, and it stays."""
    token, people = request.form.get("link", ""), access.store().people
    invited = people.invited(token, web.now())
    try:
        person = replace(invited, disabled=False) if invited else forms.coordinator(request.form)
        if errors := _weak(person):
            return _form(invited, errors), 422
        password, pin = _hashes(person)
        people.welcome(token, person, password, web.now(), pin)
    except forms.Refused as refused:
        return _form(invited, refused.errors), 422
    except LoginTaken:
        return _form(invited, {"login": forms.Wrong.TAKEN}), 422
    return _let_in(person)


def _weak(person: Person) -> dict[str, str]:
    """What is wrong with the password, or with the PIN."""
    password, pin = request.form.get("password", ""), _pin(person)
    errors: dict[str, str] = {}
    needed = password or not (pin and _has_password(person))
    if needed and (why := weak(password, person.login, person.name)):
        errors["password"] = why
    if pin and (wrong := pins.weak(pin)):
        errors["pin"] = wrong
    return errors


def _hashes(person: Person) -> tuple[str, str]:
    """The hashes of what was given; '' for what was not."""
    password, pin = request.form.get("password", ""), _pin(person)
    proof = access.passwords().hash(password) if password else ""
    return proof, access.pin_hash(person.id, pin) if pin else ""


def _pin(person: Person) -> str:
    return request.form.get("pin", "").strip() if person.role is Role.DESK else ""


def _has_password(person: Person) -> bool:
    known = access.store().people.find(person.id)
    return bool(known and known.proof)


@bp.errorhandler(LinkEnded)
def ended(_: LinkEnded) -> ResponseReturnValue:
    return render_template("signin/ended.html"), 410


def _let_in(person: Person) -> ResponseReturnValue:
    """On a device of another desk nobody is let in; what they chose is kept all the same."""
    known = access.store().people.find(person.id)
    if known is None or not access.let_in(known, PASSWORD):
        return redirect(url_for("signin.page"), 303)
    answer = make_response(redirect(access.home(person), 303))
    return access.familiar(answer, person.login)


def _form(invited: Person | None, errors: Mapping[str, str]) -> str:
    given = request.form if request.method == "POST" else request.args
    return render_template(
        "signin/welcome.html",
        invited=invited,
        given=given,
        errors=errors,
        desk=invited is not None and invited.role is Role.DESK,
        has_password=invited is not None and _has_password(invited),
        shortest=SHORTEST,
        longest=LONGEST,
    )
