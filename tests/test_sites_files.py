"""CSV files on the coordinator's page: every difference first, and the same as the command."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import pytest

from dashboard.config import Settings

from .desks import Browser, Town, riverbend, send
from .test_cli import GROUPS, SITES
from .values import NOW, RIVERBANK

PAGE = "/sites-files"
HEAD = "id,name,operator,kind,area,address,phone,who,sobriety_rule,walk_in,notes,as_of,source"
CHANGED = f"{HEAD}\nriverbank,Riverbank House,,emergency,South Shore,1 Example St,211,,,,,,\n"


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        yield town


@pytest.fixture
def coordinator(town: Town) -> Browser:
    return town.as_("coordinator")


def paste(browser: Browser, sites: str, groups: str = "") -> int:
    browser.open(PAGE)
    return browser.send(PAGE, {"sites_csv": sites, "groups_csv": groups}).status_code


def save(browser: Browser, sites: str, groups: str = "") -> int:
    """As the preview sends it: its hidden texts are what was pasted."""
    form = browser.form(PAGE) | {"go": "save", "sites_csv": sites, "groups_csv": groups}
    return browser.post(PAGE, form).status_code


def test_every_difference_is_shown_before_anything_is_saved(
    coordinator: Browser, town: Town
) -> None:
    assert paste(coordinator, CHANGED) == 200
    assert "Riverbank House Phone Before: 250-555-0142 → After: 211" in coordinator.words
    assert town.store.profiles.sites()["riverbank"].phone == "250-555-0142"
    save(coordinator, CHANGED)
    assert "Saved: 1 site, 0 bed groups." in coordinator.words
    assert town.store.profiles.sites()["riverbank"].phone == "211"
    paste(coordinator, CHANGED)
    assert "There is nothing to change." in coordinator.words


def test_uploaded_files_bring_in_a_whole_town(coordinator: Browser, town: Town) -> None:
    coordinator.open(PAGE)
    given: dict[str, object] = dict(coordinator.form(PAGE))
    given["sites_file"] = (io.BytesIO(SITES.read_bytes()), "sites.csv")
    given["groups_file"] = (io.BytesIO(GROUPS.read_bytes()), "groups.csv")
    answer = coordinator.client.post(PAGE, data=given, content_type="multipart/form-data")
    coordinator.page = answer.text
    assert "Pathways new" in coordinator.words
    assert "Line 14: the notes are left out" in coordinator.words
    save(coordinator, SITES.read_text(), GROUPS.read_text())
    assert "Saved: 13 sites, 17 bed groups." in coordinator.words


def test_bed_groups_alone_are_enough(coordinator: Browser, town: Town) -> None:
    beds = "site,group,label,capacity,for,when\nriverbank,women,Women's beds,9,women,all year\n"
    paste(coordinator, "", beds)
    assert "Beds in all Before: 12 → After: 9" in coordinator.words.replace("&#39;", "'")
    save(coordinator, "", beds)
    assert town.store.profiles.groups()["riverbank/women"].capacity == 9


def test_a_problem_is_named_by_its_line_and_nothing_is_saved(
    coordinator: Browser, town: Town
) -> None:
    before = town.store.stream.latest(1)[0].version
    assert paste(coordinator, CHANGED.replace("211", "ask")) == 422
    assert "sites.csv, line 2: phone (Phone): Please write a phone number" in coordinator.words
    assert "1 Example St" in coordinator.page, "what was pasted is not lost"
    assert paste(coordinator, "id;name\n") == 422
    assert "separated by semicolons" in coordinator.words
    assert paste(coordinator, "") == 422
    assert town.store.stream.latest(1)[0].version == before


def test_the_place_of_a_confidential_site_is_refused_and_not_repeated(
    coordinator: Browser,
) -> None:
    line = "haven,Haven,,confidential,,9 Hidden Lane,250-555-0199,,,,,,"
    assert paste(coordinator, f"{HEAD}\n{line}\n") == 422
    assert "A confidential site can’t have a place. Take it out." in coordinator.words
    assert "Hidden" not in coordinator.page


def test_what_was_saved_meanwhile_is_shown_before_a_file_is(
    coordinator: Browser, town: Town
) -> None:
    paste(coordinator, CHANGED)
    town.store.profiles.save([replace(RIVERBANK, operator="Co-op")], [], "x", NOW)
    save(coordinator, CHANGED)
    assert "Somebody saved something else while you were looking." in coordinator.words
    assert "Run by Before: Co-op → After: not given" in coordinator.words
    assert town.store.profiles.sites()["riverbank"].phone == "250-555-0142"


def test_a_file_that_is_too_large_is_refused_in_words(coordinator: Browser) -> None:
    assert paste(coordinator, CHANGED + "x" * 50_000) == 413
    assert "These files are too large for this page." in coordinator.words


def test_what_is_taken_out_is_what_the_command_writes(coordinator: Browser, town: Town) -> None:
    text = coordinator.client.get(f"{PAGE}/sites.csv").text
    assert "250-555-0142" in text
    assert coordinator.client.get(f"{PAGE}/groups.csv").mimetype == "text/csv"
    paste(coordinator, text)
    assert "There is nothing to change." in coordinator.words


def test_an_unfinished_erasure_can_be_ended(coordinator: Browser, town: Town) -> None:
    town.store.connection.client.set(town.store.connection.key("erasing"), "1")
    coordinator.open("/sites")
    assert "may still stand in the log on disk" in coordinator.words
    send(coordinator, "/sites/erase")
    assert not town.store.profiles.erasing()
