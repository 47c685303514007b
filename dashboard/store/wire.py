"""How values are written in the store and read back: JSON texts, and instants in ms UTC."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime, time, timedelta
from typing import Any

from ..beds import BedGroup, Figure, Hold, HoldEnd, Place, Site, Source
from ..clock import Limits
from ..events import (
    Event,
    GroupSaved,
    HandedOver,
    Held,
    HoldEnded,
    HoldExtended,
    Noted,
    Reported,
    SiteSaved,
    TurnAwayUndone,
    TurnedAway,
    Version,
    Visited,
)
from ..facts import Guest, Holding, Kind, Known, Saying, Season, Side, Sobriety, WayIn
from ..turnaways import TurnAway
from ..visits import Dispute, Found
from . import asked, declared
from .instants import from_ms as from_ms
from .instants import to_ms as to_ms


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
        case tuple():
            return [_plain(one) for one in value]
        case _:
            return value


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
    "tighter": lambda pair: Limits(*(timedelta(seconds=one) for one in pair)),
    **dict.fromkeys(("intake_opens", "last_check_in", "curfew", "release"), time.fromisoformat),
    **dict.fromkeys(("verified_on", "until"), date.fromisoformat),
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


def figure(told: Mapping[str, Any], version: str | None = None) -> Figure:
    """``version`` is given where the text was written before its entry had an id."""
    return Figure(
        open=int(told["open"]),
        observed_at=from_ms(told["observed"]),
        received_at=from_ms(told["received"]),
        counted_at=from_ms(told["counted"]),
        source=Source(told["source"]),
        who=told["who"],
        version=version or told["version"],
        capacity=told.get("capacity"),
        surge=told.get("surge", 0),
        out_of_service=told.get("out", 0),
        disputed=_dispute(told.get("disputed")),
    )


def _dispute(told: Mapping[str, Any] | None) -> Dispute | None:
    return Dispute(from_ms(told["at"]), Found(told["found"]), told["agency"]) if told else None


def hold(text: str) -> Hold:
    told = json.loads(text)
    return Hold(
        id=told["id"],
        site=told["site"],
        group=told["group"],
        agency=told["agency"],
        code=told["code"],
        made_at=from_ms(told["made"]),
        expires_at=from_ms(told["expires"]),
        arrives_at=from_ms(told["arrives"]) if "arrives" in told else None,
        extended=told.get("extended", False),
        who=told.get("who", ""),
    )


def event(version: Version, entry: Mapping[str, str], place: Callable[[str], str | None]) -> Event:
    """One stream entry as a value. ``place`` looks up the place of a site, which no entry has."""
    match entry["kind"]:
        case "site":
            saved = site(entry["site"])
            if not saved.confidential:
                saved = site(entry["site"], place(saved.id))
            at = from_ms(entry["now"])
            return SiteSaved(version, saved, bool(entry["moved"]), entry["who"], at)
        case "group":
            return GroupSaved(version, group(entry["group"]), entry["who"], from_ms(entry["now"]))
        case "hold":
            return _held(version, entry)
        case "hold-extended":
            before, at = from_ms(entry["before"]), from_ms(entry["now"])
            made = hold(entry["hold"])
            return HoldExtended(version, made, before, entry["who"], at, *_through(entry))
        case "hold-end":
            return _hold_ended(version, entry)
        case "ask":
            return asked.asked(version, entry)
        case "ask-end":
            return asked.ended(version, entry)
        case "declare":
            return declared.event(version, entry)
        case "note":
            at = from_ms(entry["now"])
            return Noted(version, entry["act"], entry["about"], entry["who"], at)
        case "change" | "adjust" | "confirm" | "full" | "arrived" | "undo":
            return _reported(version, entry)
        case "turn-away":
            reason, observed = TurnAway(entry["reason"]), from_ms(entry["observed"])
            return TurnedAway(version, entry["site"], reason, observed, *_by(entry))
        case "turn-away-undo":
            site_, undoes, reason = entry["site"], entry["undoes"], TurnAway(entry["reason"])
            return TurnAwayUndone(version, site_, undoes, reason, *_by(entry))
        case "visit":
            return _visited(version, entry)
        case "hand-over":
            return HandedOver(version, entry["site"], *_by(entry))
        case newer:  # written by a later version of the product: kept, and changes no bed
            return Noted(version, newer, "", entry.get("who", ""), from_ms(version.ms))


def _held(version: Version, entry: Mapping[str, str]) -> Held:
    kept = hold(entry["hold"])
    at = from_ms(entry["now"]) if "now" in entry else kept.made_at
    return Held(version, kept, entry["who"], at, *_through(entry), _kept(entry))


def _hold_ended(version: Version, entry: Mapping[str, str]) -> HoldEnded:
    return HoldEnded(
        version,
        entry["id"],
        entry["site"],
        entry["group"],
        HoldEnd(entry["reason"]),
        from_ms(entry["now"]),
        entry["who"],
        *_through(entry),
        _kept(entry),
    )


def _through(entry: Mapping[str, str]) -> tuple[Source | None, str]:
    """Through what, and on which enrolled device."""
    source = entry.get("source")
    return Source(source) if source else None, entry.get("device", "")


def _kept(entry: Mapping[str, str]) -> int | None:
    return int(entry["kept"]) if "kept" in entry else None


def _reported(version: Version, entry: Mapping[str, str]) -> Reported:
    told = entry["figure"]
    return Reported(
        version,
        site=entry["site"],
        group=entry["group"],
        kind=entry["kind"],
        value=int(entry["value"]) if entry["value"] else None,
        before=int(entry["before"]) if entry["before"] else None,
        figure=figure(json.loads(told), version.entry) if told else None,
        late=bool(entry["late"]),
        observed_at=from_ms(entry["observed"]),
        received_at=from_ms(entry["received"]),
        source=Source(entry["source"]),
        who=entry["who"],
        device=entry.get("device", ""),
        cases=tuple(entry.get("cases", "").split()),
    )


def _visited(version: Version, entry: Mapping[str, str]) -> Visited:
    source, who, at, device = _by(entry)
    return Visited(
        version,
        site=entry["site"],
        group=entry["group"],
        found=Found(entry["found"]),
        reason=TurnAway(entry["reason"]) if entry["reason"] else None,
        agency=entry["agency"],
        shown=int(entry["shown"]) if entry["shown"] else None,
        disputes=bool(entry["disputes"]),
        withdraws=bool(entry.get("withdraws")),
        left=_dispute(json.loads(entry.get("withdraws") or "null")),
        cases=tuple(entry["cases"].split()),
        observed_at=from_ms(entry["observed"]),
        source=source,
        who=who,
        at=at,
        device=device,
    )


def _by(entry: Mapping[str, str]) -> tuple[Source, str, datetime, str]:
    """Through what, who, when, and on which enrolled device."""
    source, at = Source(entry["source"]), from_ms(entry["now"])
    return source, entry["who"], at, entry.get("device", "")
