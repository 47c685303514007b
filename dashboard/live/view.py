"""``/live``: a stream from a worker's own thread, on at most half of its threads.

Past that it answers 503 and the page polls, so open pages never keep a desk from reporting.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import randint
from threading import BoundedSemaphore
from typing import cast

from flask import Blueprint, Flask, Response, abort, current_app, request
from werkzeug.exceptions import ServiceUnavailable

from .. import web
from ..follower import Follower
from ..voice import Language
from .feed import Feed
from .position import Position

bp = Blueprint("live", __name__)
BEAT = timedelta(seconds=20)
LOOK = 1.0  # seconds between two looks whether the page is still there
RETRY = (1_000, 5_000)  # ms; each page gets its own, so that a restart is no stampede


class Streams:
    """The streams of this worker. ``stopping`` is asked at every look, and ends them all."""

    def __init__(self, feed: Feed, follower: Follower, most: int, now: Callable[[], datetime]):
        self.feed = feed
        self.follower = follower
        self.now = now
        self.free = BoundedSemaphore(most)
        self.stopping: Callable[[], bool] = lambda: False

    def messages(
        self, position: Position, language: Language, gone: Callable[[], bool]
    ) -> Iterator[bytes]:
        """All that a page at ``position`` must hear, until it is gone."""
        turn, now = self.follower.turn, self.now()
        yield self.feed.beat(position, now, randint(*RETRY))  # noqa: S311 - spreads, hides nothing
        news, position = self.feed.news(position, language, now)
        if news:
            yield news
        change, beat = self.feed.next_change(now), now + BEAT
        while not (gone() or self.stopping()):
            waited = self.follower.wait(turn, self._pause(change, beat))
            now = self.now()
            if waited != turn or (change and now >= change):
                turn = waited
                news, position = self.feed.news(position, language, now)
                yield news + self.feed.beat(position, now)
                change, beat = self.feed.next_change(now), now + BEAT
            elif now >= beat:
                yield self.feed.beat(position, now)
                beat = now + BEAT

    def _pause(self, change: datetime | None, beat: datetime) -> float:
        ahead = min(beat, change or beat) - self.now()
        return min(LOOK, max(0.0, ahead.total_seconds()))


def init_app(app: Flask) -> None:
    """Half of a worker's threads may stream."""
    follower = cast(Follower, app.extensions["follower"])
    most = max(1, app.extensions["settings"].threads // 2)
    feed = Feed(app, follower)
    app.extensions["live"] = Streams(feed, follower, most, app.extensions["clock"])
    app.register_blueprint(bp)


@bp.get("/live")
def live() -> Response:
    """Everything that has changed since the page's position, and then all that will."""
    web.board()
    streams, position = cast(Streams, current_app.extensions["live"]), _position()
    if request.method == "HEAD":
        return _stream(iter(()))
    if not streams.free.acquire(blocking=False):
        raise ServiceUnavailable(retry_after=randint(20, 40))  # noqa: S311 - spreads the polls
    answer = _stream(streams.messages(position, web.language(), _gone(request.environ)))
    answer.call_on_close(streams.free.release)
    return answer


def _stream(messages: Iterator[bytes]) -> Response:
    answer = Response(messages, mimetype="text/event-stream")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def _position() -> Position:
    """What the page has seen: the last message it got, or the version it was made from."""
    told = request.headers.get("Last-Event-ID") or request.args.get("since", "")
    try:
        return Position.parse(told, web.now())
    except ValueError:
        abort(400)


def _gone(environ: dict[str, object]) -> Callable[[], bool]:
    """Whether the page has closed its end; never, where the server shows us no socket."""
    connection = environ.get("gunicorn.socket")
    if not isinstance(connection, socket.socket):
        return lambda: False

    def gone() -> bool:
        if not select.select([connection], [], [], 0)[0]:
            return False
        try:
            return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except OSError:
            return True

    return gone
