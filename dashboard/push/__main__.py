"""``python -m dashboard.push``: goes its rounds until it is asked to stop."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from time import sleep
from typing import NoReturn

from ..config import BadSettings, Settings
from ..follower import Follower
from ..logs import keep_discreet
from ..store import Store, StoreDown
from . import keys
from .post import Post, contact
from .rounds import Rounds

EVERY = 1.0  # seconds between two rounds in which nobody reports: the clock alone may open a bed
PACE = 0.2  # seconds between two rounds at least
KIND = 5  # how far it stands back for who asks for a page or sends a report
log = logging.getLogger(__name__)


def main() -> int:
    os.nice(KIND)
    keep_discreet()
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)  # its words hold a phone's address
    try:
        settings = Settings.from_environ()
        key = keys.private(settings)
    except BadSettings as problems:
        print(problems, file=sys.stderr)
        return 1
    store = Store(settings.store_url, settings.community, settings.may_lose, settings.replicas)
    now = _clock(settings)
    follower = Follower(store, settings.day, now, settings.mark)
    post = Post(key, contact(settings.public_url), settings.push_services)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    rounds = Rounds(store, follower, post, now)
    follower.start()
    try:
        _go(follower, rounds.go)
    finally:
        rounds.stop()


def _go(follower: Follower, round_: Callable[[], None]) -> NoReturn:
    turn = -1
    while True:
        turn = follower.wait(turn, EVERY)
        try:
            round_()
        except StoreDown as error:  # the follower says so once; until it is back there is no round
            log.debug("no round: %s", error)
        sleep(PACE)


def _clock(settings: Settings) -> Callable[[], datetime]:
    if settings.demo:
        from .. import demo  # here: it knows how a store is started, which is nothing to us

        return demo.clock(settings)
    return lambda: datetime.now(UTC)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
