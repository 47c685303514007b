"""People who sign in: who they are and what they may do. Functions of values only."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from secrets import token_hex
from typing import NamedTuple

from .beds import Source

LOGIN_LENGTH = 100
NAME_LENGTH = 60


class Role(StrEnum):
    """What a person does here."""

    DESK = "desk"
    OUTREACH = "outreach"
    COORDINATOR = "coordinator"
    CALLER = "caller"


class Standing(NamedTuple):
    """What somebody may do: their role, the sites of a desk, the agency of an outreach worker."""

    role: Role
    sites: tuple[str, ...] = ()
    agency: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in. The password is kept apart; ``login`` is as ``fold`` returns it.

    ``sites`` are the sites whose desk a person stands at; ``agency`` is an outreach worker's.
    Raises ValueError without an id, a login or a name.
    """

    id: str
    login: str
    name: str
    role: Role
    sites: tuple[str, ...] = ()
    agency: str = ""
    disabled: bool = False

    def __post_init__(self) -> None:
        if not (self.id and self.name and self.login and self.login == fold(self.login)):
            raise ValueError("a person needs an id, a folded login and a name")

    @property
    def standing(self) -> Standing:
        return Standing(self.role, self.sites, self.agency)

    def may_report(self, site: str) -> bool:
        """Coordinators and callers for any site, a desk for its own."""
        return self.role in (Role.COORDINATOR, Role.CALLER) or self.stands_at(site)

    def stands_at(self, site: str) -> bool:
        """Whether this is one of the site's own people, who may know how many beds are kept."""
        return self.role is Role.DESK and site in self.sites

    @property
    def phones(self) -> bool:
        """Whether they phone the sites that have not reported, and may see which these are."""
        return self.role in (Role.COORDINATOR, Role.CALLER)

    @property
    def follows_all(self) -> bool:
        """Whether their page follows every site: those who phone them, or send people there."""
        return self.phones or self.role is Role.OUTREACH

    @property
    def source(self) -> Source:
        """What a report of theirs counts as: a caller has asked by phone."""
        return Source.PHONE if self.role is Role.CALLER else Source.DESK


@dataclass(frozen=True, slots=True)
class Hand:
    """Whose hand did something, through what, and on which enrolled device ('' on any other)."""

    who: str
    source: Source
    device: str = ""


def new_id() -> str:
    return f"p-{token_hex(6)}"


def fold(login: str) -> str:
    """A login as it is compared: 'Sam@Example.org ' and 'sam@example.org' are one."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login).casefold())
    return re.sub(r"\s+", " ", plain).strip()
