"""Round after round: which watched bed groups have risen, and whom to tell; each rise once.

A round looks at the board as it is, so one that was missed costs nothing: a rise that still stands
is told by the next. What the network refuses is tried again while it can still be of use.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Lock

from .. import watches
from ..clock import last_reset
from ..follower import Follower
from ..people import Role
from ..rows import Moment
from ..store import Phone, Push, Store, StoreDown
from ..watches import Watch
from .post import Fate, Post

USEFUL = timedelta(minutes=15)  # after a rise; by then somebody else has the bed
FIRST_WAIT, LONGEST_WAIT = 2, 60  # seconds between two tries
HANDS = 4  # messages on their way at a time
SWEEP = timedelta(minutes=1)  # between two looks for phones of people who wait no more
log = logging.getLogger(__name__)


class Rounds:
    """Rounds over one store's watches. ``go`` is for one thread; ``tell`` may run in several."""

    def __init__(self, store: Store, follower: Follower, post: Post, now: Callable[[], datetime]):
        self._store, self._follower, self._post, self._now = store, follower, post, now
        self._hands = ThreadPoolExecutor(HANDS, "push")
        self._lock = Lock()
        self._in_hand: set[str] = set()
        self._sweep_at = now()

    def go(self) -> None:
        """One round. Raises StoreDown."""
        if not self._follower.connected:
            return
        moment = Moment(self._follower.board, self._now())
        found, pushes = self._store.watches.to_do(moment.now)
        if self._look(found, moment):
            found, pushes = self._store.watches.to_do(moment.now)
        for push in pushes:
            self._hand_over(push, found)
        if moment.now >= self._sweep_at:
            self._sweep_at = moment.now + SWEEP
            self._sweep({one.who for one in found})
            self._store.watches.erase_traces(last_reset(moment.now, moment.day))

    def _sweep(self, waiting: Collection[str]) -> None:
        """Forgets the phones of who waits for nothing any more, or is signed in there no more."""
        for mark, phone in self._store.watches.phones().items():
            if phone.who not in waiting or not self._signed_in(mark, phone):
                self._store.watches.forget_phone(mark)

    def _look(self, found: Sequence[Watch], moment: Moment) -> bool:
        """Notes what has a bed now; whether that differs from what was noted."""
        if not found:
            return False
        here, look = watches.some(moment, watches.places(moment)), watches.look(moment)
        changed = False
        for watch in found:
            some = watches.risen(watch, here)
            if some is not None:
                self._store.watches.saw(watch, some, look, moment.now)
                changed = True
        return changed

    def _hand_over(self, push: Push, standing: Iterable[Watch]) -> None:
        with self._lock:
            if push.id in self._in_hand:
                return
            self._in_hand.add(push.id)
        watch = next((one for one in standing if one.id == push.watch), None)
        self._hands.submit(self._tell, push, watch)

    def _tell(self, push: Push, watch: Watch | None) -> None:
        try:
            self.tell(push, watch)
        except StoreDown as error:
            log.warning("a message was not sent: %s", error)
        except Exception:
            log.exception("a message was not sent")
        finally:
            with self._lock:
                self._in_hand.discard(push.id)

    def tell(self, push: Push, watch: Watch | None) -> None:
        """Tell one phone, unless what rose is gone again or nobody is there to be told."""
        if not self._store.watches.take(push):
            return
        phone = self._store.watches.phone(push.mark)
        late = self._now() - push.rose > USEFUL
        if phone is None or watch is None or not watch.some or late:
            return
        if not self._signed_in(push.mark, phone):
            self._store.watches.forget_phone(push.mark)
            return
        self._settle(push, *self._post.send(phone))

    def _settle(self, push: Push, fate: Fate, wait: int) -> None:
        if fate is Fate.GONE:
            self._store.watches.forget_phone(push.mark)
        elif fate is Fate.LATER:
            pause = timedelta(seconds=max(wait, _pause(push.tries)))
            self._store.watches.give_back(push, self._now() + pause)

    def _signed_in(self, mark: str, phone: Phone) -> bool:
        """Whether the session in which the phone was given still is that person's."""
        person = self._store.sessions.person_of(mark)
        return person is not None and person.id == phone.who and person.role is Role.OUTREACH

    @property
    def busy(self) -> bool:
        """Whether anything is on its way."""
        with self._lock:
            return bool(self._in_hand)

    def stop(self) -> None:
        """Returns when what is on its way has arrived, or not."""
        self._hands.shutdown(cancel_futures=True)


def _pause(tries: int) -> int:
    return min(LONGEST_WAIT, FIRST_WAIT << min(tries, 10))
