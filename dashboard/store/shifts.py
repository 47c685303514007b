"""Shifts on an enrolled device: who opened one, when they last did something, whose hand is there.

A shift lasts no longer than what opened it: a new password, another PIN, a passkey taken away or
a person shut out ends it at once. That a shift began or ended is a note in the stream.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from ..people import Person
from ..shifts import Device, Presence, Shift
from . import wire
from .connection import Connection, fingerprint, steady
from .people import Known, People

HAND = "hand"  # whose name was tapped last; the ids of people begin with "p-"
ACTED, WHOLE = "/acted", "/whole"  # behind the id of a person
PIN, PASSWORD = "pin", "password"  # what opens a shift, beside the id of a passkey
NOTED_EVERY = timedelta(seconds=20)  # an act is written down no more often


class Shifts:
    """The store's side of who stands at which device."""

    def __init__(self, connection: Connection):
        self._store = connection
        self._people = People(connection)

    def at(self, device: Device, now: datetime) -> Presence:
        """The shifts that run on this device now. Raises StoreDown."""
        with steady():
            kept = self._store.client.hgetall(self._key(device))
        ids = [name for name in kept if name != HAND and "/" not in name]
        known = self._people.several(ids)
        found = (_shift(known[id_], kept, device) for id_ in ids if id_ in known)
        running = tuple(one for one in found if one and one.runs(now))
        return Presence(device, running, kept.get(HAND, ""), now)

    def begin(self, device: Device, known: Known, by: str, now: datetime) -> None:
        """Opens a shift, whole, and puts its person at the device.

        ``by``: PIN, PASSWORD or the id of a passkey. Raises StoreDown.
        """
        id_, instant = known.person.id, str(wire.to_ms(now))
        told = {"began": wire.to_ms(now), "by": by, "mark": _mark(known, by)}
        fields = {id_: json.dumps(told), id_ + ACTED: instant, id_ + WHOLE: "1", HAND: id_}
        self._note("shift-began", device, id_, now, fields)

    def end(self, device: Device, id_: str, now: datetime) -> None:
        """Ends a shift by hand. Raises StoreDown."""
        gone = dict.fromkeys((id_, id_ + ACTED, id_ + WHOLE, HAND))
        self._note("shift-ended", device, id_, now, gone)

    def tap(self, present: Presence, shift: Shift) -> None:
        """Puts somebody at the device whose shift runs. Idle too long, it is whole no more."""
        id_ = shift.person.id
        with steady(), self._store.client.pipeline(transaction=True) as pipe:
            if shift.idle(present.now):
                pipe.hdel(self._key(present.device), id_ + WHOLE)
            acted = {HAND: id_, id_ + ACTED: str(wire.to_ms(present.now))}
            pipe.hset(self._key(present.device), mapping=acted)
            pipe.execute()

    def acted(self, present: Presence, person: Person) -> None:
        """Somebody did something. Raises StoreDown."""
        shift = present.shift(person.id)
        if shift is None or abs(present.now - shift.acted_at) < NOTED_EVERY:
            return
        with steady():
            name, instant = person.id + ACTED, str(wire.to_ms(present.now))
            self._store.client.hset(self._key(present.device), name, instant)

    def lock(self, present: Presence) -> None:
        """Nobody is at the device, and everybody must sign in again for more than a count."""
        whole = [shift.person.id + WHOLE for shift in present.shifts]
        with steady():
            self._store.client.hdel(self._key(present.device), HAND, *whole)

    def _note(
        self, act: str, device: Device, who: str, now: datetime, fields: Mapping[str, str | None]
    ) -> None:
        key, name = token_hex(16), self._key(device)
        changes = [{"field": one, "text": text} for one, text in fields.items()]
        changes = [{k: v for k, v in one.items() if v is not None} for one in changes]
        asked: dict[str, Any] = {"act": act, "about": who, "device": device.id}
        asked |= {"now": wire.to_ms(now), "changes": changes}
        self._store.run("note", [name] * len(changes), who, key, key, asked)

    def _key(self, device: Device) -> str:
        return self._store.key("shifts", device.id)


def _shift(known: Known, kept: Mapping[str, str], device: Device) -> Shift | None:
    """The shift of somebody, as long as they and what opened it are still the same."""
    id_, person = known.person.id, known.person
    told = json.loads(kept[id_])
    gone = person.disabled or not known.proof or not person.stands_at(device.site)
    if gone or told["mark"] != _mark(known, told["by"]):
        return None
    began = wire.from_ms(told["began"])
    acted = wire.from_ms(kept[id_ + ACTED]) if id_ + ACTED in kept else began
    return Shift(person, began, acted, id_ + WHOLE in kept)


def _mark(known: Known, by: str) -> str:
    """What stays the same for as long as nothing that opened the shift has changed."""
    opened = {PIN: known.pin, PASSWORD: known.proof}.get(by) or known.passkey_marks.get(by, "")
    return fingerprint(f"{known.proof}|{opened}") if opened else "none"
