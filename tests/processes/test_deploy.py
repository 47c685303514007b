"""The proxy and service files that the project ships: a real nginx before a real product."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.cookiejar import CookieJar
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPSHandler, build_opener

import pytest

from tests.by_hand import wait_until

from .front import TRACES, VISITOR, Front, trusting
from .product import ROOT, Product, free_port
from .test_privacy import SECRET

pytestmark = pytest.mark.processes


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


def test_the_first_coordinator_is_let_in_through_it_and_no_log_keeps_the_link(
    front: Front, product: Product
) -> None:
    (path,) = re.findall(r"(/welcome\?link=\S+)", product.said)
    place = f"https://127.0.0.1:{front.port}"
    browser = build_opener(
        HTTPSHandler(context=trusting()), HTTPCookieProcessor(jar := CookieJar())
    )
    form = browser.open(place + path, timeout=15).read().decode()
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', form))
    fields = {"name": "Rowan", "login": "rowan", "password": "seven otters read slowly"}
    home = browser.open(place + "/welcome", urlencode(hidden | fields).encode(), timeout=15)
    assert (home.status, home.url) == (200, place + "/tonight")
    assert jar
    assert all(cookie.secure for cookie in jar)
    assert hidden["link"].encode() not in front.written()


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


def test_commands_on_a_server_get_the_service_s_settings(tmp_path: Path) -> None:
    shipped = (ROOT / "deploy" / "board").read_text(encoding="utf-8")
    service = (ROOT / "deploy" / "bedboard.service").read_text(encoding="utf-8")
    file, command = "/etc/bedboard.env", "runuser -u bedboard -- /opt/bedboard/.venv/bin/flask"
    assert f"EnvironmentFile=-{file}" in service
    assert "VAR=/var/lib/bedboard" in service
    assert command in shipped
    (tmp_path / "env").write_text('COMMUNITY_NAME="Kamloops and around"\n')
    script = shipped.replace(command, "env printenv VAR COMMUNITY_NAME; :")
    script = script.replace(file, str(tmp_path / "env")).replace("exec env", "env")
    said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    assert said == "/var/lib/bedboard\nKamloops and around\n"


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
