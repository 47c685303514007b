"""What holds in this app: what it was told at start, what was settled since, in which languages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, cast

from flask import current_app, g, has_request_context, request

from . import customs as settled
from .board import Board
from .clock import Day
from .config import Settings
from .customs import Customs
from .voice import Language


class Following(Protocol):
    """What the pages ask of the follower."""

    @property
    def board(self) -> Board: ...
    @property
    def connected(self) -> bool: ...
    @property
    def away_since(self) -> datetime | None: ...
    @property
    def gone(self) -> bool: ...


def settings() -> Settings:
    return cast(Settings, current_app.extensions["settings"])


def follower() -> Following:
    return cast(Following, current_app.extensions["follower"])


def customs() -> Customs:
    """What the community settled, over what the environment says; that alone on a broken page."""
    if g.get("broken"):
        return settings().customs
    return settled.standing(settings().customs, follower().board.settlement)


def day() -> Day:
    """The community's day as it holds."""
    return follower().board.day


def languages() -> Sequence[Language]:
    """Those of this page: on public ones what the community offers, on all others every one."""
    if has_request_context() and request.blueprint in (None, "public"):
        return customs().languages
    return tuple(Language)


def language() -> Language:
    """The address beats what the browser asks for; else the first that is offered."""
    offered, asked = languages(), request.args.get("lang", "")
    if asked in offered:
        return Language(asked)
    return Language(request.accept_languages.best_match(offered) or offered[0])
