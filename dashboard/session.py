"""Who is signed in: the one place that reads and writes the session of a browser.

A public page never comes here, so it never gets a cookie.
"""

from __future__ import annotations

from typing import cast

from flask import Flask, Response, current_app, g, request, session, url_for
from flask.sessions import SecureCookieSessionInterface

from . import device, pins
from .door import Browser, Door
from .passwords import Passwords
from .people import Person
from .store import PASSWORD, Known, Store, fingerprint

BROWSER = "bedboard_device"


class SignedOut(Exception):
    """Nobody is signed in, and this is for people who are."""


class Cookies(SecureCookieSessionInterface):
    """``Secure`` wherever the request came by https."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def store() -> Store:
    return device.store()


def passwords() -> Passwords:
    return cast(Passwords, current_app.extensions["passwords"])


def door() -> Door:
    return cast(Door, current_app.extensions["door"])


def person() -> Person | None:
    """Who is signed in, if anybody: on an enrolled device nobody is. Raises StoreDown."""
    if "person" not in g:
        token = session.get("token")
        g.person = store().sessions.person(token) if token and not device.present() else None
    return cast("Person | None", g.person)


def stream_mark() -> str:
    """What stands for this session or device where its secret must not; '' where there is none."""
    token = session.get("token")
    return device.mark() or (fingerprint(token) if token else "")


def signed_in() -> Person:
    """Who is signed in. Raises SignedOut, StoreDown."""
    found = person()
    if found is None:
        if "token" in session or device.claimed():
            store().connection.remembers()
        raise SignedOut
    return found


def let_in(known: Known, by: str) -> bool:
    """Signs somebody in: on a device that opens a shift, for the people of its site alone.

    ``by``: store.PASSWORD or the id of a passkey. False for anybody else there. Raises StoreDown.
    """
    here = device.present()
    if here is None:
        begin(known, "" if by == PASSWORD else by)
        return True
    if not known.person.stands_at(here.device.site):
        return False
    device.begin_shift(known, by)
    return True


def begin(known: Known, passkey: str = "") -> None:
    """Signs somebody in on a browser of their own: everything in the session is new."""
    end()
    session["token"] = store().sessions.begin(known.person.id, known.proof, passkey)
    session.permanent = True
    g.person = known.person


def end() -> None:
    """Signs out whoever is signed in here."""
    if token := session.get("token"):
        store().watches.forget_phone(fingerprint(token))
        store().sessions.end(token)
    session.clear()
    g.person = None


def browser() -> Browser:
    """The browser that asks, as it was when somebody last signed in on it."""
    return door().browser(request.cookies.get(BROWSER))


def familiar(answer: Response, login: str) -> Response:
    """The same answer, and a browser that strangers can't lock out of this account."""
    known = browser().with_login(login)
    answer.set_cookie(
        BROWSER,
        door().cookie(known),
        max_age=device.LASTS,
        path=url_for("signin.page", lang=None),
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )
    return answer


def pin_hash(id_: str, pin: str) -> str:
    """What is kept of somebody's PIN."""
    return passwords().hash(pins.sealed(pin, id_, _secret()))


def right_pin(known: Known, pin: str) -> bool:
    """Whether this is their PIN. It takes as long for somebody who has none."""
    return passwords().right(pins.sealed(pin, known.person.id, _secret()), known.pin)


def _secret() -> str:
    return str(current_app.secret_key)
