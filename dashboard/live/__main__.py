"""``python -m dashboard.live``: runs the hub until it is asked to stop or a successor comes."""

from __future__ import annotations

import os
import resource
import select
import signal
import sys
from contextlib import suppress
from typing import cast

from .. import create_app
from ..config import BadSettings, Settings
from ..follower import Follower
from . import doors
from .guard import Guard
from .hub import GONE, Hub
from .view import Streams

SPARE = 256  # descriptors that are not pages
KIND = 5  # how far the hub stands back for who asks for a page or sends a report


class Loop:
    """One epoll for everything: the doors, the bell, the pages, the clock."""

    def __init__(self, hub: Hub, settings: Settings):
        self.hub = hub
        pages, succession = doors.paths(settings.var)
        taken = doors.take(succession)
        self.pages = taken[0] if taken else doors.open_pages(pages)
        self.succession = doors.open_succession(succession)
        for door in (self.pages, self.succession):
            hub.epoll.register(door.fileno(), select.EPOLLIN)
        for connection, page in taken[1] if taken else ():
            hub.welcome(connection, page)
        self.running = True

    def run(self) -> None:
        while self.running:
            for number, event in self.hub.epoll.poll(self.hub.pause()):
                self._turn(number, event)
            self.hub.tell()
            self.hub.bury()

    def _turn(self, number: int, event: int) -> None:
        if number == self.pages.fileno():
            for connection, page in doors.arrivals(self.pages):
                self.hub.welcome(connection, page)
        elif number == self.succession.fileno():
            self._hand_on()
        elif number == self.hub.bell:
            self.hub.heard()
        elif event & GONE:
            self.hub.drop(number)
        else:
            self.hub.drained(number)

    def _hand_on(self) -> None:
        successor, _ = self.succession.accept()
        with successor, suppress(OSError):
            doors.give(successor, self.pages, self.hub.leave())
            self.running = False


def main() -> int:
    try:
        settings = Settings.from_environ()
    except BadSettings as problems:
        print(problems, file=sys.stderr)
        return 1
    os.nice(KIND)
    app = create_app(settings)
    follower = cast(Follower, app.extensions["follower"])
    streams = cast(Streams, app.extensions["live"])
    follower.start()
    while not follower.ready.wait(1):  # without a board there is nothing true to tell
        pass
    hub = Hub(streams.feed, follower, min(settings.streams, _most()), app.extensions["clock"])
    follower.listen(hub.wake)
    Guard(app.extensions["store"], app.extensions["clock"]).watch(hub.listeners, hub.revoke)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with suppress(KeyboardInterrupt):
        Loop(hub, settings).run()
    return 0


def _most() -> int:
    """As many pages as this process may have open files."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(hard, 1_000_000) - SPARE


if __name__ == "__main__":
    sys.exit(main())
