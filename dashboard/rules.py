"""Who may open what: one table, asked before any view is reached.

A new view is declared here. ``ROOMS`` has one line for each blueprint: it holds for every route of
it that ``ROUTES`` does not name. ``ROUTES`` names ("blueprint.view") what differs from its
blueprint, and each single route that anybody may open. What stands in neither is 404 for all, and
``tests/test_every_route.py`` fails. A view may ask for more than its line here, never for less.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from flask import Flask, abort, request

from . import access, device
from .people import Role
from .shifts import Level


class Who(StrEnum):
    """Whom a route is for. Anybody else is asked to sign in, or finds nothing there (404)."""

    ANYBODY = "anybody"  # no session is read, so no cookie is made
    ASKS_ITSELF = "asks itself"  # the view says who may: by a token, or by what the address names
    SIGNED_IN = "signed in"  # whoever is, on a browser of their own
    AT_WORK = "at work"  # the same, and every device of a desk
    OWN_ACCOUNT = "own account"  # the same; on a device only who typed their PIN
    OWN_PIN = "own pin"  # the same, for people of a desk
    COORDINATOR = "coordinator"
    CALLS = "calls"  # coordinators and callers
    SENDS = "sends"  # coordinators and outreach people
    OUTREACH = "outreach"
    SEES_DESK = "sees desk"  # who may report for the site, and its devices
    COUNTS = "counts"  # the same; on a device who tapped their name
    DESK = "desk"  # the same; on a device who typed their PIN
    OWN_COUNTS = "own counts"  # as COUNTS, for the site's own people alone
    OWN_DESK = "own desk"  # as DESK, for the site's own people alone
    DEVICE = "device"  # the site's own devices


ROOMS = {
    "account": Who.SIGNED_IN,
    "areas": Who.COORDINATOR,
    "beds": Who.COORDINATOR,
    "cold": Who.COORDINATOR,
    "coldlog": Who.COORDINATOR,
    "desk": Who.DESK,
    "devices": Who.COORDINATOR,
    "entries": Who.COORDINATOR,
    "files": Who.COORDINATOR,
    "hiding": Who.COORDINATOR,
    "outreach": Who.OUTREACH,
    "people": Who.COORDINATOR,
    "records": Who.SENDS,
    "report": Who.COORDINATOR,
    "settings": Who.COORDINATOR,
    "site": Who.COORDINATOR,
    "sites": Who.COORDINATOR,
    "tokens": Who.COORDINATOR,
    "tonight": Who.CALLS,
    "unmet": Who.COORDINATOR,
    "vouchers": Who.SENDS,
}
ROUTES = {
    # Pages and files that anybody may read.
    "static": Who.ANYBODY,
    "public.board": Who.ANYBODY,
    "public.site": Who.ANYBODY,
    "public.how_we_count": Who.ANYBODY,
    "api.board": Who.ANYBODY,
    "health.healthz": Who.ANYBODY,
    "health.readyz": Who.ANYBODY,
    "desk.worker": Who.ANYBODY,
    "outreach.worker": Who.ANYBODY,
    "outreach.push_worker": Who.ANYBODY,
    # Doors: what stands behind them is decided by a password, a passkey or a one-time link.
    "signin.page": Who.ANYBODY,
    "signin.sign_in": Who.ANYBODY,
    "signin.question": Who.ANYBODY,
    "signin.by_passkey": Who.ANYBODY,
    "signin.sign_out": Who.ANYBODY,
    "welcome.page": Who.ANYBODY,
    "welcome.set_password": Who.ANYBODY,
    "enrol.page": Who.ANYBODY,
    "enrol.bind": Who.ANYBODY,
    # A machine shows its token; a page that listens says what it wants to hear.
    "api.report": Who.ASKS_ITSELF,
    "live.live": Who.ASKS_ITSELF,
    "account.page": Who.OWN_ACCOUNT,
    "account.set_pin": Who.OWN_PIN,
    "desk.mine": Who.AT_WORK,
    "desk.page": Who.SEES_DESK,
    "desk.figures": Who.SEES_DESK,
    "desk.put_off": Who.SEES_DESK,
    "desk.report": Who.COUNTS,
    "desk.confirm_all": Who.COUNTS,
    "desk.turn_away": Who.COUNTS,
    "desk.turn_back": Who.COUNTS,
    "desk.ready": Who.COUNTS,
    "desk.arrived": Who.OWN_COUNTS,
    "desk.say_yes": Who.OWN_COUNTS,
    "desk.say_no": Who.OWN_COUNTS,
    "desk.did_not_come": Who.OWN_DESK,
    "desk.longer": Who.OWN_DESK,
    "vouchers.turn": Who.OUTREACH,
    "vouchers.adjust": Who.COORDINATOR,
    "desk.tap": Who.DEVICE,
    "desk.pin": Who.DEVICE,
    "desk.lock": Who.DEVICE,
    "desk.end_shift": Who.DEVICE,
}


def init_app(app: Flask) -> None:
    """No view is reached but through here."""
    app.before_request(check)


def of(endpoint: str) -> Who | None:
    """The rule of a route; None for one that has none."""
    return ROUTES.get(endpoint) or ROOMS.get(endpoint.rpartition(".")[0])


def check() -> None:
    """404, SignedOut or Locked for who may not. Raises StoreDown.

    An address that leads nowhere is left to what says so.
    """
    if request.endpoint is None:
        return
    rule = of(request.endpoint) or abort(404)
    if ask := CHECKS.get(rule):
        ask()


def _roles(*roles: Role) -> Callable[[], None]:
    def ask() -> None:
        if access.signed_in().role not in roles:
            abort(404)

    return ask


def _signed_in() -> None:
    access.signed_in()


def _at_work() -> None:
    if not device.present():
        access.signed_in()


def _own_account() -> None:
    if here := device.present():
        _at(here.device.site, Level.FULL)
    else:
        access.signed_in()


def _own_pin() -> None:
    _own_account()
    person = access.person()
    if person and person.role is not Role.DESK:
        abort(404)


def _outreach() -> None:
    access.outreach()


def _desk(needs: Level, own: bool = False) -> Callable[[], None]:
    def ask() -> None:
        named = request.view_args or {}
        desk = _at(named["site"], needs, named.get("group"))
        if own and not desk.own:
            abort(404)

    return ask


def _at(site: str, needs: Level, group: str | None = None) -> access.Desk:
    desk = access.desk_seen(site, group)
    if desk.level < needs:
        raise access.Locked(desk, needs)
    return desk


def _device() -> None:
    access.desk_seen((request.view_args or {})["site"])
    if not device.present():
        abort(404)


CHECKS: dict[Who, Callable[[], None]] = {
    Who.SIGNED_IN: _signed_in,
    Who.AT_WORK: _at_work,
    Who.OWN_ACCOUNT: _own_account,
    Who.OWN_PIN: _own_pin,
    Who.COORDINATOR: _roles(Role.COORDINATOR),
    Who.CALLS: _roles(Role.COORDINATOR, Role.CALLER),
    Who.SENDS: _roles(Role.COORDINATOR, Role.OUTREACH),
    Who.OUTREACH: _outreach,
    Who.SEES_DESK: _desk(Level.NOBODY),
    Who.COUNTS: _desk(Level.COUNTING),
    Who.DESK: _desk(Level.FULL),
    Who.OWN_COUNTS: _desk(Level.COUNTING, own=True),
    Who.OWN_DESK: _desk(Level.FULL, own=True),
    Who.DEVICE: _device,
}
