"""Watches, the phones that are told, and what is still to be told: none of it outlives the night.

No entry of the stream says that somebody waits. What is to be told is taken by one process, which
tells it or gives it back; whoever takes it and dies has told it or not, and nobody tells it again.
A dump leaves all of it out, and after each daily reset the log on disk is written anew without it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_hex
from typing import Any

from ..reports import Outcome
from ..watches import Look, Watch
from . import wire
from .connection import Connection, Promise, steady

NAMES = ("watches", "phones", "pushes")
LASTS = 24 * 3600  # seconds; what is to be told dies with the watches, where those still are


@dataclass(frozen=True, slots=True)
class Phone:
    """Where one browser can be told: its push service's address for it, and its two keys.

    ``who`` is the person who was signed in when it was given, ``language`` theirs.
    """

    who: str
    endpoint: str
    p256dh: str
    auth: str
    language: str


@dataclass(frozen=True, slots=True)
class Push:
    """That something rose for a watch is to be told to the phone of a session (its ``mark``)."""

    watch: str
    mark: str
    rose: datetime
    due: datetime
    tries: int = 0

    @property
    def id(self) -> str:
        return f"{self.watch}/{self.mark}"


class Watches:
    """The store's side of waiting for a bed."""

    def __init__(self, connection: Connection):
        self._store = connection
        self._keys = [connection.key(name) for name in NAMES]
        self._watched = connection.key("watched")

    def make(self, watch: Watch, most: int, key: str, now: datetime) -> Outcome:
        """Begins to watch; ``most`` watches of one person. Raises StoreDown.

        The list is no part of what is kept to know the key again: that outlives the night.
        """
        asked = {"id": watch.id, "watch": _text(watch), "until": wire.to_ms(watch.until)}
        asked |= {"most": most, "now": wire.to_ms(now)}
        return self._run("watch", [*self._keys[:2], self._watched], watch.who, key, asked)

    def stop(self, id_: str, who: str, key: str, now: datetime) -> Outcome:
        """Ends a watch of this person; with their last one go their phones. Raises StoreDown."""
        asked = {"id": id_, "now": wire.to_ms(now)}
        return self._run("unwatch", self._keys[:2], who, f"{key}/stop/{id_}", asked)

    def of(self, who: str, now: datetime) -> list[Watch]:
        """What this person waits for, the first to end first. Raises StoreDown."""
        with steady():
            found = self._store.client.hgetall(self._keys[0])
        ours = [one for one in _watches(found, now) if one.who == who]
        return sorted(ours, key=lambda one: (one.until, one.id))

    def keep_phone(self, mark: str, phone: Phone, now: datetime) -> Outcome:
        """``mark`` is that of the session. Kept while its person waits. Raises StoreDown."""
        told = {"mark": mark, "phone": json.dumps(_told(phone)), "endpoint": phone.endpoint}
        asked = told | {"now": wire.to_ms(now)}
        return self._run("phone", self._keys[:2], phone.who, token_hex(16), asked)

    def phone(self, mark: str) -> Phone | None:
        """Raises StoreDown."""
        with steady():
            text = self._store.client.hget(self._keys[1], mark)
        return Phone(**json.loads(text)) if text else None

    def phones(self) -> dict[str, Phone]:
        """Every phone by the mark of its session. Raises StoreDown."""
        with steady():
            found = self._store.client.hgetall(self._keys[1])
        return {mark: Phone(**json.loads(text)) for mark, text in found.items()}

    def forget_phone(self, mark: str) -> None:
        """Raises StoreDown."""
        with steady():
            self._store.client.hdel(self._keys[1], mark)

    def to_do(self, now: datetime) -> tuple[list[Watch], list[Push]]:
        """Everything that is watched, and what is to be told by now. Raises StoreDown."""

        def read(pipe: Any) -> None:
            pipe.hgetall(self._keys[0])
            pipe.hgetall(self._keys[2])

        watches, pushes = self._store.transaction(read)
        found = [_push(id_, json.loads(text)) for id_, text in pushes.items()]
        return _watches(watches, now), [one for one in found if one.due <= now]

    def saw(self, watch: Watch, some: Sequence[str], looked: Look, now: datetime) -> bool:
        """Notes which groups have a bed; True where some rose and nobody had noted it yet.

        What is to be told to which phones is noted with it. Raises StoreDown.
        """
        seen = {"some": list(some) or None, "looked": list(looked)}
        asked = seen | {"id": watch.id, "now": wire.to_ms(now)}
        key = token_hex(16)
        said = self._store.run("rise", self._keys, watch.who, key, key, asked)
        return bool(said["outcome"] == "rose")

    def take(self, push: Push) -> bool:
        """Whether it is for us alone to tell. Raises StoreDown."""
        with steady():
            return bool(self._store.client.hdel(self._keys[2], push.id))

    def give_back(self, push: Push, due: datetime) -> None:
        """It was not told: at ``due`` somebody tries again. Raises StoreDown."""
        again = replace(push, due=due, tries=push.tries + 1)
        told = {"rose": wire.to_ms(again.rose), "due": wire.to_ms(due), "tries": again.tries}
        with steady(), self._store.client.pipeline(transaction=True) as pipe:
            pipe.hsetnx(self._keys[2], push.id, json.dumps(told))
            pipe.expire(self._keys[2], LASTS, nx=True)
            pipe.execute()

    def erase_traces(self, reset: datetime) -> None:
        """Forgets what was watched before this reset, and has the log on disk written anew.

        Nothing where somebody has begun to wait since. Raises StoreDown.
        """
        asked, key = {"reset": wire.to_ms(reset)}, token_hex(16)
        if self._run("forget", [*self._keys, self._watched], "", key, asked) is not Outcome.SAVED:
            return
        with steady():
            if self._store.promise is not Promise.SENT:  # without a log there is none to write
                self._store.client.bgrewriteaof()
            self._store.client.delete(self._watched)

    def _run(
        self, script: str, keys: list[str], who: str, key: str, asked: dict[str, Any]
    ) -> Outcome:
        return Outcome(self._store.run(script, keys, who, key, script, asked)["outcome"])


def _text(watch: Watch) -> str:
    told = {"who": watch.who, "groups": watch.groups, "until": wire.to_ms(watch.until)}
    # Only what is not empty: Lua would write an empty list back as an object.
    lists = {"begun": watch.begun, "some": watch.some}
    told |= {name: given for name, given in lists.items() if given}
    return json.dumps(told | {"looked": watch.looked})


def _watches(texts: dict[str, str], now: datetime) -> list[Watch]:
    found = [_watch(id_, json.loads(text)) for id_, text in texts.items()]
    return [one for one in found if one.stands(now)]


def _watch(id_: str, told: dict[str, Any]) -> Watch:
    begun, here = tuple(told.get("begun", ())), tuple(told.get("some", ()))
    place = (tuple(told["groups"]), wire.from_ms(told["until"]), begun, here)
    return Watch(id_, told["who"], *place, Look(*told["looked"]))


def _told(phone: Phone) -> dict[str, str]:
    return {name: getattr(phone, name) for name in Phone.__slots__}


def _push(id_: str, told: dict[str, Any]) -> Push:
    watch, _, mark = id_.partition("/")
    rose, due = wire.from_ms(told["rose"]), wire.from_ms(told["due"])
    return Push(watch, mark, rose, due, told["tries"])
