"""My account: one's own password, PIN and passkeys. At a desk only the PIN, by the old one.

The first PIN there takes the password: a tablet that is left open gives nobody a PIN to keep.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from . import access, device, forms, passkeys, pins, web
from .door import Closed
from .passwords import LONGEST, SHORTEST, weak
from .people import NAME_LENGTH, Role
from .store import PIN, Known, NoSuchPasskey, PasskeyTaken, TooManyPasskeys

bp = Blueprint("account", __name__)


@bp.get("/account")
def page() -> ResponseReturnValue:
    return _page(_me(), why=request.args.get("again", ""), done=request.args.get("done", ""))


@bp.post("/account/pin")
def set_pin() -> ResponseReturnValue:
    me, pin = _me(), request.form.get("pin", "")
    if me.person.role is not Role.DESK:
        abort(404)
    if wait := _wait(me):
        return _page(me, {"old": "wait"}, minutes=-(-wait // 60)), 429
    if not _theirs(me):
        return _page(me, {"old": "wrong"}), 422
    if weak := pins.weak(pin):
        return _page(me, {"pin": weak}), 422
    _keep(me, access.pin_hash(me.person.id, pin))
    return redirect(url_for("account.page", done="pin"), 303)


@bp.post("/account/password")
def set_password() -> ResponseReturnValue:
    """By the old one. It ends every other session of theirs, and every link."""
    access.signed_in()
    me, password = _me(), request.form.get("password", "")
    if wait := _password_wait(me):
        return _page(me, {"old_password": "wait"}, minutes=-(-wait // 60)), 429
    if not access.passwords().right(request.form.get("old_password", ""), me.proof):
        return _page(me, {"old_password": "wrong"}), 422
    access.door().opened(me.person.login, access.browser())
    if why := weak(password, me.person.login, me.person.name):
        return _page(me, {"password": why}), 422
    access.store().people.set_password(me.person.id, access.passwords().hash(password), web.now())
    access.begin(_me())
    return redirect(url_for("account.page", done="password"), 303)


@bp.post("/account/passkeys/question")
def question() -> ResponseReturnValue:
    """What a browser is asked that adds a passkey; its answer goes to ``add_passkey``."""
    person = access.signed_in()
    return jsonify(passkeys.to_add(person, access.store().passkeys.of(person.id)))


@bp.post("/account/passkeys")
def add_passkey() -> ResponseReturnValue:
    person = access.signed_in()
    try:
        name = forms.words(request.form.get("name"), NAME_LENGTH)
        found = passkeys.added(person, request.form.get("credential", ""), name)
        access.store().passkeys.add(person.id, found, web.now())
    except forms.Unfit as unfit:
        return _page(_me(), {"name": unfit.wrong}), 422
    except (passkeys.BadPasskey, PasskeyTaken):
        return _page(_me(), {"passkey": "bad"}), 422
    except TooManyPasskeys:
        return _page(_me(), {"passkey": "too-many"}), 422
    return redirect(url_for("account.page", done="passkey"), 303)


@bp.post("/account/passkeys/remove")
def remove_passkey() -> ResponseReturnValue:
    person = access.signed_in()
    try:
        access.store().passkeys.remove(person.id, request.form.get("id", ""), web.now())
    except NoSuchPasskey:
        abort(404)
    return redirect(url_for("account.page", done="removed"), 303)


def _me() -> Known:
    """Who asks; on a device whoever typed their PIN there. Raises SignedOut, Locked, StoreDown."""
    here = device.present()
    person = access.desk_at(here.device.site).person if here else access.signed_in()
    known = access.store().people.find(person.id) if person else None
    if known is None:
        raise access.SignedOut
    return known


def _wait(me: Known) -> int:
    """Seconds until the old PIN or the password may be tried; on one's own phone neither is."""
    here = device.present()
    if here is None:
        return 0
    if me.pin:
        return access.store().tries.knock_pin(here.device.id, me.person.id, web.now())
    return _password_wait(me)


def _password_wait(me: Known) -> int:
    """Seconds until the password may be tried here."""
    address = request.remote_addr or ""
    try:
        access.door().knock(me.person.login, access.browser(), address, web.now())
    except Closed as closed:
        return closed.seconds
    return 0


def _theirs(me: Known) -> bool:
    """Whether it is their own account, where others stand too."""
    here, tries, door = device.present(), access.store().tries, access.door()
    if here is None:
        return True
    if me.pin:
        right = access.right_pin(me, request.form.get("old_pin", ""))
        if right:
            tries.right_pin(here.device.id, me.person.id)
        return right
    right = access.passwords().right(request.form.get("password", ""), me.proof)
    if right:
        door.opened(me.person.login, access.browser())
    return right


def _keep(me: Known, pin: str) -> None:
    """A new PIN ends every shift that the old one opened, but this."""
    here = device.present()
    access.store().people.set_pin(me.person.id, pin, web.now(), here.device.id if here else "")
    known = access.store().people.find(me.person.id)
    if here and known:
        device.begin_shift(known, PIN)


def _page(
    me: Known,
    errors: Mapping[str, str] | None = None,
    why: str = "",
    done: str = "",
    minutes: int = 0,
) -> str:
    return render_template(
        "account.html",
        me=me,
        desk=me.person.role is Role.DESK,
        device=device.present(),
        errors=errors or {},
        why=why,
        done=done,
        minutes=minutes,
        shortest=SHORTEST,
        longest=LONGEST,
        say=web.voice(),
    )
