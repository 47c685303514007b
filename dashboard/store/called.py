"""How calls to sites are written in the store and read back, in their hashes and their entries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..beds import Source
from ..calls import Call, CallEnd, CallEnded, CallTaken, LastCall
from ..events import Event, Noted, Version
from .instants import from_ms, to_ms


def call(told: Mapping[str, Any]) -> Call:
    return Call(
        told["id"], told["site"], told["who"], from_ms(told["made"]), from_ms(told["expires"])
    )


def calls(hash_: Mapping[str, str]) -> dict[str, Call]:
    """The call that each site has, lapsed ones that nobody noticed included."""
    return {site: call(json.loads(text)) for site, text in hash_.items()}


def last_calls(hash_: Mapping[str, str]) -> dict[str, LastCall]:
    """The newest call that was made to each site."""
    return {site: _last(json.loads(text)) for site, text in hash_.items()}


def pack(one: Call | LastCall) -> str:
    """As the scripts write it."""
    if isinstance(one, Call):
        told = {"id": one.id, "site": one.site, "who": one.who}
        return json.dumps(told | {"made": to_ms(one.made_at), "expires": to_ms(one.expires_at)})
    return json.dumps({"end": one.end, "at": to_ms(one.at), "who": one.who, "version": one.version})


def _last(told: Mapping[str, Any]) -> LastCall:
    return LastCall(CallEnd(told["end"]), from_ms(told["at"]), told["who"], told["version"])


def event(version: Version, entry: Mapping[str, str]) -> Event:
    """The entry of a call, or of its end, as a value."""
    at, who, source = from_ms(entry["now"]), entry["who"], entry["source"]
    through = Source(source) if source else None
    if entry["kind"] == "call":
        return CallTaken(version, call(json.loads(entry["call"])), entry["site"], who, at, through)
    if entry["end"] not in list(CallEnd):  # of a later version of the product
        return Noted(version, entry["kind"], entry["site"], who, at)
    end = CallEnd(entry["end"])
    return CallEnded(version, entry["id"], entry["site"], end, entry["caller"], who, at, through)
