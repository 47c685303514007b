"""Which site takes whom: a table decided by hand, and the rules that it can't show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import time, timedelta
from itertools import product
from urllib.parse import parse_qsl

import pytest

from dashboard.asked import (
    ALWAYS,
    HOURS,
    NEEDS,
    PAIRS,
    PETS,
    SIDES,
    TOGETHER,
    WHO,
    Asked,
    Word,
)
from dashboard.beds import Place, Site, Source
from dashboard.clock import Day
from dashboard.evening import Declaration, Topic
from dashboard.events import Declared, GroupSaved, SiteSaved
from dashboard.facts import Guest, Known, Sobriety
from dashboard.fit import Choice, Fit, Verdict, choices
from dashboard.rows import Moment
from dashboard.takes import Evening

from .fit_table import COUNTED, SITES, TABLE, decided
from .riverbend import FOUR_TWELVE, NO, NORTH, SOUTH, UNKNOWN, YES, Town

EVENING = Evening(FOUR_TWELVE, Day())


def the_town() -> Town:
    town = Town()
    for one in SITES:
        town.tell(SiteSaved, site=one, moved=False, who="", at=town.now)
    for counted in COUNTED:
        town.tell(GroupSaved, group=counted.group, who="", at=town.now)
        if counted.open is not None:
            town.report(counted.group.site, counted.group.id, counted.open, counted.minutes)
    return town


TOWN = the_town()


def found(town: Town, query: str, minutes: Mapping[str, int] | None = None) -> list[Choice]:
    moment = Moment(town.board, town.now)
    asked = Asked.read(parse_qsl(query))
    return choices(moment.told_rows(), asked, Evening(town.now, Day()), minutes or {})


@pytest.mark.parametrize("query", TABLE)
def test_every_site_is_told_as_decided_by_hand_and_in_this_order(query: str) -> None:
    told = [
        (one.row.site.id, str(one.verdict.fit), tuple(map(str, one.verdict.why)))
        for one in found(TOWN, query)
    ]
    assert told == decided(query)
    assert len(told) == len(SITES)


def as_the_script_finds(card: Choice, asked: Asked) -> tuple[str, set[Word]]:
    """The best fit, and its reasons, from what stands in the page alone."""
    wanted, told = {*asked.words, *ALWAYS}, []
    for bunk in card.bunks:
        no, ask = wanted & {*card.no, *bunk.no}, wanted & {*card.ask, *bunk.ask}
        if bunk.row and Word.CLOSED not in no:
            if bunk.available is None:
                ask.add(Word.CALL_FIRST)
            elif bunk.available < asked.people:
                few = Word.TOO_FEW if bunk.available else Word.FULL
                (ask if bunk.rooms and bunk.available else no).add(
                    Word.ROOM if bunk.rooms and bunk.available else few
                )
        told.append(("no", no) if no else ("ask", ask) if ask else ("fits", set()))
    short = sum(
        b.available or 0
        for b, one in zip(card.bunks, told, strict=True)
        if one[1] == {Word.TOO_FEW}
    )
    best = min(told, key=lambda one: ["fits", "ask", "no"].index(one[0]))
    if best[0] == "no" and asked.who not in PAIRS and short >= asked.people:
        return "ask", {Word.APART}
    return best[0], next(why for fit, why in told if fit == best[0])


QUESTIONS = [
    *({"who": who} for who in WHO),
    *({"who": "man", "together": str(many)} for many in TOGETHER),
    *({"who": "couple", "pet": pet} for pet in PETS),
    *({"who": "woman", "need": need} for need in NEEDS),
    *({"by": by, "side": side} for by in HOURS for side in SIDES),
]


@pytest.mark.parametrize("given", QUESTIONS, ids=str)
def test_what_stands_in_the_page_is_enough_to_decide_without_the_server(
    given: dict[str, str],
) -> None:
    asked = Asked.read(given.items())
    for card in choices(Moment(TOWN.board, TOWN.now).told_rows(), asked, EVENING, {}):
        fit, why = as_the_script_finds(card, asked)
        assert card.verdict.fit == fit, card.row.site.id
        if len(card.bunks) == 1:
            assert set(card.verdict.why) == why, card.row.site.id


def test_the_nearer_of_two_equal_doors_comes_first() -> None:
    town = Town()
    for name, place in (("Aspen", NORTH), ("Birch", SOUTH), ("Chestnut", Place())):
        town.site(name.lower(), name, place=place)
        town.group(name.lower(), "beds", "Beds")
        town.report(name.lower(), "beds", 3)
    near = {NORTH.area: 25, SOUTH.area: 10}
    assert [one.row.site.id for one in found(town, "", near)] == ["birch", "aspen", "chestnut"]
    town.report("chestnut", "beds", 4)
    assert found(town, "", near)[0].row.site.id == "chestnut", "more beds before fewer minutes"


def test_nobody_is_sent_to_ask_where_a_site_is_that_hides() -> None:
    nest = next(one for one in found(TOWN, "side=south") if one.row.site.id == "nest")
    assert not {*nest.no, *nest.ask} & set(SIDES)
    assert nest.verdict.fit is Fit.FITS


def test_what_a_desk_declares_for_tonight_counts() -> None:
    town, query = the_town(), "who=man&by=by-22&need=no-id&pet=small-pet&need=used"
    town.tell(
        SiteSaved,
        site=replace(SITES[0], without_id=Known.NO, sobriety=Sobriety.REQUIRED),
        moved=False,
        who="",
        at=town.now,
    )
    assert verdict(town, "maple", query).fit is Fit.NO
    for topic in (Topic.LATE, Topic.NO_ID, Topic.PETS, Topic.HAVING_USED):
        declare(town, "maple", topic)
    assert verdict(town, "maple", query).fit is Fit.FITS


def test_after_the_last_check_in_a_site_is_no_option_unless_it_takes_who_comes_late() -> None:
    town = the_town()
    town.now = FOUR_TWELVE + timedelta(hours=4, minutes=50)  # 9:02 pm
    assert verdict(town, "maple") == Verdict(Fit.NO, (Word.ENDED,))
    assert Word.ENDED not in verdict(town, "hall").why
    town.now += timedelta(hours=2, minutes=40)
    assert verdict(town, "kennel") == Verdict(Fit.NO, (Word.ENDED,))


def test_after_a_curfew_it_must_be_asked_whether_a_door_still_opens() -> None:
    town = Town()
    town.site("here", "Here", curfew=time(15))
    town.group("here", "beds", "Beds")
    town.report("here", "beds", 3)
    assert verdict(town, "here") == Verdict(Fit.ASK, (Word.ENDED,))
    assert verdict(town, "here", "by=by-20").fit is Fit.NO


def test_a_number_that_somebody_disputes_is_asked_for_be_it_none_or_many() -> None:
    for count in (0, 3):
        town = Town()
        town.site("here", "Here")
        town.group("here", "beds", "Beds")
        town.report("here", "beds", count)
        moment = Moment(town.board, town.now)
        (row,) = moment.told_rows()
        group = replace(row.groups[0], disputed_at=town.now)
        (card,) = choices([replace(row, groups=(group,))], Asked(), EVENING, {})
        assert card.verdict == Verdict(Fit.ASK, (Word.CALL_FIRST,))
        assert card.bunks[0].available is None


def test_a_reason_is_of_beds_that_are_for_these_people() -> None:
    town = Town()
    town.site("here", "Here", sobriety=Sobriety.REQUIRED)
    town.group("here", "men", "Men's beds", Guest.MEN)
    town.group("here", "women", "Women's beds", Guest.WOMEN)
    town.report("here", "men", 4)
    town.report("here", "women", 0)
    assert verdict(town, "here", "who=woman&need=used").why == (Word.USED, Word.FULL)


@pytest.mark.parametrize(
    ("guests", "told", "answer"),
    [
        ((Guest.COUPLES,), NO, Fit.FITS),
        ((Guest.ADULTS,), YES, Fit.FITS),
        ((Guest.ADULTS,), UNKNOWN, Fit.ASK),
        ((Guest.ADULTS,), NO, Fit.NO),
        ((Guest.MEN,), YES, Fit.ASK),
        ((Guest.MEN,), NO, Fit.NO),
        ((Guest.YOUTH,), YES, Fit.NO),
    ],
)
def test_couples_by_what_the_beds_are_for(
    guests: tuple[Guest, ...], told: Known, answer: Fit
) -> None:
    town = Town()
    town.site("here", "Here", couples=told)
    town.group("here", "beds", "Beds", *guests)
    town.report("here", "beds", 3)
    assert verdict(town, "here", "who=couple").fit is answer


@pytest.mark.parametrize(
    ("facts", "small", "large", "service"),
    [
        ((UNKNOWN, UNKNOWN, UNKNOWN), Fit.ASK, Fit.ASK, Fit.ASK),
        ((YES, UNKNOWN, UNKNOWN), Fit.FITS, Fit.ASK, Fit.ASK),
        ((UNKNOWN, YES, UNKNOWN), Fit.FITS, Fit.FITS, Fit.FITS),
        ((YES, NO, UNKNOWN), Fit.FITS, Fit.NO, Fit.ASK),
        ((NO, UNKNOWN, UNKNOWN), Fit.NO, Fit.NO, Fit.ASK),
        ((NO, YES, YES), Fit.NO, Fit.NO, Fit.FITS),
        ((YES, YES, NO), Fit.FITS, Fit.FITS, Fit.NO),
    ],
)
def test_pets_by_size(
    facts: tuple[Known, Known, Known], small: Fit, large: Fit, service: Fit
) -> None:
    town = Town()
    pets, large_pets, animals = facts
    town.site("here", "Here", pets=pets, large_pets=large_pets, service_animals=animals)
    town.group("here", "beds", "Beds")
    town.report("here", "beds", 3)
    told = [verdict(town, "here", f"pet={pet}").fit for pet in PETS]
    assert told == [small, large, service]


def test_words_that_are_no_choice_ask_for_nothing() -> None:
    given = "who=<script>&who=&need=gold&need=used&together=99&by=by-3&pet=horse&side="
    asked = Asked.read(parse_qsl(given))
    assert asked == Asked(needs=(Word.USED,))
    assert not Asked.read(())
    assert Asked.read((("who", "family"),)).people == 2


def test_every_word_belongs_to_one_question() -> None:
    always = {*ALWAYS, Word.FULL, Word.TOO_FEW, Word.CALL_FIRST, Word.ROOM, Word.APART}
    assert sorted([*WHO, *PETS, *NEEDS, *HOURS, *SIDES, *always]) == sorted(Word)


def verdict(town: Town, site: str, query: str = "") -> Verdict:
    return next(one.verdict for one in found(town, query) if one.row.site.id == site)


def declare(town: Town, site: str, topic: Topic) -> None:
    said = Declaration(topic, town.now, town.now + timedelta(hours=6), "p-desk")
    place = {"site": site, "group": "", "topic": topic}
    town.tell(Declared, **place, now=said, before=None, source=Source.DESK, who="", at=town.now)


KNOWN = tuple(one.name for one in fields(Site) if one.type == "Known")


@pytest.mark.parametrize("guest", [None, *Guest], ids=str)
def test_what_nobody_knows_never_makes_a_no(guest: Guest | None) -> None:
    """Where it does not fit with a fact unknown, it would not fit with a yes either."""
    town = Town()
    town.site("here", "Here", **dict.fromkeys(KNOWN, YES))
    town.group("here", "beds", "Beds")
    town.report("here", "beds", 9)
    (row,) = Moment(town.board, town.now).told_rows()
    beds = replace(row.groups[0].group, guests=(guest,) if guest else ())
    row = replace(row, groups=(replace(row.groups[0], group=beds),))

    def fit(asked: Asked, **facts: Known) -> Fit:
        site = replace(row.site, **facts)  # type: ignore[arg-type]
        return choices([replace(row, site=site)], asked, EVENING, {})[0].verdict.fit

    for who, pet in product((None, *WHO), PETS):
        asked = Asked(who, pet, NEEDS, Word.BY_24, Word.NORTH)
        known = fit(asked)
        for name in KNOWN:
            assert known is Fit.NO or fit(asked, **{name: UNKNOWN}) is not Fit.NO, (asked, name)
