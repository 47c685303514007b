"""The city of Toronto's own file of shelter nights, as sites, bed groups and counts.

11,459 rows of 143 programmes over 85 nights of 2024 (Open Government Licence – Toronto). A
programme counts beds or rooms; names repeat and change, so only ids are keys.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from dashboard import csvfiles
from dashboard.columns import GROUP_NEEDS, SITE_NEEDS

GUESTS = {
    "Mixed Adult": "adults",
    "Men": "men",
    "Women": "women",
    "Youth": "youth",
    "Families": "families",
}


@dataclass(frozen=True, slots=True)
class Night:
    """What a programme counted on one night. ``night`` numbers the nights of the file from 0."""

    site: str
    group: str
    night: int
    open: int
    capacity: int


@dataclass(frozen=True, slots=True)
class Nights:
    """All nights in the order of the file, and the two files that bring the places in."""

    nights: tuple[Night, ...]
    sites: str
    groups: str

    def last(self) -> dict[tuple[str, str], Night]:
        """Each programme's own last night."""
        found: dict[tuple[str, str], Night] = {}
        for one in sorted(self.nights, key=lambda one: one.night):
            found[one.site, one.group] = one
        return found


def read(path: Path, programmes: int | None = None) -> Nights:
    """The nights in a file of the city's form, of the first so many programmes or of all."""
    with gzip.open(path) as packed, TextIOWrapper(packed, "utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    chosen = set(list(dict.fromkeys(row["PROGRAM_ID"] for row in rows))[:programmes])
    return of(row for row in rows if row["PROGRAM_ID"] in chosen)


def of(rows: Iterable[dict[str, str]]) -> Nights:
    """The nights in rows with the city's columns."""
    told = sorted(rows, key=lambda row: row["OCCUPANCY_DATE"])
    dates = {date: number for number, date in enumerate(dict.fromkeys(map(_date, told)))}
    sites, groups = {}, {}
    for row in told:
        sites[_site(row)] = _site_line(row)
        groups[row["PROGRAM_ID"]] = _group_line(row)
    return Nights(
        tuple(_night(row, dates[_date(row)]) for row in told),
        csvfiles.write(SITE_NEEDS, sites.values()),
        csvfiles.write(GROUP_NEEDS, groups.values()),
    )


def _date(row: dict[str, str]) -> str:
    return row["OCCUPANCY_DATE"]


def _site(row: dict[str, str]) -> str:
    return f"location-{row['LOCATION_ID']}"


def _night(row: dict[str, str], night: int) -> Night:
    kind = _kind(row)
    open_, capacity = int(row[f"UNOCCUPIED_{kind}S"]), int(row[f"CAPACITY_ACTUAL_{kind}"])
    return Night(_site(row), row["PROGRAM_ID"], night, open_, capacity)


def _kind(row: dict[str, str]) -> str:
    return "BED" if row["CAPACITY_TYPE"].startswith("Bed") else "ROOM"


def _site_line(row: dict[str, str]) -> list[str]:
    told = {
        "id": _site(row),
        "name": row["LOCATION_NAME"] or row["ORGANIZATION_NAME"],  # it is blank in some rows
        "operator": row["ORGANIZATION_NAME"],
        "kind": "emergency",
        "address": row["LOCATION_ADDRESS"],
        "source": "City of Toronto, Daily Shelter & Overnight Service Occupancy & Capacity",
    }
    return [told.get(name, "") for name in SITE_NEEDS]


def _group_line(row: dict[str, str]) -> list[str]:
    return [
        _site(row),
        row["PROGRAM_ID"],
        row["PROGRAM_NAME"],
        row[f"CAPACITY_ACTUAL_{_kind(row)}"],
        GUESTS[row["SECTOR"]],
        "all year",
    ]
