"""The proxy and service files that the project ships: a real nginx before a real product."""

from __future__ import annotations

import getpass
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPResponse, HTTPSConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.by_hand import wait_until

from .product import ROOT, Product, free_port
from .test_privacy import REQUESTS, SECRET

pytestmark = pytest.mark.processes
VISITOR = "127.0.0.9"  # another address of this machine, which nothing but a visitor uses
AGENT = b"Tattle/1.0 (a phone that can be told apart)"
TRACES = (VISITOR.encode(), SECRET, AGENT)


class Front:
    """nginx with the shipped configuration, moved to ports and folders of this test."""

    def __init__(self, folder: Path, upstream: int, *changes: tuple[str, str]) -> None:
        nginx, openssl = tool("nginx"), tool("openssl")
        self.folder, self.port, self.plain = folder, free_port(), free_port()
        folder.mkdir()
        shutil.copy(ROOT / "deploy" / "away.html", folder)
        make_certificate(openssl, folder)
        (folder / "nginx.conf").write_text(self.moved(upstream, *changes), encoding="utf-8")
        command = (nginx, "-p", folder, "-c", "nginx.conf", "-e", "main.log", "-g", "daemon off;")
        with open(folder / "said", "wb") as said:
            self.nginx = subprocess.Popen(command, stdout=said, stderr=said)
        wait_until(lambda: self.nginx.poll() is not None or connects(self.port))
        assert self.nginx.poll() is None, self.written()

    def moved(self, upstream: int, *changes: tuple[str, str]) -> str:
        """The shipped file with nothing changed but where it listens, reads and keeps."""
        text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{kind}_temp_path {self.folder}/{kind};\n" for kind in kinds)
        live = "/etc/letsencrypt/live/board.example.org"
        for old, new in (
            ("user www-data;", f"user {getpass.getuser()};"),
            ("pid /run/nginx.pid;", f"pid {self.folder}/nginx.pid;"),
            ("http {\n", "http {\n" + temporary),
            ("listen 80 ", f"listen 127.0.0.1:{self.plain} "),
            ("listen 443 ", f"listen 127.0.0.1:{self.port} "),
            ("listen [::]:80 default_server;", ""),
            ("listen [::]:443 ssl http2 default_server;", ""),
            (f"{live}/fullchain.pem", f"{self.folder}/cert.pem"),
            (f"{live}/privkey.pem", f"{self.folder}/key.pem"),
            ("server 127.0.0.1:8000;", f"server 127.0.0.1:{upstream};"),
            ("root /opt/bedboard/deploy;", f"root {self.folder};"),
            *changes,
        ):
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        return text

    def connection(self) -> HTTPSConnection:
        """A visitor's connection, who does not ask for a certificate that can be checked."""
        return HTTPSConnection(
            "127.0.0.1", self.port, timeout=15, source_address=(VISITOR, 0), context=trusting()
        )

    def ask(
        self, path: str, method: str = "GET", body: str | None = None, **headers: str
    ) -> tuple[HTTPResponse, str]:
        """The whole answer to one request. Header names have _ for -."""
        with closing(self.connection()) as connection:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            agent = {"User-Agent": AGENT.decode(), "Accept-Language": "en"}
            connection.request(method, path, body, agent | named)
            answer = connection.getresponse()
            return answer, answer.read().decode()

    def send_nonsense(self) -> None:
        """Every malformed request, in the clear, as TLS, and in the clear where TLS is due."""
        for request in REQUESTS:
            told = request.replace(b"%s", SECRET).replace(b"%%", b"%")
            self.send(self.plain, told, tls=False)
            self.send(self.port, told, tls=True)
            self.send(self.port, told, tls=False)

    def send(self, port: int, request: bytes, *, tls: bool) -> None:
        with socket.create_connection(("127.0.0.1", port), 10, (VISITOR, 0)) as client:
            try:
                sender = trusting().wrap_socket(client, server_hostname="x") if tls else client
                sender.sendall(request.replace(b"\r\n\r\n", b"\r\nUser-Agent: %s\r\n\r\n" % AGENT))
                client.settimeout(0.3)
                while sender.recv(4096):
                    pass
            except OSError:
                return  # it closed on us, or waits for the rest: both are answers

    def written(self) -> bytes:
        """Every byte that nginx has left in a file."""
        ours = {"nginx.conf", "away.html", "cert.pem", "key.pem"}
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return b"".join(path.read_bytes() for path in files if path.name not in ours)

    def end(self) -> None:
        self.nginx.terminate()
        self.nginx.wait(20)


def tool(name: str) -> str:
    """Where a program is; Debian keeps nginx where a person's PATH does not lead."""
    found = shutil.which(name, path=os.pathsep.join((os.environ["PATH"], "/usr/sbin")))
    return found or pytest.fail(f"No {name} here: apt-get install {name}.")


def trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def make_certificate(openssl: str, folder: Path) -> None:
    command = "req -x509 -newkey rsa:2048 -nodes -subj /CN=board.example.org -days 2"
    out = ("-keyout", "key.pem", "-out", "cert.pem")
    subprocess.run([openssl, *command.split(), *out], cwd=folder, check=True, capture_output=True)


