"""Making a site confidential, which erases where it is wherever we can reach; and the way back."""

from __future__ import annotations

from dataclasses import fields, replace

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import access, hushed, importing, web
from ..beds import Place, Site
from ..columns import PLACE
from ..facts import Kind
from ..store import ChangedMeanwhile, Profile

bp = Blueprint("hiding", __name__)


@bp.get("/sites/<site>/hide")
def page(site: str) -> ResponseReturnValue:
    access.coordinator()
    return _page(site)


@bp.post("/sites/<site>/hide")
def hide(site: str) -> ResponseReturnValue:
    """Saved first, so that no page shows it any more; then erased from all that we can reach.

    Where that breaks off, sending it again goes on with it.
    """
    coordinator, known = access.coordinator(), access.store().profiles.all()
    found = _site(known, site)
    if "sure" not in request.form:
        return _page(site, "missing"), 422
    words = importing.words_of(found.place)
    removed = [name for name in PLACE if _tells(found.place, name)]
    beds = [quiet for one in known.of(site) if (quiet := hushed.group(one)) != one]
    seen = {**known.marks, site: request.form.get("mark", "")}
    try:
        store = access.store()
        if not found.confidential:
            hidden = [hushed.site(found)]
            web.catch_up(store.profiles.save(hidden, beds, coordinator.id, web.now(), seen))
        erased = store.erasing.erase(site, web.now(), words)
    except ChangedMeanwhile:
        return _page(site, "meanwhile"), 409
    told = {"removed": removed, "entries": erased.entries, "nights": len(erased.nights)}
    access.keep([{"office": "hidden", **told, "unread": list(erased.unread)}])
    return redirect(url_for("hiding.page", site=site), 303)


@bp.post("/sites/<site>/show")
def show(site: str) -> ResponseReturnValue:
    """A site like others again: of another kind, and without any place until somebody gives one."""
    coordinator, known = access.coordinator(), access.store().profiles.all()
    found, kind = _site(known, site), request.form.get("kind", "")
    if "sure" not in request.form or kind not in list(Kind) or kind == Kind.CONFIDENTIAL:
        return _page(site, "missing"), 422
    if not found.confidential:
        return redirect(url_for("site.page", site=site), 303)
    seen = {site: request.form.get("mark", "")}
    try:
        shown = [replace(found, kind=Kind(kind))]
        web.catch_up(access.store().profiles.save(shown, [], coordinator.id, web.now(), seen))
    except ChangedMeanwhile:
        return _page(site, "meanwhile"), 409
    access.keep([{"office": "shown"}])
    return redirect(url_for("site.page", site=site), 303)


def _tells(place: Place, name: str) -> bool:
    empty = {one.name: one.default for one in fields(Place)}[name]
    return bool(getattr(place, name) != empty or any(one.fact == name for one in place.planned))


def _site(known: Profile, site: str) -> Site:
    return known.sites.get(site) or abort(404)


def _page(site: str, wrong: str = "") -> str:
    known = access.store().profiles.all()
    found = _site(known, site)
    return render_template(
        "office/site_hide.html",
        site=found,
        mark=known.marks[site],
        tells=[name for name in PLACE if _tells(found.place, name)],
        kinds=[kind for kind in Kind if kind is not Kind.CONFIDENTIAL],
        erasing=access.store().profiles.erasing() or access.store().erasing.waits(),
        wrong=wrong,
        why=request.args.get("again", ""),
        said=access.kept(),
    )
