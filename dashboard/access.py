"""Who is signed in and what they may reach: the one place that reads the session, and refuses.

A public page never comes here, so it never gets a cookie.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from flask import Flask, Response, abort, current_app, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect
from htmx_flask import Htmx

from . import web
from .board import SiteState
from .config import Settings
from .door import Device, Door
from .passwords import Passwords
from .people import Hand, Person, Role
from .store import Known, Store, StoreDown, fingerprint

csrf = CSRFProtect()
DEVICE = "bedboard_device"
DEVICE_LASTS = 400 * 24 * 3600  # seconds; browsers keep nothing longer
NOT_SIGNED_IN = ("signin", "welcome")  # whose forms are for people who are not
LEFT_OUT = ("csrf_token", "key", "password", "again")  # what an address never carries
LONGEST = 200  # characters of each field that one does carry


class SignedOut(Exception):
    """Nobody is signed in, and this is for people who are."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A site as somebody sees it who may report for it."""

    person: Person
    state: SiteState

    @property
    def own(self) -> bool:
        """Whether the person may know how many beds are kept here."""
        return self.person.stands_at(self.state.site.id)

    @property
    def hand(self) -> Hand:
        """Whose hand does what is done here."""
        return Hand(self.person.id, self.person.source)


class Cookies(SecureCookieSessionInterface):
    """``Secure`` wherever the request came by https."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def init_app(app: Flask) -> None:
    """Sessions, tokens against forged forms, and what happens to who is not signed in."""
    app.session_interface = Cookies()
    app.config.update(
        SESSION_COOKIE_NAME="bedboard",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=DEVICE_LASTS,  # the store says how long a session lasts
        WTF_CSRF_TIME_LIMIT=None,  # a desk's page stays open all evening
        WTF_CSRF_SSL_STRICT=False,  # our own policy sends no referrer
        MAX_CONTENT_LENGTH=1024 * 1024,
        MAX_FORM_MEMORY_SIZE=64 * 1024,
    )
    Htmx(app)
    csrf.init_app(app)
    app.extensions["passwords"] = Passwords()
    if "store" in app.extensions:
        app.extensions["door"] = Door(app.extensions["store"].tries, app.secret_key)
    app.register_error_handler(SignedOut, _to_sign_in)
    app.register_error_handler(CSRFError, _stale_form)
    app.jinja_env.globals["person"] = person


def store() -> Store:
    return cast(Store, current_app.extensions["store"])


def passwords() -> Passwords:
    return cast(Passwords, current_app.extensions["passwords"])


def door() -> Door:
    return cast(Door, current_app.extensions["door"])


def person() -> Person | None:
    """Who is signed in, if anybody. Raises StoreDown."""
    if "person" not in g:
        token = session.get("token")
        g.person = store().sessions.person(token) if token else None
    return cast("Person | None", g.person)


def session_mark() -> str:
    """What stands for this session where its token must not; '' where there is none."""
    token = session.get("token")
    return fingerprint(token) if token else ""


def signed_in() -> Person:
    """Who is signed in. Raises SignedOut, StoreDown."""
    found = person()
    if found is None:
        if "token" in session:
            store().connection.remembers()
        raise SignedOut
    return found


def desk_at(site: str, group: str | None = None) -> Desk:
    """The site, for somebody who may report for it; 404 for who may not, as if it were not there.

    404 too where it has no such bed group. Raises SignedOut, StoreDown.
    """
    found = signed_in()
    state = web.board().sites.get(site)
    if state is None or not found.may_report(site) or (group and not state.group(group)):
        abort(404)
    return Desk(found, state)


def coordinator() -> Person:
    """Who coordinates; 404 for others. Raises SignedOut, StoreDown."""
    found = signed_in()
    if found.role is not Role.COORDINATOR:
        abort(404)
    return found


def begin(known: Known) -> None:
    """Signs somebody in: everything in the session is new."""
    end()
    session["token"] = store().sessions.begin(known.person.id, known.proof)
    session.permanent = True
    g.person = known.person


def end() -> None:
    """Signs out whoever is signed in here."""
    if token := session.get("token"):
        store().sessions.end(token)
    session.clear()
    g.person = None


def device() -> Device:
    """The browser that asks, as it was when somebody last signed in on it."""
    return door().device(request.cookies.get(DEVICE))


def enrolled(answer: Response, login: str) -> Response:
    """The same answer, and a browser that strangers can't lock out of this account."""
    known = device().with_login(login)
    answer.set_cookie(
        DEVICE,
        door().cookie(known),
        max_age=DEVICE_LASTS,
        path=url_for("signin.page", lang=None),
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )
    return answer


def home(person: Person) -> str:
    """Where somebody starts."""
    coordinates = person.role is Role.COORDINATOR
    return url_for("coordinator.page" if coordinates else "desk.mine")


def keep(notes: Sequence[dict[str, Any]]) -> None:
    """Keeps what the next page will say."""
    session["said"] = list(notes)


def kept() -> list[dict[str, Any]]:
    """What was kept for this page; it is said once."""
    return list(session.pop("said", ()))


def answer_by(address: str) -> ResponseReturnValue:
    """Sends a browser on, with 303, or with the header by which a script goes there."""
    if request.htmx:  # type: ignore[attr-defined]
        return "", 401, {"HX-Redirect": address}
    return redirect(address, 303)


def again(why: str) -> str:
    """The page that a form came from, holding what was filled in and saying ``why``.

    Every blueprint for signed-in people has a ``page`` that takes its fields from the address.
    """
    page = url_for(f"{request.blueprint}.page", **(request.view_args or {}))
    fields = [(name, given[:LONGEST]) for name, given in request.form.items(multi=True)]
    kept = [(name, given) for name, given in fields[:20] if name not in LEFT_OUT]
    return f"{page}{'&' if '?' in page else '?'}{urlencode([*kept, ('again', why)])}"


def _to_sign_in(_: SignedOut) -> ResponseReturnValue:
    sent = request.method == "POST"
    wanted = again("signed-out") if sent else request.full_path.rstrip("?")
    return answer_by(url_for("signin.page", next=wanted))


def _stale_form(_: CSRFError) -> ResponseReturnValue:
    """A form that is older than its session: nothing was done, and nothing is lost."""
    try:
        if request.blueprint not in NOT_SIGNED_IN and person() is None:
            return _to_sign_in(SignedOut())
    except StoreDown:
        pass
    return answer_by(again("expired"))


def first_link(settings: Settings) -> str | None:
    """The path that makes the first coordinator, while there is none. Raises StoreDown.

    Each call ends the path that the call before returned. A demo prints sign-ins of its own.
    """
    if settings.demo:
        return None
    memory = Store(settings.store_url, settings.community, settings.may_lose, settings.replicas)
    try:
        token = memory.people.first_link(web.utc_now())
    finally:
        memory.connection.close()
    return welcome_path(token) if token else None


def welcome_path(token: str) -> str:
    """Where a one-time link leads. The token stands in the query, which no log keeps."""
    return f"/welcome?{urlencode({'link': token})}"
