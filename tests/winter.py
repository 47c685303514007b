"""A winter that nobody lived through: the raw entries of many nights at many sites, as they stand
in the stream, and a count of them that knows nothing of how the product counts.

The same seed makes the same winter. Times are told as the entries tell them, in ms since 1970.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

Entry = dict[str, str]
MINUTE, HOUR = 60_000, 3_600_000
ZONE = ZoneInfo("America/Vancouver")
REASONS = ("full", "rules", "pet", "partner", "curfew")
ENDS = ("released", "arrived", "did-not-come", "lapsed", "taken-back")


def ms(day: datetime, hour: float) -> int:
    """A wall time of this day, or (from 24 on) of the next."""
    whole = day + timedelta(days=int(hour // 24))
    local = whole.replace(hour=int(hour % 24), minute=int(hour % 1 * 60), tzinfo=ZONE)
    return int(local.timestamp() * 1000)


@dataclass
class Winter:
    """``nights`` nights from 1 November 2026 on. Site 0 hides and is small, site 1 hides and is
    large enough to be told.
    """

    nights: int
    sites: int
    seed: int = 7
    first: datetime = datetime(2026, 11, 1)
    random: Random = field(init=False)
    open_: dict[str, dict[str, Any] | None] = field(init=False, default_factory=dict)
    done: int = field(init=False, default=0)

    @property
    def over(self) -> datetime:
        """When the last night is over."""
        last = self.first + timedelta(days=self.nights)
        return datetime.fromtimestamp(ms(last, 9.5) / 1000, ZONE)

    def groups(self, site: int) -> list[tuple[str, int | None]]:
        if site < 2:
            return [("beds", 3 + 5 * site)]
        known = [("women", 8 + site % 5), ("men", 12 + site % 7), ("mats", None)]
        return known[: 1 + site % 3]

    def entries(self) -> Iterator[tuple[int, Entry]]:
        """When each was told, and what it says, in order."""
        self.random = Random(self.seed)
        yield from self._sites(ms(self.first, 8))
        for number in range(self.nights):
            day = self.first + timedelta(days=number)
            told = [one for site in range(self.sites) for one in self._night(site, day)]
            yield from sorted(told, key=lambda one: one[0])

    def _sites(self, at: int) -> Iterator[tuple[int, Entry]]:
        for site in range(self.sites):
            kind = {"kind": "confidential"} if site < 2 else {}
            told = {"id": f"s{site}", "name": f"Site {site}"} | kind
            by = {"now": str(at), "who": "server"}
            yield at, {"kind": "site", "site": json.dumps(told), "moved": "", **by}
            for place, (id_, capacity) in enumerate(self.groups(site)):
                group = {"site": f"s{site}", "id": id_, "label": id_, "position": place}
                group |= {"capacity": capacity} if capacity else {}
                yield at, {"kind": "group", "group": json.dumps(group), **by}

    def _night(self, site: int, day: datetime) -> list[tuple[int, Entry]]:
        """One night of one site: counts, slips taken back, late ones, holds, who was refused."""
        self.open_.clear()
        lazy = self.random.random()
        found: list[tuple[int, Entry]] = []
        for step in range(64):  # every quarter of an hour from 8:05 to midnight
            if self.random.random() < 0.2 * lazy + 0.05:
                at = ms(day, 8.1 + step / 4) + self.random.randrange(MINUTE * 5)
                found += self._count(site, day, at)
        for _ in range(self.random.randrange(3)):
            found += self._turned(site, ms(day, 15) + self.random.randrange(9 * HOUR))
        for number in range(self.random.randrange(3)):
            found += self._hold(site, day, number)
        return found

    def _count(self, site: int, day: datetime, at: int) -> list[tuple[int, Entry]]:
        group, capacity = self.random.choice(self.groups(site))
        hours = (at - ms(day, 8)) / HOUR
        most = max(0, round((capacity or 6) * (1 - hours / 9) / 2))
        number = self.random.randrange(most + 1) if most else int(self.random.random() < 0.1)
        made = self._report(site, group, "change", number, at, at)
        before = self.open_.get(group)
        if self.random.random() < 0.05 and before is None:  # the first count was a slip
            return [made, self._undo(site, group, at + 20_000, None)]
        self.open_[group] = json.loads(made[1]["figure"])
        if self.random.random() < 0.05:  # the same once more, hours after it was seen
            late = self._report(site, group, "change", number + 1, at - HOUR, at + 900, late=True)
            return [made, late]
        if self.random.random() < 0.1:  # a slip, taken back
            slip = self._report(site, group, "change", number + 2, at + 9000, at + 9000)
            return [made, slip, self._undo(site, group, at + 20_000, self.open_[group])]
        return [made]

    def _report(
        self, site: int, group: str, kind: str, number: int, seen: int, at: int, late: bool = False
    ) -> tuple[int, Entry]:
        figure: dict[str, Any] = {"open": number, "observed": seen, "received": at, "counted": seen}
        figure |= {"source": "desk", "who": "p-1"}
        return at, {
            "kind": kind,
            "site": f"s{site}",
            "group": group,
            "value": str(number),
            "before": "",
            "late": "1" if late else "",
            "figure": "" if late else json.dumps(figure),
            "observed": str(seen),
            "received": str(at),
            "source": "desk",
            "who": "p-1",
        }

    def _undo(
        self, site: int, group: str, at: int, restored: dict[str, Any] | None
    ) -> tuple[int, Entry]:
        at, entry = self._report(site, group, "undo", 0, at, at)
        told = json.dumps(restored) if restored else ""
        return at, entry | {"value": "", "before": "1", "figure": told}

    def _turned(self, site: int, at: int) -> list[tuple[int, Entry]]:
        reason = self.random.choice(REASONS)
        by = {"site": f"s{site}", "reason": reason, "source": "desk", "who": "p-1"}
        made = {"kind": "turn-away", "observed": str(at), "now": str(at), **by}
        if self.random.random() > 0.2:
            return [(at, made)]
        back = {"kind": "turn-away-undo", "undoes": "1-1", "now": str(at + 30_000), **by}
        return [(at, made), (at + 30_000, back)]

    def _hold(self, site: int, day: datetime, number: int) -> list[tuple[int, Entry]]:
        group, _ = self.random.choice(self.groups(site))
        at = ms(day, 16) + self.random.randrange(6 * HOUR)
        id_ = f"h-{day:%m%d}-{site}-{number}"
        hold: dict[str, Any] = {
            "id": id_,
            "site": f"s{site}",
            "group": group,
            "agency": "van",
            "code": "a b",
        }
        hold |= {"made": at, "expires": at + 2 * HOUR}
        by = {"source": "outreach", "who": "p-2"}
        made = {"kind": "hold", "hold": json.dumps(hold), "kept": "1", "now": str(at), **by}
        end = {"kind": "hold-end", "id": id_, "site": f"s{site}", "group": group, "kept": "0"}
        reason, later = self.random.choice(ENDS), at + self.random.randrange(HOUR)
        return [(at, made), (later, end | {"reason": reason, "now": str(later), **by})]


def written(winter: Winter, client: Any, key: str, there: int = 0, batch: int = 2000) -> int:
    """The winter in the stream, with ids of its own time, after those that are there already.

    Returns how many entries there are then.
    """
    pipe, number = client.pipeline(transaction=False), 0
    client.hset(key.replace("events", "epoch"), mapping={"now": "a1b2"})
    for number, (at, entry) in enumerate(winter.entries(), 1):
        if number > there:
            pipe.xadd(key, entry, f"{at + 1}-{number}")
            _profile(pipe, key, entry)
        if number % batch == 0:
            pipe.execute()
    pipe.execute()
    return number


def _profile(pipe: Any, key: str, entry: Entry) -> None:
    """A site or a bed group as the store's own scripts keep it."""
    if (kind := entry["kind"]) in ("site", "group"):
        told = json.loads(entry[kind])
        name = told["id"] if kind == "site" else f"{told['site']}/{told['id']}"
        pipe.hset(key.replace("events", f"{kind}s"), name, entry[kind])


