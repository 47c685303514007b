"""The API: the board for machines that read, reports from machines that hold counts.

No session, no cookie: a token in each request. Every answer is JSON, errors included, as
``{"errors": {field: sentence}}``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from flask import Blueprint, Response, abort, current_app, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as N_

from . import banner, machine, published, web
from .beds import MOST
from .board import Board, GroupState
from .clock import Horizons, horizons
from .events import Version
from .forms import Refused, Wrong
from .reports import Answer, Outcome, Report, ReportKind
from .rows import Moment
from .store import MemoryGone, Store, StoreDown, Token

bp = Blueprint("api", __name__, url_prefix="/api/v1")
MINUTE = timedelta(minutes=1)
LARGEST = 8 * 1024  # bytes of a report
SOON = "2"  # seconds after which to try again
READING = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "If-None-Match",
    "Access-Control-Expose-Headers": "ETag",
    "Access-Control-Max-Age": "86400",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
SENTENCES = {
    Wrong.MISSING: N_("This is needed."),
    Wrong.NOT_A_NUMBER: N_("This must be a whole number."),
    Wrong.BELOW_ZERO: N_("This can't be below 0."),
    Wrong.TOO_MANY: N_("This can't be above %(most)s.", most=MOST),
    Wrong.UNKNOWN_WORD: N_("This must be “change” or “confirm”."),
    Wrong.TOO_LONG: N_("This is too long."),
    Wrong.NOT_TEXT: N_("This must be text on one line."),
    Wrong.NOT_A_VERSION: N_(
        "This must be a version of the board, or an entry that a report was answered with."
    ),
    Wrong.NOT_A_TIME: N_(
        "This must be a date and time with its zone, such as 2026-11-20T16:12:00-08:00."
    ),
    Wrong.AHEAD: N_("This is more than 2 minutes ahead of our clock."),
    Wrong.TOO_OLD: N_("This is more than 7 days ago."),
    Wrong.NO_SUCH_FIELD: N_("There is no such field."),
    Wrong.NOT_A_KEY: N_("This must be 1 to 200 visible ASCII characters."),
}


@dataclass(frozen=True, slots=True)
class Edition:
    """The board's bytes, and for which version and until which instant they hold."""

    version: Version
    away_since: datetime | None
    since: datetime
    until: datetime
    body: bytes

    def holds(self, version: Version, away_since: datetime | None, now: datetime) -> bool:
        same = (self.version, self.away_since) == (version, away_since)
        return same and self.since <= now < self.until

    @property
    def mark(self) -> str:
        """The same in every process; the bytes may differ in when they were made."""
        away = self.away_since.timestamp() if self.away_since else 0
        return f"{self.version}-{self.until.timestamp():.3f}-{away:.0f}"


@bp.get("/board")
def board() -> ResponseReturnValue:
    edition = _edition(web.board(), web.now())
    response = Response(edition.body, mimetype="application/json")
    response.set_etag(edition.mark, weak=True)
    response.headers["Cache-Control"] = web.REVALIDATE
    return response.make_conditional(request)


def _edition(board: Board, now: datetime) -> Edition:
    """The newest edition; made anew where the board, the connection or the clock has changed it."""
    away = web.follower().away_since
    kept: Edition | None = current_app.extensions.get("edition")
    if kept and kept.holds(board.version, away, now):
        return kept
    moment = Moment(board, now)
    ends = [row.changes_at for row in moment.rows() if row.changes_at]
    minute = now.replace(second=0, microsecond=0) + MINUTE
    until = min([minute, moment.quiet_until, *ends])
    told = published.board(moment, web.settings().community, away, banner.headline)
    body = json.dumps(told, ensure_ascii=False).encode()
    made = Edition(moment.version, away, now, until, body)
    current_app.extensions["edition"] = made
    return made


@bp.post("/sites/<site>/groups/<group>/reports")
def report(site: str, group: str) -> ResponseReturnValue:
    now, board = web.now(), web.board()  # with the first it is known what the store promises
    token = _token_for(site, now)
    said = machine.report(_body(), _key(), site, group, f"api:{token.label}", now)
    answer = _store().reports.report(said, _judge(board, site, now), now)
    return _answered(said, answer, now)


