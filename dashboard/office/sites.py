"""The coordinator's page of sites: which there are, how they stand, and a new one."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import access, adding, forms, planned, web
from ..beds import Site
from ..columns import SITE
from ..store import ChangedMeanwhile
from .drafts import today

bp = Blueprint("sites", __name__)


@bp.get("/sites")
def page() -> ResponseReturnValue:
    access.coordinator()
    return _page()


@bp.post("/sites")
def add() -> ResponseReturnValue:
    """A new site is paused: nobody sees it open before its facts and its beds are there."""
    coordinator, store = access.coordinator(), access.store()
    try:
        site = adding.site(request.form, store.profiles.sites())
        version = store.profiles.save([site], [], coordinator.id, web.now(), {site.id: ""})
    except forms.Refused as refused:
        return _page(refused.errors), 422
    except ChangedMeanwhile:
        return _page({"id": forms.Wrong.ID_TAKEN}), 422
    web.catch_up(version)
    access.keep([{"office": "added"}])
    return redirect(url_for("site.page", site=site.id), 303)


@bp.post("/sites/erase")
def erase() -> ResponseReturnValue:
    """Goes on with an erasure that was broken off."""
    access.coordinator()
    access.store().erasing.resume(web.now())
    access.store().profiles.save((), (), "", web.now())
    return redirect(url_for("sites.page"), 303)


def _page(errors: Mapping[str, str] | None = None) -> str:
    profile = access.store().profiles.all()
    given = request.form if request.method == "POST" else request.args
    return render_template(
        "office/sites.html",
        sites=sorted(profile.sites.values(), key=_order),
        profile=profile,
        columns={one.name: one for one in SITE},
        names=adding.NEW_SITE,
        erasing=access.store().profiles.erasing() or access.store().erasing.waits(),
        today=today(),
        as_of=planned.as_of,
        runs=planned.runs,
        given=given,
        errors=errors or {},
        why=given.get("again", ""),
    )


def _order(site: Site) -> tuple[bool, str]:
    """Those that run first."""
    when = today()
    return not planned.runs(planned.as_of(site, when), when), site.name.casefold()
