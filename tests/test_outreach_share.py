"""One site as text that a person can keep, without script too; and nothing kept of who calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.config import Settings

from .desks import Browser, Town, riverbend, words
from .test_outreach import report
from .values import HAVEN, NOW

PAGE = "/outreach"


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        report(town, 2)
        report(town, 0, group="men")
        yield town


@pytest.fixture
def outreach(town: Town) -> Browser:
    return town.as_("outreach")


def text(browser: Browser, site: str, path: str = PAGE) -> list[str]:
    """The lines that a person reads and copies."""
    found = re.search(rf'<p class="text" id="text-{site}">(.*?)</p>', browser.open(path).text, re.S)
    assert found
    shown = re.sub(r'<span class="doubt" hidden>.*?</span>', "", found[1])
    return [words(line) for line in shown.split("<br>")]


def test_a_site_is_told_with_its_numbers_their_times_and_its_phone(outreach: Browser) -> None:
    assert text(outreach, "riverbank") == [
        "Riverbank House, 1 Example St",
        "Women&#39;s beds: 2 open at 4:12 pm",
        "Men&#39;s beds: full at 4:12 pm",
        "Check-in until 9 pm",
        "Phone: 250-555-0142",
        "Beds fill fast: call before you go.",
    ]
    french = text(outreach, "riverbank", f"{PAGE}?lang=fr")
    assert "2 libres à 16 h 12" in french[1]


def test_a_number_that_is_old_is_told_as_one(town: Town, outreach: Browser) -> None:
    town.later(hours=4)
    lines = text(outreach, "riverbank")
    assert lines[1] == "Women&#39;s beds: Call first. Last known 2 at 4:12 pm."
    town.later(hours=2)
    assert "Check-in ended at 9 pm" in text(outreach, "riverbank")


def test_a_number_that_somebody_disputes_is_told_as_disputed(town: Town, outreach: Browser) -> None:
    town.later(minutes=28)
    outreach.open(PAGE)
    action = f"{PAGE}/sites/riverbank/groups/women/visits"
    outreach.post(action, outreach.form(action) | {"found": "was-full"})
    town.caught_up()
    assert "Disputed 4:40 pm. Call first." in text(outreach, "riverbank")[1]


def test_a_site_that_hides_has_no_text_to_pass_on(town: Town, outreach: Browser) -> None:
    town.store.profiles.save([replace(HAVEN, tells_outreach=True)], (), "test", NOW)
    report(town, 4, "haven", "family")
    outreach.open(PAGE)
    assert "A place that is not shown" in outreach.words
    assert outreach.page.count('class="share"') == 2


def test_nothing_is_kept_of_a_call(outreach: Browser) -> None:
    """A call is a plain link; a script may open what follows it, and neither sends nor keeps it."""
    links = re.findall(r'<a ([^>]*"tel:[^>]*)>', outreach.open(PAGE).text)
    assert links
    assert [link for link in links if re.search(r"ping|data-|id=|on\w+=", link)] == []
    scripts = [path.read_text("utf-8") for path in Path("static").glob("outreach*.js")]
    heard = [one for script in scripts for one in script.split("\n\n") if "tel:" in one]
    assert not [one for one in heard if re.search("fetch|Beacon|Storage|caches|DB", one)]
