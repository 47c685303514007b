"""Real store servers on loopback: a cluster of three, and a primary with replicas and sentinels."""

from __future__ import annotations

import random
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.crc import key_slot

from dashboard import embedded, tether
from tests.by_hand import wait_until

SLOTS = 16384
SERVICE = "board"
KEEPS = ("--save", "", "--appendonly", "yes", "--appendfsync", "always")
LINK, SECRET = "link", "for replicas alone"


def server_of(engine: str) -> str | Path:
    """The program of this engine: Debian's Redis, or the Valkey that the product brings."""
    found = shutil.which("redis-server") if engine == "redis" else embedded._valkey()
    return found or pytest.fail("No redis-server here: apt-get install redis-server.")


def quiet_port() -> int:
    """A free port from where no client's connection takes its own, so that it stays free."""
    while True:
        port = random.randint(10_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Node:
    """One server with a port and a folder of its own."""

    def __init__(self, folder: Path, binary: str | Path, *options: str) -> None:
        self.port, self.folder = quiet_port(), folder
        self.options = [str(binary), *options, "--port", str(self.port), "--bind", "127.0.0.1"]
        self.process: subprocess.Popen[bytes] | None = None
        self.client: Any = redis.Redis(port=self.port, decode_responses=True, protocol=2)

    @property
    def at(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> Node:
        self.folder.mkdir(exist_ok=True)
        with open(self.folder / "said", "ab") as said:
            self.process = tether.start(self.options, stdout=said, cwd=self.folder)
        wait_until(self.answers)
        return self

    def answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False

    def tell(self, *words: object) -> Any:
        return self.client.execute_command(*words)

    def signal(self, number: signal.Signals) -> None:
        assert self.process
        self.process.send_signal(number)

    def kill(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None


@contextmanager
def running(nodes: Sequence[Node]) -> Iterator[None]:
    try:
        yield
    finally:
        for node in nodes:
            node.kill()
            node.client.close()


def cluster_info(node: Node) -> dict[str, str]:
    told: dict[str, str] = node.client.cluster("info")
    return told


class Cluster:
    """Three primaries, each with a third of the slots."""

    def __init__(self, folder: Path, binary: str | Path) -> None:
        self.nodes = [self._node(folder / f"node{one}", binary) for one in range(3)]
        self.url = f"redis+cluster://{','.join(node.at for node in self.nodes)}"

    def _node(self, folder: Path, binary: str | Path) -> Node:
        self.bus = quiet_port()
        cluster = {
            "enabled": "yes",
            "port": str(self.bus),
            "node-timeout": "1000",
            "require-full-coverage": "no",
        }
        options = [word for name, value in cluster.items() for word in (f"--cluster-{name}", value)]
        node = Node(folder, binary, *KEEPS, *options)
        node.bus = self.bus  # type: ignore[attr-defined]
        return node

    def form(self) -> None:
        """By commands alone: slots, then everybody meets."""
        for number, node in enumerate(self.nodes):
            node.start()
            first, last = number * SLOTS // 3, (number + 1) * SLOTS // 3 - 1
            node.tell("CLUSTER", "ADDSLOTSRANGE", first, last)
            node.tell("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for node in self.nodes[1:]:
            self.nodes[0].tell("CLUSTER", "MEET", "127.0.0.1", node.port, node.bus)  # type: ignore[attr-defined]
        wait_until(lambda: all(self._whole(node) for node in self.nodes))

    def _whole(self, node: Node) -> bool:
        told = cluster_info(node)
        return (told["cluster_state"], told["cluster_slots_ok"]) == ("ok", str(SLOTS))

    def town(self, number: int) -> str:
        """The name of a community that lives on this node."""
        names = (f"town-{one}" for one in count())
        return next(name for name in names if slot(name) * 3 // SLOTS == number)

    def move(self, community: str, start: int, end: int) -> None:
        """Everything of one community to another node, as an operator's tool does it."""
        here, there, which = self.nodes[start], self.nodes[end], slot(community)
        there.tell("CLUSTER", "SETSLOT", which, "IMPORTING", here.tell("CLUSTER", "MYID"))
        here.tell("CLUSTER", "SETSLOT", which, "MIGRATING", there.tell("CLUSTER", "MYID"))
        while keys := here.tell("CLUSTER", "GETKEYSINSLOT", which, 100):
            here.tell("MIGRATE", "127.0.0.1", there.port, "", 0, 5000, "KEYS", *keys)
        for node in (there, here):
            node.tell("CLUSTER", "SETSLOT", which, "NODE", there.tell("CLUSTER", "MYID"))


def slot(community: str) -> int:
    return int(key_slot(f"{{{community}}}".encode()))


class Watched:
    """A primary with two replicas and three sentinels, which promote one when it is gone.

    Replicas sign in as a user of their own, so that a test can cut them off and nobody else.
    """

    def __init__(self, folder: Path, binary: str | Path) -> None:
        link = ("--masteruser", LINK, "--masterauth", SECRET, "--repl-diskless-sync-delay", "0")
        self.servers = [Node(folder / f"server{one}", binary, *KEEPS, *link) for one in range(3)]
        self.primary = self.servers[0]
        self.sentinels = [self._sentinel(folder / f"sentinel{one}", binary) for one in range(3)]
        self.url = f"redis+sentinel://{','.join(one.at for one in self.sentinels)}/{SERVICE}"

    def _sentinel(self, folder: Path, binary: str | Path) -> Node:
        folder.mkdir()
        (folder / "sentinel.conf").write_text(
            f"sentinel monitor {SERVICE} 127.0.0.1 {self.primary.port} 2\n"
            f"sentinel down-after-milliseconds {SERVICE} 1000\n"
            f"sentinel failover-timeout {SERVICE} 5000\n"
        )
        node = Node(folder, binary)
        node.options[1:1] = ["sentinel.conf"]
        node.options += ["--sentinel"]
        return node

    @property
    def nodes(self) -> list[Node]:
        return [*self.servers, *self.sentinels]

    def form(self) -> None:
        for server in self.servers:
            server.start()
            server.tell("ACL", "SETUSER", LINK, "on", f">{SECRET}", "+psync", "+replconf", "+ping")
        for replica in self.servers[1:]:
            replica.tell("REPLICAOF", "127.0.0.1", self.primary.port)
        wait_until(lambda: self.linked(self.primary) == 2)
        for sentinel in self.sentinels:
            sentinel.start()
        wait_until(lambda: all(self._sees_all(one) for one in self.sentinels))

    def _sees_all(self, sentinel: Node) -> bool:
        found = sentinel.client.sentinel_master(SERVICE)
        return (found["num-slaves"], found["num-other-sentinels"]) == (2, 2)

    def linked(self, server: Node) -> int:
        told = server.client.info("replication")
        return sum(
            told[f"slave{one}"]["state"] == "online" for one in range(told["connected_slaves"])
        )

    def cut(self) -> None:
        """What the primary takes in from now on reaches no replica."""
        self.primary.tell("ACL", "SETUSER", LINK, "off")
        self.primary.tell("CLIENT", "KILL", "TYPE", "replica")

    def promoted(self) -> Node | None:
        """The server that the sentinels name, once it is another than the first."""
        found = {
            sentinel.client.sentinel_get_master_addr_by_name(SERVICE) for sentinel in self.sentinels
        }
        ports = {int(port) for _, port in found}
        return next(
            (one for one in self.servers if {one.port} == ports and one is not self.primary), None
        )
