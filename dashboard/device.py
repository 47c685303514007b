"""The enrolled device that a request comes from, and who is at it: read once for each request.

A browser is one by a cookie, which stands for one site. Public pages never come here.
"""

from __future__ import annotations

from typing import cast

from flask import Response, after_this_request, current_app, g, request

from . import web
from .people import Person
from .shifts import Presence
from .store import Known, Store, fingerprint

COOKIE = "bedboard_desk"
LASTS = (
    400 * 24 * 3600
)  # seconds; browsers keep nothing longer, so each visit of the desk renews it


def store() -> Store:
    return cast(Store, current_app.extensions["store"])


def present() -> Presence | None:
    """The device that asks, and its shifts; None for any other browser. Raises StoreDown."""
    if "present" not in g:
        g.present = _read()
    return cast("Presence | None", g.present)


def claimed() -> bool:
    """Whether the browser says that it is one, true or not."""
    return COOKIE in request.cookies


def mark() -> str:
    """What stands for the device, and for who is at it, where its secret must not."""
    found = present()
    if found is None:
        return ""
    id_, _, secret = request.cookies[COOKIE].partition(".")
    return f"device:{id_}:{fingerprint(secret)}:{found.hand if found.person else ''}"


def bind(answer: Response, secret: str) -> Response:
    """The same answer, which makes the browser a device."""
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=LASTS,
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )
    return answer


def begin_shift(known: Known, by: str) -> None:
    """Opens a shift here. Raises StoreDown."""
    if found := present():
        store().shifts.begin(found.device, known, by, web.now())
        g.pop("present")


def acted(person: Person) -> None:
    """Whoever is at the device did something. Raises StoreDown."""
    if found := present():
        store().shifts.acted(found, person)


def changed() -> None:
    """Who is at the device was changed by this request."""
    g.pop("present", None)


def _read() -> Presence | None:
    secret = request.cookies.get(COOKIE, "")
    device = store().devices.find(secret, web.now()) if secret else None
    if device is None:
        return None
    if request.endpoint == "desk.page":
        after_this_request(lambda answer: bind(answer, secret))
    return store().shifts.at(device, web.now())