def connects(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product with Riverbend's sites, told that a proxy stands before it."""
    product = Product(tmp_path_factory.mktemp("product") / "var", TRUST_PROXY="yes")
    product.start()
    groups = "examples/riverbend_bed_groups.csv"
    flask(product, "sites", "import", "examples/riverbend_sites.csv", "--groups", groups)
    yield product
    product.end()


@pytest.fixture
def front(product: Product, tmp_path: Path) -> Iterator[Front]:
    front = Front(tmp_path / "nginx", product.port)
    yield front
    front.end()


def flask(product: Product, *words: str) -> str:
    command = [sys.executable, "-m", "flask", "--app", "dashboard", *words]
    env = {"VAR": str(product.var), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        command, cwd=ROOT, env=env, check=True, capture_output=True
    ).stdout.decode()


def test_the_board_comes_through_and_knows_that_it_is_behind_https(front: Front) -> None:
    wait_until(lambda: "Heronfoot House" in front.ask("/")[1])
    answer, _ = front.ask("/")
    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"]
    assert "Set-Cookie" not in answer.headers


def test_a_report_comes_through_and_reaches_an_open_page_at_once(
    front: Front, product: Product
) -> None:
    token = flask(product, "tokens", "create", "proxy", "--all-sites").split()[-1]
    page = front.ask("/")[1]
    (since,) = re.findall(r'hx-sse:connect="([^"]+)"', page)
    with closing(front.connection()) as open_page:
        open_page.request("GET", since.replace("&amp;", "&"))
        news = open_page.getresponse()
        assert news.status == 200
        said = news.readline()
        body = {
            "open": 7,
            "kind": "change",
            "observed_at": json.loads(front.ask("/api/v1/board")[1])["as_of"],
        }
        answer, text = front.ask(
            "/api/v1/sites/tern-cottage/groups/room/reports",
            "POST",
            json.dumps(body),
            Authorization=f"Bearer {token}",
            Content_Type="application/json",
        )
        assert answer.status == 201, text
        while b"site-tern-cottage" not in said:
            said = news.readline()
            assert said, "the stream ended before the report came"


def test_plain_http_leads_to_https(front: Front) -> None:
    with socket.create_connection(("127.0.0.1", front.plain), 10) as client:
        client.sendall(b"GET /how-we-count HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n")
        said = client.recv(4096)
    assert said.startswith(b"HTTP/1.1 301 ")
    assert b"Location: https://board.example.org/how-we-count\r\n" in said


def test_nothing_about_a_visitor_is_written_anywhere(front: Front, product: Product) -> None:
    front.ask(f"/?who=women&{SECRET.decode()}")
    front.ask("/sites/nowhere?" + SECRET.decode())
    assert front.ask(f"/?{'x' * 30_000}{SECRET.decode()}")[0].status == 414
    assert front.ask("/sign-in", "POST", "x" * 2_000_000 + SECRET.decode())[0].status == 413
    front.send_nonsense()
    written = front.written() + b"".join(
        path.read_bytes() for path in (product.said_in, *product.var.rglob("*")) if path.is_file()
    )
    assert [trace for trace in TRACES if trace in written] == []


def test_an_upstream_that_is_down_is_told_in_plain_words_and_not_in_a_log(tmp_path: Path) -> None:
    front = Front(tmp_path / "nginx", free_port())
    try:
        for method in ("GET", "POST"):
            answer, text = front.ask(f"/?{SECRET.decode()}", method, SECRET.decode())
            assert answer.status == 502
            assert "The board can’t be reached right now" in text
            assert "Le tableau est inaccessible" in text
            assert answer.headers["Cache-Control"] == "no-store"
        assert [trace for trace in TRACES if trace in front.written()] == []
    finally:
        front.end()


def test_the_same_requests_leave_traces_where_the_two_lines_are_missing(tmp_path: Path) -> None:
    """That the proof above is one: with nginx's own logs, all three are found."""
    front = Front(
        tmp_path / "nginx",
        free_port(),
        ("access_log off;", f"access_log {tmp_path}/nginx/access.log combined;"),
        ("error_log /dev/null emerg;", f"error_log {tmp_path}/nginx/error.log info;"),
    )
    try:
        front.ask(f"/?{SECRET.decode()}")
        front.send_nonsense()
        assert [trace for trace in TRACES if trace not in front.written()] == []
    finally:
        front.end()


def test_what_a_visitor_claims_about_themselves_ends_at_the_proxy(tmp_path: Path) -> None:
    seen: list[dict[str, str]] = []

    class Upstream(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    upstream = HTTPServer(("127.0.0.1", 0), Upstream)
    Thread(target=upstream.serve_forever, daemon=True).start()
    front = Front(tmp_path / "nginx", upstream.server_port)
    try:
        front.ask(
            "/",
            Host="evil.example",
            X_Forwarded_For="6.6.6.6",
            X_Forwarded_Host="evil.example",
            X_Forwarded_Proto="http",
            X_Forwarded_Port="81",
            X_Forwarded_Prefix="/evil",
            X_Real_IP="6.6.6.6",
            Forwarded="for=6.6.6.6;host=evil.example",
        )
    finally:
        front.end()
        upstream.shutdown()
        upstream.server_close()
    (headers,) = seen
    told = {name: headers[name] for name in headers if "forwarded" in name or "ip" in name}
    assert headers["host"] == "board.example.org"
    assert told == {
        "x-forwarded-for": VISITOR,
        "x-forwarded-proto": "https",
        "x-forwarded-host": "board.example.org",
    }


def test_the_service_is_one_that_systemd_understands(tmp_path: Path) -> None:
    """All but the path of the program, which is not there before it is installed."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze here")
    shipped = (ROOT / "deploy" / "bedboard.service").read_text(encoding="utf-8")
    program = "/opt/bedboard/.venv/bin/python"
    assert shipped.count(program) == 1
    unit = tmp_path / "bedboard.service"
    unit.write_text(shipped.replace(program, "/bin/true"), encoding="utf-8")
    found = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (0, "")
