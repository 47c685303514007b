"""How alerts, drafts and cold nights are written in the store and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from ..alerts import Act, AlertSaid, Cold, Draft, Ending, Issued, Origin, Reason, in_order
from ..clock import Alert
from ..coldnights import Night, NightLogged, Sky
from ..events import Event, Noted, Version
from .instants import from_ms, to_ms


def pack(alert: Issued) -> dict[str, Any]:
    """An alert as JSON; the id of its entry is written by the script that appends it."""
    return {
        "id": alert.id,
        "cold": alert.cold,
        "reason": alert.reason,
        "area": alert.area,
        "since": to_ms(alert.since),
        "until": to_ms(alert.until),
        "who": alert.who,
        "issued": to_ms(alert.issued_at),
    }


def alert(told: Mapping[str, Any], version: str | None = None) -> Issued:
    """``version`` is given where the text was written before its entry had an id."""
    return Issued(
        id=told["id"],
        cold=Cold(told["cold"]),
        reason=Reason(told["reason"]),
        area=told["area"],
        since=from_ms(told["since"]),
        until=from_ms(told["until"]),
        who=told["who"],
        issued_at=from_ms(told["issued"]),
        version=version or told["version"],
        cancelled=Ending(told["cancelled"]) if "cancelled" in told else None,
    )


def standing(hash_: Mapping[str, str]) -> tuple[Alert, ...]:
    """Every alert at hand, in order; what only a later version can say is left out."""
    return in_order(found for text in hash_.values() if (found := _alert(text)))


def _alert(text: str, version: str | None = None) -> Issued | None:
    try:
        return alert(json.loads(text), version) if text else None
    except ValueError:
        return None


def pack_draft(draft: Draft) -> str:
    told = {
        "cold": draft.cold,
        "reason": draft.reason,
        "area": draft.area,
        "since": to_ms(draft.since),
        "until": to_ms(draft.until),
        "who": draft.who,
        "at": to_ms(draft.at),
        "origin": draft.origin,
    }
    return json.dumps(told, ensure_ascii=False)


def draft(text: str | None) -> Draft | None:
    """None for none, and for one that only a later version can read."""
    try:
        told = json.loads(text or "null")
        return told and Draft(
            Cold(told["cold"]),
            Reason(told["reason"]),
            told["area"],
            from_ms(told["since"]),
            from_ms(told["until"]),
            told["who"],
            from_ms(told["at"]),
            Origin(told["origin"]),
        )
    except ValueError:
        return None


def pack_night(night: Night) -> dict[str, Any]:
    """A night as JSON: only what is known of it."""
    told = {
        "date": night.date.isoformat(),
        "low": night.low,
        "chill": night.chill,
        "sky": " ".join(night.sky) or None,
        "sites": night.sites,
        "sheltered": night.sheltered,
        "counted": night.counted_at.isoformat("minutes") if night.counted_at else None,
        "closed": night.closed_at.isoformat("minutes") if night.closed_at else None,
        "who": night.who,
        "at": to_ms(night.at) if night.at else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def night(told: Mapping[str, Any], version: str | None = None) -> Night:
    return Night(
        date.fromisoformat(told["date"]),
        told.get("low"),
        told.get("chill"),
        tuple(Sky(one) for one in told.get("sky", "").split() if one in list(Sky)),
        told.get("sites"),
        told.get("sheltered"),
        time.fromisoformat(told["counted"]) if "counted" in told else None,
        time.fromisoformat(told["closed"]) if "closed" in told else None,
        told["who"],
        from_ms(told["at"]),
        version or told["version"],
    )


def event(version: Version, entry: Mapping[str, str]) -> Event:
    """An entry about an alert or a cold night; Noted where only a later version can read it."""
    at, before = from_ms(entry["now"]), entry["before"]
    if entry["kind"] == "cold-night":
        now = night(json.loads(entry["night"]), version.entry)
        was = night(json.loads(before)) if before else None
        return NightLogged(version, now, was, entry["who"], at)
    said = _alert(entry["alert"], version.entry)
    if said is None or entry["act"] not in list(Act):
        return Noted(version, f"alert-{entry['act']}", "", entry["who"], at)
    return AlertSaid(version, Act(entry["act"]), said, _alert(before), entry["who"], at)
