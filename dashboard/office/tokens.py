"""The coordinator's page of machines: tokens with which they report, made and revoked.

A token is shown once, in the answer to the form that made it: nothing that is kept could show it.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import access, forms, web
from ..beds import Site
from ..people import NAME_LENGTH
from ..store import LabelTaken

bp = Blueprint("tokens", __name__)
EVERY = "every"  # the reach of a token for all sites, later ones included


@bp.get("/machines")
def page() -> ResponseReturnValue:
    access.coordinator()
    return _page()


@bp.post("/machines")
def make() -> ResponseReturnValue:
    coordinator = access.coordinator()
    try:
        label, sites = _asked()
        token = access.store().tokens.create(label, sites, coordinator.id, web.now())
    except forms.Refused as refused:
        return _page(refused.errors), 422
    except LabelTaken:
        return _page({"label": "label-taken"}), 422
    return render_template("office/token.html", label=label, token=token)


@bp.post("/machines/revoke")
def revoke() -> ResponseReturnValue:
    coordinator = access.coordinator()
    if not access.store().tokens.revoke(request.form.get("label", ""), coordinator.id, web.now()):
        abort(404)
    return redirect(url_for("tokens.page"), 303)


def _asked() -> tuple[str, list[str] | None]:
    """The label, and the sites that a token reaches; None for every site. Raises Refused."""
    reading, label = forms.Reading(), ""
    with reading.of("label"):
        label = forms.words(request.form.get("label"), NAME_LENGTH)
    if request.form.get("reach") == EVERY:
        reading.done()
        return label, None
    chosen = sorted(set(request.form.getlist("sites")))
    if not chosen:
        reading.errors["sites"] = forms.Wrong.MISSING
    elif not set(chosen) <= {site.id for site in _sites()}:
        reading.errors["sites"] = forms.Wrong.UNKNOWN_WORD
    reading.done()
    return label, chosen


def _page(errors: Mapping[str, str] | None = None) -> str:
    given = request.form if request.method == "POST" else request.args
    return render_template(
        "office/tokens.html",
        tokens=access.store().tokens.all(),
        sites=_sites(),
        given=given,
        errors=errors or {},
        why=given.get("again", ""),
        every=EVERY,
        say=web.voice(),
    )


def _sites() -> list[Site]:
    sites = (state.site for state in web.board().sites.values())
    return sorted(sites, key=lambda site: site.name.casefold())
