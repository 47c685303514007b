"""How a change of a site or bed group is shown before it is saved, and saved as it was shown.

What others save while somebody looks at it is shown first: nothing is saved that nobody saw.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from secrets import token_hex
from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from .. import access, planned, web
from ..beds import BedGroup, Site
from ..editing import Draft
from ..edits import columns_of
from ..events import GroupSaved, SiteSaved
from ..people import Person
from ..store import ChangedMeanwhile, Profile

OURS = ("csrf_token", "go", "mark", "key", "again")  # fields that a preview makes anew
LOOKED = 2_000  # entries in which who changed something meanwhile is looked for
Made = Callable[[Profile], Draft]
Again = Callable[[Draft], ResponseReturnValue]


def today() -> date:
    """The date of the community's day."""
    return planned.today(web.now(), web.board().day)


def settle(who: Person, make: Made, back: str, again: Again | None = None) -> ResponseReturnValue:
    """Shows what a form would change; saves it where that was shown, and is still so.

    ``make`` says what the form makes of what is kept. ``again`` shows the form once more.
    """
    profile = access.store().profiles.all()
    draft = make(profile)
    if request.form.get("go") == "back" and again:
        return again(draft)
    saves = request.form.get("go") == "save"
    if saves and not draft.changes:
        return _done(back, "saved")  # sent twice, or somebody else has said the same
    if not draft.changes:
        return again(draft) if again else _done(back, "same")
    mark = profile.marks[key_of(draft.before)]
    try:
        if saves and request.form.get("mark") == mark:
            save(draft, who, mark)
            return _done(back, "saved")
    except ChangedMeanwhile:
        profile = access.store().profiles.all()
        draft, mark = make(profile), profile.marks[key_of(draft.before)]
    return _preview(draft, mark, back, saves)


def key_of(one: Site | BedGroup) -> str:
    return one.id if isinstance(one, Site) else f"{one.site}/{one.id}"


def save(draft: Draft, who: Person, mark: str) -> None:
    """Raises ChangedMeanwhile, StoreDown."""
    sites = [draft.after] if isinstance(draft.after, Site) else []
    groups = [draft.after] if isinstance(draft.after, BedGroup) else []
    key = f"office:{request.form.get('key') or token_hex(12)}"
    seen = {key_of(draft.after): mark}
    web.catch_up(access.store().profiles.save(sites, groups, who.id, web.now(), seen, key))


def _done(back: str, said: str) -> ResponseReturnValue:
    access.keep([{"office": said}])
    return redirect(back, 303)


def _preview(draft: Draft, mark: str, back: str, was_sent: bool) -> ResponseReturnValue:
    site = draft.after.id if isinstance(draft.after, Site) else draft.after.site
    html = render_template(
        "office/site_preview.html",
        draft=draft,
        columns={one.name: one for one in columns_of(draft.after)},
        fields=[
            (name, value) for name, value in request.form.items(multi=True) if name not in OURS
        ],
        mark=mark,
        key=token_hex(12),
        back=back,
        surprised=was_sent,
        lately=lately(site) if was_sent or draft.meanwhile else None,
        say=web.voice(),
    )
    return html, 409 if was_sent else 200


def lately(site: str) -> dict[str, Any] | None:
    """Who saved something of this site last, and when."""
    store = access.store()
    for event in store.stream.back(site, web.now() - timedelta(days=1), LOOKED):
        if isinstance(event, SiteSaved | GroupSaved):
            name = store.people.names([event.who]).get(event.who, "")
            return {"name": name, "at": event.at}
    return None