# The count that is written differently: night by night and site by site, from lists of raw
# entries, each figure by its own look at them.

Night = tuple[str, str]  # its date and a site


def by_night(entries: Iterable[tuple[int, Entry]]) -> dict[Night, list[tuple[int, Entry]]]:
    found: dict[Night, list[tuple[int, Entry]]] = defaultdict(list)
    for at, entry in entries:
        told = json.loads(entry["hold"])["site"] if "hold" in entry else entry.get("site", "")
        if entry["kind"] not in ("site", "group"):
            began = datetime.fromtimestamp(at / 1000, ZONE) - timedelta(hours=8)
            found[began.date().isoformat(), told].append((at, entry))
    return found


def slips_left_out(told: list[tuple[int, Entry]]) -> list[tuple[int, Entry]]:
    """The counts that stood, as if what was taken back had never been said."""
    kept: list[tuple[int, Entry]] = []
    for at, entry in told:
        if entry["kind"] == "undo":
            place = max(i for i, (_, one) in enumerate(kept) if one["group"] == entry["group"])
            del kept[place]
        elif "figure" in entry and not entry["late"]:
            kept.append((at, entry))
    return kept


def known(told: list[tuple[int, Entry]], group: str, at: int) -> dict[str, Any] | None:
    """The figure of a group at a moment."""
    mine = [(when, one) for when, one in told if one["group"] == group]
    place = bisect_right([when for when, _ in mine], at)
    return json.loads(mine[place - 1][1]["figure"]) if place else None


