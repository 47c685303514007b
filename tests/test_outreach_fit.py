"""Who and what is needed: the page says which site fits, what to ask, and why one does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dashboard.config import Settings
from dashboard.facts import Known, Saying

from .desks import Browser, Town, riverbend
from .test_outreach import caught_up, report
from .values import HAVEN, NOW, RIVERBANK

PAGE = "/outreach"


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        report(town, 3)
        yield town


@pytest.fixture
def outreach(town: Town) -> Browser:
    return town.as_("outreach")


def card(browser: Browser, id_: str) -> str:
    """What a person reads of one site."""
    page = browser.page
    start = page.index(f'id="door-{id_}"')
    browser.page = page[start - 20 : page.index("</li>", start)]
    said = browser.words
    browser.page = page
    return said


def save(town: Town, *sites: object) -> None:
    town.store.profiles.save(sites, (), "test", NOW)  # type: ignore[arg-type]
    caught_up(town)


def test_a_site_says_what_it_does_not_take_and_what_to_ask(town: Town, outreach: Browser) -> None:
    save(town, replace(RIVERBANK, pets=Known.YES, large_pets=Known.NO))
    outreach.open(f"{PAGE}?who=woman&pet=large-pet")
    assert "Does not fit: no large dogs" in card(outreach, "riverbank")
    outreach.open(f"{PAGE}?who=woman&pet=small-pet&need=no-id")
    assert "Ask about: having no ID" in card(outreach, "riverbank")
    outreach.open(f"{PAGE}?who=woman&pet=small-pet&lang=fr")
    assert "Convient" in card(outreach, "riverbank")


def test_a_site_that_hides_is_a_phone_line_and_the_words_it_chose(
    town: Town, outreach: Browser
) -> None:
    save(town, replace(HAVEN, says=(Saying.ANY_HOUR, Saying.CAN_FETCH)))
    report(town, 4, "haven", "family")
    outreach.open(PAGE)
    assert "250-555-0199 Call at any hour. They can arrange a ride." in outreach.words
    assert "haven" not in outreach.page.casefold()
    assert "4 beds open" not in outreach.words


def test_a_site_that_hides_tells_its_count_and_whom_it_takes_only_where_it_says_so(
    town: Town, outreach: Browser
) -> None:
    save(town, replace(HAVEN, tells_outreach=True))
    report(town, 4, "haven", "family")
    outreach.open(f"{PAGE}?who=man&side=north")
    assert "Does not fit: not for men" in outreach.words
    assert "women, children : 4 beds open" in outreach.words
    assert "haven" not in outreach.page.casefold()
    assert "Haven" not in town.app.test_client().get("/").text
