"""What a device's one-time link opens: the page that makes this browser the desk of a site."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from . import access, device, web
from .store import LinkEnded

bp = Blueprint("enrol", __name__)


@bp.get("/enrol")
def page() -> ResponseReturnValue:
    """Looking uses nothing up: programs that read mail open links too."""
    token = request.args.get("link", "")
    found = access.store().devices.invited(token, web.now())
    state = web.board().sites.get(found.site)
    if state is None:
        raise LinkEnded
    again = request.args.get("again")
    return render_template(
        "signin/enrol.html", device=found, site=state.site, link=token, again=again
    )


@bp.post("/enrol")
def bind() -> ResponseReturnValue:
    """Whoever was signed in on this browser is not any more: it belongs to the desk."""
    devices, token = access.store().devices, request.form.get("link", "")
    found = devices.invited(token, web.now())
    secret = devices.enrol(token, web.now())
    access.end()
    session.permanent = True
    answer = make_response(redirect(url_for("desk.page", site=found.site), 303))
    return device.bind(answer, secret)


@bp.errorhandler(LinkEnded)
def ended(_: LinkEnded) -> ResponseReturnValue:
    return render_template("signin/ended.html"), 410
