"""Brings a community back out of its archive alone, where the store and every dump are lost.

What the entries tell comes back: sites, bed groups, figures, alerts, settings, motel nights, what
was declared, how often a number was right, and all history. What is in no entry does not: places,
people, devices.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from secrets import token_hex
from tempfile import SpooledTemporaryFile
from typing import Any

from ..board import NOWHEN, Board, SiteState
from ..clock import Day
from ..events import Version
from ..shelf import Shelf
from ..visits import Dispute
from . import called, declared
from .dump import Dump, signed
from .instants import from_ms, to_ms
from .sealed import BadNight, Entry, Seal, point, proved
from .stream import Stream

# By kind, entries that say a thing whole: the hash in which it stands, the field of the entry that
# says it, and what it is called by there.
WHOLE = {
    "alert": ("alerts", "alert", "id"),
    "cold-night": ("nights", "night", "date"),
    "vouchers": ("vouchers", "after", "agency"),
}
IN_MEMORY = 16 * 2**20  # bytes of what is to be loaded that are kept in memory


@dataclass(frozen=True, slots=True)
class Restored:
    """How much came back, and when the last of it was told."""

    nights: int
    entries: int
    sites: int
    until: datetime


class Restoring:
    """The store's side of a community that comes back out of its archive."""

    def __init__(self, stream: Stream, dump: Dump, shelf: Shelf | None):
        self._stream, self._dump, self._shelf = stream, dump, shelf

    def restore(self, day: Day, now: datetime, keep: timedelta) -> Restored:
        """All or nothing, into an empty community; the stream gets what is younger than ``keep``.

        Raises BadNight where a night is missing or altered, NotEmpty, StoreDown, ShelfDown.
        """
        if self._shelf is None:
            raise BadNight("no place was given for the archive")
        seals = chained(self._shelf)
        board, told, recent = Board(day, NOWHEN._replace(epoch="0")), Told(), list[Entry]()
        for seal in seals:
            some = proved(seal, self._shelf.read(seal.file))
            for id_, fields in some:
                board.apply(self._stream.read(Version("0", *point(id_)), fields))
                told.take(id_, fields)
            if point(seal.last) >= (to_ms(now - keep), 0):
                recent += some
        recent = recent or some[-1:]  # the newest always stays
        with SpooledTemporaryFile(IN_MEMORY) as file:
            for line in signed(chain([self._dump.head(now)], _keys(board, told, seals, recent))):
                file.write(line.encode() + b"\n")
            self._dump.load(file)  # type: ignore[arg-type]
        count = sum(seal.entries for seal in seals)
        return Restored(len(seals), count, len(board.sites), from_ms(seals[-1].until))


class Told:
    """The newest text of each site, bed group, figure and alert, as the scripts wrote it."""

    def __init__(self) -> None:
        self.sites: dict[str, str] = {}
        self.groups: dict[str, str] = {}
        self.figures: dict[str, dict[str, Any]] = {}
        self.settings: dict[str, str] = {}
        self.whole: dict[str, dict[str, str]] = {hash_: {} for hash_, *_ in WHOLE.values()}

    def take(self, id_: str, fields: Mapping[str, str]) -> None:
        """Takes in one entry."""
        match fields:
            case {"kind": "site", "site": text}:
                self.sites[json.loads(text)["id"]] = text
            case {"kind": "group", "group": text}:
                told = json.loads(text)
                self.groups[f"{told['site']}/{told['id']}"] = text
            case {"kind": "setting", "name": name, "settled": text}:
                self.settings[name] = text
            case {"kind": kind} if kind in WHOLE:
                hash_, field, name = WHOLE[kind]
                told = json.loads(fields[field]) | {"version": id_}
                self.whole[hash_][told[name]] = json.dumps(told, ensure_ascii=False)
            case {"figure": text, "site": site, "group": group} if not fields.get("late"):
                told = json.loads(text) | {"version": id_} if text else {}
                self.figures[f"{site}/{group}"] = told | {"stamps": {}}


def chained(shelf: Shelf) -> list[Seal]:
    """The seals on a shelf, oldest first: those that lead up to the newest. Raises BadNight."""
    found = [Seal.parse(shelf.read(name) or b"") for name in shelf.names() if _is_seal(name)]
    if not found:
        raise BadNight("there is no night in the archive")
    by_sum = {seal.sum: seal for seal in found}
    way = [max(found, key=lambda seal: (point(seal.last), seal.file))]
    while way[-1].before:
        if way[-1].before not in by_sum:
            raise BadNight(f"a night before the one of {way[-1].night} is missing or was altered")
        way.append(by_sum[way[-1].before])
    return way[::-1]


def _is_seal(name: str) -> bool:
    return name.endswith(".seal")


def _keys(
    board: Board, told: Told, seals: list[Seal], recent: list[Entry]
) -> Iterator[dict[str, Any]]:
    """The records of a dump that has what the archive can tell."""
    gone = [seal.last for seal in seals if point(seal.last) < point(recent[0][0])]
    if len(recent) == 1:  # the newest always stays, and is in the archive too
        gone = [seals[-1].last]
    if gone:
        yield {"key": "trimmed", "type": "string", "value": gone[-1:]}
    states = board.sites.values()
    hashes = {
        "archive": [(seal.file, seal.text) for seal in seals],
        "epoch": [("now", token_hex(8)), ("server", "")],
        "sites": told.sites.items(),
        "groups": told.groups.items(),
        "figures": chain(*(_figures(one, told) for one in states)),
        "declared": chain(*map(_declared, states)),
        "calls": [(one.site.id, called.pack(one.call)) for one in states if one.call],
        "called": [(one.site.id, called.pack(one.called)) for one in states if one.called],
        "record": chain(*map(_record, states)),
        "settings": told.settings.items(),
        **{hash_: found.items() for hash_, found in told.whole.items()},
    }
    for key, found in hashes.items():
        if value := list(chain(*found)):
            yield {"key": key, "type": "hash", "value": value}
    yield {"key": "events", "type": "stream", "last": recent[-1][0]}
    for id_, fields in recent:
        yield {"entry": id_, "fields": fields}


Fields = Iterable[tuple[str, str]]


def _figures(state: SiteState, told: Told) -> Fields:
    """What was found at the door since a figure was reported is in entries of its own."""
    for one in state.groups:
        place = f"{state.site.id}/{one.group.id}"
        if place in told.figures:
            said = one.figure and one.figure.disputed
            figure = told.figures[place] | {"disputed": said and _dispute(said)}
            kept = {name: value for name, value in figure.items() if value is not None}
            yield place, json.dumps(kept, ensure_ascii=False)


def _dispute(said: Dispute) -> dict[str, Any]:
    return {"at": to_ms(said.at), "found": said.found, "agency": said.agency}


def _declared(state: SiteState) -> Fields:
    places = [("", state.evening), *((one.group.id, one.tonight) for one in state.groups)]
    for group, said in places:
        for one in said:
            text = json.dumps(declared.pack(one) | {"version": one.version})
            yield f"{state.site.id}/{group}/{one.topic}", text


def _record(state: SiteState) -> Fields:
    return [(f"{state.site.id}/{case}", str(times)) for case, times in state.record.items()]
