"""The connection to Redis or Valkey: its keys, its errors, its scripts, and what it promises."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any

import redis
from redis.commands.core import Script

from ..address import Address
from . import guide

KEEP_ANSWERS = 8 * 24 * 3600  # seconds; longer than the oldest report that is accepted
LUA = Path(__file__).parent / "lua"
BLOCK = 10.0  # seconds that a follower waits for news
CONFIRM = 900  # ms that the disk and the replicas have to confirm a write


class StoreDown(Exception):
    """The store did not answer, or refused to write. A report may or may not have been kept."""


class MemoryGone(StoreDown):
    """The store answers, but knows no site: all that it kept is gone."""


class StoreUnfit(StoreDown):
    """The store can't keep what it acknowledges, and nobody said that this is accepted."""


class Promise(StrEnum):
    """What an acknowledgement means: on disk, confirmed on disk each time, or only sent."""

    SAVED = "saved"
    CONFIRMED = "confirmed"
    SENT = "sent"


@contextmanager
def steady() -> Iterator[None]:
    """Turns every failure of the store into StoreDown."""
    try:
        yield
    except redis.RedisError as error:
        raise StoreDown(f"{type(error).__name__}: {error}") from error


class Connection:
    """One community in one store. All its keys share one hash tag, so scripts stay legal."""

    def __init__(self, url: str, community: str, may_lose: bool = False, replicas: int = 0):
        self.community = community
        self.promise = Promise.SENT
        self._may_lose = may_lose
        self._replicas = replicas
        address = Address.parse(url)
        self.client, self.listener = guide.clients(address, community, 1.0, BLOCK + 5)
        self._scripts: dict[str, Script] = {}

    def key(self, *parts: str) -> str:
        """``{kamloops}:events``"""
        return ":".join((f"{{{self.community}}}", *parts))

    def close(self) -> None:
        self.client.close()
        self.listener.close()

    def ping(self) -> None:
        """Raises StoreDown."""
        with steady():
            self.client.ping()

    def remembers(self) -> None:
        """Raises MemoryGone where the store knows no site, or StoreDown.

        Asked before somebody is told that they are unknown: a loss of ours is no fault of theirs.
        """
        with steady():
            if not self.client.exists(self.key("sites")):
                raise MemoryGone("the store answers, but knows no site")

    def check(self) -> Promise:
        """Finds out what the store promises; raises StoreUnfit, or StoreDown."""
        with steady():
            self.client.exists(self.key("epoch"))  # in a cluster, this leads to whom it concerns
            self.promise = self._promised()
        if self.promise is Promise.SENT and not self._may_lose:
            raise StoreUnfit(
                "This Redis can lose what it has acknowledged. Set 'appendonly yes', "
                "'appendfsync always' and 'maxmemory-policy noeviction' there (from Redis 7.2 "
                "on 'appendonly yes' is enough), or accept it with STORE_MAY_LOSE=yes: the desk "
                "then says 'Sent', not 'Saved'."
            )
        return self.promise

    def _promised(self) -> Promise:
        try:
            found = self.client.config_get("appendonly", "appendfsync", "maxmemory-policy")
        except redis.ResponseError:  # a hosted store may forbid CONFIG
            found = {}
        info = self.client.info()
        writes_log = found.get("appendonly") == "yes" or info.get("aof_enabled") == 1
        evicts = found.get("maxmemory-policy", info.get("maxmemory_policy")) != "noeviction"
        if not writes_log or evicts:
            return Promise.SENT
        if found.get("appendfsync") == "always":
            return Promise.SAVED
        return Promise.CONFIRMED if self._can_confirm(info) else Promise.SENT

    def _can_confirm(self, info: dict[str, Any]) -> bool:
        version = str(info.get("redis_version", "0")).split(".")
        return (int(version[0]), int(version[1] if len(version) > 1 else 0)) >= (7, 2)

    def run(
        self, name: str, keys: Sequence[str], who: str, key: str, digest: str, asked: dict[str, Any]
    ) -> dict[str, Any]:
        """Runs one intention's script; returns its answer. Raises StoreDown.

        ``key`` makes it safe to run again: the answer is kept, and given again to the same
        ``who`` with the same ``digest``.
        """
        asked = {name: value for name, value in asked.items() if value is not None}
        asked |= {"who": who, "digest": digest, "keep": KEEP_ANSWERS, "spare": token_hex(8)}
        heads = [self.key("answer", fingerprint(key)), self.key("events"), self.key("epoch")]
        with steady():
            return dict(json.loads(self._run(name, [*heads, *keys], json.dumps(asked))))

    def _run(self, name: str, keys: list[str], argument: str) -> str:
        script = self._script(name)
        if not self._confirmers:
            return str(script(keys=keys, args=[argument]))
        try:
            return self._run_confirmed(script, keys, argument)
        except redis.exceptions.NoScriptError:
            self.client.script_load(script.script)
            return self._run_confirmed(script, keys, argument)

    def _run_confirmed(self, script: Script, keys: list[str], argument: str) -> str:
        with self.client.pipeline(transaction=False) as pipe:
            pipe.evalsha(script.sha, len(keys), *keys, argument)
            self.confirm(pipe)
            said, *confirmed = pipe.execute()
        self.confirmed(confirmed)
        return str(said)

    @property
    def _confirmers(self) -> int:
        return (self.promise is Promise.CONFIRMED) + bool(self._replicas)

    def confirm(self, pipe: Any, patience: int = CONFIRM) -> None:
        """After a write, on its connection: wait up to ``patience`` ms for disk and replicas."""
        if self.promise is Promise.CONFIRMED:
            pipe.execute_command("WAITAOF", 1, 0, patience // self._confirmers)
        if self._replicas:
            pipe.wait(self._replicas, patience // self._confirmers)

    def confirmed(self, answers: Sequence[Any]) -> None:
        """Raises StoreDown where what ``confirm`` waited for did not come."""
        if self.promise is Promise.CONFIRMED and answers[0][0] < 1:
            raise StoreDown("the store did not confirm that it wrote this to disk")
        if self._replicas and answers[-1] < self._replicas:
            raise StoreDown(f"only {answers[-1]} of {self._replicas} replicas confirmed this")

    def _script(self, name: str) -> Script:
        if name not in self._scripts:
            prelude = (LUA / "prelude.lua").read_text()
            text = (LUA / f"{name}.lua").read_text()
            self._scripts[name] = self.client.register_script(prelude + text)
        return self._scripts[name]

    def transaction(self, commands: Callable[[Any], None]) -> list[Any]:
        """Several reads as of one moment. Raises StoreDown."""
        with steady(), self.client.pipeline(transaction=True) as pipe:
            commands(pipe)
            return list(pipe.execute())


def fingerprint(text: str) -> str:
    """What stands in the store for a text that must not, or may be long."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
