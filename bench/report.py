"""How long the coordinator's report takes: of a season, a month and a night, and the first count.

A winter of 200 nights at 30 sites, in a store of its own, asked within one process: what is
measured is the page and the store, not a web server.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from flask.testing import FlaskClient

from dashboard import create_app, shelf
from dashboard.config import Settings
from dashboard.passwords import Passwords
from dashboard.people import Person, Role
from dashboard.store import Store
from tests.winter import Winter, written

from .bench import Bench
from .tables import Table, middle

KEEP = timedelta(days=35)  # that the stream has what is archived
LATER = timedelta(hours=1)  # after the last night: it is archived then
PASSWORD = "six quiet geese at dawn"
CORY = Person("p-cor", "cory", "Cory", Role.COORDINATOR)
PAGES = {
    "a season": "/report?of={first.year}-winter",
    "a season of one site": "/report?of={first.year}-winter&site=s3",
    "a month": "/report?of={first:%Y-%m}",
    "a night": "/report?of={first:%Y-%m-%d}",
    "the record, newest page": "/record",
}


def run(bench: Bench) -> list[Table]:
    nights, sites = (12, 6) if bench.quick else (200, 30)
    winter = Winter(nights, sites, first=datetime(2025, 10, 1))
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    settings = Settings(
        var=folder, redis_url=f"unix://{bench.keeper}", community="winter", secret_key="k" * 32
    )
    store = Store(settings.store_url, "winter", shelf=shelf.of(settings))
    try:
        entries = written(winter, store.connection.client, store.connection.key("events"))
        bench.say(f"{entries:,} entries")
        store.archiving.daily(settings.day, winter.over + LATER, KEEP)
        begun = time.perf_counter()
        store.digests.count(settings.day, winter.over + LATER, most=None)
        first = (time.perf_counter() - begun) * 1000
        client = _signed_in(store, settings, winter)
        rows = [
            [name, _median(client, path.format(first=winter.first), bench)]
            for name, path in PAGES.items()
        ]
    finally:
        store.connection.close()
        shutil.rmtree(folder, ignore_errors=True)
    rows.append([f"the first count of all {nights} nights", first])
    note = f"{nights} nights, {sites} sites, {entries:,} entries; median of {_looks(bench)} looks."
    return [Table(["page", "ms"], rows, note)]


def _signed_in(store: Store, settings: Settings, winter: Winter) -> FlaskClient:
    store.connection.check()
    token = store.people.invite(CORY, "server", winter.over)
    store.people.welcome(token, CORY, Passwords().hash(PASSWORD), winter.over)
    client = create_app(settings, clock=lambda: winter.over + LATER).test_client()
    page = client.get("/sign-in").text
    found = re.search(r'name="csrf_token" value="([^"]*)"', page)
    given = {"login": "cory", "password": PASSWORD, "csrf_token": found[1] if found else ""}
    assert client.post("/sign-in", data=given).status_code == 303
    return client


def _looks(bench: Bench) -> int:
    return 3 if bench.quick else 15


def _median(client: FlaskClient, path: str, bench: Bench) -> float | None:
    took = []
    for _ in range(_looks(bench)):
        begun = time.perf_counter()
        answer = client.get(path)
        took.append((time.perf_counter() - begun) * 1000)
        if answer.status_code != 200:
            return None
    return middle(took)
