"""For whoever watches the product: does the process live, and is it of use."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

from . import web
from .store import Store, StoreDown

bp = Blueprint("health", __name__)
LATEST = 5.0  # seconds that a board may be behind its store


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers. Says nothing of the store, so nobody restarts it for that."""
    return "ok", {"Content-Type": "text/plain; charset=utf-8"}


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """The store answers and the board is current, and how far behind it is; 503 if not."""
    follower, entries, seconds, store = web.follower(), None, None, "reachable"
    try:
        memory = cast(Store, current_app.extensions["store"])
        entries, first = memory.stream.behind(follower.board.version)
        seconds = max(0.0, (web.now() - first).total_seconds()) if first else 0.0
    except StoreDown:
        store = "away"
    current = follower.connected and seconds is not None and seconds <= LATEST
    told = {
        "ready": current,
        "store": "gone" if follower.gone else store,
        "board": "current" if current else "behind",
        "version": str(follower.board.version),
        "lag": {"entries": entries, "seconds": seconds},
    }
    return jsonify(told), 200 if current else 503
