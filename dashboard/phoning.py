"""What somebody heard on the phone, from the fields of a form to reports; as ``forms`` does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from .board import SiteState
from .calls import CallEnd
from .forms import Reading, Wrong, count, key_of, observed_at, word
from .people import Hand
from .reports import Report, ReportKind

COUNT, SEEN = "count.", "seen."  # begin the names of two fields for each bed group
LONGEST_ID = 40


class _Without(StrEnum):
    """How a call ends that brought no count."""

    NO_ANSWER = CallEnd.NO_ANSWER
    GIVEN_BACK = CallEnd.GIVEN_BACK


def counted(
    given: Mapping[str, str], state: SiteState, hand: Hand, now: datetime
) -> tuple[list[Report], str]:
    """One number for each bed group that was asked about, and the key. Raises Refused.

    ``count.GROUP``, left empty where nobody said; ``seen.GROUP`` is the figure that the form
    showed beside it, '' for none: another figure now is a conflict.
    """
    reading, heard = Reading(), {}
    for group in (one.group.id for one in state.groups):
        if given.get(COUNT + group, "").strip():
            with reading.of(COUNT + group):
                heard[group] = count(given[COUNT + group])
    key = key_of(reading, given)
    if not heard and not reading.errors:
        reading.errors["value"] = Wrong.MISSING
    reading.done()
    by = (observed_at(given, now), hand.source, hand.who)
    told = [
        Report(
            *(state.site.id, group, ReportKind.CHANGE, value),
            *by,
            f"{key}/{group}",
            seen=given.get(SEEN + group),
        )
        for group, value in heard.items()
    ]
    return told, key


def over(given: Mapping[str, str]) -> tuple[CallEnd, str]:
    """That a call brought no count, and the key: no-answer or given-back. Raises Refused."""
    reading, end = Reading(), CallEnd.GIVEN_BACK
    with reading.of("end"):
        end = CallEnd(word(given.get("end"), _Without))
    key = key_of(reading, given)
    reading.done()
    return end, key


def call_of(given: Mapping[str, str]) -> str:
    """The id of the call that a form is about, '' where it names none."""
    return given.get("call", "")[:LONGEST_ID]
