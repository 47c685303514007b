"""Nothing fits: one tap counts what was asked for and not found, each thing by itself."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from .. import access, shortage, web
from ..asked import NAMES, Asked
from ..forms import KEY_LENGTH
from .blueprint import bp

KEPT = (*NAMES, "start", "lang")  # of the page's own address, where it was a plain query


@bp.post("/outreach/unmet/<key>")
def unmet(key: str) -> ResponseReturnValue:
    """What was asked for is in the form. It goes into counts, and into nothing else from here."""
    access.outreach()
    if not 8 <= len(key) <= KEY_LENGTH:
        abort(404)
    asked = Asked.read(request.form.items(multi=True))
    day = shortage.today(web.now(), web.day())
    access.store().unmet.count(day, shortage.constraints(_words(asked)), key)
    access.keep([{"kind": "unmet", "code": "saved"}])
    return redirect(url_for("outreach.page", **_query()), 303)


def form() -> dict[str, Any]:
    """What the button needs: a key of its own at each look, and the page's plain query."""
    return {"unmet_key": token_hex(12), "asked_again": _query()}


def _query() -> dict[str, Any]:
    return {name: request.args.getlist(name) for name in KEPT}


def _words(asked: Asked) -> list[str]:
    together = [f"together-{asked.together}"] if asked.together > 1 else []
    return [*asked.words, *together]
