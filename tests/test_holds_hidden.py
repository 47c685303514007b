"""Nobody can be waited for: that a bed is kept, for when and how many, is in no public byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from dashboard.beds import HoldEnd, Source
from dashboard.clock import horizons
from dashboard.config import Settings
from dashboard.people import Hand
from dashboard.reports import Report, ReportKind
from dashboard.store import Grip

from .by_hand import wait_until
from .desks import Town, riverbend
from .values import DAY, VAN, WOMEN, hold

SECRETS = ("canyon", "orange", "Street team", "h-secret", "p-van", "holds", "kept", "held", "5371")
PATHS = (
    "/",
    "/?lang=fr",
    "/?guest=woman",
    "/sites/riverbank",
    "/sites/riverbank?lang=fr",
    "/api/v1/board",
    "/healthz",
    "/readyz",
    "/static/app.js",
)
DESK = Hand("p-river", Source.DESK)


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        yield town


@pytest.mark.parametrize("then", ["kept", "arrived", "taken-back", "lapsed"])
def test_the_public_sees_fewer_beds_and_nothing_else(town: Town, then: str) -> None:
    judge, now = horizons(town.now, DAY), town.now
    count = Report("riverbank", "women", ReportKind.CHANGE, 5371, now, Source.DESK, "p-river", "k")
    town.store.reports.report(count, judge, now)
    one = replace(hold("h-secret", WOMEN, now), code="canyon orange", agency="Street team")
    assert town.store.holds.keep(one, judge, VAN).kept
    grip = Grip(one.id, DESK, "tap", site="riverbank")
    if then == "arrived":
        town.store.holds.arrive(grip, now, judge, now)
    if then == "taken-back":
        town.store.holds.end(grip, HoldEnd.TAKEN_BACK, now)
    if then == "lapsed":
        town.later(minutes=90)
        town.store.holds.lapse(one, town.now)
    visitor, follower = town.as_("visitor"), town.app.extensions["follower"]
    visitor.open("/")
    wait_until(lambda: town.store.stream.behind(follower.board.version)[0] == 0)
    free = "5370" if then in ("kept", "arrived") else "5371"
    for path in PATHS:
        answer = visitor.open(path, buffered=True)
        assert answer.status_code == 200, path
        found = [one for one in SECRETS if one in answer.text and one != free]
        assert not found, f"{path} tells {found}"
    if then != "lapsed":
        board = visitor.open("/api/v1/board").json
        groups = [g for site in board["sites"] for g in site["groups"] if g["id"] == "women"]
        assert [str(g["available"]) for g in groups] == [free]


def test_an_export_of_sites_holds_no_hold(town: Town) -> None:
    now = town.now
    count = Report("riverbank", "women", ReportKind.CHANGE, 3, now, Source.DESK, "p-river", "k")
    town.store.reports.report(count, horizons(now, DAY), now)
    one = replace(hold("h-secret", WOMEN, now), code="canyon orange", agency="Street team")
    town.store.holds.keep(one, horizons(now, DAY), VAN)
    runner = town.app.test_cli_runner()
    told = runner.invoke(args=["sites", "export", "-", "--groups", "-"]).output
    assert "Riverbank House" in told
    assert not [secret for secret in SECRETS[:6] if secret in told]
    lines = list(town.store.dump.lines(now))
    assert "canyon orange" in json.dumps([json.loads(line) for line in lines]), "a dump is whole"
