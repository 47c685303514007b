"""The coordinator's page of areas: which parts of the town there are, and how far apart."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import access, distances, forms, web
from ..travel import AREA_LENGTH, LONGEST, Travel

bp = Blueprint("areas", __name__)


@bp.get("/areas")
def page() -> ResponseReturnValue:
    access.coordinator()
    return _page(_travel())


@bp.post("/areas")
def add() -> ResponseReturnValue:
    coordinator, travel = access.coordinator(), _travel()
    try:
        name = distances.added(request.form, travel)
    except forms.Refused as refused:
        return _page(travel, refused.errors), 422
    access.store().areas.save([name], {}, coordinator.id, web.now())
    return _done(name)


@bp.post("/areas/minutes")
def time() -> ResponseReturnValue:
    coordinator, travel = access.coordinator(), _travel()
    area = travel.find(request.form.get("area", "")) or abort(404)
    try:
        legs = distances.timed(request.form, area, travel)
    except forms.Refused as refused:
        return _page(travel, refused.errors), 422
    access.store().areas.save([], legs, coordinator.id, web.now())
    return _done(area)


@bp.post("/areas/remove")
def remove() -> ResponseReturnValue:
    coordinator = access.coordinator()
    area = _travel().find(request.form.get("area", "")) or abort(404)
    access.store().areas.remove(area, coordinator.id, web.now())
    return redirect(url_for("areas.page"), 303)


def _done(area: str) -> ResponseReturnValue:
    """Back to the page, at the area that was changed."""
    return redirect(url_for("areas.page", area=area), 303)


def _travel() -> Travel:
    return access.store().areas.travel()


def _page(travel: Travel, errors: Mapping[str, str] | None = None) -> str:
    given = request.form if request.method == "POST" else request.args
    states = list(web.board().sites.values())
    return render_template(
        "office/areas.html",
        travel=travel,
        chosen=travel.find(given.get("area", "")) or next(iter(travel.areas), ""),
        lacking=travel.others(state.site.place.area for state in states),
        given=given,
        errors=errors or {},
        why=given.get("again", ""),
        longest=LONGEST,
        name_length=AREA_LENGTH,
    )
