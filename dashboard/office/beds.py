"""One bed group for the coordinator: its facts, its place in the order, and whether it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import access, editing, forms, running, web
from ..beds import BedGroup
from ..store import ChangedMeanwhile, Profile
from . import drafts, facts

bp = Blueprint("beds", __name__)


@bp.get("/sites/<site>/beds/<group>")
def page(site: str, group: str) -> ResponseReturnValue:
    access.coordinator()
    return _page(site, group)


@bp.get("/sites/<site>/beds/<group>/<part>")
def form(site: str, group: str, part: str) -> ResponseReturnValue:
    access.coordinator()
    found = _group(access.store().profiles.all(), site, group)
    return facts.form(found, part, _here(site, group))


@bp.post("/sites/<site>/beds/<group>/<part>")
def edit(site: str, group: str, part: str) -> ResponseReturnValue:
    coordinator, back = access.coordinator(), _here(site, group)
    if part not in editing.GROUP_PARTS:
        abort(404)
    try:
        return drafts.settle(
            coordinator,
            lambda known: editing.edited(
                request.form, part, _group(known, site, group), drafts.today()
            ),
            back,
            lambda draft: facts.form(draft.before, part, back, same=not draft.changes),
        )
    except forms.Refused as refused:
        found = _group(access.store().profiles.all(), site, group)
        return facts.form(found, part, back, refused.errors), 422


@bp.post("/sites/<site>/beds/<group>/run")
def run(site: str, group: str) -> ResponseReturnValue:
    coordinator = access.coordinator()
    try:
        return drafts.settle(
            coordinator,
            lambda known: running.turned(request.form, _group(known, site, group), drafts.today()),
            _here(site, group),
        )
    except forms.Refused as refused:
        return _page(site, group, refused.errors), 422


@bp.post("/sites/<site>/beds/<group>/plans")
def unplan(site: str, group: str) -> ResponseReturnValue:
    coordinator = access.coordinator()
    return drafts.settle(
        coordinator,
        lambda known: editing.unplanned(request.form, _group(known, site, group)),
        _here(site, group),
    )


@bp.post("/sites/<site>/beds/<group>/up")
def up(site: str, group: str) -> ResponseReturnValue:
    """One place up in the order of its site; where others did so meanwhile, it stays."""
    coordinator, store = access.coordinator(), access.store()
    known = store.profiles.all()
    ordered, at = known.of(site), known.of(site).index(_group(known, site, group))
    if at:
        ordered[at - 1], ordered[at] = ordered[at], ordered[at - 1]
        moved = [replace(one, position=nth) for nth, one in enumerate(ordered)]
        changed = [one for one in moved if one != known.groups[f"{site}/{one.id}"]]
        try:
            store.profiles.save([], changed, coordinator.id, web.now(), known.marks)
        except ChangedMeanwhile:
            access.keep([{"office": "meanwhile"}])
    return redirect(url_for("site.page", site=site), 303)


def _here(site: str, group: str) -> str:
    return url_for("beds.page", site=site, group=group)


def _group(known: Profile, site: str, group: str) -> BedGroup:
    return known.groups.get(f"{site}/{group}") or abort(404)


def _page(site: str, group: str, errors: Mapping[str, str] | None = None) -> str:
    known = access.store().profiles.all()
    found = _group(known, site, group)
    given = request.form if request.method == "POST" else request.args
    return render_template(
        "office/beds.html",
        **facts.shown(found, lambda part: url_for("beds.form", site=site, group=group, part=part)),
        group=found,
        site=known.sites[site],
        given=given,
        errors=errors or {},
        why=given.get("again", ""),
        said=access.kept(),
        say=web.voice(),
    )
