"""People and their one-time links in the store: each act one script, with its note in the stream.

A note says what was done to whom by id: never a name, a login or a secret. A person has at most
one link; a new one ends the old. The store holds links and sessions only as fingerprints.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from secrets import token_hex, token_urlsafe
from typing import Any

from ..people import Person, Role, Standing
from . import wire
from .connection import Connection, fingerprint, steady
from .passkeys import Passkey, listed

FIRST = "first"  # whose link makes the first coordinator
SERVER = "server"  # who did what nobody signed in did
LINK_LASTS = timedelta(hours=72)
HASHES = ("people", "passwords", "links", "pins", "passkeys")  # by the id of a person


class LoginTaken(Exception):
    """Somebody else signs in with this login."""


class LinkEnded(Exception):
    """The link was used, replaced, is over, or never was."""


class LastCoordinator(Exception):
    """Nobody could invite people any more."""


class StandingChanged(Exception):
    """Somebody else has changed what this person may do since."""


class NoSuchPerson(Exception):
    """There is no person with this id."""


@dataclass(frozen=True, slots=True)
class Known:
    """A person as the store knows them; ``proof`` is '' until a password is set, ``pin`` likewise.

    ``link_ends``: until when their one-time link can be used, if they have one.
    """

    person: Person
    proof: str = ""
    link_ends: datetime | None = None
    pin: str = ""
    passkeys: tuple[Passkey, ...] = ()

    @property
    def passkey_marks(self) -> dict[str, str]:
        """What each passkey is known by: its public key."""
        return {one.id: one.public_key for one in self.passkeys}

    @property
    def can_tap_in(self) -> bool:
        """Whether there is something by which they could open a shift at a desk's device."""
        return bool(self.proof and not self.person.disabled and (self.pin or self.passkeys))


