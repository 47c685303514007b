"""The banner of cold-weather mode: one fragment for pages, for open pages and for machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Flask, current_app
from flask_babel import force_locale
from markupsafe import Markup

from . import alerts, web
from .alerts import Issued
from .events import Version
from .voice import Language, Voice

FRAGMENT, WORDS = "_fragments/alerts.html", "_fragments/cold.html"


def init_app(app: Flask) -> None:
    """Every page is given the alerts that are on or to come, error pages included."""
    app.context_processor(_given)


def _given() -> dict[str, Any]:
    """Called by the page that wants them: one that tells of a failure must not fail in turn."""
    return {"alerts": _announced, "alerts_say": web.voice, "alerts_seen": _seen}


def _seen() -> Version:
    return web.follower().board.version


def _announced() -> list[Issued]:
    return alerts.announced(web.follower().board.alerts, web.now())


def html(app: Flask, announced: Sequence[Issued], voice: Voice) -> Markup:
    """The banner outside any request, in the language that the translations are in."""
    given = {"alerts": lambda: announced, "alerts_say": lambda: voice, "lang": voice.language}
    found = app.jinja_env.get_template(FRAGMENT).render(given)
    return Markup(found.strip())  # noqa: S704 - the template escapes


def headline(alert: Issued) -> dict[str, str]:
    """What the banner says of it, in each language: for machines."""
    return {str(one): _headline(alert, one) for one in Language}


def _headline(alert: Issued, language: Language) -> str:
    voice = Voice(language, web.follower().board.day.zone, web.now())
    with force_locale(language):
        words = current_app.jinja_env.get_template(WORDS).module
        said = Markup(words.headline(alert, voice))  # type: ignore[attr-defined] # noqa: S704
    return " ".join(said.striptags().split())
