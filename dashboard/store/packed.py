"""How sites, their places and bed groups are written in the store and read back, as JSON texts.

A place is a text of its own, and never part of a site's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime, time, timedelta
from typing import Any

from ..beds import BedGroup, Place, Site
from ..clock import Limits
from ..events import GroupSaved, SiteSaved, Version
from ..facts import Guest, Holding, Kind, Known, Saying, Season, Side, Sobriety, WayIn
from ..planned import Planned, Proof
from .instants import from_ms


def pack(value: Site | BedGroup | Place) -> str:
    """A profile as JSON: only what differs from the default, and never a site's place."""
    told = {}
    for one in fields(value):
        given = getattr(value, one.name)
        if one.name != "place" and given != one.default:
            told[one.name] = _plain(given)
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def _plain(value: object) -> object:
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case Limits(fresh=fresh, stale=stale):
            return [fresh.total_seconds(), stale.total_seconds()]
        case Planned():
            days = [_plain(value.since), _plain(value.until)]
            return [value.fact, _plain(value.value), *days, _plain(value.proof)]
        case Proof(source=source, verified_on=day):
            return [source, _plain(day)]
        case tuple():
            return [_plain(one) for one in value]
        case _:
            return value


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _wall(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None


def _limits(pair: list[float] | None) -> Limits | None:
    return Limits(*(timedelta(seconds=one) for one in pair)) if pair else None


def _proof(told: list[Any]) -> Proof:
    return Proof(told[0], _day(told[1]))


def _planned(told: list[Any]) -> Planned:
    fact, value, since, until, proof = told
    read = _READ.get(fact, _same)(value)
    return Planned(fact, read, _day(since), _day(until), _proof(proof))


_READ: dict[str, Callable[[Any], object]] = {
    "kind": Kind,
    "who": lambda words: tuple(map(Guest, words)),
    "guests": lambda words: tuple(map(Guest, words)),
    "says": lambda words: tuple(map(Saying, words)),
    "sobriety": Sobriety,
    "way_in": WayIn,
    "season": Season,
    "side": Side,
    "holds": Holding,
    "tighter": _limits,
    "planned": lambda plans: tuple(map(_planned, plans)),
    "proofs": lambda pairs: tuple((fact, _proof(proof)) for fact, proof in pairs),
    **dict.fromkeys(("intake_opens", "last_check_in", "curfew", "release"), _wall),
    **dict.fromkeys(("verified_on", "since", "until"), _day),
    **dict.fromkeys((one.name for one in fields(Site) if one.type == "Known"), Known),
}


def _unpack(text: str) -> dict[str, Any]:
    told = json.loads(text)
    return {name: _READ.get(name, _same)(given) for name, given in told.items()}


def _same(given: object) -> object:
    return given


def site(text: str, place: str | None = None) -> Site:
    return Site(**_unpack(text), place=Place(**_unpack(place)) if place else Place())


def group(text: str) -> BedGroup:
    return BedGroup(**_unpack(text))


def saved(
    version: Version, entry: Mapping[str, str], place: Callable[[str], str | None]
) -> SiteSaved | GroupSaved:
    """The entry of a site or bed group. ``place`` looks up where a site is, which it can't say."""
    by, before = (entry["who"], from_ms(entry["now"])), entry.get("before")
    if entry["kind"] == "group":
        beds, were = group(entry["group"]), group(before) if before else None
        return GroupSaved(version, beds, *by, were)
    found, was = site(entry["site"]), site(before) if before else None
    if not found.confidential:
        found = site(entry["site"], place(found.id))
    return SiteSaved(version, found, bool(entry["moved"]), *by, was)
