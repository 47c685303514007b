"""Who is in the demo: three sign-ins, made anew at each start, and one who plays every desk."""

from __future__ import annotations

import secrets
from datetime import datetime

from ..passwords import Passwords
from ..people import Person, Role
from ..store import Store

LETTERS = "abcdefghjkmnpqrstuvwxyz"  # none that is taken for another
AGENCY = "riverbend-van"
CAST = (
    Person("p-coordinator", "coordinator", "Rowan (coordinator)", Role.COORDINATOR),
    Person("p-desk", "desk", "Sam (Heronfoot House)", Role.DESK, ("heronfoot-house",)),
    Person("p-outreach", "outreach", "Kit (outreach van)", Role.OUTREACH, agency=AGENCY),
)
PLAYER = Person("p-player", "player", "The demo", Role.DESK)  # has no password, ever


def all_there(store: Store) -> bool:
    """Whether everybody can sign in already. Raises StoreDown."""
    found = (store.people.find(person.id) for person in CAST)
    return all(known is not None and known.proof for known in found)


def sign_ins() -> dict[str, str]:
    """A new password for each login."""
    return {person.login: _password() for person in CAST}


def let_in(store: Store, chosen: dict[str, str], now: datetime) -> None:
    """Makes everybody, or gives them these passwords. Raises StoreDown."""
    if not store.people.find(PLAYER.id):
        store.people.invite(PLAYER, PLAYER.id, now)
    passwords = Passwords()
    for person in CAST:
        token = (
            store.people.reset_link(person.id, PLAYER.id, now)
            if store.people.find(person.id)
            else store.people.invite(person, PLAYER.id, now)
        )
        store.people.welcome(token, person, passwords.hash(chosen[person.login]), now)


def _password() -> str:
    """Easy to type, hard to guess: four times four letters."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))