class People:
    """The store's side of who may sign in."""

    def __init__(self, connection: Connection):
        self._store = connection

    def all(self) -> list[Known]:
        """Everybody, by name. Raises StoreDown."""

        def read(pipe: Any) -> None:
            for name in HASHES:
                pipe.hgetall(self._store.key(name))

        people, *others = self._store.transaction(read)
        found = [_known(text, *(one.get(id_) for one in others)) for id_, text in people.items()]
        return sorted(found, key=lambda known: (known.person.name.casefold(), known.person.id))

    def at_desk(self, site: str) -> list[Known]:
        """Who can tap in at a device of this site, by name. Raises StoreDown."""
        return [one for one in self.all() if one.can_tap_in and one.person.stands_at(site)]

    def find(self, id_: str) -> Known | None:
        """Raises StoreDown."""

        return self.several([id_]).get(id_)

    def several(self, ids: Sequence[str]) -> dict[str, Known]:
        """Those of these people who are there. Raises StoreDown."""
        if not ids:
            return {}

        def read(pipe: Any) -> None:
            for name in HASHES:
                pipe.hmget(self._store.key(name), ids)

        told = zip(*self._store.transaction(read), strict=True)
        return {id_: _known(*texts) for id_, texts in zip(ids, told, strict=True) if texts[0]}

    def by_login(self, login: str) -> Known | None:
        """``login`` as ``people.fold`` returns it. Raises StoreDown."""
        with steady():
            id_ = self._store.client.hget(self._store.key("logins"), login)
        return self.find(id_) if id_ else None

    def names(self, ids: Iterable[str]) -> dict[str, str]:
        """The names of those among ``ids`` who are people. Raises StoreDown."""
        wanted = sorted(set(ids))
        if not wanted:
            return {}
        with steady():
            texts = self._store.client.hmget(self._store.key("people"), wanted)
        return {id_: _person(text).name for id_, text in zip(wanted, texts, strict=True) if text}

    def invite(self, person: Person, who: str, now: datetime) -> str:
        """Writes a person down and returns the token of the link that lets them in.

        Raises LoginTaken, StoreDown.
        """
        token, link = _link(person.id, now)
        asked = _written(person) | {"act": "invited", "link": link, "now": wire.to_ms(now)}
        self._act("invite", ("people", "logins", "links"), who, asked)
        return token

    def reset_link(self, id_: str, who: str, now: datetime) -> str:
        """The token of a link with which this person sets a new password; it ends the one before.

        A disabled person comes back by using it. Raises NoSuchPerson, StoreDown.
        """
        if not self.find(id_):
            raise NoSuchPerson(id_)
        return self._new_link(id_, "link", who, now)

    def first_link(self, now: datetime) -> str | None:
        """The token of the link that makes the first coordinator; None where there is one.

        It ends the one before. Raises StoreDown.
        """
        if any(_leads(known) for known in self.all()):
            return None
        return self._new_link(FIRST, "first-link", SERVER, now)

    def invited(self, token: str, now: datetime) -> Person | None:
        """Whose link this is; None for the first coordinator, who is nobody yet.

        Raises LinkEnded, StoreDown.
        """
        holder, _, secret = token.partition(".")
        with steady():
            text = self._store.client.hget(self._store.key("links"), holder)
        link: dict[str, Any] = json.loads(text) if text else {"digest": "", "ends": 0}
        right = compare_digest(link["digest"], fingerprint(secret))
        if not right or link["ends"] <= wire.to_ms(now):
            raise LinkEnded
        known = None if holder == FIRST else self.find(holder)
        return known.person if known else None

    def welcome(
        self, token: str, person: Person, password: str, now: datetime, pin: str = ""
    ) -> None:
        """Uses the link up: keeps the person and the hashes of their password and their PIN.

        An empty one stays as it was. ``person`` is who ``invited`` returned, not disabled, or the
        new first coordinator. Raises LinkEnded, LoginTaken, StoreDown.
        """
        holder, _, secret = token.partition(".")
        asked = _written(person) | {
            "act": "joined" if holder == FIRST else "password-set" if password else "pin-set",
            "holder": holder,
            "link": fingerprint(secret),
            "password": password or None,
            "pin": pin or None,
            "now": wire.to_ms(now),
        }
        self._act("welcome", ("people", "logins", "links", "passwords", "pins"), person.id, asked)

    def set_pin(self, id_: str, pin: str, now: datetime, device: str = "") -> None:
        """Keeps the hash of the PIN that somebody chose for themselves. Raises StoreDown."""
        self._set("pins", id_, "pin-set", pin, now, device)

    def set_password(self, id_: str, password: str, now: datetime) -> None:
        """Keeps the hash of a new password, which ends all that the old one began.

        It ends an open link to the same account too. Raises StoreDown.
        """
        self._set("passwords", id_, "password-set", password, now, ended=("links",))

    def _set(
        self,
        kind: str,
        id_: str,
        act: str,
        text: str,
        now: datetime,
        device: str = "",
        ended: tuple[str, ...] = (),
    ) -> None:
        asked = {"act": act, "about": id_, "now": wire.to_ms(now), "device": device or None}
        changes = [{"field": id_, "text": text}, *({"field": id_} for _ in ended)]
        self._act("note", (kind, *ended), id_, asked | {"changes": changes})

    def reassign(
        self, id_: str, to: Standing, who: str, now: datetime, seen: Standing | None = None
    ) -> None:
        """Changes what somebody may do, at once and wherever they are signed in.

        ``seen`` is what the sender saw of it. Raises LastCoordinator, NoSuchPerson,
        StandingChanged, StoreDown.
        """
        asked = {"id": id_, "act": "role-changed", "now": wire.to_ms(now), **_stands(to)}
        asked |= {"seen": _stands(seen)} if seen else {}
        self._act("reassign", ("people", "passwords"), who, asked)

    def disable(self, id_: str, who: str, now: datetime) -> None:
        """Takes away password, link, PIN and passkeys, and with them every session and shift.

        Raises LastCoordinator, NoSuchPerson, StoreDown.
        """
        asked = {"id": id_, "act": "disabled", "now": wire.to_ms(now)}
        self._act("disable", HASHES, who, asked)

    def _new_link(self, holder: str, act: str, who: str, now: datetime) -> str:
        token, link = _link(holder, now)
        changes = [{"field": holder, "text": link}]
        asked = {"act": act, "about": holder, "now": wire.to_ms(now), "changes": changes}
        self._act("note", ("links",), who, asked)
        return token

    def _act(self, script: str, hashes: tuple[str, ...], who: str, asked: dict[str, Any]) -> None:
        key = token_hex(16)
        keys = [self._store.key(name) for name in hashes]
        said = self._store.run(script, keys, who, key, key, asked)
        if said["outcome"] in REFUSALS:
            raise REFUSALS[said["outcome"]]


REFUSALS: dict[str, type[Exception]] = {
    "login-taken": LoginTaken,
    "link-ended": LinkEnded,
    "last-coordinator": LastCoordinator,
    "no-person": NoSuchPerson,
    "changed": StandingChanged,
}


def _link(holder: str, now: datetime) -> tuple[str, str]:
    """A new link's token, and what the store keeps of it."""
    secret = token_urlsafe(24)
    kept = {"digest": fingerprint(secret), "ends": wire.to_ms(now + LINK_LASTS)}
    return f"{holder}.{secret}", json.dumps(kept)


def _stands(to: Standing) -> dict[str, Any]:
    # Only what is not empty, as below.
    told = {"role": to.role, "sites": list(to.sites), "agency": to.agency}
    return {name: given for name, given in told.items() if given}


def _written(person: Person) -> dict[str, Any]:
    # Only what is not empty: Lua would write an empty list back as an object.
    told = {name: given for name, given in asdict(person).items() if given}
    return {"id": person.id, "login": person.login, "person": json.dumps(told)}


def _person(text: str) -> Person:
    told = json.loads(text)
    return Person(**told | {"role": Role(told["role"]), "sites": tuple(told.get("sites", ()))})


def _known(
    text: str, password: str | None, link: str | None, pin: str | None, passkeys: str | None
) -> Known:
    ends = wire.from_ms(json.loads(link)["ends"]) if link else None
    return Known(_person(text), password or "", ends, pin or "", tuple(listed(passkeys)))


def _leads(known: Known) -> bool:
    person = known.person
    return person.role is Role.COORDINATOR and not person.disabled and bool(known.proof)
