"""The news for one page: the sites that an entry or the clock has changed since its position.

Rendered outside any request, with the language as a value. What a page gets is the newest
state, never the steps to it, so a page that slept needs no more than one that blinked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from threading import Lock
from typing import cast

from flask import Flask
from flask_babel import force_locale
from markupsafe import Markup

from .. import alerts, banner, pages
from ..cards import Deck
from ..filters import Wanted
from ..follower import Follower
from ..here import customs
from ..rows import Moment
from ..voice import Language, Voice
from .almanac import Almanac
from .audience import EVERYWHERE, Audience
from .position import Position

# What a page shows that is no card: the id of each part, its template, and what that asks for.
WHOLE: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("board", "board", {}),
    ("hour", "hour", {}),
    ("help", "help", {}),
    ("exit-by-keys", "exit", {"keys": True}),
    ("exit", "exit", {}),
)
PARTIAL = Markup('<hx-partial hx-target="#{}" hx-swap="outerMorph">{}</hx-partial>')


class Feed:
    """What to tell a page. ``app`` gives templates and translations, never a request.

    Safe to ask from any thread. Pages at the same position get the same bytes, made once.
    """

    def __init__(self, app: Flask, follower: Follower):
        self._app = app
        self._follower = follower
        self._almanac: Almanac | None = None
        self._moment: Moment | None = None
        self._lock = Lock()
        self._made: dict[tuple[Position, Audience], bytes] = {}

    def news(self, seen: Position, audience: Audience, now: datetime) -> tuple[bytes, Position]:
        """The message for a page at ``seen``, b'' if it missed nothing, and where it is then."""
        with self._lock:
            moment, almanac = self._look(now)
            if (seen, audience) not in self._made:
                self._made[seen, audience] = self._make(seen, audience, moment, almanac)
            return self._made[seen, audience], Position(moment.version, now)

    def _look(self, now: datetime) -> tuple[Moment, Almanac]:
        """The board as of ``now``, looked at once for all who ask about the same instant."""
        board = self._follower.board
        if self._moment is None or (self._moment.version, self._moment.now) != (board.version, now):
            self._moment, self._made = Moment(board, now), {}
            self._almanac = self._almanac or Almanac(board, now)
            self._almanac.keep(now)
        return self._moment, cast(Almanac, self._almanac)

    def _make(self, seen: Position, audience: Audience, moment: Moment, almanac: Almanac) -> bytes:
        sites = almanac.changed(seen, public=not audience.desk)
        position = Position(moment.version, moment.now)
        if audience.desk:
            every = audience.desk == EVERYWHERE
            touched = sites is None or audience.desk in sites or (every and bool(sites))
            return (
                f"event: figures\nid: {position}\ndata: {position.version}\n\n".encode()
                if touched
                else b""
            )
        if sites is not None and not sites:
            return b""
        known = self._follower.board.sites
        if sites and any(known[one].site.confidential for one in sites if one in known):
            sites = None  # such a site has no card, only a line of the board
        with self._app.app_context(), force_locale(audience.language):
            if sites is None:
                parts = self._board(moment, audience.language)
            else:
                parts = self._cards(moment, sites, audience.language)
            return message(position, "".join(parts))

    def _cards(self, moment: Moment, sites: Iterable[str], language: Language) -> list[Markup]:
        voice = self._voice(language, moment.now)
        deck = self._deck
        rows = [row for site in sites if (row := moment.row(site))]
        return [
            PARTIAL.format(f"site-{row.site.id}", deck.card(moment, row, voice).html)
            for row in rows
        ]

    def _board(self, moment: Moment, language: Language) -> list[Markup]:
        voice = self._voice(language, moment.now)
        given = pages.board(self._deck, moment, voice, Wanted())
        given |= {"customs": customs(), "lang": language}
        announced = alerts.announced(self._follower.board.alerts, moment.now)
        told = PARTIAL.format("alerts", banner.html(self._app, announced, voice))
        parts = [self._part(id_, name, given | more) for id_, name, more in WHOLE]
        return [*parts, told]  # the board first: who reads it alone reads no further

    def _part(self, id_: str, name: str, given: dict[str, object]) -> Markup:
        html = self._app.jinja_env.get_template(f"_fragments/{name}.html").render(given)
        return PARTIAL.format(id_, Markup(html.strip()))  # noqa: S704 - the template escapes

    @property
    def _deck(self) -> Deck:
        return cast(Deck, self._app.extensions["deck"])

    def _voice(self, language: Language, now: datetime) -> Voice:
        return Voice(language, self._follower.board.day.zone, now)

    def beat(self, position: Position, now: datetime, retry: int | None = None) -> bytes:
        """The server's time and wall clock; since when the store is away, or its memory gone.

        ``retry`` is told once: in how many ms to come back.
        """
        away, voice = self._follower.away_since, self._voice(Language.EN, now)
        told: dict[str, object] = {"now": _ms(now), "ahead": voice.ahead(now)}
        told |= {"since": _ms(away) if away else None, "gone": self._follower.gone}
        again = f"retry: {retry}\n" if retry else ""
        return f"{again}event: beat\nid: {position}\ndata: {json.dumps(told)}\n\n".encode()

    def next_change(self, now: datetime) -> datetime | None:
        """When the clock alone will next change a site."""
        with self._lock:
            return self._look(now)[1].next


def message(position: Position, html: str) -> bytes:
    """One unnamed message: htmx swaps what is in it."""
    data = "".join(f"data: {line}\n" for line in html.splitlines())
    return f"id: {position}\n{data}\n".encode()


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
