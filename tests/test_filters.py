"""What fits whom: yes, no, or ask; unknown is never no."""

from __future__ import annotations

import pytest

from dashboard.beds import BedGroup, Status
from dashboard.facts import Guest, Known, Sobriety
from dashboard.filters import NEEDS, SIDES, WHO, Choice, Wanted, best, fit, takes
from dashboard.rows import Moment, SiteRow

from .riverbend import NO, NORTH, UNKNOWN, YES, Town


def row(*guests: Guest, **facts: object) -> SiteRow:
    """A site with one bed group for these guests, two beds open."""
    town = Town()
    town.site("here", "Here", **facts)
    town.group("here", "beds", "Beds", *guests)
    town.report("here", "beds", 2)
    found = Moment(town.board, town.now).row("here")
    assert found
    return found


@pytest.mark.parametrize(
    ("guests", "choice", "answer"),
    [
        ((Guest.ADULTS,), Choice.WOMAN, YES),
        ((Guest.WOMEN, Guest.CHILDREN), Choice.WOMAN, YES),
        ((Guest.MEN,), Choice.WOMAN, NO),
        ((Guest.SENIORS,), Choice.WOMAN, UNKNOWN),
        ((Guest.WOMEN,), Choice.MAN, NO),
        ((Guest.WOMEN,), Choice.TRANS, UNKNOWN),
        ((Guest.WOMEN, Guest.TWO_SPIRIT), Choice.TRANS, YES),
        ((Guest.ADULTS,), Choice.YOUTH, NO),
        ((Guest.YOUTH,), Choice.YOUTH, YES),
        ((Guest.MEN,), Choice.SENIOR, UNKNOWN),
        ((Guest.FAMILIES,), Choice.FAMILY, YES),
        ((Guest.WOMEN, Guest.CHILDREN), Choice.FAMILY, UNKNOWN),
        ((), Choice.MAN, UNKNOWN),
    ],
)
def test_a_group_takes_a_guest(guests: tuple[Guest, ...], choice: Choice, answer: Known) -> None:
    assert takes(BedGroup("here", "beds", "Beds", None, guests), choice) is answer


def test_a_site_that_says_nothing_is_asked_about_everything() -> None:
    found = fit(row())
    assert set(NEEDS) <= set(found.ask)
    assert set(SIDES) <= set(found.ask)
    assert not set(NEEDS + SIDES) & set(found.no)


@pytest.mark.parametrize(
    ("facts", "choice", "answer"),
    [
        ({"pets": NO}, Choice.PETS, NO),
        ({"pets": YES}, Choice.PETS, YES),
        ({"storage": NO, "carts": YES}, Choice.STORAGE, YES),
        ({"storage": NO}, Choice.STORAGE, UNKNOWN),
        ({"storage": NO, "carts": NO}, Choice.STORAGE, NO),
        ({"sobriety": Sobriety.NONE}, Choice.SOBRIETY, YES),
        ({"sobriety": Sobriety.PARTLY}, Choice.SOBRIETY, UNKNOWN),
        ({"sobriety": Sobriety.ZERO_USE}, Choice.SOBRIETY, NO),
        ({"place": NORTH}, Choice.NORTH, YES),
        ({"place": NORTH}, Choice.SOUTH, NO),
    ],
)
def test_a_site_answers_a_need(facts: dict[str, object], choice: Choice, answer: Known) -> None:
    found = fit(row(**facts))
    assert (choice in found.no, choice in found.ask) == (answer is NO, answer is UNKNOWN)


def test_the_best_answer_of_several_counts() -> None:
    assert best([NO, UNKNOWN, YES]) is YES
    assert best([NO, UNKNOWN]) is UNKNOWN
    assert best([NO, NO]) is NO
    assert best([]) is UNKNOWN


def test_the_number_is_for_the_person_chosen() -> None:
    town = Town()
    town.site("here", "Here")
    town.group("here", "women", "Women's beds", Guest.WOMEN)
    town.group("here", "all", "Beds")
    town.report("here", "women", 2)
    town.report("here", "all", 5)
    whole = Moment(town.board, town.now).row("here")
    assert whole
    assert whole.available == 7
    figures = {who: one.row.available for one in fit(whole).figures for who in one.who}
    assert figures[Choice.MAN] == 5
    assert Choice.WOMAN not in figures
    assert Choice.YOUTH not in figures


def test_a_doubt_about_beds_for_others_is_not_told_as_a_doubt() -> None:
    town = Town()
    town.site("here", "Here")
    town.group("here", "women", "Women's beds", Guest.WOMEN)
    town.group("here", "men", "Men's beds", Guest.MEN)
    town.report("here", "women", 0)
    whole = Moment(town.board, town.now).row("here")
    assert whole
    assert whole.status is Status.CALL_FIRST
    statuses = {who: one.row.status for one in fit(whole).figures for who in one.who if not one.ask}
    assert statuses == {Choice.WOMAN: Status.FULL, Choice.MAN: Status.CALL_FIRST}


def test_a_doubt_about_who_may_come_is_told_with_the_number() -> None:
    figures = fit(row(Guest.SENIORS)).figures
    asked = next(one for one in figures if Choice.WOMAN in one.who)
    assert (asked.ask, asked.row.available) == (True, 2)


def test_words_that_are_no_choice_ask_for_nothing() -> None:
    wanted = Wanted.read("<script>", ["pets", "pets", "gold"], "south")
    assert wanted.choices == (Choice.PETS, Choice.SOUTH)
    assert Wanted.read(None, [], None).choices == ()


def test_every_choice_belongs_to_one_question() -> None:
    assert sorted(WHO + NEEDS + SIDES) == sorted(Choice)
