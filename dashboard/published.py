"""The board as machines read it: an allow-list of fields, chosen here and nowhere else.

Neither open beds nor holds are among them, and nothing that tells where a confidential site is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from .alerts import Issued, announced
from .beds import Figure, Status
from .rows import GroupRow, Line, Moment, SiteRow


def board(
    moment: Moment,
    community: str,
    away_since: datetime | None,
    headline: Callable[[Issued], dict[str, str]],
) -> dict[str, Any]:
    """Every site in the board's order, and the alerts that are on or to come.

    ``not_updating_since`` is there while the store is away. ``headline`` tells an alert in words.
    """
    told: dict[str, Any] = {
        "community": community,
        "version": str(moment.version),
        "as_of": stamp(moment.now),
        "alerts": [
            alert(one, moment.now) | {"headline": headline(one)}
            for one in announced(moment.alerts, moment.now)
        ],
        "sites": [site(row, moment.now) for row in moment.rows()],
    }
    if away_since:
        told["not_updating_since"] = stamp(away_since)
    return told


def alert(one: Issued, now: datetime) -> dict[str, Any]:
    """A cold-weather alert; never who issued it. ``area`` is null where it is for everywhere."""
    return {
        "id": one.id,
        "kind": one.cold,
        "reason": one.reason,
        "area": one.area or None,
        "since": stamp(one.since),
        "until": stamp(one.until),
        "on": one.since <= now,
    }


def site(row: SiteRow, now: datetime) -> dict[str, Any]:
    """One site. A confidential one is a name and a phone number."""
    hidden = row.status is Status.CONFIDENTIAL
    return {
        "id": row.site.id,
        "name": row.site.name,
        "kind": row.site.kind,
        "area": None if hidden else row.site.place.area or None,
        "phone": row.site.phone or None,
        "status": row.status,
        "tonight": [] if hidden else [line(one) for one in row.lines],
        "groups": [] if hidden else [group(one, now) for one in row.groups],
    }


def line(said: Line) -> dict[str, Any]:
    """What a desk declared of its site. ``until`` is null where it stands until the reset."""
    wall = said.time.isoformat("minutes") if said.time else None
    return {"topic": said.topic, "time": wall, "until": stamp(said.until)}


def group(row: GroupRow, now: datetime) -> dict[str, Any]:
    """One bed group. ``available`` is null unless the figure can be trusted."""
    age = None if row.observed_at is None else max(0, int((now - row.observed_at).total_seconds()))
    return {
        "id": row.group.id,
        "label": row.group.label,
        "for": list(row.group.guests),
        "capacity": row.capacity,
        "surge": row.surge,
        "out_of_service": row.out_of_service,
        "available": row.available,
        "status": row.status,
        "freshness": row.freshness,
        "observed_at": stamp(row.observed_at),
        "age_seconds": age,
        "source": row.source,
        "disputed_at": stamp(row.disputed_at),
    }


def figure(now: Figure | None, version: str | None) -> dict[str, Any] | None:
    """What a machine that may report for a bed group must know of a figure it met."""
    if now is None:
        return None
    return {"open": now.open, "observed_at": stamp(now.observed_at), "version": version}


def stamp(at: datetime | None) -> str | None:
    """An instant in UTC: 2026-11-21T00:12:00.000Z"""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
