"""Sites, their places and bed groups in the store. A place is in no entry, and can be erased."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha1
from secrets import token_hex
from time import sleep
from typing import Any

from ..beds import BedGroup, Site
from ..events import Version
from . import wire
from .connection import Connection, StoreDown, steady

Marks = Mapping[str, str]  # of what was seen, by site and by site/group; '' for nothing


class ChangedMeanwhile(Exception):
    """Somebody else has saved the same site or bed group since it was seen; nothing is saved."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Every site by its id, places included, every bed group by ``site/group``, and their marks."""

    sites: dict[str, Site]
    groups: dict[str, BedGroup]
    marks: Marks

    def of(self, site: str) -> list[BedGroup]:
        """The bed groups of a site, in its own order."""
        found = [one for one in self.groups.values() if one.site == site]
        return sorted(found, key=lambda one: (one.position, one.id))


class Profiles:
    """The store's side of what the coordinator says about sites."""

    def __init__(self, connection: Connection):
        self._store = connection

    def all(self) -> Profile:
        """All of it as of one moment. Raises StoreDown."""

        def read(pipe: Any) -> None:
            for name in ("sites", "places", "groups"):
                pipe.hgetall(self._store.key(name))

        sites, places, groups = self._store.transaction(read)
        marks = {id_: _mark(f"{text}\n{places.get(id_, '')}") for id_, text in sites.items()}
        return Profile(
            {id_: wire.site(text, places.get(id_)) for id_, text in sites.items()},
            {id_: wire.group(text) for id_, text in groups.items()},
            marks | {id_: _mark(text) for id_, text in groups.items()},
        )

    def sites(self) -> dict[str, Site]:
        """Every site by its id, places included. Raises StoreDown."""
        return self.all().sites

    def groups(self) -> dict[str, BedGroup]:
        """Every bed group by ``site/group``. Raises StoreDown."""
        return self.all().groups

    def save(
        self,
        sites: Sequence[Site],
        groups: Sequence[BedGroup],
        who: str,
        now: datetime,
        seen: Marks | None = None,
        key: str = "",
    ) -> Version | None:
        """Saves all or none, one entry each. A place that a site had and has no more is erased.

        A site that turns confidential waits for ``Erasing`` from then on: whoever archives next
        erases its history, whatever becomes of the sender.

        ``seen``: only while each of them still has its mark there. ``key`` makes it safe to send
        again. It is erased from the log on disk too, before this returns; where that breaks off,
        the next call ends it, even one with nothing to save. Returns the version of the last
        entry. Raises ChangedMeanwhile, StoreDown.
        """
        version = self._save(sites, groups, who, now, seen, key) if sites or groups else None
        if self.erasing():
            self._rewrite_log()
        return version

    def _save(
        self,
        sites: Sequence[Site],
        groups: Sequence[BedGroup],
        who: str,
        now: datetime,
        seen: Marks | None,
        key: str,
    ) -> Version:
        known = self.sites()
        told = [{"id": f"{one.site}/{one.id}", "text": wire.pack(one)} for one in groups]
        asked: dict[str, Any] = {
            "now": wire.to_ms(now),
            "sites": _seen([_asked(site, known.get(site.id)) for site in sites], seen),
            "groups": _seen(told, seen),
        }
        names = ("sites", "places", "groups", "erasing", "forgetting")
        keys = [self._store.key(name) for name in names]
        key = key or token_hex(16)
        said = self._store.run("profiles", keys, who, key, key, asked)
        if said["outcome"] != "saved":
            raise ChangedMeanwhile
        return Version.parse(said["version"])

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
        with suppress(StoreDown), steady():  # it keeps what slow commands were sent with
            self._store.client.slowlog_reset()
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


def _mark(text: str) -> str:
    """As the script makes it, to know whether a text is still the same; it guards no secret."""
    return sha1(text.encode(), usedforsecurity=False).hexdigest()


def _asked(site: Site, before: Site | None) -> dict[str, Any]:
    moved = (before.place if before else type(site.place)()) != site.place
    asked: dict[str, Any] = {"id": site.id, "text": wire.pack(site), "moved": moved}
    if site.place:
        asked["place"] = wire.pack(site.place)
    return asked


def _seen(told: list[dict[str, Any]], seen: Marks | None) -> list[dict[str, Any]]:
    if seen is None:
        return told
    return [one | {"seen": seen.get(one["id"], "")} for one in told]
