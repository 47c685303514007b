"""Which history an entry belongs to. An epoch is the run of entries that one server wrote.

A server that was promoted or has restarted may lack the last entries of the one before, though
readers saw them, and it soon gives later ids than theirs. So it begins an epoch of its own and
notes where the last one ended: what came after that point is in no history that goes on. The
scripts write this (``prelude.lua``); until the first of them runs, a reader works out the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha1
from typing import Any

NONE = "0"  # the epoch of a memory in which nothing was written yet
NOW, SERVER = "now", "server"  # the fields that say which epoch goes on, and who writes it


def successor(epoch: str, server: str) -> str:
    """The epoch that this server begins after that one. No secret, only another name."""
    return sha1(f"{epoch}{server}".encode(), usedforsecurity=False).hexdigest()[:16]


def current(kept: Mapping[str, str | None], replication: Mapping[str, Any]) -> str:
    """The epoch of this server, from what is kept and ``INFO replication``."""
    epoch, server = kept.get(NOW), replication.get("master_replid")
    if not epoch:
        return NONE
    return epoch if kept.get(SERVER) == server else successor(epoch, str(server))
