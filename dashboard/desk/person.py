"""Tapping in: a name, then a PIN where it needs one; locking, and the end of a shift.

A POST of a device that says more than whoever is there may is answered 401 with ``HX-Desk: locked``
and, in ``HX-Desk-Needs``, ``tap`` or ``pin``, without ``HX-Redirect``: the page keeps what was sent
and sends it again, with its key, after the event ``desk:person``. Without script the page comes
back and holds it.
"""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import access, device, web
from ..access import Locked
from ..shifts import Presence
from ..store import PIN, Known
from .blueprint import bp
from .hands import Pad, member, shown
from .screen import given


@bp.post("/desk/<site>/hand")
def tap(site: str) -> ResponseReturnValue:
    """A name was tapped. It counts where a shift runs; anybody else types their PIN."""
    here, known = _somebody(site)
    shift = here.shift(known.person.id)
    if shift is None or "pin" in request.args:
        return _pad(site, Pad(known))
    access.store().shifts.tap(here, shift)
    return _there(site)


@bp.post("/desk/<site>/pin")
def pin(site: str) -> ResponseReturnValue:
    here, known = _somebody(site)
    tries = access.store().tries
    wait = tries.knock_pin(here.device.id, known.person.id, web.now())
    if wait:
        return _pad(site, Pad(known, "wait", -(-wait // 60)), 429)
    if not access.right_pin(known, request.form.get("pin", "")):
        return _pad(site, Pad(known, "wrong"), 422)
    tries.right_pin(here.device.id, known.person.id)
    device.begin_shift(known, PIN)
    return _there(site)


@bp.post("/desk/<site>/lock")
def lock(site: str) -> ResponseReturnValue:
    access.store().shifts.lock(_here(site))
    return _there(site)


@bp.post("/desk/<site>/end-shift")
def end_shift(site: str) -> ResponseReturnValue:
    here = _here(site)
    if here.shift(here.hand):
        access.store().shifts.end(here.device, here.hand, web.now())
    return _there(site)


@bp.app_errorhandler(Locked)
def locked(locked: Locked) -> ResponseReturnValue:
    """Nothing was done, and nothing is lost."""
    site = locked.desk.state.site.id
    if request.htmx:  # type: ignore[attr-defined]
        told = {"HX-Desk": "locked", "HX-Desk-Needs": locked.why}
        hands = shown(locked.desk, lacks=locked.why)
        return render_template("desk/hand.html", site=locked.desk.state.site, **hands), 401, told
    if request.method == "POST":
        return redirect(access.again(locked.why), 303)
    wanted = request.full_path.rstrip("?")
    return redirect(url_for("desk.page", site=site, needs=locked.why, next=wanted), 303)


def _here(site: str) -> Presence:
    """This site's own device; 404 for every other browser. Raises SignedOut, StoreDown."""
    access.desk_seen(site)
    return device.present() or abort(404)


def _somebody(site: str) -> tuple[Presence, Known]:
    """The device, and whose name was tapped there."""
    here = _here(site)
    return here, member(site, request.form.get("person", "")) or abort(404)


def _pad(site: str, pad: Pad, status: int = 200) -> ResponseReturnValue:
    desk = access.desk_seen(site)
    if request.htmx:  # type: ignore[attr-defined]
        html = render_template("desk/hand.html", site=desk.state.site, **shown(desk, pad))
        return html, status
    return render_template("desk/page.html", **given(desk, [], pad)), status


def _there(site: str) -> ResponseReturnValue:
    """Whoever is at the device now sees it; where something waits for them they are sent there."""
    device.changed()
    if request.htmx:  # type: ignore[attr-defined]
        desk = access.desk_seen(site)
        return render_template("desk/hand.html", site=desk.state.site, **shown(desk))
    return redirect(access.ours(request.form.get("next")) or url_for("desk.page", site=site), 303)
