"""Truth from the field: a tap after a visit, what every board says, and the desk that is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from dashboard.config import Settings
from dashboard.events import Visited
from dashboard.visits import REASONS, Found

from .desks import Browser, Town, forms, riverbend, send
from .test_outreach import KEEP, report
from .values import DAY

VISITS = "/outreach/sites/riverbank/groups/women/visits"
DESK = "/desk/riverbank"
REPORT = "/desk/riverbank/groups/women/reports"


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    """3 women's beds since 4:12 pm, and it is 4:40."""
    with riverbend(settings) as town:
        report(town, 3)
        town.later(minutes=28)
        yield town


def tell(town: Town, found: str, name: str = "outreach") -> Browser:
    worker = town.as_(name)
    worker.open("/outreach")
    worker.post(VISITS, worker.form(VISITS) | {"found": found})
    town.caught_up()
    return worker


def visits(town: Town) -> list[Visited]:
    return [event for event in town.store.stream.events() if isinstance(event, Visited)]


def test_was_full_is_one_tap_and_every_board_says_disputed(town: Town) -> None:
    worker = tell(town, "was-full")
    assert "The board says “disputed” now, and the desk is asked." in worker.words
    assert "Disputed 4:40 pm. Call first." in worker.words
    assert "Somebody found it full at 4:40 pm." in worker.words
    visitor = town.as_("visitor")
    for path in ("/", "/sites/riverbank"):
        visitor.open(path)
        assert "Confirmed 4:12 pm 28 min ago" in visitor.words
        assert "Disputed 4:40 pm. Call first." in visitor.words
        visitor.open(f"{path}?lang=fr")
        assert "Contesté à 16 h 40. Appelez d’abord." in visitor.words
        assert "data-disputed" in visitor.page
    visitor.open("/")
    assert visitor.page.count("Disputed 4:40") == 1, "the women's beds, and no others"
    sites = {one["id"]: one for one in json.loads(visitor.open("/api/v1/board").text)["sites"]}
    women = sites["riverbank"]["groups"][0]
    assert women["disputed_at"] == "2026-11-20T23:40:00.000Z"
    assert (women["available"], women["age_seconds"], women["status"]) == (3, 28 * 60, "open")


def test_an_open_page_hears_of_it_and_of_nothing_that_agrees(town: Town) -> None:
    board = town.app.extensions["follower"].board
    known = board.version
    tell(town, "got-in")
    assert board.changed_since(known, public=True) == []
    tell(town, "was-full")
    assert board.changed_since(known, public=True) == ["riverbank"]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_public_learns_neither_who_nor_what(town: Town, lang: str) -> None:
    tell(town, "was-full")
    visitor = town.as_("visitor")
    for path in ("/", "/sites/riverbank", "/api/v1/board", "/how-we-count"):
        page = visitor.open(f"{path}?lang={lang}").text
        for secret in ("Street team", "Omar", "p-out", "was-full", "was_full", "agency", "found"):
            if path != "/how-we-count" or secret != "found":
                assert secret not in page, (path, secret)


def test_the_desk_is_asked_with_both_sides_and_confirms_in_one_tap(town: Town) -> None:
    desk = town.as_("desk_at_riverbank")
    desk.open(DESK)
    assert 'id="disputes" aria-labelledby="disputes-title" hidden' in desk.page
    worker = tell(town, "was-full")
    part = desk.open(f"{DESK}/figures").text
    assert "Street team, 4:40 pm: it was full." in part.replace("\xa0", " ")
    town.later(minutes=1)
    desk.open(DESK)
    assert "The desk, 4:12 pm: 3 open." in desk.words
    assert forms(desk.page, REPORT)[0]["kind"] == "confirm", "the first thing on the page"
    desk.send(REPORT, {}, which=0)
    assert "Saved 4:41 pm" in desk.words
    assert 'id="disputes" aria-labelledby="disputes-title" hidden' in desk.page
    town.caught_up()
    for reader in (worker, town.as_("visitor")):
        reader.open("/outreach" if reader is worker else "/")
        assert "Disputed" not in reader.words
    assert town.figure() == 3


def test_a_device_without_anybody_says_only_that_somebody_found_it_different(town: Town) -> None:
    town.give_pin("desk_at_riverbank")
    tell(town, "was-full")
    tablet = town.tablet()
    for path in (DESK, f"{DESK}/figures"):
        tablet.open(path)
        assert "Somebody, 4:40 pm: it was full." in tablet.words
        assert "Street team" not in tablet.page
    tablet.tap_in("p-river")
    tablet.open(DESK)
    assert "Street team, 4:40 pm: it was full." in tablet.words
    caller = town.as_("caller")
    caller.open(DESK)
    assert "Street team, 4:40 pm: it was full." in caller.words


def test_no_bed_is_kept_at_once_on_a_disputed_number_but_the_desk_can_be_asked(
    town: Town,
) -> None:
    worker = town.as_("outreach")
    worker.open("/outreach")
    early = worker.form(KEEP) | {"minutes": "20"}
    tell(town, "was-full")
    worker.open("/outreach")
    assert not forms(worker.page, KEEP)
    assert forms(worker.page, KEEP.replace("holds", "asks"))
    worker.post(KEEP, early)
    assert "The bed is kept" not in worker.words
    state = town.store.stream.snapshot(DAY).sites["riverbank"].group("women")
    assert state
    assert state.holds == ()


