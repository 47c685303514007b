"""A real cluster of three: each community lives whole on the one node that owns its slot."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest

from dashboard.asking import ANSWER_IN, Ask, AskEnd
from dashboard.beds import HoldEnd, Source
from dashboard.clock import horizons
from dashboard.follower import Follower
from dashboard.holds import FIRST
from dashboard.people import Hand, Person, Role
from dashboard.reports import Answer, Outcome, Report, ReportKind
from dashboard.store import Grip, Promise, Store, StoreDown, StoreUnfit, Undo, differences
from tests.by_hand import wait_until
from tests.processes.product import ROOT, Product
from tests.values import DAY, GROUPS, NOW, SITES, VAN, WOMEN, hold

from .servers import Cluster, running, server_of

pytestmark = pytest.mark.scale
MINUTE = timedelta(minutes=1)
COORDINATOR = Person("p-1", "robin", "Robin", Role.COORDINATOR)


@pytest.fixture(scope="module")
def cluster(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"), server_of(engine))
    with running(cluster.nodes):
        cluster.form()
        yield cluster


@pytest.fixture
def towns(cluster: Cluster) -> Iterator[list[Store]]:
    """A community on each node, empty."""
    stores = [Store(cluster.url, cluster.town(number)) for number in range(3)]
    for store, node in zip(stores, cluster.nodes, strict=True):
        node.tell("FLUSHALL")
        assert store.connection.check() is Promise.SAVED
        store.profiles.save(SITES, GROUPS, "test", NOW)
    yield stores
    for store in stores:
        store.connection.close()


def report(store: Store, open_: int, key: str) -> Answer:
    place = ("riverbank", "women", ReportKind.CHANGE, open_, NOW, Source.DESK, "p-desk", key)
    return store.reports.report(Report(*place), horizons(NOW, DAY), NOW)


def shown(follower: Follower) -> int | None:
    group = follower.board.sites["riverbank"].group("women")
    return group.figure.open if group and group.figure else None


@pytest.mark.parametrize("number", range(3))
def test_everything_that_a_community_does_works_on_any_node(
    cluster: Cluster, towns: list[Store], number: int
) -> None:
    store = towns[number]
    said = report(store, 4, "one")
    assert report(store, 4, "one").repeated
    judge, desk = horizons(NOW, DAY), Hand("p-desk", Source.DESK)
    for id_, act in (("h1", "arrive"), ("h2", "end"), ("h3", "lapse")):
        kept = hold(id_, WOMEN, NOW, 5)
        assert store.holds.keep(kept, judge, VAN).outcome == "saved"
        grip = Grip(id_, desk, f"tap-{id_}", site="riverbank")
        assert store.holds.extend(grip, MINUTE, NOW + 30 * MINUTE, NOW).outcome == "saved"
        if act == "lapse":
            store.holds.lapse(kept, NOW + 10 * MINUTE)
    took = store.holds.arrive(Grip("h1", desk, "in", "riverbank"), NOW, judge, NOW)
    assert took.figure
    assert took.figure.open == 3
    assert store.holds.end(Grip("h2", desk, "out", "riverbank"), HoldEnd.RELEASED, NOW).kept
    assert len(store.holds.ended("van", NOW)) == 3
    for id_ in ("a1", "a2", "a3"):
        ask = Ask(id_, "riverbank", "women", "van", NOW, NOW + ANSWER_IN, NOW + ANSWER_IN)
        assert store.asks.ask(ask, judge, VAN, f"ask-{id_}").kept
    yes = Grip("a1", desk, "yes", "riverbank")
    assert store.asks.grant(yes, ["maple river"], NOW + FIRST, judge, NOW).kept
    assert store.asks.end(Grip("a2", desk, "no", "riverbank"), AskEnd.NO, NOW).kept
    store.asks.lapse(ask, NOW + ANSWER_IN)
    assert len(store.asks.ended("van", NOW)) == 3
    newest = f"{said.version.partition(':')[0]}:{took.figure.version}"
    undo = Undo("riverbank", "women", newest, desk, "two")
    assert store.reports.undo(undo, NOW).outcome is Outcome.SAVED
    token = store.tokens.create("sensor", None, "test", NOW)
    assert store.tokens.find(token, NOW)
    store.people.welcome(store.people.invite(COORDINATOR, "test", NOW), COORDINATOR, "hash", NOW)
    session = store.sessions.begin("p-1", "hash")
    assert store.sessions.person(session) == COORDINATOR
    assert store.tries.knock("door", NOW) == 0
    kept = store.stream.snapshot(DAY)
    assert differences(kept, store.stream.rebuilt(DAY), NOW) == []
    assert store.stream.behind(kept.version) == (0, None)
    keys = cluster.nodes[number].client.keys("*")
    assert {key.partition("}")[0] for key in keys} == {f"{{{store.connection.community}"}


def test_each_community_is_followed_on_its_own_node(towns: list[Store]) -> None:
    followers = [Follower(store, DAY, lambda: NOW) for store in towns]
    for follower in followers:
        follower.start()
        assert follower.ready.wait(60)
    for number, store in enumerate(towns):
        report(store, 10 + number, "one")
    wait_until(lambda: [shown(one) for one in followers] == [10, 11, 12])
    for follower in followers:
        follower.stop()


def test_a_community_moves_by_dump_and_load_to_another_slot(
    cluster: Cluster, towns: list[Store]
) -> None:
    report(towns[0], 7, "one")
    file = io.BytesIO("".join(f"{line}\n" for line in towns[0].dump.lines(NOW)).encode())
    there = Store(cluster.url, cluster.town(2) + "-new")
    there.dump.load(file)
    assert differences(towns[0].stream.snapshot(DAY), there.stream.snapshot(DAY), NOW) == []
    there.connection.close()


@pytest.mark.parametrize("setting", [("appendonly", "no"), ("maxmemory-policy", "allkeys-lru")])
def test_what_is_promised_is_asked_of_the_node_that_keeps_the_community(
    cluster: Cluster, towns: list[Store], setting: tuple[str, str]
) -> None:
    name, value = setting
    node = cluster.nodes[1]
    ((_, before),) = node.client.config_get(name).items()
    node.tell("CONFIG", "SET", name, value)
    try:
        for store in (towns[0], towns[2]):
            assert store.connection.check() is Promise.SAVED
        with pytest.raises(StoreUnfit):
            towns[1].connection.check()
    finally:
        node.tell("CONFIG", "SET", name, before)


def test_a_community_whose_slot_moves_is_found_and_followed_on_its_new_node(
    cluster: Cluster, towns: list[Store]
) -> None:
    store = towns[0]
    follower = Follower(store, DAY, lambda: NOW)
    follower.start()
    assert follower.ready.wait(60)
    report(store, 4, "before")
    wait_until(lambda: shown(follower) == 4)
    seen = follower.board.version
    cluster.move(store.connection.community, 0, 1)
    assert report(store, 4, "before").repeated, "the same answer, from the new node"
    assert report(store, 5, "after").outcome is Outcome.SAVED
    wait_until(lambda: shown(follower) == 5)
    assert follower.board.changed_since(seen) == ["riverbank"]
    assert differences(store.stream.rebuilt(DAY), follower.board, NOW) == []
    follower.stop()
    cluster.move(store.connection.community, 1, 0)
    assert report(store, 6, "home again").outcome is Outcome.SAVED


def test_a_killed_node_takes_its_communities_away_and_no_other(
    cluster: Cluster, towns: list[Store]
) -> None:
    store, other = towns[2], towns[1]
    follower = Follower(store, DAY, lambda: NOW + timedelta(minutes=1))
    follower.start()
    assert follower.ready.wait(60)
    report(store, 4, "before")
    wait_until(lambda: shown(follower) == 4)
    cluster.nodes[2].kill()
    wait_until(lambda: follower.away_since is not None)
    with pytest.raises(StoreDown):
        report(store, 5, "during")
    assert (shown(follower), follower.connected) == (4, False)
    assert report(other, 9, "elsewhere").outcome is Outcome.SAVED
    cluster.nodes[2].start()
    wait_until(lambda: follower.connected)
    assert shown(follower) == 4
    assert report(store, 5, "during").outcome is Outcome.SAVED
    wait_until(lambda: shown(follower) == 5)
    follower.stop()


def test_the_whole_product_runs_on_it_and_outlives_a_killed_node(
    cluster: Cluster, tmp_path: Path
) -> None:
    """From an import by the command line to a report by the API, and through a loss."""
    product = Product(tmp_path / "var", REDIS_URL=cluster.url, COMMUNITY=cluster.town(2))
    cluster.nodes[2].tell("FLUSHALL")
    groups = "examples/riverbend_bed_groups.csv"
    flask(product, "sites", "import", "examples/riverbend_sites.csv", "--groups", groups)
    token = flask(product, "tokens", "create", "sensor", "--all-sites").split()[-1]
    process = product.start()
    try:
        assert report_by_api(product, token, 7, "one")[0] == 201
        wait_until(lambda: "<b>7</b>" in board(product))
        cluster.nodes[2].kill()
        status, said = report_by_api(product, token, 8, "two")
        assert (status, "Trying again is safe" in said) == (503, True)
        assert "<b>7</b>" in board(product), "the last board stays"
        cluster.nodes[2].start()
        wait_until(lambda: report_by_api(product, token, 8, "two")[0] in (200, 201))
        wait_until(lambda: "<b>8</b>" in board(product))
        assert "The history alone gives the board" in flask(product, "check")
    finally:
        process.terminate()
        process.wait(60)
        product.end()


def flask(product: Product, *words: str) -> str:
    command = [sys.executable, "-m", "flask", "--app", "dashboard", *words]
    env = os.environ | product.settings
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def asked(product: Product, *request: object) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", product.port, timeout=10)
    try:
        connection.request(*request)  # type: ignore[arg-type]
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def board(product: Product) -> str:
    return asked(product, "GET", "/?lang=en")[1]


sent: dict[tuple[str, str], str] = {}


def report_by_api(product: Product, token: str, open_: int, key: str) -> tuple[int, str]:
    told = {"kind": "change", "open": open_, "observed_at": datetime.now(UTC).isoformat()}
    body = sent.setdefault((product.settings["VAR"], key), json.dumps(told))
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": key,
    }
    path = "/api/v1/sites/tern-cottage/groups/room/reports"
    return asked(product, "POST", path, body, headers)
