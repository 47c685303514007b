"""The pages that anyone may read: no cookie, no account, no script needed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    g,
    make_response,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue

from . import pages, web
from .filters import Wanted
from .follower import Follower
from .looks import NO_LOOK, Looks
from .press import Edition, Page, Press
from .rows import Moment

bp = Blueprint("public", __name__)
MINUTE = timedelta(minutes=1)


@bp.get("/")
def board() -> ResponseReturnValue:
    asked = request.args
    wanted = Wanted.read(asked.get("who"), asked.getlist("need"), asked.get("side"))
    if any(name in asked for name in ("who", "need", "side")):
        return _looked_at(private(_board(Moment(web.board(), web.now()), wanted)))
    web.board()
    edition = Edition(web.language(), asked.get("lang") in web.languages())
    return _looked_at(web.sheet(_press().sheet(edition, web.now())))


@bp.get("/sites/<site>")
def site(site: str) -> ResponseReturnValue:
    moment = Moment(web.board(), web.now())
    row = moment.row(site) or abort(404)
    if row.site.confidential:
        abort(404)
    given = pages.site(web.deck(), moment, row, web.voice())
    page = web.remembered(key(moment), lambda: render_template("site.html", **given, **_live()))
    return _looked_at(page)


@bp.get("/how-we-count")
def how_we_count() -> ResponseReturnValue:
    day = web.day()
    return render_template("how_we_count.html", say=web.voice(), day=day)


def init_app(app: Flask) -> None:
    """The board is printed outside any request, and again whenever the follower hears news."""
    follower = app.extensions["follower"]
    press = Press(
        lambda edition, now: _compose(app, edition, now),
        lambda: (follower.board.version, follower.away_since),
        app.extensions["clock"],
    )
    app.extensions["press"] = press
    if isinstance(follower, Follower):
        follower.listen(press.hear)


def _compose(app: Flask, edition: Edition, now: datetime) -> Page:
    address = f"/?lang={edition.language}" if edition.named else "/"
    speaks = {"Accept-Language": str(edition.language)}
    with app.app_context(), app.test_request_context(address, headers=speaks):
        g.now = now
        away_since = web.follower().away_since
        moment = Moment(web.board(), now)
        html = _board(moment, Wanted())
        minute = now.replace(second=0, microsecond=0) + MINUTE
        return Page(html, moment.version, away_since, pages.changes_at(moment), minute)


def _press() -> Press:
    return cast(Press, current_app.extensions["press"])


def _looked_at(page: Response) -> Response:
    """The same page, counted: a number in memory, and nothing about who asked.

    A page that a browser fetches ahead is not looked at yet, and may never be.
    """
    if request.method == "GET" and NO_LOOK not in request.environ and not web.ahead():
        cast(Looks, current_app.extensions["looks"]).look()
    return page


def private(html: str) -> Response:
    """A page that shows what someone asked for: nobody keeps it."""
    response = make_response(html)
    response.headers["Cache-Control"] = "no-store"
    return response


def key(moment: Moment) -> str:
    """What a page shows, by version and by the next moment at which the clock changes it."""
    minute = moment.now.replace(second=0, microsecond=0) + MINUTE
    ends = [
        minute,
        moment.quiet_until,
        *(row.changes_at for row in moment.rows() if row.changes_at),
    ]
    away = web.follower().away_since
    return f"{moment.version}-{min(ends).timestamp():.3f}-{away.timestamp() if away else 0:.0f}"


def _board(moment: Moment, wanted: Wanted) -> str:
    given = pages.board(web.deck(), moment, web.voice(), wanted)
    return render_template("board.html", **given, **_live())


def _live() -> dict[str, object]:
    return {"away_since": web.follower().away_since, "gone": web.follower().gone}
