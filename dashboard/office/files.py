"""Sites and bed groups from CSV files, pasted or uploaded: every difference first, then saved.

The same reader and the same plan as `flask sites import`.
"""

from __future__ import annotations

from secrets import token_hex

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import access, importing, web
from ..columns import SITE_NEEDS
from ..edits import changes, columns_of
from ..importing import Plan
from ..store import ChangedMeanwhile, Profile

bp = Blueprint("files", __name__)
LARGEST = 50_000  # characters of both files; what is larger goes by the command
FILES = ("sites", "groups")


@bp.get("/sites-files")
def page() -> ResponseReturnValue:
    access.coordinator()
    return render_template("office/files.html", texts={}, said=access.kept(), why=_why())


@bp.post("/sites-files")
def bring() -> ResponseReturnValue:
    coordinator, texts = access.coordinator(), _texts()
    profile = access.store().profiles.all()
    plan = _plan(texts, profile)
    if sum(map(len, texts.values())) > LARGEST:
        return render_template("office/files.html", texts={}, large=True), 413
    if plan.problems or not any(texts.values()):
        kept = {} if _tells_a_place(plan) else texts
        empty = not any(texts.values())
        html = render_template("office/files.html", texts=kept, plan=plan, empty=empty)
        return html, 422
    marks = _marks(plan, profile)
    if request.form.get("go") == "save" and request.form.get("marks") == marks:
        try:
            seen = profile.marks
            key = f"office:{request.form.get('key') or token_hex(12)}"
            store = access.store().profiles
            version = store.save(plan.sites, plan.groups, coordinator.id, web.now(), seen, key)
            web.catch_up(version)
            for site, words in importing.hidden(plan, profile.sites).items():
                access.store().erasing.erase(site, web.now(), words)
            return _done(plan)
        except ChangedMeanwhile:
            profile = access.store().profiles.all()
            plan = _plan(texts, profile)
            marks = _marks(plan, profile)
    return _preview(plan, profile, texts, marks)


@bp.get("/sites-files/<name>.csv")
def take(name: str) -> ResponseReturnValue:
    """What the command writes: it imports as it is."""
    access.coordinator()
    profile = access.store().profiles.all()
    if name == "sites":
        text = importing.site_file(profile.sites[id_] for id_ in sorted(profile.sites))
    elif name == "groups":
        text = importing.group_file(profile.groups.values())
    else:
        return redirect(url_for("files.page"), 303)
    answer = Response(text, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename={name}.csv"
    return answer


def _texts() -> dict[str, str]:
    """What was uploaded, else what was pasted."""
    found = {}
    for name in FILES:
        file = request.files.get(f"{name}_file")
        sent = file.read(LARGEST + 1) if file else b""
        pasted = request.form.get(f"{name}_csv", "")
        found[name] = sent.decode("utf-8-sig", "replace") if sent else pasted
    return found


def _plan(texts: dict[str, str], known: Profile) -> Plan:
    """Bed groups alone are fine: then no site changes."""
    sites = texts["sites"] if texts["sites"].strip() else ",".join(SITE_NEEDS)
    return importing.plan(
        importing.site_table("sites.csv", sites.encode()),
        importing.group_table("groups.csv", texts["groups"].encode())
        if texts["groups"].strip()
        else None,
        known.sites,
        known.groups,
    )


def _tells_a_place(plan: Plan) -> bool:
    """Whether it holds a place that must not be shown again, not even to whoever sent it."""
    return any(one.wrong == "has-a-place" for one in plan.problems)


def _marks(plan: Plan, profile: Profile) -> str:
    """What the preview was made from, as one mark."""
    ids = [site.id for site in plan.sites]
    ids += [f"{one.site}/{one.id}" for one in plan.groups]
    return importing.fingerprint([profile.marks.get(id_, "") for id_ in ids])


def _done(plan: Plan) -> ResponseReturnValue:
    count = {"sites": len(plan.sites), "groups": len(plan.groups)}
    access.keep([{"office": "brought", **count}])
    return redirect(url_for("files.page"), 303)


def _preview(plan: Plan, profile: Profile, texts: dict[str, str], marks: str) -> str:
    befores = [profile.sites.get(one.id) for one in plan.sites]
    sites = list(zip(befores, plan.sites, strict=True))
    beds = [(profile.groups.get(f"{one.site}/{one.id}"), one) for one in plan.groups]
    return render_template(
        "office/files_preview.html",
        sites=sites,
        beds=beds,
        changes=changes,
        columns_of=lambda one: {column.name: column for column in columns_of(one)},
        remarks=plan.remarks,
        texts=texts,
        marks=marks,
        key=token_hex(12),
        surprised=request.form.get("go") == "save",
        say=web.voice(),
    )


def _why() -> str:
    return request.args.get("again", "")