def _judge(board: Board, site: str, now: datetime) -> Horizons:
    """As everywhere, alerts and the site's own limits included; a site may be too new for it."""
    known = board.sites.get(site)
    return Moment(board, now).judge(known.site) if known else horizons(now, board.day)


def _store() -> Store:
    return cast(Store, current_app.extensions["store"])


def _token_for(site: str, now: datetime) -> Token:
    """Whose request this is; 401 for nobody's, 403 where the site is not in the token's reach."""
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    token = _store().tokens.find(shown.strip(), now) if scheme.lower() == "bearer" else None
    if token is None:
        refused = _refused(401, authorization=gettext("Send a token that works, as Bearer."))
        refused.headers["WWW-Authenticate"] = "Bearer"
        abort(refused)
    if not token.reaches(site):
        abort(_refused(403, site=gettext("This token does not reach this site.")))
    return token


def _body() -> dict[str, Any]:
    request.max_content_length = LARGEST
    return machine.body(request.get_data(cache=False))


def _key() -> str | None:
    return request.headers.get(machine.KEY)


def _answered(said: Report, answer: Answer, now: datetime) -> ResponseReturnValue:
    match answer.outcome:
        case Outcome.SAVED | Outcome.LATE:
            return jsonify(_kept(said, answer, now)), 200 if answer.repeated else 201
        case Outcome.CONFLICT:
            return jsonify(_conflict(said, answer)), 409
        case Outcome.NO_GROUP:
            return _refused(404, group=gettext("There is no such bed group at this site."))
        case Outcome.KEY_REUSED:
            sentence = gettext("This key was used before, by another sender or for another report.")
            return _refused(422, **{machine.KEY: sentence})
        case other:
            raise ValueError(f"a machine's report was answered {other}")


def _kept(said: Report, answer: Answer, now: datetime) -> dict[str, Any]:
    late = answer.outcome is Outcome.LATE
    return {"entry": answer.version, "late": late, "group": _group(said, answer, now)}


def _group(said: Report, answer: Answer, now: datetime) -> dict[str, Any]:
    """The bed group as it is after this report, whatever this process's own board knows yet."""
    board = web.follower().board
    known = board.sites.get(said.site)
    if known is None or known.group(said.group) is None:
        board = _store().stream.snapshot(board.first)
        known = board.sites[said.site]
    state = cast(GroupState, known.group(said.group))
    row = Moment(board, now).group_row(known, replace(state, figure=answer.figure))
    return published.group(row, now) | {"version": _version(answer)}


def _version(answer: Answer) -> str | None:
    """The version that made the figure."""
    if answer.figure is None or not answer.version:
        return None
    return str(Version.parse(answer.version).at(answer.figure.version))


def _conflict(said: Report, answer: Answer) -> dict[str, Any]:
    """Both figures, and which of the two expectations does not hold."""
    current = answer.figure
    if said.kind is ReportKind.CONFIRM and (current is None or current.open != said.value):
        errors = {"open": gettext("The figure is not this one now.")}
    else:
        errors = {"expected_version": gettext("The figure has changed since this version.")}
    epoch = web.follower().board.version.epoch
    version = f"{epoch}:{current.version}" if current else None
    yours = {"open": said.value, "observed_at": published.stamp(said.stamp)}
    return {"errors": errors, "yours": yours, "current": published.figure(current, version)}


def _refused(code: int, **errors: object) -> Response:
    response = make_response(jsonify(errors=errors), code)
    if code == 503:
        response.headers["Retry-After"] = SOON
    return response


@bp.errorhandler(Refused)
def _wrong_fields(error: Refused) -> Response:
    return _refused(422, **{name: str(SENTENCES[code]) for name, code in error.errors.items()})


@bp.errorhandler(machine.NotJson)
def _not_json(error: machine.NotJson) -> Response:
    return _refused(400, body=gettext("This must be one JSON object, in UTF-8."))


@bp.errorhandler(StoreDown)
def _not_sure(error: StoreDown) -> Response:
    if isinstance(error, MemoryGone):
        sentence = gettext("Our records were lost, and this was not saved. Try again later.")
    else:
        sentence = gettext("We could not confirm this was saved. Trying again is safe.")
    return _refused(503, request=sentence)


@bp.after_request
def _readable_anywhere(response: Response) -> Response:
    if request.endpoint == "api.board":
        response.headers.update(READING)
    return response
