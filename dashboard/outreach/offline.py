"""What the outreach page needs to go on without a connection: its worker."""

from __future__ import annotations

import json

from flask import Response, url_for

from .. import web
from .blueprint import bp


@bp.get("/outreach-worker.js")
def worker() -> Response:
    """The page's service worker, another one with every build."""
    text = (web.ROOT / "static" / "outreach-worker.js").read_text(encoding="utf-8")
    push = json.dumps(url_for("outreach.push_worker", lang=None))
    opening = f"const BUILD = {json.dumps(web.build())};\nimportScripts({push});\n"
    return Response(opening + text, mimetype="text/javascript")
