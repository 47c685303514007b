"""How values are written in the store and read back: JSON texts, and instants in ms UTC."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ..beds import Figure, Hold, HoldEnd, Source, Was
from ..events import (
    Event,
    HandedOver,
    Held,
    HoldEnded,
    HoldExtended,
    Noted,
    Reported,
    TurnAwayUndone,
    TurnedAway,
    Version,
    Visited,
)
from ..turnaways import TurnAway
from ..visits import Dispute, Found
from . import alerted, asked, called, declared, settings, vouchers
from .instants import from_ms as from_ms
from .instants import to_ms as to_ms
from .packed import group as group
from .packed import pack as pack
from .packed import saved
from .packed import site as site


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
        was=Was(told["was"]["open"], from_ms(told["was"]["at"])) if told.get("was") else None,
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
        case "site" | "group":
            return saved(version, entry, place)
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
        case "call" | "call-end":
            return called.event(version, entry)
        case "alert" | "cold-night":
            return alerted.event(version, entry)
        case "setting":
            return settings.event(version, entry)
        case "vouchers":
            return vouchers.event(version, entry)
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
