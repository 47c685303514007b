"""The coordinator's report: what it tells of a night, a month and a season, and what never."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from dashboard import season
from dashboard.beds import Source
from dashboard.config import Settings
from dashboard.people import Hand
from dashboard.rows import Moment
from dashboard.season import Length
from dashboard.turnaways import TurnAway, TurningAway

from .desks import Browser, Town, riverbend, words
from .test_cold_page import issue
from .test_lookback import change, keep_a_bed
from .values import FAMILY, RIVERBANK, at

MORNING = at("09:30", 21)
RIVER = Hand("p-river", Source.DESK)


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        yield town


def evening(town: Town) -> None:
    """A night at Riverbank: a bed kept, who never came, somebody turned away, full at 6 pm."""
    desk = town.as_("desk_at_riverbank")
    change(desk, 2)
    change(desk, 0, "/desk/riverbank/groups/men/reports")
    town.caught_up()
    keep_a_bed(town)
    town.now = at("18:05")
    judge = Moment(town.app.extensions["follower"].board, town.now).judge(RIVERBANK)
    turned = TurningAway(TurnAway.PET, town.now, "by-hand-pet")
    town.store.turned.turn_away("riverbank", turned, RIVER, judge.reset, town.now)
    desk.open("/desk/riverbank")
    change(desk, 0)
    town.now = MORNING
    town.caught_up()


def section(browser: Browser, id_: str) -> str:
    found = re.search(rf'<section[^>]*labelledby="{id_}">(.*?)</section>', browser.page, re.S)
    return words(found[1]) if found else ""


def test_a_night_is_told_once_it_is_over(town: Town) -> None:
    coordinator = town.as_("coordinator")
    coordinator.open("/report")
    assert "No night is counted yet" in coordinator.words
    evening(town)
    coordinator.open("/report?of=2026-11-20")
    assert "1 night is counted here" in coordinator.words
    assert "Riverbank House 1 of 1 0 100% 1 night" in section(coordinator, "full")
    assert section(coordinator, "filled").endswith("6 pm to 7 pm 1")
    assert "7 pm 25% 25% 0% 50%" in section(coordinator, "ages")
    assert "Pet 1" in section(coordinator, "turned")
    assert "Kept: 1 time. What became of them: What became of it Times The time ran out 1" in (
        section(coordinator, "kept")
    )


def test_every_period_has_a_name_that_leads_back_to_it() -> None:
    day = date(2026, 2, 28)
    while day < date(2027, 6, 1):
        for length in Length:
            period = season.around(day, length)
            assert period.first <= day <= period.last
            assert season.named(period.name) == period
            assert period.after.before == period
            assert period.after.first == period.last + timedelta(days=1)
        day += timedelta(days=9)


@pytest.mark.parametrize("text", ["2026-13", "2026-02-30", "winter", "9999-winter", "0001-01", "x"])
def test_a_period_that_is_none_is_not_found(town: Town, text: str) -> None:
    assert town.as_("coordinator").open(f"/report?of={text}").status_code == 404


def test_a_site_that_hides_and_is_small_is_told_nowhere(town: Town) -> None:
    small = replace(FAMILY, capacity=4)
    town.store.profiles.save([], [small], "p-cor", town.now)
    coordinator = town.as_("coordinator")
    town.caught_up()
    change_haven(coordinator, 0)
    town.now = MORNING
    coordinator.open("/report")
    assert "Haven" not in coordinator.words
    assert coordinator.open("/report?site=haven").status_code == 404
    assert "haven" not in str(town.store.digests.kept(town.store.digests.nights()))


def change_haven(browser: Browser, number: int) -> None:
    action = "/desk/haven/groups/family/reports"
    browser.open("/desk/haven")
    browser.post(action, browser.form(action, kind="change") | {"value": str(number)})


def test_unmet_needs_of_several_nights_are_told_in_steps(town: Town) -> None:
    for number in range(11):
        day = date(2026, 11, 18 + number % 2)
        town.store.unmet.count(day, ["woman", "small-pet"][: 1 + (number < 4)], f"key-{number}")
    coordinator = town.as_("coordinator")
    coordinator.open("/report?of=2026-11")
    told = section(coordinator, "unmet")
    assert "Woman 10" in told
    assert "Small pet" not in told
    coordinator.open("/report?of=2026-11-18")
    assert "Woman 6" in section(coordinator, "unmet")


def test_cold_nights_stand_with_what_was_written_down_of_them(town: Town) -> None:
    coordinator = town.as_("coordinator")
    issue(coordinator)
    evening(town)
    coordinator.open("/cold/log")
    coordinator.send("/cold/log/2026-11-20", {"sheltered": "61", "sites": "2"})
    coordinator.open("/report?of=2026-11")
    assert "1 night with an alert" in section(coordinator, "cold")
    assert "2026-11-20 Extreme cold alert 2 61" in section(coordinator, "cold")
    coordinator.open("/report?of=2026-11&site=riverbank")
    assert section(coordinator, "cold") == "", "it was of all sites together"


def test_a_turn_away_that_came_in_late_counts_where_it_came_in_and_the_page_says_so(
    town: Town,
) -> None:
    evening(town)
    town.now = at("10:00", 21)
    judge = Moment(town.app.extensions["follower"].board, town.now).judge(RIVERBANK)
    late = TurningAway(TurnAway.FULL, at("23:00"), "a-late-tap")
    town.store.turned.turn_away("riverbank", late, RIVER, judge.reset, town.now)
    town.now = at("09:30", 22)
    town.caught_up()
    coordinator = town.as_("coordinator")
    coordinator.open("/report?of=2026-11-20")
    assert "late counts for the night in which it came in" in section(coordinator, "turned")
    assert "full" not in section(coordinator, "turned").partition("came in.")[2].lower()
    coordinator.open("/report?of=2026-11-21")
    assert "full" in section(coordinator, "turned").partition("came in.")[2].lower()
