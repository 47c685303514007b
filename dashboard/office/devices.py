"""The coordinator's page of devices: which browsers are desks, and the links that make them so."""

from __future__ import annotations

from collections.abc import Mapping

import segno
from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from .. import access, forms, web
from ..beds import Site
from ..store import NoSuchDevice

bp = Blueprint("devices", __name__)


@bp.get("/devices")
def page() -> ResponseReturnValue:
    access.coordinator()
    return _page()


@bp.post("/devices")
def make() -> ResponseReturnValue:
    """The link is shown once, in this answer: nothing that is kept could show it again."""
    coordinator = access.coordinator()
    try:
        name, site = forms.device(request.form, [site.id for site in _sites()])
    except forms.Refused as refused:
        return _page(refused.errors), 422
    token = access.store().devices.make(name, site, coordinator.id, web.now())
    start = web.settings().public_url or request.url_root.rstrip("/")
    return _link(name, start + access.enrol_path(token))


@bp.post("/devices/<id_>/revoke")
def revoke(id_: str) -> ResponseReturnValue:
    coordinator = access.coordinator()
    try:
        access.store().devices.revoke(id_, coordinator.id, web.now())
    except NoSuchDevice:
        abort(404)
    return redirect(url_for("devices.page"), 303)


def _link(name: str, address: str) -> str:
    drawn = segno.make(address, micro=False).svg_inline(border=4, omitsize=True, svgclass="qr")
    return render_template("office/device.html", name=name, address=address, qr=Markup(drawn))  # noqa: S704 (drawn here)


def _page(errors: Mapping[str, str] | None = None) -> str:
    given = request.form if request.method == "POST" else request.args
    return render_template(
        "office/devices.html",
        devices=access.store().devices.all(),
        sites=_sites(),
        given=given,
        errors=errors or {},
        why=given.get("again", ""),
        say=web.voice(),
        now=web.now(),
    )


def _sites() -> list[Site]:
    sites = (state.site for state in web.board().sites.values())
    return sorted(sites, key=lambda site: site.name.casefold())
