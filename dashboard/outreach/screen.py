"""What the outreach page shows, and how it says what became of a tap."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import access, fit, offers, web
from ..asked import HOURS, NAMES, NEEDS, PETS, SIDES, TOGETHER, WHO, Asked, Word
from ..asking import AskEnd
from ..beds import HoldEnd, Source, Status
from ..cards import tel
from ..counter import newest
from ..offers import Mine
from ..people import Hand, Person
from ..reports import Answer, Outcome
from ..rows import Moment
from ..store import AskOver, Promise
from ..takes import Evening
from ..visits import REASONS
from . import bell, going, nothing
from .blueprint import bp
from .parts import Parts

LATELY = timedelta(hours=3)  # for which an ended hold is shown
AGAIN = ("signed-out", "expired", "unsure")  # why a tap has to be made once more
Said = dict[str, Any]
CHIPS: Said = {"who": WHO, "pets": PETS, "needs": NEEDS, "sides": SIDES}
CHIPS |= {"together": TOGETHER, "words": tuple(Word)}
OURS = frozenset({"", "start", *NAMES, *Word, *map(str, TOGETHER)})  # all that a query may say


@bp.get("/outreach")
def page() -> ResponseReturnValue:
    worker = access.outreach()
    said = [] if web.ahead() else access.kept() or _from_address()
    web.catch_up(newest(*(one.get("version", "") for one in said)))
    return web.small(render_template("outreach/page.html", said=said, **given(worker)), OURS)


@bp.get("/outreach/news")
def news() -> ResponseReturnValue:
    """What an open page does not know yet, by the marks that it sends as an ETag.

    304: nothing. 205: sites or bed groups have come or gone, so the page must be read anew.
    """
    shown = given(access.outreach())
    render_template("outreach/page.html", said=[], **shown)
    parts, known = shown["part"], next(iter(request.if_none_match.as_set(include_weak=True)), "")
    if known == parts.marks:
        return "", 304
    changed = parts.since(known)
    if changed is None:
        return "", 205
    answer = web.small(render_template("outreach/news.html", changed=changed, **shown), OURS)
    answer.set_etag(parts.marks, weak=True)
    return answer


def given(worker: Person) -> dict[str, Any]:
    """What the page and its news show: one place, so they can't tell two stories."""
    moment, ours = Moment(web.board(), web.now()), mine(worker)
    shown = _sites(moment)
    since, sites = web.now() - LATELY, web.board().sites
    ended = access.store().holds.ended(worker.agency, since)
    asks = access.store().asks.ended(worker.agency, since)
    return {
        **CHIPS,
        **nothing.form(),
        "mine": ours,
        "asking": offers.asked(web.board(), worker.agency, web.now()),
        "ended": [one for one in ended if one.reason is not HoldEnd.RELEASED],
        "answers": [one for one in asks if _tells(one, ours)],
        "sites": sites,
        **shown,
        **bell.given(worker, moment, shown["choices"], shown["trip"].too_far),
        "most": web.customs().agency_holds,
        "agency": worker.agency,
        "tap_key": f"{moment.version.entry}-{worker.id}",
        "version": moment.version,
        "reset": moment.reset,
        "part": Parts(),
        "say": web.voice(),
        "tel": tel,
    }


def _sites(moment: Moment) -> dict[str, Any]:
    """Every site, by how it fits who is asked for; and the lines of those that hide."""
    asked = Asked.read(request.args.items(multi=True))
    rows = moment.told_rows()
    shown = [row for row in rows if row.status is not Status.CONFIDENTIAL]
    trip = going.trip(moment, shown)
    evening = Evening(moment.now, moment.day, trip.too_far)
    choices = fit.choices(shown, asked, evening, trip.minutes)
    return {
        "asked": asked,
        "hours": {
            word: wall
            for word, wall in HOURS.items()
            if word is asked.by or evening.at(wall) > moment.now
        },
        "choices": choices,
        **going.given(moment, choices, trip),
        "by_name": sorted((row.site.name.casefold(), row.site.id) for row in shown),
        "doors": offers.doors(moment),
        "disputes": offers.disputes(web.board()),
        "reasons": REASONS,
        "lines": [row.site for row in rows if row.status is Status.CONFIDENTIAL],
    }


def _tells(over: AskOver, ours: Sequence[Mine]) -> bool:
    """A no and no answer are told for a while, a yes for as long as its bed is kept."""
    if over.reason is AskEnd.YES:
        return any(one.hold.id == over.ask.id for one in ours)
    return over.reason is not AskEnd.WITHDRAWN


def mine(worker: Person) -> list[Mine]:
    """The open holds of one's own agency."""
    return offers.mine(web.board(), worker.agency, web.board().day, web.now())


def hand(worker: Person) -> Hand:
    """Whose hand does what is done on this page."""
    return Hand(worker.id, Source.OUTREACH)


def told(kind: str, answer: Answer, **more: str) -> ResponseReturnValue:
    """Back to the page, which says what the store answered to a tap of this ``kind``."""
    code: str = answer.outcome
    if code == Outcome.SAVED and access.store().connection.promise is Promise.SENT:
        code = "sent"
    return said(kind, code, version=answer.version, **more)


def said(kind: str, code: str, **more: str) -> ResponseReturnValue:
    """Back to the page, which says this of a tap of this ``kind``."""
    access.keep([{"kind": kind, "code": code, "at": web.now().timestamp(), **more}])
    return redirect(url_for("outreach.page"), 303)


def _from_address() -> list[Said]:
    """A tap that came from nobody, or whose answer never came."""
    why = request.args.get("again")
    return [{"kind": "again", "code": why}] if why in AGAIN else []
