"""Durable reports a second: by the API, from the desk's form, and Express beside them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from urllib.parse import urlencode

from dashboard.passwords import Passwords
from dashboard.people import Person, Role

from .bench import SITES, Bench
from .clients import requests
from .machine import cpu
from .servers import Express, Ours, Server
from .tables import Table, middle, ratio
from .town import GROUP, Town, site_id

PASSWORD = "six quiet geese at dawn"
CONNECTIONS = 16
REPORT = b'{"kind": "change", "open": {v}, "observed_at": "{now0000000000000000000}"}'


@dataclass(frozen=True, slots=True)
class Run:
    """One run: reports kept a second, how long one took in ms, and its CPU in microseconds."""

    rate: float
    p50: float
    p99: float
    cpu: float


def post(path: str, body: bytes, **headers: str) -> bytes:
    """A POST as the load client sends it."""
    told = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    size = len(body.replace(b"{site}", b"s00000"))
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{told}Content-Length: {size}\r\n\r\n"
    return head.encode() + body


def by_api(server: Server) -> bytes:
    token = f"Bearer {server.town.token()}"
    kept = {"Authorization": token, "Idempotency_Key": "{number00}"}
    path = f"/api/v1/sites/{{site}}/groups/{GROUP}/reports"
    return post(path, REPORT, Content_Type="application/json", **kept)


def by_express(server: Server) -> bytes:
    kept = {"Idempotency_Key": "{number00}", "Content_Type": "application/json"}
    return post("/report/{site}", REPORT, **kept)


def by_form(server: Server, **headers: str) -> bytes:
    """What a signed-in browser sends when somebody types a number."""
    enrol(server.town)
    cookie = signed_in(server.port)
    page = fetch(server.port, f"/desk/{site_id(0)}", cookie)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token, "the desk's page has no form"
    fields = urlencode({"csrf_token": token[1], "kind": "change"}).encode()
    body = fields + b"&value={v}&key={number00}-bench-1"
    kind = "application/x-www-form-urlencoded"
    path = f"/desk/{{site}}/groups/{GROUP}/reports"
    return post(path, body, Content_Type=kind, Cookie=cookie, **headers)


def by_script(server: Server) -> bytes:
    """The same by htmx, which is answered with the figures."""
    return by_form(server, HX_Request="true")


def enrol(town: Town) -> None:
    """Somebody who may report for every site."""
    people, now = town.store.people, datetime.now(UTC)
    person = Person("p-bench", "bench", "Bench", Role.DESK, tuple(map(site_id, range(SITES))))
    link = people.invite(person, "server", now)
    people.welcome(link, person, Passwords().hash(PASSWORD), now)


def signed_in(port: int) -> str:
    """The cookie of a new session, with the token against forged forms in it."""
    line = HTTPConnection("127.0.0.1", port, timeout=30)
    line.request("GET", "/sign-in")
    answer = line.getresponse()
    token = re.search(r'name="csrf_token" value="([^"]+)"', answer.read().decode())
    fields = {"login": "bench", "password": PASSWORD, "csrf_token": token[1] if token else ""}
    headers = {"Cookie": _session(answer.headers.get_all("Set-Cookie", []))}
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    line.request("POST", "/sign-in", urlencode(fields), headers)
    answer = line.getresponse()
    answer.read()
    line.close()
    first = _session(answer.headers.get_all("Set-Cookie", []))
    line.request("GET", f"/desk/{site_id(0)}", headers={"Cookie": first})
    answer = line.getresponse()
    answer.read()
    line.close()
    return _session(answer.headers.get_all("Set-Cookie", [])) or first


def _session(cookies: list[str]) -> str:
    """The session's cookie of those that an answer sets; '' where it sets none."""
    return next((one.split(";")[0] for one in cookies if one.startswith("bedboard=")), "")


def fetch(port: int, path: str, cookie: str) -> str:
    line = HTTPConnection("127.0.0.1", port, timeout=30)
    line.request("GET", path, headers={"Cookie": cookie})
    text = line.getresponse().read().decode()
    line.close()
    return text


WAYS: list[tuple[str, type[Server], Callable[[Server], bytes]]] = [
    ("this product, API", Ours, by_api),
    ("this product, desk's form", Ours, by_form),
    ("this product, desk by script", Ours, by_script),
    ("Express, no sign-in, one script", Express, by_express),
]


def measure(
    bench: Bench, kind: type[Server], ask: Callable[[Server], bytes], seconds: float
) -> Run | None:
    """As many reports as it takes; the store must then hold as many as were acknowledged."""
    with bench.serving(kind) as server:
        if server is None:
            return None
        asked = ask(server)
        requests(server.port, asked, seconds / 4, CONNECTIONS)
        used, before = cpu(server.pids), server.entries()
        found = requests(server.port, asked, seconds, CONNECTIONS)
        used = cpu(server.pids) - used
        if (kept := server.entries() - before) < found.good:
            raise RuntimeError(f"{kind.name}: {found.good} acknowledged, {kept} kept")
        if found.bad or found.lost:
            bench.say(f"{kind.name}: {found.bad} refused, {found.lost} lost")
        return Run(found.rate, found.p50, found.p99, 1e6 * used / max(1, found.good))


def run(bench: Bench) -> list[Table]:
    runs: dict[str, list[Run]] = {name: [] for name, *_ in WAYS}
    for _ in range(bench.runs):
        for name, kind, ask in WAYS:
            if one := measure(bench, kind, ask, 1.0 if bench.quick else 5.0):
                runs[name].append(one)
                bench.say(f"{name}: {one.rate:,.0f} reports/s")
    peer = middle([one.rate for one in runs[WAYS[-1][0]]])
    rows = []
    for name, own in runs.items():
        rate, *others = (middle([getattr(one, part) for one in own]) for part in Run.__slots__)
        rows.append([name, rate, ratio(rate, peer), *others])
    head = ["way", "reports/s", "× Express", "p50, ms", "p99, ms", "CPU each, µs"]
    note = f"Each on disk before it is answered (`appendfsync always`); {CONNECTIONS} connections."
    return [Table(head, rows, note)]
