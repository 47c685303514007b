"""The site's evening: what its desk declares for tonight, on a page of plain forms.

Nothing here is a count: it renews no figure, and it ends by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import access, counter, declaring, forms, web
from ..access import Desk
from ..clock import next_reset
from ..declaring import Heard, Saying
from ..evening import PHRASES, REASONS, RULES, TIMED, TIMES, Topic
from ..reports import Outcome
from ..store import Promise
from .answers import SHOWN, Said, told
from .blueprint import bp
from .screen import catch_up

HALF_HOUR = timedelta(minutes=30)
FIELDS = ("topic", "time", "count", "reason", "until", "back")
PATH, BEDS = "/desk/<site>/evening", "/desk/<site>/groups/<group>/evening"


@bp.get(PATH, defaults={"group": ""})
@bp.get(BEDS)
def evening(site: str, group: str) -> ResponseReturnValue:
    access.desk_at(site, group)  # what was said is taken up only by who may hear it
    said = access.kept()
    catch_up(said)
    return _page(access.desk_at(site, group), group, request.args, said=said)


@bp.post(PATH, defaults={"group": ""})
@bp.post(BEDS)
def declare(site: str, group: str) -> ResponseReturnValue:
    desk, now, day = access.desk_at(site, group), web.now(), web.day()
    try:
        saying = declaring.declared(request.form, (site, group), desk.hand, now, day)
    except forms.Refused as refused:
        return _page(desk, group, request.form, errors=refused.errors), 422
    if not web.customs().offers(saying.topic):  # left out since this form was opened
        wrong = {"topic": forms.Wrong.UNKNOWN_WORD}
        return _page(desk, group, request.form, errors=wrong), 422
    return _answer(desk, saying)


@bp.post(f"{PATH}/end", defaults={"group": ""})
@bp.post(f"{BEDS}/end")
def end(site: str, group: str) -> ResponseReturnValue:
    desk = access.desk_at(site, group)
    try:
        saying = declaring.ended(request.form, (site, group), desk.hand)
    except forms.Refused as refused:
        return _page(desk, group, request.form, errors=refused.errors), 422
    return _answer(desk, saying)


def _answer(desk: Desk, saying: Saying) -> ResponseReturnValue:
    """The page again: with what was saved, or with both sides of a conflict."""
    heard = access.store().evenings.say(saying, web.now())
    match heard.outcome:
        case Outcome.NO_GROUP:
            abort(404)
        case Outcome.SAVED:
            access.keep([_saved(heard)])
            return redirect(url_for("desk.evening", site=saying.site), 303)
        case Outcome.CONFLICT:
            return _page(desk, saying.group, request.form, saying=saying, heard=heard), 409
    return _page(desk, saying.group, request.form, errors={"key": heard.outcome}), 422


def _saved(heard: Heard) -> Said:
    sent = access.store().connection.promise is Promise.SENT
    at = web.now().timestamp()
    return {"group": "", "code": "sent" if sent else "saved", "at": at, "version": heard.version}


def _page(
    desk: Desk,
    group: str,
    given: Mapping[str, str],
    *,
    said: list[Said] | None = None,
    errors: Mapping[str, str] | None = None,
    saying: Saying | None = None,
    heard: Heard | None = None,
) -> str:
    """``given`` is what was typed about ``group``; it stays in the fields until it is saved."""
    current = heard.current if heard else None
    on = counter.tonight(desk.state, web.now())
    reset = next_reset(web.now(), web.day())
    who = {one.who for _, one in on} | ({current.who} if current else set())
    return render_template(
        "desk/evening.html",
        site=desk.state.site,
        groups=[one.group for one in desk.state.groups],
        on=on,
        typed={"group": group} | {name: given.get(name, "")[:SHOWN] for name in FIELDS},
        again=given.get("again", ""),
        said=[told(one) for one in said or ()],
        errors=errors or {},
        saying=saying,
        current=current,
        names=access.store().people.names(who),
        say=web.voice(),
        reset=reset,
        walls={web.voice().hhmm(at): at for at in _half_hours(web.now(), reset)},
        times=tuple(TIMES),
        timed=_offered([topic for topic in TIMED if topic not in TIMES]),
        rules=_offered(RULES),
        phrases=_offered([topic for topic in PHRASES if topic not in TIMED]),
        reasons=REASONS,
    )


def _offered(topics: Sequence[Topic]) -> list[Topic]:
    """Those of them that this community has its desks say."""
    return [topic for topic in topics if web.customs().offers(topic)]


def _half_hours(now: datetime, reset: datetime) -> Iterator[datetime]:
    """The ends that are offered."""
    at = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)
    while (at := at + HALF_HOUR) < reset:
        yield at