def test_a_slip_of_the_finger_is_mended_by_the_right_tap(town: Town) -> None:
    worker = tell(town, "was-full")
    assert "A slip of the finger? Tap what is right within a minute." in worker.words
    board = town.app.extensions["follower"].board
    known = board.version
    worker = tell(town, "got-in")
    assert "Disputed" not in worker.words
    assert board.changed_since(known, public=True) == ["riverbank"]
    desk = town.as_("desk_at_riverbank")
    desk.open(f"{DESK}/history")
    assert "Street team mended its last word: got in" in desk.words
    assert 'id="disputes" aria-labelledby="disputes-title" hidden' in desk.open(DESK).text


def test_full_is_the_other_tap(town: Town) -> None:
    tell(town, "was-full")
    town.later(minutes=1)
    desk = town.as_("desk_at_riverbank")
    desk.open(DESK)
    desk.send(REPORT, {}, which=1)
    assert "Saved 4:41 pm" in desk.words
    assert "Disputed" not in desk.words
    assert town.figure() == 0


def test_who_got_in_where_it_said_full_is_a_contradiction_too(town: Town) -> None:
    report(town, 0)
    town.later(minutes=15)
    worker = tell(town, "got-in")
    assert "Somebody got a bed at 4:55 pm. The desk is asked." in worker.words
    desk = town.as_("desk_at_riverbank")
    desk.open(DESK)
    assert "Street team, 4:55 pm: somebody got a bed." in desk.words
    assert not [one for one in forms(desk.page, REPORT)[:2] if one["kind"] == "full"]
    visitor = town.as_("visitor")
    visitor.open("/sites/riverbank")
    assert "Disputed 4:55 pm. Call first." in visitor.words


@pytest.mark.parametrize("found", ["got-in", "no-answer", *REASONS])
def test_everything_else_is_written_down_and_disputes_nothing(town: Town, found: str) -> None:
    worker = tell(town, found)
    assert "Thank you. It is written down." in worker.words
    (one,) = visits(town)
    assert (one.found, one.reason) == (
        (Found.REFUSED, found) if found in list(REASONS) else (found, None)
    )
    assert not one.disputes
    visitor = town.as_("visitor")
    visitor.open("/")
    assert "Disputed" not in visitor.words


@pytest.mark.parametrize("found", ["", "refused", "full", "felt-unsafe", "Jo was drunk", "x" * 500])
def test_only_fixed_words_are_taken(town: Town, found: str) -> None:
    worker = tell(town, found)
    assert "Refused. Please " in worker.words
    assert visits(town) == []


def test_the_seventh_word_of_an_agency_within_an_hour_is_not_taken(town: Town) -> None:
    for _ in range(7):
        worker = tell(town, "no-answer")
    assert "your agency has told enough about this site within an hour" in worker.words
    assert len(visits(town)) == 6


@pytest.mark.parametrize("name", ["visitor", "desk_at_riverbank", "coordinator", "caller"])
def test_only_outreach_people_tell(town: Town, name: str) -> None:
    browser = town.as_(name)
    if name == "visitor":
        browser.open("/sign-in")
        token = browser.form("/sign-in")["csrf_token"]
        given = {"csrf_token": token, "key": "a-key-of-mine", "found": "was-full"}
        answer = browser.post(VISITS, given, follow=False)
        assert answer.status_code == 303
        assert "/sign-in" in answer.headers["Location"]
    else:
        given = {"key": "a-key-of-mine", "found": "was-full"}
        assert send(browser, VISITS, given).status_code == 404
    assert visits(town) == []


def test_of_a_place_that_hides_nothing_is_told(town: Town) -> None:
    worker = town.as_("outreach")
    worker.open("/outreach")
    given = worker.form(VISITS) | {"found": "was-full"}
    hidden = VISITS.replace("riverbank", "haven").replace("women", "family")
    assert worker.post(hidden, given).status_code == 404
    assert visits(town) == []


def test_a_site_that_wants_a_call_first_is_not_contradicted(town: Town) -> None:
    desk = town.as_("desk_at_riverbank")
    desk.open(f"{DESK}/evening")
    desk.send(f"{DESK}/evening", {"topic": "call-first"})
    town.caught_up()
    tell(town, "was-full")
    assert [one.disputes for one in visits(town)] == [False]


def test_the_desk_reads_it_back_and_hands_it_over(town: Town) -> None:
    tell(town, "pet")
    tell(town, "was-full")
    desk = town.as_("desk_at_riverbank")
    desk.open(f"{DESK}/history")
    said = "Street team found it full while the board showed 3. Disputed."
    assert said in desk.words
    assert "Street team was refused: pet" in desk.words
    desk.open(f"{DESK}/handover")
    assert "Disputed since 4:40 pm: Women's beds" in desk.words


def test_the_check_knows_of_disputes(town: Town) -> None:
    tell(town, "was-full")
    run = town.app.test_cli_runner()
    assert "The history alone gives the board" in run.invoke(args=["check"]).output
    key = town.store.connection.key("figures")
    kept = json.loads(town.store.connection.client.hget(key, "riverbank/women") or "")
    kept["disputed"]["at"] += 1
    town.store.connection.client.hset(key, "riverbank/women", json.dumps(kept))
    assert "riverbank/women" in run.invoke(args=["check"]).output
