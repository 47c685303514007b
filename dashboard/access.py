"""What somebody may reach, here and at a desk's device: fetch and authorise, or refuse.

A public page never comes here, so it never gets a cookie.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Flask, abort, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect
from htmx_flask import Htmx
from werkzeug.exceptions import HTTPException

from . import device, web
from .board import SiteState
from .config import Settings
from .door import Door
from .passwords import Passwords
from .people import Hand, Person, Role
from .planned import today
from .session import (
    Cookies,
    SignedOut,
    begin,
    browser,
    door,
    end,
    familiar,
    let_in,
    passwords,
    person,
    pin_hash,
    right_pin,
    signed_in,
    store,
    stream_mark,
)
from .shifts import Device, Level
from .store import Store, StoreDown

__all__ = [
    "Desk",
    "Locked",
    "SignedOut",
    "begin",
    "browser",
    "door",
    "end",
    "familiar",
    "let_in",
    "passwords",
    "person",
    "pin_hash",
    "right_pin",
    "signed_in",
    "store",
    "stream_mark",
]
csrf = CSRFProtect()
NOT_SIGNED_IN = ("signin", "welcome", "enrol")  # whose forms are for people who are not
SECRETS = ("password", "old_password", "pin", "old_pin", "credential")
WAITED = ("beds", "endpoint", "p256dh", "auth")  # what somebody waits for, and where they are told
FILES = ("sites_csv", "groups_csv")  # which would be others if they were cut short
LEFT_OUT = ("csrf_token", "key", "again", "hand", *SECRETS, *WAITED, *FILES)  # never in an address
OURS = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
# Pages beside each blueprint's ``page`` that take fields from their address.
REFILLED = {"desk.evening", "tonight.call", "site.form", "beds.form"}
LONGEST = 200  # characters of each field that one does carry, and of notes more
LONGER = {"notes": 500}


class Locked(Exception):
    """Whoever is at an enrolled device must tap their name first, or type their PIN."""

    def __init__(self, desk: Desk, needs: Level):
        super().__init__(needs.word)
        self.desk, self.needs = desk, needs

    @property
    def why(self) -> str:
        """'tap' or 'pin'"""
        return "tap" if self.needs is Level.COUNTING else "pin"


@dataclass(frozen=True, slots=True)
class Desk:
    """A site as somebody sees it who may report for it, or as its own device shows it.

    ``person`` is None where nobody is at the device. ``level``: what they may do here now.
    """

    person: Person | None
    state: SiteState
    level: Level = Level.FULL
    device: Device | None = None

    @property
    def own(self) -> bool:
        """Whether the person may know how many beds are kept here."""
        return self.person is not None and self.person.stands_at(self.state.site.id)

    @property
    def ours(self) -> bool:
        """Whether it is the site's own desk that asks, with or without anybody at it."""
        return self.own or self.device is not None

    @property
    def hand(self) -> Hand:
        """Whose hand does what is done here, and on which device. Raises Locked."""
        if self.person is None:
            raise Locked(self, Level.COUNTING)
        return Hand(self.person.id, self.person.source, self.device.id if self.device else "")


def init_app(app: Flask) -> None:
    """Sessions, tokens against forged forms, and what happens to who is not signed in."""
    app.session_interface = Cookies()
    app.config.update(
        SESSION_COOKIE_NAME="bedboard",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=device.LASTS,  # the store says how long a session lasts
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


def desk_seen(site: str, group: str | None = None) -> Desk:
    """The site, for its own device and for somebody who may report for it; 404 for others.

    404 too where it has no such bed group. Raises SignedOut, StoreDown.
    """
    here = device.present()
    found = None if here else signed_in()
    state = web.board().sites.get(site)
    theirs = here.device.site == site if here else found and found.may_report(site)
    if state is None or not theirs or (group and not state.group(group)):
        abort(404)
    state = state.on(today(web.now(), web.board().day))
    if here:
        return Desk(here.person, state, here.level, here.device)
    return Desk(found, state)


def desk_counts(site: str, group: str | None = None) -> Desk:
    """The same, for a count: on a device somebody has tapped their name. Raises Locked too."""
    return _desk(site, group, Level.COUNTING)


def desk_at(site: str, group: str | None = None) -> Desk:
    """The same, for all else: on a device somebody has typed their PIN. Raises Locked too."""
    return _desk(site, group, Level.FULL)


def _desk(site: str, group: str | None, needs: Level) -> Desk:
    """What is sent is an act, and keeps whoever is at the device from being idle."""
    desk = desk_seen(site, group)
    if desk.level < needs:
        raise Locked(desk, needs)
    if desk.device and desk.person and request.form.get("hand", desk.person.id) != desk.person.id:
        raise Locked(desk, Level.COUNTING)  # somebody else has tapped in while it was on its way
    if desk.person and request.method == "POST":
        device.acted(desk.person)
    return desk


def coordinator() -> Person:
    """Who coordinates; 404 for others. Raises SignedOut, StoreDown."""
    found = signed_in()
    if found.role is not Role.COORDINATOR:
        abort(404)
    return found


def outreach() -> Person:
    """Who keeps beds for an agency; 404 for others. Raises SignedOut, StoreDown."""
    found = signed_in()
    if found.role is not Role.OUTREACH or not found.agency:
        abort(404)
    return found


def home(person: Person) -> str:
    """Where somebody starts."""
    if here := device.present():
        return url_for("desk.page", site=here.device.site)
    if person.phones:
        return url_for("tonight.page")
    return url_for("outreach.page" if person.role is Role.OUTREACH else "desk.mine")


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
    """The page that a form came from, holding what was filled in and saying ``why``."""
    page = _page()
    fields = [
        (name, given[: LONGER.get(name, LONGEST)]) for name, given in request.form.items(multi=True)
    ]
    kept = [(name, given) for name, given in fields[:20] if name not in LEFT_OUT]
    return f"{page}{'&' if '?' in page else '?'}{urlencode([*kept, ('again', why)])}"


def ours(next_: str | None) -> str:
    """Where somebody was going, if it is a page of ours; '' otherwise."""
    return next_ if next_ and OURS.fullmatch(next_) else ""


def _page() -> str:
    """A page of ``REFILLED`` where the form was sent to, or else the ``page`` of its blueprint."""
    addresses = current_app.create_url_adapter(request)
    with suppress(HTTPException):
        page, values = addresses.match(method="GET") if addresses else ("", {})
        if page in REFILLED:
            return url_for(page, **values)
    return url_for(f"{request.blueprint}.page", **(request.view_args or {}))


def _to_sign_in(_: SignedOut) -> ResponseReturnValue:
    sent = request.method == "POST"
    wanted = again("signed-out") if sent else request.full_path.rstrip("?")
    return answer_by(url_for("signin.page", next=wanted))


def _stale_form(_: CSRFError) -> ResponseReturnValue:
    """A form that is older than its session: nothing was done, and nothing is lost."""
    try:
        open_to_all = request.blueprint in NOT_SIGNED_IN or device.present()
        if not open_to_all and person() is None:
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


def enrol_path(token: str) -> str:
    """Where the one-time link of a device leads."""
    return f"/enrol?{urlencode({'link': token})}"
