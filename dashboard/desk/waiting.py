"""What a desk needs to go on without a connection: its worker, and what a late report asks."""

from __future__ import annotations

import json
from typing import Any

from flask import Response
from flask_wtf.csrf import generate_csrf

from .. import access, web
from ..rows import Moment
from .blueprint import bp


@bp.get("/desk/<site>/ready")
def ready(site: str) -> dict[str, Any]:
    """Before a report that waited is sent: a fresh token, who is here, and the server's time.

    ``now`` and ``stale`` are ms since 1970; what was said before ``stale`` asks a person first.
    """
    desk, now = access.desk_counts(site), web.now()
    judge = Moment(web.board(), now).judge(desk.state.site)
    return {
        "token": generate_csrf(),
        "person": desk.hand.who,
        "now": int(now.timestamp() * 1000),
        "stale": int(judge.stale.timestamp() * 1000),
    }


@bp.get("/desk-worker.js")
def worker() -> Response:
    """The desk's service worker, another one with every build."""
    text = (web.ROOT / "static" / "desk-worker.js").read_text(encoding="utf-8")
    sending = json.dumps(web.asset("sending.js"))
    opening = f"const BUILD = {json.dumps(web.build())};\nimportScripts({sending});\n"
    answer = Response(opening + text, mimetype="text/javascript")
    answer.headers["Service-Worker-Allowed"] = "/desk"
    return answer
