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

        It is erased from the log on disk too, before this returns; where that breaks off, the
        next call ends it, even one with nothing to save. Raises StoreDown.
        """
        if sites or groups:
            self._save(sites, groups, who, now)
        if self.erasing():
            self._rewrite_log()

    def _save(
        self, sites: Sequence[Site], groups: Sequence[BedGroup], who: str, now: datetime
    ) -> None:
        known = self.sites()
        asked = {
            "now": wire.to_ms(now),
            "sites": [_asked(site, known.get(site.id)) for site in sites],
            "groups": [{"id": f"{one.site}/{one.id}", "text": wire.pack(one)} for one in groups],
        }
        keys = [self._store.key(name) for name in ("sites", "places", "groups", "erasing")]
        key = token_hex(16)
        self._store.run("profiles", keys, who, key, key, asked)

    def erasing(self) -> bool:
        """Whether the log on disk may still hold what was erased. Raises StoreDown."""
        with steady():
            return bool(self._store.client.exists(self._store.key("erasing")))

    def _rewrite_log(self) -> None:
        """Rewrites the log on disk, so that nothing that was erased is left in it."""
        self._rewritten()  # one that runs already may have begun before
        with steady():
            self._store.client.bgrewriteaof()
        if self._rewritten() != "ok":
            raise StoreDown("the store could not rewrite its log on disk")
        with steady():
            self._store.client.delete(self._store.key("erasing"))

    def _rewritten(self) -> str:
        """Waits until no rewrite runs; says how the last one ended. Raises StoreDown."""
        for _ in range(600):
            with steady():
                info = self._store.client.info("persistence")
            if not (info["aof_rewrite_in_progress"] or info["aof_rewrite_scheduled"]):
                return str(info["aof_last_bgrewrite_status"])
            sleep(0.1)
        raise StoreDown("the log on disk was not rewritten within a minute")


def _asked(site: Site, before: Site | None) -> dict[str, Any]:
    moved = (before.place if before else type(site.place)()) != site.place
    asked: dict[str, Any] = {"id": site.id, "text": wire.pack(site), "moved": moved}
    if site.place:
        asked["place"] = wire.pack(site.place)
    return asked
