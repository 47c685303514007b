"""The same addresses over TLS, with a certificate that the machine trusts, and one it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.by_hand import wait_until
from tests.processes.front import tool
from tests.processes.product import ROOT

from .servers import KEEPS, SLOTS, Node, cluster_info, quiet_port, running, server_of

pytestmark = pytest.mark.scale
ASK = (
    "import sys; from dashboard.store import Store; "
    "print(Store(sys.argv[1], 'riverbend').connection.check())"
)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A cluster of one that speaks TLS beside plain."""
    folder = tmp_path_factory.mktemp("tls")
    command = "req -x509 -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -days 2"
    out = ("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem")
    subprocess.run(
        [tool("openssl"), *command.split(), *out], cwd=folder, check=True, capture_output=True
    )
    files = {"cert": "cert.pem", "key": "key.pem", "ca-cert": "cert.pem"}
    secrets = [word for name in files for word in (f"--tls-{name}-file", folder / files[name])]
    more = "--tls-auth-clients no --tls-cluster yes --tls-replication yes --cluster-enabled yes"
    login = ("--requirepass", "secret")
    tls, bus = quiet_port(), quiet_port()
    ports = ("--tls-port", str(tls), "--cluster-port", str(bus))
    node = Node(
        folder / "node",
        server_of("redis"),
        *KEEPS,
        *map(str, secrets),
        *more.split(),
        *login,
        *ports,
    )
    node.client.connection_pool.connection_kwargs["password"] = "secret"
    with running([node]):
        node.start()
        node.tell("CLUSTER", "ADDSLOTSRANGE", 0, SLOTS - 1)
        wait_until(lambda: cluster_info(node)["cluster_state"] == "ok")
        node.url = f"rediss+cluster://:secret@127.0.0.1:{tls}"  # type: ignore[attr-defined]
        yield node


def asked(url: str, trusted: Path | None) -> subprocess.CompletedProcess[str]:
    env = dict(os.environ) | ({"SSL_CERT_FILE": str(trusted)} if trusted else {})
    command = [sys.executable, "-c", ASK, url]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)


def test_a_cluster_is_reached_over_tls_with_its_password(node: Node) -> None:
    said = asked(node.url, node.folder.parent / "cert.pem")  # type: ignore[attr-defined]
    assert said.stdout.strip() == "saved", said.stderr


def test_a_certificate_that_nobody_vouches_for_is_refused(node: Node) -> None:
    said = asked(node.url, None)  # type: ignore[attr-defined]
    assert said.returncode
    assert "StoreDown" in said.stderr
