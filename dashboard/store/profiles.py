"""Sites, their places and bed groups in the store. A place is in no entry, and can be erased."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from secrets import token_hex
from time import sleep
from typing import Any

from ..beds import BedGroup, Site
from . import wire
from .connection import Connection, StoreDown, steady


class Profiles:
    """The store's side of what the coordinator says about sites."""

    def __init__(self, connection: Connection):
        self._store = connection

    def sites(self) -> dict[str, Site]:
        """Every site by its id, places included. Raises StoreDown."""
        with steady():
            texts = self._store.client.hgetall(self._store.key("sites"))
            places = self._store.client.hgetall(self._store.key("places"))
        return {id_: wire.site(text, places.get(id_)) for id_, text in texts.items()}

    def groups(self) -> dict[str, BedGroup]:
        """Every bed group by ``site/group``. Raises StoreDown."""
        with steady():
            texts = self._store.client.hgetall(self._store.key("groups"))
        return {id_: wire.group(text) for id_, text in texts.items()}

    def save(
        self, sites: Sequence[Site], groups: Sequence[BedGroup], who: str, now: datetime
    ) -> None:
        """Saves all or none, one entry each. A place that a site had and has no more is erased.

        Where a site turned confidential its place is erased from the log on disk too, before
        this returns. Raises StoreDown.
        """
        if not (sites or groups):
            return
        known = self.sites()
        asked = {
            "now": wire.to_ms(now),
            "sites": [_asked(site, known.get(site.id)) for site in sites],
            "groups": [{"id": f"{one.site}/{one.id}", "text": wire.pack(one)} for one in groups],
        }
        keys = [self._store.key(name) for name in ("sites", "places", "groups")]
        key = token_hex(16)
        self._store.run("profiles", keys, who, key, key, asked)
        if any(one.confidential and one.id in known and known[one.id].place for one in sites):
            self._rewrite_log()

    def _rewrite_log(self) -> None:
        """Rewrites the log on disk, so that nothing that was erased is left in it."""
        with steady():
            self._store.client.bgrewriteaof()
            for _ in range(600):
                info = self._store.client.info("persistence")
                if not (info["aof_rewrite_in_progress"] or info["aof_rewrite_scheduled"]):
                    return
                sleep(0.1)
        raise StoreDown("the log on disk was not rewritten within a minute")


def _asked(site: Site, before: Site | None) -> dict[str, Any]:
    moved = (before.place if before else type(site.place)()) != site.place
    asked: dict[str, Any] = {"id": site.id, "text": wire.pack(site), "moved": moved}
    if site.place:
        asked["place"] = wire.pack(site.place)
    return asked
