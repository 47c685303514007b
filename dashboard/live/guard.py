"""Who may go on hearing a desk's stream: asked once a second, so that nobody hears it longer.

A stream of an enrolled device also ends where the shift has ended of whoever was at it: the page
comes back, and is locked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from threading import Thread
from time import sleep

from ..store import Store, StoreDown
from .audience import EVERYWHERE, Audience

EVERY = 0.8  # seconds
Listener = tuple[Audience, str]


class Guard:
    """Knows from the store whether a session, or a device, may hear a desk."""

    def __init__(self, store: Store, now: Callable[[], datetime]):
        self._store, self._now = store, now

    def allows(self, audience: Audience, mark: str) -> bool:
        """While the store is away nobody is sent away: it has no news either."""
        if not audience.desk:
            return True
        try:
            if mark.startswith("device:"):
                return self._device_allows(audience.desk, *mark.split(":")[1:])
            person = self._store.sessions.person_of(mark)
        except StoreDown:
            return True
        if audience.desk == EVERYWHERE:
            return person is not None and person.follows_all
        return person is not None and person.may_report(audience.desk)

    def _device_allows(self, site: str, id_: str, secret: str, person: str) -> bool:
        device = self._store.devices.of(id_, secret)
        if device is None or device.site != site:
            return False
        here = self._store.shifts.at(device, self._now())
        return not person or here.shift(person) is not None

    def watch(
        self, listeners: Callable[[], Iterable[Listener]], revoke: Callable[[set[Listener]], None]
    ) -> None:
        """From a thread of its own: tells which listeners may hear no more."""

        def run() -> None:
            while True:
                sleep(EVERY)
                ended = {one for one in set(listeners()) if not self.allows(*one)}
                if ended:
                    revoke(ended)

        Thread(target=run, name="guard", daemon=True).start()
