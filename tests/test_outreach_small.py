"""The outreach page on a bad line: a first view at once, and refreshes of a few bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import brotli
import pytest
from werkzeug.test import TestResponse

from dashboard.beds import Site, Source
from dashboard.clock import horizons
from dashboard.config import Settings
from dashboard.reports import Report, ReportKind

from .desks import Browser, Town, riverbend
from .test_cli import GROUPS, SITES, done, flask
from .test_outreach import KEEP, PART
from .values import DAY

PAGE = "/outreach"
BR = {"Accept-Encoding": "br"}


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    """Riverbend with all of Kamloops' sites, and a fresh number for each of their bed groups."""
    with riverbend(settings) as town:
        done(flask(town.app, "sites", "import", SITES, "--groups", GROUPS))
        for site, state in town.store.stream.snapshot(DAY).sites.items():
            for number, one in enumerate(state.groups):
                counted(town, site, one.group.id, number + 1)
        town.caught_up()
        yield town


def counted(town: Town, site: str, group: str, open_: int) -> None:
    place = (site, group, ReportKind.CHANGE, open_, town.now, Source.DESK, "p-river")
    report = Report(*place, f"{site}-{group}-{open_}")
    assert town.store.reports.report(report, horizons(town.now, DAY), town.now).kept


@pytest.fixture
def outreach(town: Town) -> Browser:
    browser = town.as_("outreach")
    browser.open(PAGE)
    return browser


def marks(page: str) -> str:
    found = re.search(r'data-marks="([^"]+)"', page)
    assert found
    return found[1]


def refresh(browser: Browser, known: str, **more: str) -> TestResponse:
    headers = {"If-None-Match": f'W/"{known}"', "HX-Request": "true"} | more
    return browser.client.get(f"{PAGE}/news", headers=headers)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_first_useful_view_of_a_whole_city_is_below_fourteen_kilobytes(
    town: Town, outreach: Browser, language: str
) -> None:
    answer = outreach.client.get(f"{PAGE}?lang={language}", headers=BR)
    page = brotli.decompress(answer.data).decode()
    assert page.count('<li class="door" id="door-') >= 12
    styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    sheets = [outreach.client.get(style, headers=BR).data for style in styles]
    assert len(answer.data) + sum(map(len, sheets)) < 14 * 1024


def test_a_refresh_is_below_a_kilobyte_and_sends_what_changed(
    town: Town, outreach: Browser
) -> None:
    known = marks(outreach.open(PAGE).text)
    assert refresh(outreach, known).status_code == 304
    town.later(minutes=3)
    assert refresh(outreach, known).status_code == 304, "ages are counted on by the page"
    counted(town, "riverbank", "women", 7)
    town.caught_up()
    answer = refresh(outreach, known, **BR)
    parts = dict(PART.findall(brotli.decompress(answer.data).decode()))
    assert {name for name in parts if "riverbank" not in name} == {"marks"}
    assert "offer-riverbank-1" in parts
    assert "offer-riverbank-2" not in parts
    assert len(answer.data) < 1024
    newer = marks(parts["marks"])
    assert answer.headers["ETag"] == f'W/"{newer}"'
    assert newer == marks(outreach.open(PAGE).text), "as the page would say it now"
    assert refresh(outreach, newer).status_code == 304


def test_a_page_with_other_sites_is_read_anew(town: Town, outreach: Browser) -> None:
    known = marks(outreach.open(PAGE).text)
    town.store.profiles.save([Site("new-house", "New House")], [], "test", town.now)
    town.caught_up()
    assert refresh(outreach, known).status_code == 205
    assert refresh(outreach, "of-an-older-build").status_code == 205


def test_a_page_that_says_back_what_its_address_says_is_not_compressed(
    town: Town, outreach: Browser
) -> None:
    for query in ("?lang=fr", "?who=woman&together=2&need=used&by=&start="):
        assert "Content-Encoding" in outreach.client.get(PAGE + query, headers=BR).headers
    for query in ("?who=guess", "?lang=fr&x=woman", "?x=guess", "?start=guess"):
        answer = outreach.client.get(PAGE + query, headers=BR)
        assert "Content-Encoding" not in answer.headers, query


def test_who_reads_ahead_takes_nothing_from_the_page_that_a_person_will_see(
    town: Town, outreach: Browser
) -> None:
    form = outreach.form(KEEP) | {"minutes": "20"}
    outreach.post(KEEP, form, follow=False)
    outreach.open(PAGE, headers={"Purpose": "prefetch"})
    assert "The bed is kept." not in outreach.words
    outreach.open(PAGE)
    assert "The bed is kept." in outreach.words
