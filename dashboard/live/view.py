"""``/live``: the page goes to the hub; without one, a worker's own thread streams to it.

Such streams take at most half of a worker's threads. Past that it answers 503 and the page polls,
so open pages never keep a desk from reporting.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from random import randint
from threading import BoundedSemaphore
from typing import Any, cast

from flask import Blueprint, Flask, Response, abort, current_app, request

from .. import access, web
from ..config import Settings
from ..follower import Follower
from ..voice import Language
from . import doors
from .audience import EVERYWHERE, Audience
from .feed import Feed
from .guard import Guard
from .handoff import Door, Page, movable
from .position import Position

bp = Blueprint("live", __name__)
BEAT = timedelta(seconds=20)
LOOK = 1.0  # seconds between two looks whether the page is still there
RETRY = (1_000, 5_000)  # ms; each page gets its own, so that a restart is no stampede


class Streams:
    """The streams of this worker. ``stopping`` is asked at every look, and ends them all."""

    def __init__(
        self,
        feed: Feed,
        follower: Follower,
        door: Door,
        most: int,
        now: Callable[[], datetime],
    ):
        self.feed = feed
        self.door = door
        self.follower = follower
        self.now = now
        self.free = BoundedSemaphore(most)
        self.allowed: Callable[[Audience, str], bool] = lambda audience, _: not audience.desk
        self.stopping: Callable[[], bool] = lambda: False

    def messages(
        self, position: Position, audience: Audience, gone: Callable[[], bool]
    ) -> Iterator[bytes]:
        """All that a page at ``position`` must hear, until it is gone."""
        turn, now = self.follower.turn, self.now()
        yield self.feed.beat(position, now, randint(*RETRY))  # noqa: S311 - spreads, hides nothing
        news, position = self.feed.news(position, audience, now)
        if news:
            yield news
        change, beat = self.feed.next_change(now), now + BEAT
        away = self._away()
        while not (gone() or self.stopping()):
            waited = self.follower.wait(turn, self._pause(change, beat))
            now = self.now()
            news = b""
            if waited != turn or (change and now >= change):
                turn = waited
                news, position = self.feed.news(position, audience, now)
                change = self.feed.next_change(now)
            if news or now >= beat or away != self._away():  # else it was nothing of theirs
                away, beat = self._away(), now + BEAT
                yield news + self.feed.beat(position, now)

    def _away(self) -> tuple[datetime | None, bool]:
        return self.follower.away_since, self.follower.gone

    def _pause(self, change: datetime | None, beat: datetime) -> float:
        ahead = min(beat, change or beat) - self.now()
        return min(LOOK, max(0.0, ahead.total_seconds()))


def init_app(app: Flask) -> None:
    """Half of a worker's threads may stream."""
    follower = cast(Follower, app.extensions["follower"])
    settings: Settings = app.extensions["settings"]
    app.extensions["live"] = streams = Streams(
        Feed(app, follower),
        follower,
        Door(doors.paths(settings.var)[0]),
        max(1, settings.threads // 2),
        app.extensions["clock"],
    )
    if "store" in app.extensions:
        streams.allowed = Guard(app.extensions["store"], app.extensions["clock"]).allows
    app.register_blueprint(bp)


class Answer(Response):
    """The stream: from the hub where it takes the page, or else from this worker.

    What cannot be had is decided as late as this, so that every header is already set.
    """

    def __init__(self, streams: Streams, page: Page, position: Position):
        super().__init__(mimetype="text/event-stream")
        self.headers["Cache-Control"] = "no-store"
        self.headers["X-Accel-Buffering"] = "no"
        self._streams, self._page, self._position = streams, page, position

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "GET":
            if self._streams.door.hand_over(environ, self._page):
                raise StopIteration  # gunicorn then writes nothing, and closes a dummy
            self._stream(self._over(environ))
        return super().__call__(environ, start_response)

    def _over(self, environ: dict[str, Any]) -> Callable[[], bool]:
        """Whether the page has left, or can come back to a hub that holds it more lightly."""
        gone, door = _gone(environ), self._streams.door
        return gone if movable(environ) is None else lambda: gone() or door.open

    def _stream(self, gone: Callable[[], bool]) -> None:
        streams, page = self._streams, self._page
        if not streams.free.acquire(blocking=False):
            self.status_code = 503
            self.headers["Retry-After"] = str(randint(20, 40))  # noqa: S311 - spreads the polls
            return
        self.call_on_close(streams.free.release)
        self.response = streams.messages(
            self._position,
            page.audience,
            lambda: gone() or not streams.allowed(page.audience, page.session),
        )


@bp.get("/live")
def live() -> Response:
    """Everything that has changed since the page's position, and then all that will.

    ``?desk=SITE`` is for those who may report for that site, and for its own devices, and ends
    when they may not any more. ``?desk=*`` is for outreach people, and for who phones sites.
    """
    web.board()
    streams, position = cast(Streams, current_app.extensions["live"]), _position()
    desk, mark = request.args.get("desk", ""), ""
    if desk:
        if desk == EVERYWHERE:
            _ = access.signed_in().follows_all or abort(404)
        else:
            access.desk_seen(desk)
        mark = access.stream_mark()
    audience = Audience(Language.EN, desk) if desk else Audience(web.language())
    return Answer(streams, Page(audience, str(position), mark), position)


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
