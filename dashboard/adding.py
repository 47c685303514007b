"""A new site or bed group, from the form that adds it. A new site is paused until it is opened."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from .beds import BedGroup, Site
from .cells import Refused as BadCell
from .columns import GROUP, SITE, Column
from .editing import Fields
from .wrong import Refused, Wrong

NEW_SITE = ("id", "name", "kind", "operator", "phone")
NEW_GROUP = ("group", "label", "capacity", "for", "when")


def site(given: Fields, taken: Collection[str]) -> Site:
    """A new site, which nobody sees running before somebody opens it. Raises Refused."""
    return Site(**_read(given, SITE, NEW_SITE, taken), paused=True)


def group(given: Fields, of: str, there: Mapping[str, BedGroup]) -> BedGroup:
    """A new bed group of a site, after those that are ``there`` by id. Raises Refused."""
    found = _read(given, GROUP, NEW_GROUP, there)
    last = max((one.position for one in there.values()), default=-1)
    return BedGroup(of, **found, position=last + 1)


def _read(
    given: Fields, known: tuple[Column, ...], names: tuple[str, ...], taken: Collection[str]
) -> dict[str, Any]:
    errors: dict[str, Wrong] = {}
    found: dict[str, Any] = {}
    for column in (one for one in known if one.name in names):
        cell = ", ".join(given.getlist(column.name)).strip()
        try:
            found[column.field] = column.read(cell)
        except BadCell as refused:
            errors[column.name] = Wrong(refused.wrong) if cell else Wrong.MISSING
    if found.get("id") in taken:
        errors[names[0]] = Wrong.ID_TAKEN
    if errors:
        raise Refused(errors)
    return found
