"""One site for the coordinator: every fact with who says so, and a small form for each part."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import access, adding, editing, forms, running, web
from ..beds import Site
from ..columns import GROUP
from ..store import ChangedMeanwhile, Profile
from . import drafts, facts

bp = Blueprint("site", __name__)


@bp.get("/sites/<site>/edit")
def page(site: str) -> ResponseReturnValue:
    access.coordinator()
    return _page(site)


@bp.get("/sites/<site>/edit/<part>")
def form(site: str, part: str) -> ResponseReturnValue:
    access.coordinator()
    found = _site(access.store().profiles.all(), site)
    return facts.form(found, part, url_for("site.page", site=site))


@bp.post("/sites/<site>/edit/<part>")
def edit(site: str, part: str) -> ResponseReturnValue:
    coordinator, back = access.coordinator(), url_for("site.page", site=site)
    try:
        return drafts.settle(
            coordinator,
            lambda known: editing.edited(
                request.form, part, _of(known, site, part), drafts.today()
            ),
            back,
            lambda draft: facts.form(draft.before, part, back, same=not draft.changes),
        )
    except forms.Refused as refused:
        found = _of(access.store().profiles.all(), site, part)
        return facts.form(found, part, back, refused.errors), 422


@bp.post("/sites/<site>/run")
def run(site: str) -> ResponseReturnValue:
    coordinator = access.coordinator()
    try:
        return drafts.settle(
            coordinator,
            lambda known: running.turned(request.form, _site(known, site), drafts.today()),
            url_for("site.page", site=site),
        )
    except forms.Refused as refused:
        return _page(site, refused.errors), 422


@bp.post("/sites/<site>/plans")
def unplan(site: str) -> ResponseReturnValue:
    coordinator = access.coordinator()
    return drafts.settle(
        coordinator,
        lambda known: editing.unplanned(request.form, _site(known, site)),
        url_for("site.page", site=site),
    )


@bp.post("/sites/<site>/beds")
def add(site: str) -> ResponseReturnValue:
    coordinator, store = access.coordinator(), access.store()
    known = store.profiles.all()
    there = {one.id: one for one in known.of(_site(known, site).id)}
    try:
        group = adding.group(request.form, site, there)
        seen = {f"{site}/{group.id}": ""}
        version = store.profiles.save([], [group], coordinator.id, web.now(), seen)
    except forms.Refused as refused:
        return _page(site, refused.errors), 422
    except ChangedMeanwhile:
        return _page(site, {"group": forms.Wrong.ID_TAKEN}), 422
    web.catch_up(version)
    access.keep([{"office": "added"}])
    return redirect(url_for("site.page", site=site), 303)


def _site(known: Profile, site: str) -> Site:
    return known.sites.get(site) or abort(404)


def _of(known: Profile, site: str, part: str) -> Site:
    """The site, if it has this part; a confidential one has none for a place."""
    found = _site(known, site)
    return found if part in editing.parts_of(found) else abort(404)


def _page(site: str, errors: Mapping[str, str] | None = None) -> str:
    known = access.store().profiles.all()
    found = _site(known, site)
    given = request.form if request.method == "POST" else request.args
    return render_template(
        "office/site.html",
        **facts.shown(found, lambda part: url_for("site.form", site=site, part=part)),
        site=found,
        groups=known.of(site),
        names=adding.NEW_GROUP,
        group_columns={one.name: one for one in GROUP},
        given=given,
        errors=errors or {},
        why=given.get("again", ""),
        said=access.kept(),
        say=web.voice(),
    )
