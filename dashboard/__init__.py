"""The factory: the only module that knows every part."""

from __future__ import annotations

from flask import Flask

from .config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The application for these settings, read from the environment where none are given."""
    app = Flask(__name__, template_folder="../templates", static_folder="../static")
    app.secret_key = (settings or Settings.from_environ()).secret_key

    @app.get("/healthz")
    def healthz() -> tuple[str, dict[str, str]]:
        return "ok", {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}

    return app
