"""The record: every entry in words, filtered, page by page, and as a file that nothing runs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dashboard.beds import Place
from dashboard.config import Settings
from dashboard.entries import PAGE, About
from dashboard.facts import Side
from dashboard.people import Person, Role
from dashboard.sheets import MARK

from .desks import CAST, Browser, Town, riverbend
from .test_lookback import change, keep_a_bed
from .test_report_page import MORNING, evening
from .values import RIVERBANK, WOMEN, at

ROOT = Path(__file__).parents[1]


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        yield town


@pytest.fixture
def cory(town: Town) -> Browser:
    return town.as_("coordinator")


def said(browser: Browser) -> list[str]:
    return re.findall(r'<li data-said="([^"]*)">', browser.page)


def rows(browser: Browser, path: str) -> list[dict[str, str]]:
    answer = browser.client.get(path)
    assert answer.status_code == 200
    delimiter = ";" if "semicolon" in path else ","
    text = answer.get_data(as_text=True).removeprefix(MARK)
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_what_was_done_stands_there_in_words_newest_first(town: Town, cory: Browser) -> None:
    evening(town)
    cory.open("/record")
    assert cory.words.index("from 2 to 0") < cory.words.index("Women's beds: 2 open")
    assert "Riverbank House · Turned away: pet" in cory.words
    assert "Noor was invited" in cory.words
    assert {"changed", "counted", "turned-away", "act-invited", "site-added"} <= set(said(cory))


def test_a_kept_bed_is_told_when_its_night_is_over_and_never_its_code(
    town: Town, cory: Browser
) -> None:
    change(town.as_("desk_at_riverbank"), 2)
    town.caught_up()
    keep_a_bed(town)
    cory.open("/record?about=holds")
    assert said(cory) == []
    assert rows(cory, "/record.csv?about=holds") == []
    town.now = MORNING
    cory.open("/record?about=holds")
    assert "bed-kept" in said(cory)
    told = cory.words + cory.client.get("/record.csv").get_data(as_text=True)
    assert "maple river" not in told


@pytest.mark.parametrize("about", list(About))
def test_one_kind_of_entry_at_a_time(town: Town, cory: Browser, about: About) -> None:
    evening(town)
    every, some = rows(cory, "/record.csv"), rows(cory, f"/record.csv?about={about}")
    assert some == [row for row in every if row["about"] == about]


def test_of_one_site_by_one_person_in_some_days(town: Town, cory: Browser) -> None:
    evening(town)
    assert {row["site"] for row in rows(cory, "/record.csv?site=riverbank")} == {"riverbank"}
    mine = rows(cory, "/record.csv?who=p-river")
    assert {row["who"] for row in mine} == {"Sam", "server"}, "what Sam did, and Sam's invitation"
    assert rows(cory, "/record.csv?since=2026-11-22") == []
    assert rows(cory, "/record.csv?until=2026-11-19") == []
    assert rows(cory, "/record.csv?since=2026-11-20&until=2026-11-20&site=riverbank")


def test_page_by_page_nothing_is_left_out_and_nothing_comes_twice(
    town: Town, cory: Browser
) -> None:
    for number in range(70):
        town.now = at("16:00") + timedelta(minutes=number)
        town.store.areas.save([f"Area {number}"], {}, "p-cor", town.now)
    town.now = at("16:00", 29)
    town.store.areas.save(["The last"], {}, "p-cor", town.now)
    seen: list[str] = []
    cory.open("/record")
    while True:
        found = said(cory)
        assert 0 < len(found) <= PAGE
        seen += found
        older = re.search(r'rel="next" href="([^"]*)"', cory.page)
        if not older:
            break
        cory.open(older[1].replace("&amp;", "&"))
    every = rows(cory, "/record.csv")
    assert len(seen) == len(every)
    assert seen.count("act-areas-saved") == 71


@pytest.mark.parametrize(
    "query",
    [
        "about=x",
        "since=2026-02-30",
        "since=0001-01-01",
        "until=x",
        "behind=x",
        "behind=1.1",
        "cells=x",
    ],
)
def test_what_nobody_can_ask_for_is_not_found(cory: Browser, query: str) -> None:
    path = "/record.csv" if "cells" in query else "/record"
    assert cory.open(f"{path}?{query}").status_code == 404


@pytest.mark.parametrize("cells", ["comma", "semicolon"])
def test_a_name_that_is_a_formula_is_only_a_name_in_the_file(
    town: Town, cory: Browser, cells: str
) -> None:
    evil = '=HYPERLINK("http://127.0.0.1";"x")'
    town.store.people.invite(Person("p-evil", "evil", evil, Role.CALLER), "p-cor", town.now)
    told = [row["in_words"] for row in rows(cory, f"/record.csv?cells={cells}")]
    assert any(one.startswith("'=HYPERLINK") for one in told)
    assert not any(
        re.match("[=+@-]", one)
        for row in rows(cory, f"/record.csv?cells={cells}")
        for one in row.values()
    )


def test_the_file_is_sent_as_it_is_read_and_says_where_it_is_cut_short(
    town: Town, cory: Browser
) -> None:
    answer = cory.client.get("/record.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert 'filename="record-riverbend-2026-11-20.csv"' in answer.headers["Content-Disposition"]
    assert "Content-Length" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    store = town.store.connection
    store.client.set(store.key("trimmed"), "9999999999999-0")  # by an archive that is not there
    told = cory.client.get("/record.csv").get_data(as_text=True)
    assert told.endswith('"The store was away: this file is not complete."\r\n')
    assert cory.open("/record").status_code == 503


def test_nobody_else_reads_the_record(town: Town) -> None:
    for name in CAST:
        if name != "coordinator":
            browser = town.as_(name)
            assert browser.open("/record").status_code == 404
            assert browser.open("/record.csv").status_code == 404


def test_every_act_has_a_sentence_of_its_own(town: Town, cory: Browser) -> None:
    town.tablet()
    town.store.tokens.create("Van", None, "p-cor", town.now)
    town.store.areas.remove("x", "p-cor", town.now)
    cory.open("/record")
    assert "Another act" not in cory.words
    assert "A device became a desk: Front desk tablet" in cory.words


def test_a_changed_fact_stands_with_what_it_was_and_never_with_a_place(
    town: Town, cory: Browser
) -> None:
    moved = Place(area="North Shore", address="77 Hidden Way", side=Side.NORTH)
    town.store.profiles.save(
        [replace(RIVERBANK, phone="250-555-0177", place=moved)],
        [replace(WOMEN, capacity=14)],
        "p-cor",
        town.now,
    )
    cory.open("/record?about=sites")
    assert "Phone: 250-555-0142 → 250-555-0177" in cory.words
    assert "Beds in all: 12 → 14" in cory.words
    assert "and its place" in cory.words
    assert "Hidden Way" not in cory.page + cory.client.get("/record.csv").get_data(as_text=True)
    in_words = [row["in_words"] for row in rows(cory, "/record.csv?about=sites")]
    assert any("Phone: 250-555-0142 → 250-555-0177" in one for one in in_words)


def test_no_act_that_the_store_writes_is_without_words() -> None:
    written = "".join(path.read_text() for path in (ROOT / "dashboard/store").glob("*.py"))
    acts = set(re.findall(r'(?:"act": |_note\()"([a-z-]+)"', written))
    said = (ROOT / "templates/office/_entries.html").read_text()
    assert {"invited", "device-link", "token-created"} <= acts
    assert not [act for act in sorted(acts) if f'"{act}": N_(' not in said]
