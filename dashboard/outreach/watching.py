"""Waiting for a bed: a list of bed groups to watch, and the phone that is told of it.

What a person needs never comes here: the page makes a list of it, with script or without.
"""

from __future__ import annotations

import json
from contextlib import suppress

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale

from .. import access, forms, watches, web
from ..clock import last_reset
from ..forms import Wrong
from ..push import services
from ..reports import Outcome
from ..rows import Moment
from ..store import Phone, StoreDown
from ..voice import Language
from .blueprint import bp
from .screen import said


@bp.post("/outreach/watches")
def watch() -> ResponseReturnValue:
    worker, now = access.outreach(), web.now()
    try:
        wanted, key = watches.asked(request.form, worker.id, Moment(web.board(), now))
    except forms.Refused as refused:
        if refused.errors == {"beds": Wrong.MISSING}:
            return said("watch", "nothing-fits")
        return said("watch", "wrong", wrong=next(iter(refused.errors.values())))
    with suppress(StoreDown):  # where no push process has done it since the morning
        access.store().watches.erase_traces(last_reset(now, web.board().day))
    return said("watch", access.store().watches.make(wanted, watches.MOST, key, now))


@bp.post("/outreach/watches/<id_>/stop")
def stop_watch(id_: str) -> ResponseReturnValue:
    worker = access.outreach()
    try:
        key = forms.only_a_key(request.form)
    except forms.Refused as refused:
        return said("stop", "wrong", wrong=refused.errors["key"])
    return said("stop", access.store().watches.stop(id_, worker.id, key, web.now()))


@bp.post("/outreach/phone")
def keep_phone() -> ResponseReturnValue:
    """Where this browser can be told: only at a service that is allowed, with keys that work."""
    worker, given = access.outreach(), request.form
    endpoint, p256dh, auth = (given.get(name, "") for name in ("endpoint", "p256dh", "auth"))
    if not services.allowed(endpoint, web.settings().push_services):
        abort(422)
    if not (services.is_point(p256dh) and services.is_secret(auth)):
        abort(422)
    phone = Phone(worker.id, endpoint, p256dh, auth, web.language())
    kept = access.store().watches.keep_phone(access.stream_mark(), phone, web.now())
    return "", 204 if kept is Outcome.SAVED else 409


@bp.post("/outreach/phone/forget")
def forget_phone() -> ResponseReturnValue:
    access.outreach()
    access.store().watches.forget_phone(access.stream_mark())
    return "", 204


@bp.get("/outreach-push.js")
def push_worker() -> Response:
    """What a phone does when it is told, with the words that it shows, in both languages."""
    words = {}
    for language in Language:
        with force_locale(language):
            words[language] = json.loads(render_template("outreach/push.html"))
    text = (web.ROOT / "static" / "outreach-push.js").read_text(encoding="utf-8")
    opening = f"const PUSH_WORDS = {json.dumps(words)};\n"
    answer = Response(opening + text, mimetype="text/javascript")
    answer.headers["Service-Worker-Allowed"] = "/outreach"
    return answer
