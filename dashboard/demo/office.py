"""What Riverbend's office, hotline and van do each day at five past four, by people of the demo.

An alert for the night, motel nights, a call that nobody answers, a full room that the board calls
open. Each is done once a day, however often it is tried.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from ..alerts import Cold, Issued, Reason
from ..beds import Source
from ..calls import CallEnd
from ..clock import instant
from ..people import Hand
from ..rows import Moment
from ..store import Wanted
from ..visits import Found, Visit
from ..vouchers import Turn, Why
from .afternoon import at
from .cast import AGENCY, CALLER, COORDINATOR, OUTREACH
from .play import Stage

BEGINS = at(16, 5)
SILENT = "sedge-street"  # has not counted, and nobody picks up
CONTRADICTED = ("ninebark-lodge", "seniors")  # its number grows old
NIGHTS = ((Turn.ADDED, 12, Why.BOUGHT), (Turn.ISSUED, 3, None), (Turn.USED, 1, None))


def work(stage: Stage, date_: date, now: datetime) -> None:
    """Does all of it for this date. Raises StoreDown: then do it again."""
    _alert(stage, date_, now)
    _vouchers(stage, date_, now)
    _call(stage, date_, now)
    _contradict(stage, date_, now)


def _alert(stage: Stage, date_: date, now: datetime) -> None:
    """From when the mats open until the morning; a demo that begins later has none."""
    since = instant(date_, time(21), stage.day.zone)
    until = instant(date_ + timedelta(days=1), time(8), stage.day.zone)
    if now < since:
        alert = Issued(
            id=f"demo-{date_}",
            cold=Cold.EXTREME_COLD,
            reason=Reason.FORECAST,
            area="",
            since=since,
            until=until,
            who=COORDINATOR.id,
            issued_at=now,
        )
        stage.store.alerts.issue(alert, "", f"demo-{date_}-alert", now)


def _vouchers(stage: Stage, date_: date, now: datetime) -> None:
    for turn, nights, why in NIGHTS:
        one = COORDINATOR if why else OUTREACH
        hand = Hand(one.id, one.source)
        stage.store.vouchers.turn(AGENCY, turn, nights, hand, f"demo-{date_}-{turn}", now, why)


def _call(stage: Stage, date_: date, now: datetime) -> None:
    last = stage.store.stream.snapshot(stage.day).sites[SILENT].called
    hand, key = Hand(CALLER.id, Source.PHONE), f"demo-{date_}-call"
    taken = stage.store.calls.take([Wanted(SILENT, last.version if last else "")], hand, key, now)
    if taken.call:
        stage.store.calls.end(
            SILENT, taken.call.id, CallEnd.NO_ANSWER, hand, f"demo-{date_}-silent", now
        )


def _contradict(stage: Stage, date_: date, now: datetime) -> None:
    """Kit was there, and there was no bed: the board asks the desk."""
    board = stage.store.stream.snapshot(stage.day)
    judge = Moment(board, now).judge(board.sites[CONTRADICTED[0]].site)
    visit = Visit(*CONTRADICTED, AGENCY, Found.WAS_FULL, now, True, f"demo-{date_}-visit")
    stage.store.visits.tell(visit, judge, Hand(OUTREACH.id, OUTREACH.source), now)
