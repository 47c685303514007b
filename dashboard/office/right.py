"""How often each site's numbers were right, for who sends people there and who coordinates."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from .. import access, web
from ..people import Role
from ..rows import Moment

bp = Blueprint("records", __name__)


@bp.get("/records")
def page() -> ResponseReturnValue:
    """Sites that hide are told to coordinators alone: their names are no secret to them."""
    person = access.signed_in()
    if person.role not in (Role.COORDINATOR, Role.OUTREACH):
        abort(404)
    moment = Moment(web.board(), web.now())
    sites = [state.site for state in web.board().sites.values()]
    shown = [one for one in sites if not one.confidential or person.role is Role.COORDINATOR]
    ordered = sorted(shown, key=lambda site: site.name.casefold())
    records = [(site, moment.record(site.id)) for site in ordered]
    return render_template("office/right.html", records=records, say=web.voice())
