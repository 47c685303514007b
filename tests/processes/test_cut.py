"""A connection that breaks within a POST, at every point: sent again, it counts once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

import pytest

from dashboard.store import Store
from tests.by_hand import wait_until
from tests.desks import CAST, PASSWORD, PROOF, forms
from tests.values import GROUPS, SITES
from tests.wire import Wire

from .product import Product

pytestmark = pytest.mark.processes
DESK = "/desk/riverbank"
REPORTS = f"{DESK}/groups/women/reports"
STEP = 41  # bytes between two cuts; the ends are cut to the byte


class Desk:
    """A browser without script, by hand: it keeps its cookies and can send a form again."""

    def __init__(self, port: int):
        self.port, self.cookies, self.script = port, {}, False
        self.page = self.get("/sign-in")
        (form,) = forms(self.page, "/sign-in")
        self.post("/sign-in", form | {"login": "sam", "password": PASSWORD})

    def get(self, path: str) -> str:
        return self.ask("GET", path)[1]

    def post(self, path: str, fields: dict[str, str]) -> tuple[int, str]:
        return self.ask("POST", path, urlencode(fields))

    def ask(self, method: str, path: str, body: str = "") -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        headers |= {"HX-Request": "true"} if self.script else {}
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            said = answer.read().decode()
            for cookie in answer.headers.get_all("Set-Cookie", []):
                name, value = re.match(r"([^=]+)=([^;]*)", cookie).groups()  # type: ignore[union-attr]
                self.cookies[name] = value
            return answer.status, said
        finally:
            connection.close()

    def until_answered(self, fields: dict[str, str]) -> int:
        """Sends one form until an answer comes whole, as a reload does."""
        for _ in range(3):
            try:
                return self.post(REPORTS, fields)[0]
            except (OSError, HTTPException):
                continue
        raise AssertionError("no answer came")


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    running = Product(tmp_path_factory.mktemp("cut") / "var", COMMUNITY="riverbend")
    process = running.start()
    yield running
    process.terminate()
    process.wait(60)
    running.end()


@pytest.fixture(scope="module")
def store(product: Product) -> Iterator[Store]:
    store, now = Store(f"unix://{product.store.path}", "riverbend"), datetime.now(UTC)
    store.profiles.save(SITES, GROUPS, "test", now)
    sam = CAST["desk_at_riverbank"]
    store.people.welcome(store.people.invite(sam, "server", now), sam, PROOF, now)
    yield store
    store.connection.close()


@pytest.fixture(scope="module")
def wire(product: Product) -> Iterator[Wire]:
    wire = Wire(product.port)
    yield wire
    wire.close()


@pytest.mark.parametrize("script", [False, True], ids=["a form", "by script"])
def test_wherever_a_post_is_cut_the_same_form_again_makes_one_report(
    store: Store, wire: Wire, script: bool
) -> None:
    desk = Desk(wire.port)
    desk.script = script
    keys = iter(range(10_000))

    def report() -> dict[str, str]:
        (form, *_) = forms(desk.get(DESK), REPORTS)
        fields = {"csrf_token": form["csrf_token"], "kind": "change", "value": "12"}
        return fields | {"key": f"cut-{script}-{next(keys):06}"}

    wire.posts.clear()
    desk.until_answered(report())
    wait_until(lambda: bool(wire.posts))  # the wire notes it once both ends have hung up
    up, back = wire.posts[-1]
    fields, broken = report(), 0
    for way, length in (("up", up), ("back", back)):
        for count in sorted({0, 1, *range(2, length, STEP), length - 1, length}):
            fields |= {"key": f"cut-{script}-{next(keys):06}"}
            before = entries(store)
            wire.cut_at(way, count)
            answer = desk.until_answered(fields)
            assert answer == (200 if script else 303)
            assert wire.whole, "the cut was made"
            assert entries(store) == before + 1, f"cut {way} after {count} bytes"
            broken += 1
    assert broken > 20


def entries(store: Store) -> int:
    return int(store.connection.client.xlen(store.connection.key("events")))
