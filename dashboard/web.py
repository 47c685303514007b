"""What every view needs: now, the board, the reader's language, headers, errors, answers.

Headers are set here and nowhere else. Nothing here keeps an address or a query.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Container
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import cast
from urllib.parse import quote, urlencode

from flask import Flask, Response, current_app, g, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, InternalServerError, ServiceUnavailable

from .board import Board
from .cards import Deck
from .events import Version
from .here import Following as Following
from .here import customs as customs
from .here import day as day
from .here import follower as follower
from .here import language as language
from .here import languages as languages
from .here import settings as settings
from .press import Sheet
from .squeeze import bare, best, pressed, squeezed
from .store import StoreDown
from .voice import Language, Voice

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
TRANSPORT = "max-age=31536000"
REVALIDATE = "max-age=0, must-revalidate"
FOREVER = "public, max-age=31536000, immutable"
SQUEEZED = ("text/html", "text/css", "text/javascript", "image/svg+xml")
ROOT = Path(__file__).parents[1]
PATIENCE = 1.0  # seconds that an answer waits for the board to hold what was just saved


def now() -> datetime:
    """The moment of this request: one, whoever asks."""
    if "now" not in g:
        g.now = current_app.extensions["clock"]()
    return cast(datetime, g.now)


def board() -> Board:
    """The board, from memory. 503 until the store has been read for the first time."""
    found = follower().board
    if not found.version.ms and found.version.epoch == "none":
        raise ServiceUnavailable
    return found


def catch_up(wanted: Version | None) -> None:
    """Waits until the board holds what was just saved, so nobody sees their own words undone."""
    following, until = follower(), time.monotonic() + PATIENCE
    while wanted and following.connected and following.board.version < wanted:
        if time.monotonic() > until or following.board.version.epoch != wanted.epoch:
            return
        time.sleep(0.005)


def deck() -> Deck:
    return cast(Deck, current_app.extensions["deck"])


def voice() -> Voice:
    return Voice(language(), settings().day.zone, now())


@cache
def build() -> str:
    """What templates, scripts and translations together are: another after every change."""
    digest = hashlib.sha256()
    for folder in ("templates", "static", "dashboard/translations"):
        for path in sorted((ROOT / folder).rglob("*.*")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@cache
def asset(name: str) -> str:
    """The address of a static file, with its fingerprint: it can be cached for ever."""
    path = ROOT / "static" / name
    mark = hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.exists() else "missing"
    return url_for("static", filename=name, v=mark)


def remembered(key: str, body: Callable[[], str]) -> Response:
    """A page that a browser may keep but must ask about; 304 where ``key`` is what it has."""
    response = Response(mimetype="text/html")
    response.set_etag(f"{key}-{language()}-{build()}", weak=True)
    response.headers["Cache-Control"] = REVALIDATE
    if not request.if_none_match.contains_weak(response.get_etag()[0] or ""):
        response.set_data(body())
    response.make_conditional(request)
    return response


def sheet(found: Sheet) -> Response:
    """A printed board, in the encoding that the browser likes best; 304 where it has it."""
    encoding = best(request.accept_encodings)
    response = Response(mimetype="text/html")
    response.headers["ETag"] = found.etag
    response.headers["Cache-Control"] = found.cache_control(now())
    if request.if_none_match.contains_weak(response.get_etag()[0] or ""):
        response.status_code = 304
    else:
        response.set_data(found.bodies[encoding])
        if encoding:
            response.headers["Content-Encoding"] = encoding
    return response


def ahead() -> bool:
    """Whether a browser fetches this page before anybody looks at it, and nobody may."""
    return any("pre" in request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose"))


def small(html: str, words: Container[str]) -> Response:
    """A page of somebody who is signed in, compressed all the same, for a line that is bad.

    Only where its address holds nothing but these ``words`` and languages: the size of a
    compressed page tells its secrets to whoever can put their own guesses beside them.
    """
    response = Response(html, mimetype="text/html")
    encoding = best(request.accept_encodings)
    said = [text for pair in request.args.items(multi=True) for text in pair]
    if encoding and all(one in words or one in ("lang", *Language) for one in said):
        response.set_data(squeezed(response.get_data(), encoding, effort=7))
        response.headers["Content-Encoding"] = encoding
    return response


def init_app(app: Flask) -> None:
    """Headers, errors and what templates may call."""
    app.after_request(_squeeze)
    app.after_request(_headers)
    app.url_defaults(_keep_language)
    app.register_error_handler(HTTPException, _error)
    app.register_error_handler(StoreDown, store_down)
    app.register_error_handler(Exception, _broken)
    app.jinja_env.globals.update(asset=asset, N_=str)
    app.context_processor(_given)
    app.extensions["deck"] = Deck(app.jinja_env)


def _given() -> dict[str, object]:
    known, held, lang = settings(), customs(), language()
    return {
        "community": known.community_name,
        "demo": known.demo,
        "customs": held,
        "lang": lang,
        "languages": languages(),
        "other_language_url": _same_page(lang.other),
    }


def _same_page(lang: Language) -> str:
    asked = {name: values for name, values in request.args.lists() if name != "lang"}
    return f"{quote(request.path)}?{urlencode({**asked, 'lang': str(lang)}, doseq=True)}"


def _keep_language(endpoint: str, values: dict[str, object]) -> None:
    """A language that the address names stays in every link of the page."""
    if endpoint != "static" and request and request.args.get("lang") in list(Language):
        values.setdefault("lang", request.args["lang"])


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", TRANSPORT)
    if request.endpoint == "static" and "v" in request.args and response.status_code < 400:
        response.headers["Cache-Control"] = FOREVER
    response.headers.setdefault("Cache-Control", "no-store")
    if response.mimetype == "text/html":
        response.vary.update(("Accept-Language", "Accept-Encoding"))
    return response


def _squeeze(response: Response) -> Response:
    """Public pages and files, as brotli or gzip; pages with secrets are never compressed."""
    if response.content_encoding:
        return response
    public = request.endpoint == "static" or request.blueprint == "public"
    if not public or response.status_code != 200 or response.mimetype not in SQUEEZED:
        return response
    response.vary.add("Accept-Encoding")
    encoding = best(request.accept_encodings)
    if encoding and not request.range:
        response.direct_passthrough = False
        squeeze = pressed if request.endpoint == "static" else squeezed
        body = response.get_data()
        response.set_data(
            squeeze(bare(body) if response.mimetype == "text/css" else body, encoding)
        )
        response.headers["Content-Encoding"] = encoding
        response.set_etag(response.get_etag()[0] or "", weak=True)
    return response


def _error(error: HTTPException, away: bool = False) -> ResponseReturnValue:
    """An error of the web, in plain words; in JSON for machines."""
    code = error.code or 500
    if error.response is not None or code < 400:
        return error
    if request.path.startswith("/api/"):
        answer = jsonify(errors={"request": error.name.lower()})
    else:
        away = away or follower().away_since is not None
        html = render_template("error.html", code=code, gone=follower().gone, away=away)
        answer = Response(html, mimetype="text/html")
    answer.status_code = code
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    if code == 503:
        answer.headers.setdefault("Retry-After", "5")
    return answer


def store_down(_: StoreDown) -> ResponseReturnValue:
    """What was asked for needs the store, and the store is away."""
    return _error(ServiceUnavailable(), away=True)


def unsure(error: StoreDown) -> ResponseReturnValue:
    """Nobody knows whether it was kept: the same form again, with the same key, is safe."""
    if request.method != "POST":
        return store_down(error)
    fields = [(name, given) for name, given in request.form.items(multi=True)]
    fields = [(name, given) for name, given in fields if name != "csrf_token"]
    if "first_tried" not in request.form:
        fields.append(("first_tried", str(int(now().timestamp() * 1000))))
    html = render_template("desk/unsure.html", fields=fields, action=request.path)
    return html, 503, {"Retry-After": "2"}


def _broken(error: Exception) -> ResponseReturnValue:
    current_app.logger.error("a page broke: %s", request.endpoint, exc_info=error)
    g.broken = True
    return _error(InternalServerError())


def utc_now() -> datetime:
    return datetime.now(UTC)
