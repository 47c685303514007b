"""Beds kept for people on the way, as the desk sees them and what it does about them, by forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard.beds import BedGroup, HoldEnd
from dashboard.clock import horizons
from dashboard.config import Settings
from dashboard.holds import coming

from .desks import Browser, Town, forms, riverbend
from .values import DAY, MEN, VAN, WOMEN, hold

DESK = "/desk/riverbank"
REPORTS = f"{DESK}/groups/women/reports"
TAPS = ("arrived", "did-not-come", "longer")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        yield town


@pytest.fixture
def desk_at_riverbank(town: Town) -> Browser:
    browser = town.as_("desk_at_riverbank")
    browser.open(DESK)
    change(browser, 3)
    return browser


def change(browser: Browser, number: int, reports: str = REPORTS) -> None:
    browser.post(reports, browser.form(reports, kind="change") | {"value": str(number)})


def keep(town: Town, id_: str, code: str, arrives: int = 40, group: BedGroup = WOMEN) -> None:
    """The van is on its way."""
    one = replace(hold(id_, group, town.now), code=code, agency="Street team")
    one = replace(one, arrives_at=town.now + arrives * MINUTE)
    assert town.store.holds.keep(one, horizons(town.now, DAY), VAN).outcome == "saved"
    town.caught_up()


def tap(browser: Browser, id_: str, what: str) -> None:
    action = f"{DESK}/holds/{id_}/{what}"
    browser.send(action, {})


def kept(town: Town) -> list[str]:
    found = town.store.stream.snapshot(DAY).sites["riverbank"].groups
    return [one.code for group in found for one in coming(group.holds, town.now)]


def test_who_is_on_the_way_is_told_in_the_order_of_their_arrival(
    town: Town, desk_at_riverbank: Browser
) -> None:
    assert "On the way" not in shown(desk_at_riverbank)
    change(desk_at_riverbank, 2, f"{DESK}/groups/men/reports")
    keep(town, "h-1", "canyon orange", arrives=60)
    keep(town, "h-2", "lotus piano", arrives=20, group=MEN)
    town.later(minutes=5)
    desk_at_riverbank.open(DESK)
    told = shown(desk_at_riverbank)
    first = "lotus piano Men's beds · Street team there by 4:32 pm · kept until 5:42 pm ( 1 h"
    assert first in told
    assert told.index("lotus piano") < told.index("canyon orange")
    assert "counting the 2 kept for people on the way?" in told


def shown(browser: Browser) -> str:
    """What a person sees: without what is hidden."""
    page = re.sub(r"<(section)[^>]* hidden>.*?</\1>", " ", browser.page, flags=re.S)
    browser.page = page
    return browser.words.replace("&#39;", "'")


def test_arrived_takes_one_bed_and_ends_the_hold_with_one_tap(
    town: Town, desk_at_riverbank: Browser
) -> None:
    keep(town, "h-1", "canyon orange")
    desk_at_riverbank.open(DESK)
    form = desk_at_riverbank.form(f"{DESK}/holds/h-1/arrived")
    for _ in range(2):
        desk_at_riverbank.post(f"{DESK}/holds/h-1/arrived", form)
        assert "Saved 4:12 pm" in desk_at_riverbank.words
    assert (town.figure(), kept(town)) == (2, [])
    assert "somebody arrived: from 3 to 2" in desk_at_riverbank.words
    undo = f"{DESK}/groups/women/undo"
    desk_at_riverbank.post(undo, desk_at_riverbank.form(undo))
    assert (town.figure(), kept(town)) == (3, ["canyon orange"])
    tap(desk_at_riverbank, "h-1", "arrived")
    assert (town.figure(), kept(town)) == (2, []), "the same tap on a hold that came back counts"


def test_did_not_come_ends_the_hold_and_keeps_the_figure(
    town: Town, desk_at_riverbank: Browser
) -> None:
    keep(town, "h-1", "canyon orange")
    desk_at_riverbank.open(DESK)
    tap(desk_at_riverbank, "h-1", "did-not-come")
    assert "Saved 4:12 pm" in desk_at_riverbank.words
    assert (town.figure(), kept(town)) == (3, [])


def test_30_more_minutes_until_the_limit_and_then_no_more(
    town: Town, desk_at_riverbank: Browser
) -> None:
    keep(town, "h-1", "canyon orange")
    desk_at_riverbank.open(DESK)
    form = desk_at_riverbank.form(f"{DESK}/holds/h-1/longer")
    for end in ("6:12 pm", "6:42 pm"):
        tap(desk_at_riverbank, "h-1", "longer")
        assert f"kept until {end}" in desk_at_riverbank.words
    assert not forms(desk_at_riverbank.page, f"{DESK}/holds/h-1/longer"), "2 and a half hours"
    desk_at_riverbank.post(f"{DESK}/holds/h-1/longer", form | {"key": "another-key"})
    assert "Refused, because no bed is kept past the last check-in" in desk_at_riverbank.words


def test_no_hold_is_kept_past_the_last_check_in(town: Town, desk_at_riverbank: Browser) -> None:
    town.later(hours=3, minutes=30)
    desk_at_riverbank.open(DESK)
    change(desk_at_riverbank, 3)
    keep(town, "h-1", "canyon orange", arrives=20)
    desk_at_riverbank.open(DESK)
    assert "kept until 9:12 pm" in desk_at_riverbank.words, "as it was made, by hand"
    assert not forms(desk_at_riverbank.page, f"{DESK}/holds/h-1/longer")


def test_a_hold_that_has_ended_is_no_more_there_and_a_tap_says_so(
    town: Town, desk_at_riverbank: Browser
) -> None:
    keep(town, "h-1", "canyon orange")
    desk_at_riverbank.open(DESK)
    page = desk_at_riverbank.page
    town.later(minutes=90)
    for what in TAPS:
        desk_at_riverbank.page = page
        tap(desk_at_riverbank, "h-1", what)
        assert "Nothing was changed, because this hold had ended already." in shown(
            desk_at_riverbank
        )
        assert "canyon orange" not in shown(desk_at_riverbank)
    assert town.figure() == 3


@pytest.mark.parametrize("what", TAPS)
@pytest.mark.parametrize("name", ["coordinator", "caller", "desk_at_northside", "outreach"])
def test_only_the_sites_own_people_see_or_touch_a_hold(
    town: Town, desk_at_riverbank: Browser, name: str, what: str
) -> None:
    keep(town, "h-1", "canyon orange")
    other = town.as_(name)
    other.open(DESK)
    assert not re.search("canyon|Street team</|h-1", other.page)
    other.open("/desk" if name != "outreach" else "/outreach")
    token = re.search(r'name="csrf_token" value="([^"]+)"', other.page)
    assert token
    given = {"csrf_token": token[1], "key": "a-key-of-mine"}
    assert other.post(f"{DESK}/holds/h-1/{what}", given).status_code == 404
    assert other.post(f"{DESK}/holds/h-9/{what}", given).status_code == 404, "no hint"
    assert kept(town) == ["canyon orange"]


@pytest.mark.parametrize("what", TAPS)
def test_who_is_signed_out_comes_back_and_nothing_is_done(town: Town, what: str) -> None:
    desk = town.as_("desk_at_riverbank")
    desk.open(DESK)
    change(desk, 3)
    keep(town, "h-1", "canyon orange")
    desk.open(DESK)
    form = desk.form(f"{DESK}/holds/h-1/{what}")
    desk.client.delete_cookie("bedboard")
    answer = desk.post(f"{DESK}/holds/h-1/{what}", form, follow=False)
    assert answer.status_code == 303
    assert "/sign-in?next=" in answer.headers["Location"]
    assert kept(town) == ["canyon orange"]


@pytest.mark.parametrize("what", TAPS)
def test_a_tap_without_a_key_or_by_get_does_nothing(
    town: Town, desk_at_riverbank: Browser, what: str
) -> None:
    keep(town, "h-1", "canyon orange")
    desk_at_riverbank.open(DESK)
    form = desk_at_riverbank.form(f"{DESK}/holds/h-1/{what}")
    desk_at_riverbank.post(f"{DESK}/holds/h-1/{what}", form | {"key": ""})
    assert "Refused." in desk_at_riverbank.words
    assert desk_at_riverbank.open(f"{DESK}/holds/h-1/{what}").status_code == 405
    assert kept(town) == ["canyon orange"]


# -- fewer beds than are kept


def test_a_number_below_the_beds_held_makes_the_desk_choose(
    town: Town, desk_at_riverbank: Browser
) -> None:
    keep(town, "h-1", "canyon orange", arrives=60)
    keep(town, "h-2", "lotus piano", arrives=20)
    desk_at_riverbank.open(DESK)
    change(desk_at_riverbank, 1)
    assert (town.figure(), len(kept(town))) == (3, 2)
    assert "Not saved yet: more beds are kept for people on the way." in desk_at_riverbank.words
    assert "1 of them would find no bed." in desk_at_riverbank.words
    assert suggested(desk_at_riverbank) == ["h-1"], "who comes last is suggested"
    choice = chosen(desk_at_riverbank) | {"value": "1"}
    desk_at_riverbank.post(REPORTS, {n: v for n, v in choice.items() if "ending" not in n})
    assert "1 of them would find no bed." in desk_at_riverbank.words
    choice = {n: v for n, v in chosen(desk_at_riverbank).items() if "ending" not in n}
    desk_at_riverbank.post(REPORTS, choice | {"ending.h-2": "yes"})
    assert "Saved 4:12 pm" in desk_at_riverbank.words
    assert (town.figure(), kept(town)) == (1, ["canyon orange"]), "the desk chose otherwise"
    (told,) = town.store.holds.ended("Street team", town.now)
    assert (told.hold.code, told.reason) == ("lotus piano", HoldEnd.TAKEN_BACK)


def suggested(browser: Browser) -> list[str]:
    return re.findall(r'name="ending\.([^"]+)" value="yes" checked', browser.page)


def chosen(browser: Browser) -> dict[str, str]:
    """The form that asks whose hold ends, as it stands."""
    return next(form for form in forms(browser.page, REPORTS) if any("ending." in n for n in form))


def test_too_few_are_refused_in_words(town: Town, desk_at_riverbank: Browser) -> None:
    for number, code in enumerate(("canyon orange", "lotus piano", "atlas tempo")):
        keep(town, f"h-{number}", code)
    desk_at_riverbank.open(DESK)
    change(desk_at_riverbank, 1)
    choice = {n: v for n, v in chosen(desk_at_riverbank).items() if "ending" not in n}
    desk_at_riverbank.post(REPORTS, choice | {"ending.h-0": "yes"})
    assert "Not saved: those are too few." in desk_at_riverbank.words
    assert (town.figure(), len(kept(town))) == (3, 3)
    assert len(suggested(desk_at_riverbank)) == 2
    desk_at_riverbank.post(REPORTS, chosen(desk_at_riverbank))
    assert (town.figure(), len(kept(town))) == (1, 0), "both boxes and the third were sent"


def test_a_minus_below_the_beds_held_asks_too(town: Town, desk_at_riverbank: Browser) -> None:
    change(desk_at_riverbank, 1)
    keep(town, "h-1", "canyon orange")
    desk_at_riverbank.open(DESK)
    desk_at_riverbank.post(REPORTS, desk_at_riverbank.form(REPORTS, kind="adjust", value="-1"))
    assert suggested(desk_at_riverbank) == ["h-1"]
    desk_at_riverbank.post(REPORTS, chosen(desk_at_riverbank))
    assert (town.figure(), kept(town)) == (0, [])


def test_an_undo_below_the_beds_held_asks_too(town: Town, desk_at_riverbank: Browser) -> None:
    change(desk_at_riverbank, 0)
    change(desk_at_riverbank, 1)
    keep(town, "h-1", "canyon orange")
    undo = f"{DESK}/groups/women/undo"
    desk_at_riverbank.open(DESK)
    desk_at_riverbank.post(undo, desk_at_riverbank.form(undo))
    assert (town.figure(), kept(town)) == (1, ["canyon orange"])
    asked = next(f for f in forms(desk_at_riverbank.page, undo) if "ending.h-1" in f)
    desk_at_riverbank.post(undo, asked)
    assert (town.figure(), kept(town)) == (0, [])


def test_who_may_not_know_what_is_kept_is_not_asked_and_the_desk_is_told(
    town: Town, desk_at_riverbank: Browser
) -> None:
    keep(town, "h-1", "canyon orange")
    caller = town.as_("caller")
    caller.open(DESK)
    change(caller, 0)
    assert "Saved 4:12 pm" in caller.words
    assert (town.figure(), kept(town)) == (0, ["canyon orange"])
    desk_at_riverbank.open(DESK)
    assert "1 bed is kept, but there is no bed for it." in shown(desk_at_riverbank)
    desk_at_riverbank.post(REPORTS, desk_at_riverbank.form(REPORTS, kind="confirm"))
    assert suggested(desk_at_riverbank) == ["h-1"]


def test_still_right_for_all_asks_only_where_more_is_kept(
    town: Town, desk_at_riverbank: Browser
) -> None:
    change(desk_at_riverbank, 4, f"{DESK}/groups/men/reports")
    keep(town, "h-1", "canyon orange")
    caller = town.as_("caller")
    caller.open(DESK)
    change(caller, 0)
    desk_at_riverbank.open(DESK)
    desk_at_riverbank.send(f"{DESK}/reports", {})
    assert suggested(desk_at_riverbank) == ["h-1"]
    assert "still 4" in desk_at_riverbank.words


# -- full, and open again


def test_full_says_that_the_kept_bed_stays_kept(town: Town, desk_at_riverbank: Browser) -> None:
    keep(town, "h-1", "canyon orange")
    desk_at_riverbank.open(DESK)
    assert "Open again" not in seen_links(desk_at_riverbank)
    desk_at_riverbank.post(REPORTS, desk_at_riverbank.form(REPORTS, kind="full"))
    assert "Full. The 1 kept bed stays kept." in desk_at_riverbank.words
    assert (town.figure(), kept(town)) == (1, ["canyon orange"])
    assert "Open again" in seen_links(desk_at_riverbank), "which asks for the number"
    visitor = town.as_("visitor")
    visitor.open("/")
    assert "kept" not in visitor.words


def seen_links(browser: Browser) -> str:
    return " ".join(
        re.findall(r'<a class="button again"[^>]*"(?! hidden)>([^<]*)</a>', browser.page)
    )


def test_full_by_who_may_not_know_says_no_number_of_kept_beds(
    town: Town, desk_at_riverbank: Browser
) -> None:
    keep(town, "h-1", "canyon orange")
    caller = town.as_("caller")
    caller.open(DESK)
    caller.post(REPORTS, caller.form(REPORTS, kind="full"))
    assert "Full. Beds kept for someone on the way stay kept." in caller.words


def test_the_page_and_its_live_parts_tell_the_same(town: Town, desk_at_riverbank: Browser) -> None:
    keep(town, "h-1", "canyon orange")
    page = desk_at_riverbank.open(DESK).text
    part = re.search(
        r'<hx-partial hx-target="#on-the-way"[^>]*>(.*?)</hx-partial>',
        desk_at_riverbank.open(f"{DESK}/figures").text,
        re.S,
    )
    assert part
    token = re.compile(r'name="csrf_token" value="[^"]*"')
    assert token.sub("", part[1]).strip() in token.sub("", page)
