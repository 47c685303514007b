"""The coordinator's page of what was asked for and not found: single counts, from 5 up."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from .. import access, shortage, web
from ..asked import HOURS

bp = Blueprint("unmet", __name__)


@bp.get("/unmet")
def page() -> ResponseReturnValue:
    access.coordinator()
    now, day = web.now(), web.day()
    kept = access.store().unmet.kept(shortage.lately(now, day))
    return render_template(
        "office/unmet.html",
        days=shortage.shown(kept, now, day),
        least=shortage.FROM,
        hours=HOURS,
        say=web.voice(),
    )
