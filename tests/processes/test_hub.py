"""The hub holds the open pages: whatever happens to the web server drops none of them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashboard import create_app
from dashboard.board import Board
from dashboard.config import Settings
from dashboard.live.handoff import Door
from dashboard.people import Person, Role
from dashboard.reports import Outcome
from dashboard.store import PIN, Store
from tests.by_hand import wait_until
from tests.riverbend import Follower
from tests.values import DAY, GROUPS, SITES

from .product import ROOT, Product
from .test_live import Page, open_page, report, version

pytestmark = pytest.mark.processes
PAGES = 200
HUB = "dashboard.live"
SECRET = "a key for tests alone, never for a board"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    var: Path = tmp_path_factory.mktemp("hub") / "var"
    running = Product(var, THREADS="4", WORKERS="2", COMMUNITY="riverbend", SECRET_KEY=SECRET)
    process = running.start()
    yield running
    process.terminate()
    process.wait(60)
    running.end()


@pytest.fixture(scope="module")
def store(product: Product) -> Iterator[Store]:
    store = Store(f"unix://{product.store.path}", "riverbend")
    store.profiles.save(SITES, GROUPS, "test", datetime.now(UTC))
    wait_until((product.var / "pages.sock").exists)
    yield store
    store.connection.close()


@pytest.fixture
def pages(product: Product, store: Store) -> Iterator[list[Page]]:
    door = Door(product.var / "pages.sock")
    wait_until(lambda: door.open, 20)  # a test before may have killed the hub
    since = version(store)
    opened = [Page(product, since) for _ in range(PAGES)]
    assert [page.status for page in opened] == [200] * PAGES, "all but four come from the hub"
    yield opened
    for page in opened:
        page.close()


def told(store: Store, pages: list[Page], open_: int, key: str) -> None:
    """A report is saved, and every page has it once and on the same stream as before."""
    assert report(store, open_, key) is Outcome.SAVED
    for page in pages:
        assert page.read_until(f"<b>{open_}</b>".encode())
    assert {page.read.count(f"<b>{open_}</b>".encode()) for page in pages} == {2}


def kill_a_worker(product: Product) -> None:
    master = product.pid("gunicorn", parent=product.pid("dashboard.run"))
    worker = next(
        pid for pid, command in product.pids().items() if "gunicorn" in command and pid != master
    )
    os.kill(worker, signal.SIGKILL)


def reload(product: Product) -> None:
    os.kill(product.pid("gunicorn", parent=product.pid("dashboard.run")), signal.SIGHUP)


def kill_the_web_server(product: Product) -> None:
    os.kill(product.pid("gunicorn", parent=product.pid("dashboard.run")), signal.SIGKILL)


@pytest.mark.parametrize("harm", [reload, kill_a_worker, kill_the_web_server])
def test_no_page_is_dropped_by_what_happens_to_the_web_server(
    product: Product, store: Store, pages: list[Page], harm: Callable[[Product], None]
) -> None:
    number = 100 + len(harm.__name__)
    told(store, pages, number, f"{harm.__name__}-before")
    harm(product)
    told(store, pages, number + 50, f"{harm.__name__}-during")
    wait_until(product.healthy, 30)
    told(store, pages, number + 100, f"{harm.__name__}-after")


def test_a_new_hub_takes_every_page_from_the_old_one(
    product: Product, store: Store, pages: list[Page]
) -> None:
    stalled = Page(product, version(store))
    stalled.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    told(store, pages, 301, "old hub")
    old = product.pid(HUB)
    heir = subprocess.Popen(
        [sys.executable, "-m", HUB], cwd=ROOT, env=os.environ | product.settings
    )
    # The supervisor starts another in place of the old one, and that takes over from the heir.
    wait_until(lambda: heir.poll() == 0 and old not in product.pids(), 30)
    told(store, pages, 302, "new hub")
    late = Page(product, version(store))
    assert late.status == 200
    told(store, pages, 303, "both kinds")
    assert late.read_until(b"<b>303</b>")
    assert stalled.read_until(b"<b>303</b>"), "a page in the middle of a message ends right too"
    late.close()
    stalled.close()


def test_a_page_that_does_not_read_holds_nobody_up_and_ends_at_the_newest_state(
    product: Product, store: Store, pages: list[Page]
) -> None:
    stalled = Page(product, "other:1-0")  # its first message is the whole board
    for number in range(400, 600):
        assert report(store, number, f"stalled-{number}") is Outcome.SAVED
    for page in pages:
        assert page.read_until(b"<b>599</b>")
    assert stalled.read_until(b"<b>599</b>")
    stalled.close()


def test_a_killed_hub_is_back_and_pages_that_return_have_missed_nothing(
    product: Product, store: Store, pages: list[Page]
) -> None:
    seen = version(store)
    os.kill(product.pid(HUB), signal.SIGKILL)
    assert report(store, 700, "while no hub lives") is Outcome.SAVED
    assert not pages[0].read_until(b"<b>701</b>"), "its stream has ended"
    wait_until(lambda: HUB in "".join(product.pids().values()))
    again = open_page(product, store, seen)
    assert again.read_until(b"<b>700</b>")
    again.close()


def test_a_revoked_session_hears_no_more(product: Product, store: Store, pages: list[Page]) -> None:
    now = datetime.now(UTC)
    person = Person("p-sam", "sam", "Sam", Role.DESK, ("riverbank",))
    token = store.people.invite(person, "server", now)
    store.people.welcome(token, person, "a proof", now)
    session = store.sessions.begin(person.id, "a proof")
    desk = Page(product, f"{version(store)}&desk=riverbank", cookie(session))
    stranger = Page(product, f"{version(store)}&desk=riverbank")
    assert (desk.status, stranger.status) == (200, 303)
    assert report(store, 41, "heard at the desk") is Outcome.SAVED
    assert desk.read_until(b"event: figures")
    assert b"<b>41</b>" not in desk.read, "a desk asks for its figures itself"
    store.sessions.end(session)
    assert not desk.read_until(b"nothing has these words"), "its stream has ended"
    told(store, pages, 42, "the others go on")


@pytest.mark.parametrize("how", ["revoked", "new PIN"])
def test_a_desks_device_hears_no_more_with_its_end_or_its_persons(
    product: Product, store: Store, pages: list[Page], how: str
) -> None:
    now = datetime.now(UTC)
    person = Person("p-alex", "alex", "Alex", Role.DESK, ("riverbank",))
    store.people.welcome(
        store.people.invite(person, "server", now), person, "a proof", now, "of a PIN"
    )
    secret = store.devices.enrol(store.devices.make("Tablet", "riverbank", "p-cor", now), now)
    device, known = store.devices.find(secret, now), store.people.find(person.id)
    assert device
    assert known
    store.shifts.begin(device, known, PIN, now)
    desk = Page(product, f"{version(store)}&desk=riverbank", f"bedboard_desk={secret}")
    other = Page(product, f"{version(store)}&desk=northside", f"bedboard_desk={secret}")
    assert (desk.status, other.status) == (200, 404)
    if how == "revoked":
        store.devices.revoke(device.id, "p-cor", now)
    else:
        store.people.set_pin(person.id, "another", now)
    assert not desk.read_until(b"nothing has these words"), "its stream has ended"
    told(store, pages, 43 if how == "revoked" else 44, f"the others go on when {how}")


def cookie(session: str) -> str:
    """What a browser holds that is signed in with this session."""
    app = create_app(Settings(secret_key=SECRET), Follower(Board(DAY)))
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return f"bedboard={serializer.dumps({'token': session})}"
