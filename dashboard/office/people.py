"""The coordinator's page of people: who may sign in, and the one-time links that let them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from .. import access, forms, web
from ..beds import Site
from ..people import Person, Role
from ..store import Known, LastCoordinator, LoginTaken, NoSuchPerson, StandingChanged

bp = Blueprint("people", __name__)


@bp.get("/people")
def page() -> ResponseReturnValue:
    access.coordinator()
    return _page()


@bp.post("/people")
def invite() -> ResponseReturnValue:
    """The link is shown once, in this answer: nothing that is kept could show it again."""
    coordinator = access.coordinator()
    known = [site.id for site in _sites()]
    try:
        person = forms.invitation(request.form, request.form.getlist("sites"), known)
        token = access.store().people.invite(person, coordinator.id, web.now())
    except forms.Refused as refused:
        return _page(errors=refused.errors), 422
    except LoginTaken:
        return _page(errors={"login": forms.Wrong.TAKEN}), 422
    return _link(person.name, token)


@bp.post("/people/<id_>/link")
def new_link(id_: str) -> ResponseReturnValue:
    coordinator = access.coordinator()
    known = access.store().people.find(id_) or abort(404)
    token = access.store().people.reset_link(id_, coordinator.id, web.now())
    return _link(known.person.name, token)


@bp.post("/people/<id_>/disable")
def disable(id_: str) -> ResponseReturnValue:
    coordinator = access.coordinator()
    try:
        access.store().people.disable(id_, coordinator.id, web.now())
    except NoSuchPerson:
        abort(404)
    except LastCoordinator:
        return _page(why="last-coordinator"), 409
    return redirect(url_for("people.page"), 303)


@bp.get("/people/<id_>")
def person(id_: str) -> ResponseReturnValue:
    access.coordinator()
    known = access.store().people.find(id_) or abort(404)
    return _person(known, _as_given(known.person))


@bp.post("/people/<id_>")
def change(id_: str) -> ResponseReturnValue:
    """Another role, other sites or another agency. It holds at once, wherever they are.

    What somebody else has changed meanwhile is shown first.
    """
    coordinator, people = access.coordinator(), access.store().people
    known = people.find(id_) or abort(404)
    sites = [site.id for site in _sites()]
    try:
        found = forms.standing(request.form, request.form.getlist("sites"), sites)
        seen = forms.standing_seen(request.form)
        people.reassign(id_, found, coordinator.id, web.now(), seen)
    except forms.Refused as refused:
        return _person(known, request.form, refused.errors), 422
    except LastCoordinator:
        return _person(known, request.form, why="last-coordinator"), 409
    except StandingChanged:
        return _person(people.find(id_) or abort(404), request.form, why="changed"), 409
    if id_ == coordinator.id and found.role is not Role.COORDINATOR:
        return redirect(url_for("signin.page"), 303)  # which leads on to what is theirs now
    return redirect(url_for("people.page", changed=id_), 303)


def _as_given(person: Person) -> MultiDict[str, str]:
    """What the form says of somebody before anything is changed."""
    said = [("role", person.role.value), ("agency", person.agency)]
    return MultiDict([*said, *(("sites", site) for site in person.sites)])


def _person(
    known: Known,
    given: MultiDict[str, str],
    errors: Mapping[str, str] | None = None,
    why: str = "",
) -> str:
    return render_template(
        "office/person.html",
        known=known,
        given=given,
        errors=errors or {},
        why=why,
        seen=(why != "changed" and forms.standing_seen(given)) or known.person.standing,
        sites=_sites(),
        roles=list(Role),
    )


def _link(name: str, token: str) -> str:
    start = web.settings().public_url or request.url_root.rstrip("/")
    address = start + access.welcome_path(token)
    return render_template("office/link.html", name=name, address=address)


def _page(errors: Mapping[str, str] | None = None, why: str = "") -> str:
    given = request.form if request.method == "POST" else request.args
    shown: dict[str, Any] = {"sites": _sites(), "roles": list(Role), "now": web.now()}
    return render_template(
        "office/people.html",
        people=access.store().people.all(),
        given=given,
        changed=request.args.get("changed", ""),
        errors=errors or {},
        why=why or given.get("again", ""),
        say=web.voice(),
        **shown,
    )


def _sites() -> list[Site]:
    sites = (state.site for state in web.board().sites.values())
    return sorted(sites, key=lambda site: site.name.casefold())
