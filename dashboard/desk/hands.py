"""Who is at a desk's device, and who could be: what the page says of them, and the PIN's pad."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request

from .. import access, device
from ..access import Desk
from ..people import Person
from ..shifts import Level, Presence
from ..store import Known


@dataclass(frozen=True, slots=True)
class Name:
    """A name to tap. ``open``: a tap is enough for a count."""

    person: Person
    open: bool


@dataclass(frozen=True, slots=True)
class Pad:
    """Where somebody types their PIN. ``why``: what became of the last try; ``minutes`` to wait."""

    known: Known
    why: str = ""
    minutes: int = 0


def shown(desk: Desk, pad: Pad | None = None, lacks: str = "") -> dict[str, Any]:
    """What the page and its fragment are given. ``lacks``: 'tap' or 'pin', which was missing."""
    here = device.present() if desk.device else None
    return {
        "desk": desk,
        "level": desk.level.word,
        "whole": desk.level is Level.FULL,
        "hands": _names(here) if here else [],
        "pad": pad,
        "lacks": lacks,
        "next": access.ours(request.values.get("next")) or _again(),
    }


def member(site: str, id_: str) -> Known | None:
    """Somebody who can tap in at this site."""
    known = access.store().people.find(id_)
    fits = known is not None and known.can_tap_in and known.person.stands_at(site)
    return known if fits else None


def _names(here: Presence) -> list[Name]:
    """Everybody of the site who could be at the device. Raises StoreDown."""
    found = access.store().people.at_desk(here.device.site)
    return [Name(one.person, here.shift(one.person.id) is not None) for one in found]


def _again() -> str:
    """The address that holds what was about to be sent, once somebody has tapped in."""
    return request.full_path if request.method == "GET" and "again" in request.args else ""
