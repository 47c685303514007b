"""Who may go on hearing a desk's stream: asked once a second, so that nobody hears it longer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Thread
from time import sleep

from ..store import Sessions, StoreDown
from .audience import Audience

EVERY = 0.8  # seconds
Listener = tuple[Audience, str]


class Guard:
    """Knows from the store whether a session may hear a desk."""

    def __init__(self, sessions: Sessions):
        self._sessions = sessions

    def allows(self, audience: Audience, mark: str) -> bool:
        """While the store is away nobody is sent away: it has no news either."""
        if not audience.desk:
            return True
        try:
            person = self._sessions.person_of(mark)
        except StoreDown:
            return True
        return person is not None and person.may_report(audience.desk)

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
