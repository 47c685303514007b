"""People and their one-time links in the store: each act one script, with its note in the stream.

A note says what was done to whom by id: never a name, a login or a secret. A person has at most
one link; a new one ends the old. The store holds links and sessions only as fingerprints.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from secrets import token_hex, token_urlsafe
from typing import Any

from ..people import Person, Role
from . import wire
from .connection import Connection, fingerprint, steady

FIRST = "first"  # whose link makes the first coordinator
SERVER = "server"  # who did what nobody signed in did
LINK_LASTS = timedelta(hours=72)


class LoginTaken(Exception):
    """Somebody else signs in with this login."""


class LinkEnded(Exception):
    """The link was used, replaced, is over, or never was."""


class LastCoordinator(Exception):
    """Nobody could invite people any more."""


class NoSuchPerson(Exception):
    """There is no person with this id."""


@dataclass(frozen=True, slots=True)
class Known:
    """A person as the store knows them; ``proof`` is '' until a password is set.

    ``link_ends``: until when their one-time link can be used, if they have one.
    """

    person: Person
    proof: str = ""
    link_ends: datetime | None = None


class People:
    """The store's side of who may sign in."""

    def __init__(self, connection: Connection):
        self._store = connection

    def all(self) -> list[Known]:
        """Everybody, by name. Raises StoreDown."""

        def read(pipe: Any) -> None:
            for name in ("people", "passwords", "links"):
                pipe.hgetall(self._store.key(name))

        people, hashes, links = self._store.transaction(read)
        found = [_known(text, hashes.get(id_), links.get(id_)) for id_, text in people.items()]
        return sorted(found, key=lambda known: (known.person.name.casefold(), known.person.id))

    def find(self, id_: str) -> Known | None:
        """Raises StoreDown."""

        def read(pipe: Any) -> None:
            for name in ("people", "passwords", "links"):
                pipe.hget(self._store.key(name), id_)

        text, proof, link = self._store.transaction(read)
        return _known(text, proof, link) if text else None

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

    def welcome(self, token: str, person: Person, password: str, now: datetime) -> None:
        """Uses the link up: keeps the person and the hash of their password.

        ``person`` is who ``invited`` returned, not disabled, or the new first coordinator.
        Raises LinkEnded, LoginTaken, StoreDown.
        """
        holder, _, secret = token.partition(".")
        asked = _written(person) | {
            "act": "joined" if holder == FIRST else "password-set",
            "holder": holder,
            "link": fingerprint(secret),
            "password": password,
            "now": wire.to_ms(now),
        }
        self._act("welcome", ("people", "logins", "links", "passwords"), person.id, asked)

    def disable(self, id_: str, who: str, now: datetime) -> None:
        """Takes away password, link and with them every session.

        Raises LastCoordinator, NoSuchPerson, StoreDown.
        """
        asked = {"id": id_, "act": "disabled", "now": wire.to_ms(now)}
        self._act("disable", ("people", "passwords", "links"), who, asked)

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
}


def _link(holder: str, now: datetime) -> tuple[str, str]:
    """A new link's token, and what the store keeps of it."""
    secret = token_urlsafe(24)
    kept = {"digest": fingerprint(secret), "ends": wire.to_ms(now + LINK_LASTS)}
    return f"{holder}.{secret}", json.dumps(kept)


def _written(person: Person) -> dict[str, Any]:
    # Only what is not empty: Lua would write an empty list back as an object.
    told = {name: given for name, given in asdict(person).items() if given}
    return {"id": person.id, "login": person.login, "person": json.dumps(told)}


def _person(text: str) -> Person:
    told = json.loads(text)
    return Person(**told | {"role": Role(told["role"]), "sites": tuple(told.get("sites", ()))})


def _known(text: str, password: str | None, link: str | None) -> Known:
    ends = wire.from_ms(json.loads(link)["ends"]) if link else None
    return Known(_person(text), password or "", ends)


def _leads(known: Known) -> bool:
    person = known.person
    return person.role is Role.COORDINATOR and not person.disabled and bool(known.proof)
