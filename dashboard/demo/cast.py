"""Who is in the demo: four sign-ins and a desk's device, made anew at each start, and a player."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from .. import pins
from ..passwords import Passwords
from ..people import Person, Role
from ..store import Store

LETTERS = "abcdefghjkmnpqrstuvwxyz"  # none that is taken for another
AGENCY = "Riverbend van"
COORDINATOR = Person("p-coordinator", "coordinator", "Rowan (coordinator)", Role.COORDINATOR)
OUTREACH = Person("p-outreach", "outreach", "Kit (outreach van)", Role.OUTREACH, agency=AGENCY)
CALLER = Person("p-caller", "caller", "Jules (hotline)", Role.CALLER)
CAST = (
    COORDINATOR,
    Person("p-desk", "desk", "Sam (Heronfoot House)", Role.DESK, ("heronfoot-house",)),
    OUTREACH,
    CALLER,
)
COLLEAGUE = Person(
    "p-colleague", "alex", "Alex (Heronfoot House)", Role.DESK, ("heronfoot-house",)
)  # taps in with a PIN, beside Sam
AT_DESK = (CAST[1], COLLEAGUE)
DESK, TABLET = "heronfoot-house", "Front desk tablet"
PLAYER = Person("p-player", "player", "The demo", Role.DESK)  # has no password, ever


def all_there(store: Store) -> bool:
    """Whether everybody can sign in already. Raises StoreDown."""
    found = (store.people.find(person.id) for person in CAST)
    return all(known is not None and known.proof for known in found)


def sign_ins() -> dict[str, str]:
    """A new password for each login."""
    return {person.login: _password() for person in CAST}


@dataclass(frozen=True, slots=True)
class Desk:
    """What opens the desk of the demo: a link for one browser, and the PIN of each person there."""

    link: str
    pins: dict[str, str]


def open_desk(store: Store, secret: str, now: datetime) -> Desk:
    """Makes the link, and gives everybody of the desk a PIN. Raises StoreDown."""
    chosen = {person.name: _pin() for person in AT_DESK}
    for person in AT_DESK:
        sealed = pins.sealed(chosen[person.name], person.id, secret)
        store.people.set_pin(person.id, Passwords().hash(sealed), now)
    return Desk(store.devices.make(TABLET, DESK, PLAYER.id, now), chosen)


def let_in(store: Store, chosen: dict[str, str], now: datetime) -> None:
    """Makes everybody, or gives them these passwords. Raises StoreDown."""
    if not store.people.find(PLAYER.id):
        store.people.invite(PLAYER, PLAYER.id, now)
    passwords = Passwords()
    for person in (COLLEAGUE, *CAST):
        token = (
            store.people.reset_link(person.id, PLAYER.id, now)
            if store.people.find(person.id)
            else store.people.invite(person, PLAYER.id, now)
        )
        store.people.welcome(
            token, person, passwords.hash(chosen.get(person.login, _password())), now
        )


def _password() -> str:
    """Easy to type, hard to guess: four times four letters."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def _pin() -> str:
    """A PIN that the product would accept."""
    while pins.weak(pin := f"{secrets.randbelow(10**pins.LENGTH):0{pins.LENGTH}}"):
        pass
    return pin