def full_at(told: list[tuple[int, Entry]], groups: Iterable[str], at: int) -> int | None:
    """Since when every group was without a bed, or None."""
    found = [known(told, group, at) for group in groups]
    if any(one is None or one["open"] for one in found):
        return None
    return max(int(one["observed"]) for one in found if one)


def expected(winter: Winter) -> dict[Night, dict[str, Any]]:
    """What the figures of each night and site must be."""
    nights = by_night(winter.entries())
    found: dict[Night, dict[str, Any]] = {}
    for number in range(winter.nights):
        day = winter.first + timedelta(days=number)
        for site in range(1, winter.sites):
            told = sorted(nights.get((f"{day:%Y-%m-%d}", f"s{site}"), []), key=lambda one: one[0])
            found[f"{day:%Y-%m-%d}", f"s{site}"] = _figures(winter, day, site, told)
    return found


def _figures(
    winter: Winter, day: datetime, site: int, told: list[tuple[int, Entry]]
) -> dict[str, Any]:
    counts, groups = slips_left_out(told), [id_ for id_, _ in winter.groups(site)]
    kinds = Counter(entry["kind"] for _, entry in told)
    turned = Counter(one["reason"] for _, one in told if one["kind"] == "turn-away")
    turned.subtract(one["reason"] for _, one in told if one["kind"] == "turn-away-undo")
    noon, midnight = ms(day, 12), ms(day, 24)
    moments = [noon, *(at for at, _ in counts if at > noon)]
    full = [at for at in moments if full_at(counts, groups, at) is not None]
    first = max(noon, full_at(counts, groups, full[0]) or 0) if full else None
    beds = [(capacity, known(counts, id_, midnight)) for id_, capacity in winter.groups(site)]
    sure = [(c, f) for c, f in beds if c and f and f["observed"] >= midnight - 8 * HOUR]
    return {
        "counted": any(
            "figure" in one and one["kind"] == "change" and not one["late"] for _, one in told
        ),
        "full": (first - noon) // MINUTE if first is not None else None,
        "again": bool(full) and any(at > full[0] and at not in full for at in moments),
        "taken": sum(max(0, c - f["open"]) for c, f in sure),
        "beds": sum(c for c, _ in sure),
        "ages": [n for hour in range(12, 24) for n in _ages(counts, groups, ms(day, hour))],
        "turned": {reason: number for reason, number in turned.items() if number > 0},
        "kept": kinds["hold"],
        "ends": dict(Counter(one["reason"] for _, one in told if one["kind"] == "hold-end")),
    }


def _ages(counts: list[tuple[int, Entry]], groups: Iterable[str], at: int) -> tuple[int, ...]:
    found = Counter(_band(known(counts, group, at), at) for group in groups)
    return tuple(found[band] for band in range(4))


def _band(figure: dict[str, Any] | None, at: int) -> int:
    if figure is None:
        return 3
    minutes = (at - figure["observed"]) / MINUTE
    return 0 if minutes <= 60 else 1 if minutes <= 180 else 2
