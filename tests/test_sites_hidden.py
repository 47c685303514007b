"""A site that becomes confidential: its old address is nowhere any more, and the page says so."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from csv import DictReader
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest

from dashboard import csvfiles
from dashboard.beds import Place, Site
from dashboard.config import Settings
from dashboard.embedded import Server
from dashboard.facts import Kind
from dashboard.planned import Planned, Proof
from dashboard.store import faults

from .by_hand import wait_until
from .conftest import KEY
from .desks import Browser, Town, riverbend, send
from .test_kamloops import own_server
from .test_store_archive import FAR, KEEP, TOMORROW
from .values import NOW, RIVERBANK, WOMEN

__all__ = ["own_server"]  # the fixture
HIDE = "/sites/riverbank/hide"
OLD = Place(
    area="Secret Quarter",
    address="9 Hidden Lane",
    notes="the blue door",
    planned=(Planned("address", "7 Veiled Row", date(2026, 12, 1)),),
    proofs=(("address", Proof("the sign on 9 Hidden Lane")),),
)
WORDS = ("Secret Quarter", "Hidden Lane", "blue door", "Veiled Row", "Lane Shelter")
PAGES = ("/", "/?lang=fr", "/sites/riverbank", "/api/v1/board")
OFFICE = (HIDE, "/sites", "/sites/riverbank/edit", "/sites-files", "/sites-files/sites.csv")


@pytest.fixture
def town(own_server: Server, tmp_path: Path) -> Iterator[Town]:
    url = f"unix://{own_server.path}"
    with riverbend(Settings(var=tmp_path / "var", redis_url=url, secret_key=KEY)) as town:
        older = replace(RIVERBANK, name="Hidden Lane Shelter", place=OLD)
        town.store.profiles.save([older], [], "p-cor", NOW)
        town.store.profiles.save([replace(RIVERBANK, place=OLD)], [], "p-cor", NOW)
        yield town


@pytest.fixture
def coordinator(town: Town) -> Browser:
    return town.as_("coordinator")


def caught_up(town: Town) -> None:
    newest = town.store.stream.latest(1)[0].version
    wait_until(lambda: town.app.extensions["follower"].board.version >= newest)


def everything(town: Town, browser: Browser, server: Server) -> Iterator[tuple[str, bytes]]:
    """Every byte that is kept or sent: pages, files, memory, the log on disk, the archive."""
    caught_up(town)
    for path in PAGES:
        yield path, town.app.test_client().get(path).data
    for path in OFFICE:
        yield path, browser.client.get(path).data
    store = town.store
    yield "dump", "\n".join(store.dump.lines(NOW)).encode()
    yield "slow log", repr(store.connection.client.slowlog_get(1000)).encode()
    yield "stream", repr(list(store.stream.events())).encode()
    yield "board", repr(town.app.extensions["follower"].board.sites).encode()
    for path in server.folder.parent.rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes()
    for path in town.app.extensions["settings"].var.rglob("*.gz"):
        yield f"archive {path}", gzip.decompress(path.read_bytes())


def found(town: Town, browser: Browser, server: Server) -> list[str]:
    told = everything(town, browser, server)
    return [f"{word} in {at}" for at, content in told for word in WORDS if word.encode() in content]


def test_a_site_that_becomes_confidential_leaves_no_trace_of_its_place(
    town: Town, coordinator: Browser, own_server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    town.store.connection.client.config_set("slowlog-log-slower-than", 0)
    store = town.app.extensions["store"]
    assert len(store.archiving.daily(FAR, TOMORROW, KEEP).written) == 1
    there = " ".join(found(town, coordinator, own_server))
    assert all(
        one in there for one in ("appendonly", "dump", "/sites/riverbank", "stream", "archive")
    )
    coordinator.open(HIDE)
    assert "Area Address Notes, for staff It is erased from the store" in coordinator.words
    coordinator.send(HIDE, {})
    assert "It is confidential now Removed: Area, Address, Notes, for staff." in (coordinator.words)
    assert "dumps, backups and snapshots of the server or of its disk" in coordinator.words
    assert town.store.profiles.sites()["riverbank"].confidential
    wait_until(lambda: found(town, coordinator, own_server) == [], 20)
    assert not any(word in caplog.text for word in WORDS)
    assert not town.store.profiles.erasing()
    assert list(faults(store.archive)) == []
    assert Browser(town).open("/sites/riverbank").status_code == 404


def test_an_open_page_hears_at_once_that_it_is_gone(town: Town, coordinator: Browser) -> None:
    caught_up(town)
    board = town.app.extensions["follower"].board
    seen = board.version
    coordinator.open(HIDE)
    coordinator.send(HIDE, {})
    caught_up(town)
    assert board.changed_since(seen, public=True) is None, "the whole board is told anew"


def test_nothing_happens_without_being_sure_or_where_it_has_changed(
    town: Town, coordinator: Browser
) -> None:
    coordinator.open(HIDE)
    form = coordinator.form(HIDE)
    sure = form.pop("sure")
    assert coordinator.post(HIDE, form).status_code == 422
    town.store.profiles.save([replace(RIVERBANK, phone="211", place=OLD)], [], "x", NOW)
    assert coordinator.post(HIDE, form | {"sure": sure}).status_code == 409
    assert "Somebody else changed this a moment ago." in coordinator.words
    assert town.store.profiles.sites()["riverbank"].place == OLD


def test_sent_twice_it_is_one_entry(town: Town, coordinator: Browser) -> None:
    coordinator.open(HIDE)
    form = coordinator.form(HIDE)
    coordinator.post(HIDE, form)
    last = town.store.stream.latest(1)[0].version
    assert coordinator.post(HIDE, form).status_code == 200
    assert town.store.stream.latest(1)[0].version.point == last.point


def test_a_site_that_is_shown_again_is_without_a_place(town: Town, coordinator: Browser) -> None:
    send(coordinator, HIDE, {"sure": "yes", "mark": town.store.profiles.all().marks["riverbank"]})
    coordinator.open(HIDE)
    coordinator.send("/sites/riverbank/show", {"kind": "winter"})
    assert "It has no address yet." in coordinator.words
    site = town.store.profiles.sites()["riverbank"]
    assert (site.kind, site.place) == (Kind.WINTER, Place())
    send(coordinator, "/sites/riverbank/show", {"kind": "confidential", "sure": "yes"})
    assert town.store.profiles.sites()["riverbank"].kind is Kind.WINTER


def test_a_file_that_hides_a_site_erases_too(
    town: Town, coordinator: Browser, own_server: Server
) -> None:
    head = "id,name,operator,kind,area,address,phone,who,sobriety_rule,walk_in,notes,as_of,source"
    line = "riverbank,Riverbank House,,confidential,,,250-555-0142,,,,,,"
    coordinator.open("/sites-files")
    coordinator.send("/sites-files", {"sites_csv": f"{head}\n{line}"})
    assert "It becomes confidential: its place is erased for good." in coordinator.words
    assert coordinator.words.count("→") == 1  # its kind; what is secret is not repeated
    form = coordinator.form("/sites-files") | {"go": "save", "sites_csv": f"{head}\n{line}"}
    coordinator.post("/sites-files", form)
    assert "Saved: 1 site, 0 bed groups." in coordinator.words
    wait_until(lambda: found(town, coordinator, own_server) == [], 20)


TELLING = Proof("the sign on 9 Hidden Lane", date(2026, 11, 1))


def sourced(town: Town) -> None:
    """Who says so tells where it is: of the site, of one fact, of a plan, of its beds."""
    plan = Planned("phone", "211", date(2026, 12, 1), None, TELLING)
    told = replace(RIVERBANK, source="9 Hidden Lane", planned=(plan,), place=OLD)
    site = replace(told, proofs=(("phone", TELLING),))
    beds = replace(WOMEN, source="9 Hidden Lane", proofs=(("capacity", TELLING),))
    town.store.profiles.save([site], [beds], "p-cor", NOW)


def test_who_said_so_goes_with_the_place(
    town: Town, coordinator: Browser, own_server: Server
) -> None:
    sourced(town)
    coordinator.open(HIDE)
    coordinator.send(HIDE, {})
    known = town.store.profiles.all()
    wait_until(lambda: found(town, coordinator, own_server) == [], 20)
    assert dict(known.sites["riverbank"].proofs)["phone"].verified_on == TELLING.verified_on
    assert known.sites["riverbank"].planned[0].value == "211"


def test_who_said_so_goes_with_the_place_by_a_file_too(
    town: Town, coordinator: Browser, own_server: Server
) -> None:
    sourced(town)
    file = coordinator.client.get("/sites-files/sites.csv").get_data(as_text=True)
    row = next(one for one in DictReader(StringIO(file)) if one["id"] == "riverbank")
    nowhere = dict.fromkeys(("area", "address", "notes", "side", "source"), "")
    row |= nowhere | {"kind": "confidential"}
    text = csvfiles.write(list(row), [list(row.values())])
    coordinator.open("/sites-files")
    coordinator.send("/sites-files", {"sites_csv": text})
    form = coordinator.form("/sites-files") | {"go": "save", "sites_csv": text}
    coordinator.post("/sites-files", form)
    assert "Saved: 1 site, 1 bed group." in coordinator.words
    wait_until(lambda: found(town, coordinator, own_server) == [], 20)


def test_a_phone_line_that_is_paused_leaves_the_board_and_comes_back(town: Town) -> None:
    haven = town.store.profiles.sites()["haven"]
    visitor = Browser(town)

    def told(site: Site) -> bool:
        town.store.profiles.save([site], [], "x", town.now)
        caught_up(town)
        return "250-555-0199" in visitor.open("/").text

    assert told(haven)
    assert not told(replace(haven, paused=True))
    ends = Planned("paused", True, None, town.now.date() - timedelta(days=1))
    assert told(replace(haven, planned=(ends,)))
