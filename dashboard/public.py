"""The pages that anyone may read: no cookie, no account, no script needed."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, abort, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue

from . import pages, web
from .filters import Wanted
from .rows import Moment

bp = Blueprint("public", __name__)
MINUTE = timedelta(minutes=1)


@bp.get("/")
def board() -> ResponseReturnValue:
    asked = request.args
    wanted = Wanted.read(asked.get("who"), asked.getlist("need"), asked.get("side"))
    moment = Moment(web.board(), web.now())
    if any(name in asked for name in ("who", "need", "side")):
        return private(_board(moment, wanted))
    return web.remembered(key(moment), lambda: _board(moment, wanted))


@bp.get("/sites/<site>")
def site(site: str) -> ResponseReturnValue:
    moment = Moment(web.board(), web.now())
    row = moment.row(site) or abort(404)
    if row.site.confidential:
        abort(404)
    given = pages.site(current_app.jinja_env, moment, row, web.voice())
    return web.remembered(key(moment), lambda: render_template("site.html", **given, **_live()))


@bp.get("/how-we-count")
def how_we_count() -> ResponseReturnValue:
    day = web.settings().day
    return render_template("how_we_count.html", say=web.voice(), day=day)


def private(html: str) -> Response:
    """A page that shows what someone asked for: nobody keeps it."""
    response = make_response(html)
    response.headers["Cache-Control"] = "no-store"
    return response


def key(moment: Moment) -> str:
    """What a page shows, by version and by the next moment at which the clock changes it."""
    minute = moment.now.replace(second=0, microsecond=0) + MINUTE
    ends = [minute, *(row.changes_at for row in moment.rows() if row.changes_at)]
    away = web.follower().away_since
    return f"{moment.version}-{min(ends).timestamp():.3f}-{away.timestamp() if away else 0:.0f}"


def _board(moment: Moment, wanted: Wanted) -> str:
    given = pages.board(current_app.jinja_env, moment, web.voice(), wanted)
    return render_template("board.html", **given, **_live())


def _live() -> dict[str, object]:
    return {"away_since": web.follower().away_since}
