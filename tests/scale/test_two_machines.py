"""Two web machines behind the shipped nginx, one store: no page and no person can tell which."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPResponse
from http.cookiejar import CookieJar
from itertools import count
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPSHandler, build_opener

import pytest

from dashboard.embedded import Server
from dashboard.store import Store
from tests.by_hand import wait_until
from tests.desks import CAST, PASSWORD, PROOF
from tests.processes.front import Front, trusting
from tests.processes.product import Product
from tests.processes.test_live import Page
from tests.values import DAY, GROUPS, SITES

pytestmark = pytest.mark.scale
SAM = CAST["desk_at_riverbank"]
PATH = "/api/v1/sites/riverbank/groups/women/reports"
numbers = count(21)


class Province:
    """The machines, what they share, and what a visitor sees of them."""

    def __init__(self, folder: Path) -> None:
        self.sent: dict[str, str] = {}  # the same key carries the same words
        self.server = Server(folder / "valkey", folder / "valkey.sock")
        self.server.start()
        url = f"unix://{self.server.path}"
        shared = {"REDIS_URL": url, "SECRET_KEY": "k" * 40, "COMMUNITY": "riverbend"}
        rest = {"TRUST_PROXY": "yes", "WORKERS": "1", "THREADS": "8"}
        self.machines = []
        for name in ("one", "two"):
            (folder / name).mkdir()
            self.machines.append(Product(folder / name / "var", **shared, **rest))
        self.started = [machine.launch() for machine in self.machines]
        self.store = Store(url, "riverbend")
        self.store.profiles.save(SITES, GROUPS, "test", datetime.now(UTC))
        self.store.people.welcome(
            self.store.people.invite(SAM, "server", datetime.now(UTC)),
            SAM,
            PROOF,
            datetime.now(UTC),
        )
        self.token = self.store.tokens.create("sensor", None, "test", datetime.now(UTC))
        for machine in self.machines:
            wait_until(lambda m=machine: "The board is at" in m.said and m.healthy(), 40)  # type: ignore[misc]
        one, two = (machine.port for machine in self.machines)
        both = (f"server 127.0.0.1:{one};", f"server 127.0.0.1:{one}; server 127.0.0.1:{two};")
        self.front = Front(folder / "nginx", one, both)

    @property
    def version(self) -> str:
        return str(self.store.stream.snapshot(DAY).version)

    def report(self, machine: Product | None, open_: int, key: str) -> tuple[int, dict[str, str]]:
        """By the proxy, or straight to one machine; the status and the answer."""
        now = datetime.now(UTC).isoformat()
        body = json.dumps({"kind": "change", "open": open_, "observed_at": now})
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        way = HTTPConnection("127.0.0.1", machine.port) if machine else self.front.connection()
        with closing(way):
            way.request("POST", PATH, self.sent.setdefault(key, body), headers)
            answer: HTTPResponse = way.getresponse()
            return answer.status, json.loads(answer.read())

    def end(self) -> None:
        self.front.end()
        for process in self.started:
            process.terminate()
            process.wait(60)
        for machine in self.machines:
            machine.end()
        self.store.connection.close()
        self.server.stop()


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    province = Province(tmp_path_factory.mktemp("province"))
    yield province
    province.end()


def get(machine: Product, path: str, **headers: str) -> tuple[int, str]:
    with closing(HTTPConnection("127.0.0.1", machine.port)) as way:
        way.request("GET", path, headers={"Accept-Language": "en"} | headers)
        answer = way.getresponse()
        return answer.status, answer.read().decode()


def test_a_report_on_one_machine_is_on_the_pages_of_the_other(province: Province) -> None:
    since = province.version
    pages = [Page(machine, since) for machine in province.machines for _ in range(2)]
    assert [page.status for page in pages] == [200] * 4
    for machine in (*province.machines, None):
        open_ = next(numbers)
        assert province.report(machine, open_, f"pages-{open_}")[0] == 201
        for page in pages:
            assert page.read_until(f"<b>{open_}</b>".encode())
        for other in province.machines:
            wait_until(lambda o=other, n=open_: f"<b>{n}</b>" in get(o, "/")[1])  # type: ignore[misc]
    for page in pages:
        page.close()


def test_a_page_that_comes_back_to_the_other_machine_misses_nothing(province: Province) -> None:
    one, two = province.machines
    page = Page(one, province.version)
    open_ = next(numbers)
    assert province.report(one, open_, f"back-{open_}")[0] == 201
    assert page.read_until(f"<b>{open_}</b>".encode())
    (*_, seen) = re.findall(rb"^id: (\S+)", page.read, re.M)
    page.close()
    missed = next(numbers)
    assert province.report(two, missed, f"back-{missed}")[0] == 201
    back = Page(two, seen.decode())
    assert back.read_until(f"<b>{missed}</b>".encode())
    back.close()


def test_a_report_sent_again_to_the_other_machine_is_answered_as_before(
    province: Province,
) -> None:
    one, two = province.machines
    status, first = province.report(one, next(numbers), "twice")
    assert status == 201
    for machine in (two, None, None):
        status, again = province.report(machine, 0, "twice")
        assert (status, again["entry"]) == (200, first["entry"])


def test_who_signed_in_on_one_machine_is_signed_in_on_the_other(province: Province) -> None:
    place = f"https://127.0.0.1:{province.front.port}"
    browser = build_opener(
        HTTPSHandler(context=trusting()), HTTPCookieProcessor(jar := CookieJar())
    )
    form = browser.open(place + "/sign-in", timeout=15).read().decode()
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    fields = {"login": SAM.login, "password": PASSWORD}
    home = browser.open(place + "/sign-in", urlencode(hidden | fields).encode(), timeout=15)
    assert home.url == f"{place}/desk/riverbank"
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
    for machine in province.machines:
        status, words = get(machine, "/desk/riverbank", Cookie=cookies)
        assert status == 200
        assert "Sam" in words


def test_one_machine_that_dies_takes_nothing_with_it(province: Province) -> None:
    """The last of these tests: it leaves one machine."""
    page = Page(province.machines[1], province.version)
    first, *_ = province.machines
    first.end()
    province.started[0].wait(60)
    open_ = next(numbers)
    wait_until(lambda: province.report(None, open_, "survivor")[0] in (200, 201))
    assert page.read_until(f"<b>{open_}</b>".encode())
    assert f"<b>{open_}</b>" in province.front.ask("/")[1]
    page.close()
