"""`python -m dashboard.demo`: beside a running product, builds Riverbend and plays its days."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import count
from typing import TypeVar

from .. import access
from ..config import BadSettings, Settings
from ..part import say
from ..store import Store, StoreDown
from . import clock, office
from .afternoon import plan
from .cast import Desk, all_there, let_in, open_desk, sign_ins
from .evening import WORDS, declare
from .play import Stage, build, when

Answer = TypeVar("Answer")
RETRY = 1.0  # seconds between two tries at a store that is away


def main() -> int:
    """Play until told to stop."""
    try:
        settings = Settings.from_environ()
    except BadSettings as problem:
        say(str(problem))
        return 1
    if not settings.demo:
        say("Riverbend is played only where DEMO is yes: start it with `make demo`.")
        return 1
    now = clock(settings)
    store = Store(settings.store_url, settings.community)
    _until_it_works(store.connection.check)
    _until_it_works(lambda: build(store, now()))
    if not _until_it_works(lambda: all_there(store)):
        chosen = sign_ins()
        _until_it_works(lambda: let_in(store, chosen, now()))
        desk = _until_it_works(lambda: open_desk(store, settings.secret_key, now()))
        _tell(chosen, desk, settings.address)
    first = now().astimezone(settings.day.zone).date()
    for days in count():
        _play(Stage(store, settings.day), first + timedelta(days=days), now)
    return 0


def _tell(chosen: dict[str, str], desk: Desk, place: str) -> None:
    lines = [f"    {login:12} {password}" for login, password in chosen.items()]
    hands = [f"    {name:24} {pin}" for name, pin in desk.pins.items()]
    say("Riverbend does not exist and its numbers are made up. It is five past four there.")
    say("\n".join([f"Sign in at {place}/sign-in with one of these:", *lines]))
    say(
        "To make another browser the front desk, where people tap a name and a PIN, open this once:"
    )
    say("\n".join([place + access.enrol_path(desk.link), *hands]))


def _play(stage: Stage, date_: date, now: Callable[[], datetime]) -> None:
    words, working = list(WORDS), True
    for number, act in enumerate(plan(date_.toordinal())):
        time.sleep(max(0.0, (when(act, date_, stage.day) - now()).total_seconds()))
        while words and words[0].minute <= act.minute:
            word = words.pop(0)
            _until_it_works(lambda: declare(stage.store, word, date_, stage.day, now()))  # noqa: B023
        if working and act.minute >= office.BEGINS:
            _until_it_works(lambda: office.work(stage, date_, now()))
            working = False
        _until_it_works(lambda: stage.perform(act, date_, number, now()))  # noqa: B023 (at once)


def _until_it_works(act: Callable[[], Answer]) -> Answer:
    """Tries until the store answers. It is safe to do any of these again."""
    while True:
        with suppress(StoreDown):
            return act()
        time.sleep(RETRY)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
