"""History that lasts: one reader of archive and stream, and what makes it safe to trim."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashboard.config import Settings
from dashboard.events import Noted, told_at
from dashboard.store import Store

from . import values
from .values import NOW


@pytest.fixture
def store(settings: Settings) -> Store:
    made = Store(settings.store_url, settings.community)
    made.profiles.save(values.SITES, values.GROUPS, "server", NOW)
    return made


def test_the_reader_gives_what_was_told_in_a_window_oldest_first(store: Store):
    for minutes in (10, 20, 30):
        at = NOW + timedelta(minutes=minutes)
        store.tokens.create(f"feed {minutes}", None, "server", at)
    since, until = NOW + timedelta(minutes=20), NOW + timedelta(minutes=30)
    found = list(store.archive.events(since, until))
    assert [(type(one), told_at(one)) for one in found] == [(Noted, since)]
    every = list(store.archive.events())
    assert every == list(store.stream.events())
    assert every == sorted(every, key=lambda one: one.version.point)
