"""The factory: the only module that knows every part."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Lock

import click
from flask import Flask, request
from flask_babel import Babel
from werkzeug.middleware.proxy_fix import ProxyFix

from . import (
    access,
    account,
    api,
    banner,
    cli,
    demo,
    desk,
    enrol,
    health,
    live,
    office,
    outreach,
    public,
    rules,
    shelf,
    signin,
    web,
    welcome,
)
from .archivist import Archivist
from .catalogue import Catalogue
from .config import BadSettings, Settings
from .follower import Follower
from .logs import keep_discreet
from .looks import Looks
from .store import Store

FIRST_BOARD = 2.0  # seconds that the first requests wait for the first board


def create_app(
    settings: Settings | None = None,
    follower: web.Following | None = None,
    clock: Callable[[], datetime] | None = None,
) -> Flask:
    """The application for these settings, read from the environment where none are given.

    Without a ``follower`` it gets one of its own, which starts with the first request.
    """
    keep_discreet()
    settings = settings or _settings()
    clock = clock or (demo.clock(settings) if settings.demo else web.utc_now)
    app = Flask(__package__, template_folder="../templates", static_folder="../static")
    app.secret_key = settings.secret_key
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.extensions.update(settings=settings, clock=clock)
    looks = Looks(None, clock)
    if follower is None:
        store = app.extensions["store"] = Store(
            settings.store_url,
            settings.community,
            settings.may_lose,
            settings.replicas,
            shelf.of(settings),
        )
        follower = Follower(store, settings.day, clock, settings.mark)
        looks = Looks(store.looked, clock, follower.stopped)
        app.extensions["archivist"] = _archivist(settings, store, follower, clock)
        app.before_request(_started_once(follower, looks))
    app.extensions["looks"] = looks
    app.extensions["follower"] = follower
    Babel(app, locale_selector=web.language)
    app.extensions["babel"].instance.domain_instance = Catalogue()
    web.init_app(app)
    banner.init_app(app)
    cli.init_app(app)
    access.init_app(app)
    rules.init_app(app)
    access.csrf.exempt(api.bp)
    for part in (public, api, health, signin, welcome, enrol, account, desk, outreach):
        app.register_blueprint(part.bp)
    for bp in office.BLUEPRINTS:
        app.register_blueprint(bp)
    public.init_app(app)
    live.init_app(app)
    if settings.trust_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    return app


def _archivist(
    settings: Settings, store: Store, follower: Follower, clock: Callable[[], datetime]
) -> Archivist:
    keep = timedelta(days=settings.stream_days)
    return Archivist(store, lambda: follower.board.day, clock, keep, follower.stopped)


def _settings() -> Settings:
    """From the environment. Under `flask` a wrong one is a sentence, as everywhere."""
    try:
        return Settings.from_environ()
    except BadSettings as wrong:
        if click.get_current_context(silent=True):
            raise click.ClickException(str(wrong)) from None
        raise


def _started_once(follower: Follower, looks: Looks) -> Callable[[], None]:
    """Starts both with the first request: in the worker that serves it, after any fork."""
    lock, started = Lock(), Event()

    def start() -> None:
        with lock:
            if not started.is_set():
                follower.start()
                looks.start()
                started.set()
        if request.blueprint != "health":
            follower.ready.wait(FIRST_BOARD)

    return start
