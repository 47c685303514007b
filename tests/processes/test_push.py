"""The process that tells phones, killed with its store between two rises: each is told once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.beds import Source
from dashboard.clock import horizons
from dashboard.people import Person, Role
from dashboard.reports import Report, ReportKind
from dashboard.rows import Moment
from dashboard.store import Phone, Store, StoreDown, fingerprint
from dashboard.watches import Watch, look
from tests.by_hand import wait_until
from tests.pushes import Device, PushService, push_service
from tests.values import DAY, GROUPS, SITES

from .product import Product

pytestmark = pytest.mark.processes
OMAR = Person("p-out", "omar", "Omar", Role.OUTREACH, agency="Street team")
MATS = "northside/mats"


@pytest.fixture
def service() -> Iterator[PushService]:
    with push_service() as service:
        yield service


@pytest.fixture
def product(tmp_path: Path, service: PushService) -> Iterator[Product]:
    product = Product(tmp_path / "var", COMMUNITY="riverbend", PUSH_SERVICES=service.url)
    yield product
    product.end()


@pytest.fixture
def store(product: Product, service: PushService) -> Iterator[Store]:
    """Omar waits for a mat, and his phone will be told."""
    product.start()
    store, now = Store(f"unix://{product.store.path}", "riverbend"), datetime.now(UTC)
    store.profiles.save(SITES, GROUPS, "test", now)
    store.people.welcome(store.people.invite(OMAR, "server", now), OMAR, "a-proof", now)
    mark, device = fingerprint(store.sessions.begin("p-out", "a-proof")), Device(service).fields
    moment = Moment(store.stream.snapshot(DAY), now)
    end = now + timedelta(hours=1)
    watch = Watch("w-1", "p-out", (MATS,), end, (), (), look(moment))
    store.watches.make(watch, 1, "a-key-of-his", now)
    store.watches.keep_phone(mark, Phone("p-out", **device, language="en"), now)
    yield store
    store.connection.close()


def report(store: Store, open_: int) -> None:
    now = datetime.now(UTC)
    said = ("northside", "mats", ReportKind.CHANGE, open_, now, Source.DESK, "p-north", f"{now}")
    assert store.reports.report(Report(*said), horizons(now, DAY), now).kept


def noted(store: Store) -> tuple[str, ...]:
    try:
        ((watch,), _) = store.watches.to_do(datetime.now(UTC))
    except StoreDown:
        return ("nobody knows",)
    return watch.some


def test_killed_with_its_store_it_tells_the_next_rise_and_no_rise_twice(
    product: Product, store: Store, service: PushService
) -> None:
    report(store, 2)
    wait_until(lambda: len(service.arrived) == 1)
    os.kill(product.pid("dashboard.push"), signal.SIGKILL)
    os.kill(product.pid("valkey-server"), signal.SIGKILL)
    wait_until(lambda: "The push sender ended (signal 9); it is started again." in product.said)
    wait_until(product.keeps)
    report(store, 0)
    wait_until(lambda: noted(store) == ())
    report(store, 1)
    wait_until(lambda: len(service.arrived) == 2)
    assert noted(store) == (MATS,)
    assert "wpush" not in product.said
    os.kill(product.pid("dashboard.run"), signal.SIGTERM)
    wait_until(lambda: product.pids() == {})
