"""What people and machines send, read or refused field by field; nothing they send breaks it."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.beds import MOST, Source
from dashboard.forms import Refused, Unfit, Wrong, count, desk_report, invitation, version, words
from dashboard.people import Hand, fold
from dashboard.reports import ReportKind

NOW = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
SAM = Hand("p-sam", Source.DESK)
CALLER = Hand("p-cal", Source.PHONE)
KEY = "a-key-of-a-form"


def wrong_with(given: dict[str, str]) -> dict[str, Wrong]:
    with pytest.raises(Refused) as refused:
        desk_report(given, "riverbank", "women", SAM, NOW)
    return refused.value.errors


@pytest.mark.parametrize(
    ("given", "number"),
    [
        (4, 4),
        ("4", 4),
        (" 4 ", 4),
        ("+4", 4),
        ("004", 4),
        ("４", 4),
        ("٤", 4),
        (0, 0),
        ("9999", MOST),
    ],
)
def test_a_number_is_read_however_it_is_written(given: object, number: int) -> None:
    assert count(given) == number


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        *[(given, Wrong.MISSING) for given in (None, "", "  ")],
        *[
            (given, Wrong.NOT_A_NUMBER)
            for given in ("four", "4.0", "1e3", "4 5", "0x4", "--4", "²x")
        ],
        *[(given, Wrong.NOT_TEXT) for given in (4.0, True, [4], {"open": 4}, "4\x00")],
        *[(given, Wrong.BELOW_ZERO) for given in (-1, "-1", "−1")],
        *[(given, Wrong.TOO_MANY) for given in (MOST + 1, "10000", "9" * 199, 10**400)],
        ("9" * 5000, Wrong.TOO_LONG),
    ],
)
def test_what_is_no_count_is_refused_by_its_reason(given: object, wrong: Wrong) -> None:
    with pytest.raises(Unfit) as unfit:
        count(given)
    assert unfit.value.wrong is wrong


def test_a_tap_is_an_adjustment_and_a_typed_number_a_change() -> None:
    tap = desk_report({"kind": "adjust", "value": "-1", "key": KEY}, "riverbank", "women", SAM, NOW)
    assert (tap.kind, tap.value, tap.observed_at) == (ReportKind.ADJUST, -1, NOW)
    typed = {"kind": "change", "value": "5", "key": KEY}
    report = desk_report(typed, "riverbank", "women", CALLER, NOW)
    assert (report.kind, report.value) == (ReportKind.CHANGE, 5)
    assert (report.source, report.who) == (Source.PHONE, "p-cal")


def test_every_wrong_field_is_named_at_once() -> None:
    assert wrong_with({"kind": "guess", "value": "-2", "key": ""}) == {
        "kind": Wrong.UNKNOWN_WORD,
        "value": Wrong.BELOW_ZERO,
        "key": Wrong.MISSING,
    }


@pytest.mark.parametrize(
    ("fields", "ago"),
    [
        ({}, timedelta(0)),
        ({"waited": "90"}, timedelta(seconds=90)),
        ({"waited": "-90"}, timedelta(0)),
        ({"waited": "soon"}, timedelta(0)),
        ({"waited": "9999999"}, timedelta(days=7)),
        ({"first_tried": str(int(NOW.timestamp() * 1000) - 60_000)}, timedelta(minutes=1)),
        ({"first_tried": str(int(NOW.timestamp() * 1000) + 60_000)}, timedelta(0)),
        ({"first_tried": "0", "waited": "3"}, timedelta(days=7)),
    ],
)
def test_a_report_that_waited_is_as_old_as_it_waited(
    fields: dict[str, str], ago: timedelta
) -> None:
    given = {"kind": "change", "value": "5", "key": KEY} | fields
    report = desk_report(given, "riverbank", "women", SAM, NOW)
    assert abs(NOW - ago - report.observed_at) < timedelta(milliseconds=2)
    assert report.observed_at <= NOW


def test_a_desk_needs_a_site_and_outreach_an_agency() -> None:
    given = {"name": "Sam", "login": " SAM@example.org", "role": "desk", "agency": "ignored"}
    person = invitation(given, ["riverbank"], ["riverbank", "northside"])
    assert (person.login, person.sites, person.agency) == ("sam@example.org", ("riverbank",), "")
    for sites, wrong in (([], Wrong.MISSING), (["nowhere"], Wrong.UNKNOWN_WORD)):
        with pytest.raises(Refused) as refused:
            invitation(given, sites, ["riverbank"])
        assert refused.value.errors == {"sites": wrong}
    with pytest.raises(Refused) as refused:
        invitation({"role": "outreach"}, [], [])
    assert set(refused.value.errors) == {"name", "login", "agency"}


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.lists(st.text())))
def test_whatever_is_sent_is_read_or_refused(given: object) -> None:
    for read in (count, version, lambda one: words(one, 60)):
        with suppress(Unfit):
            read(given)


@given(
    st.dictionaries(
        st.sampled_from(["kind", "value", "key", "waited", "name", "login", "role"]), st.text()
    )
)
def test_whatever_a_form_holds_it_is_a_value_or_a_refusal(given: dict[str, str]) -> None:
    for read in (
        lambda: desk_report(given, "riverbank", "women", SAM, NOW),
        lambda: invitation(given, ["riverbank"], ["riverbank"]),
    ):
        with suppress(Refused):
            read()


@given(st.text())
def test_a_login_is_folded_once_and_for_all(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(text.upper()) == fold(fold(text).upper()) or not text.isascii()
