"""The coordinator's report of a night, a month or a season: figures of places, never of people."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from .. import access, coldnights, season, shortage, web
from ..alerts import Issued
from ..asked import HOURS as COMING_BY
from ..beds import Site
from ..clock import DAY
from ..digest import told
from ..season import Length, Period
from ..shortage import Counts

bp = Blueprint("report", __name__)


@bp.get("/report")
def page() -> ResponseReturnValue:
    access.coordinator()
    whole = access.store().digests.count(web.day(), web.now())
    nights = access.store().digests.nights()
    period = _period(nights)
    sites = _sites()
    chosen = request.args.get("site", "")
    shown = {id_: one for id_, one in sites.items() if chosen in ("", id_)}
    if not shown and chosen:
        abort(404)
    found = season.report(access.store().digests.kept(period.nights), shown)
    return render_template(
        "office/report.html",
        report=found,
        period=period,
        periods=_others(period, nights),
        lengths=_lengths(period, nights),
        whole=whole,
        counted=nights[-1] if nights else None,
        sites=sorted(sites.values(), key=lambda site: site.name.casefold()),
        names={id_: one.name for id_, one in sites.items()},
        chosen=chosen,
        unmet={} if chosen else _unmet(period),
        cold=[] if chosen else _cold(period),
        hours=COMING_BY,
        least=shortage.FROM,
        clock={hour: time(hour % 24) for hour in range(33)},
        say=web.voice(),
    )


def _sites() -> dict[str, Site]:
    """Those whose figures may be told."""
    states = web.board().sites.values()
    return {state.site.id: state.site for state in states if told(state)}


def _period(nights: list[date]) -> Period:
    """The period that was asked for; else the month of the last night that is over."""
    wanted = request.args.get("of", "")
    if wanted:
        try:
            return season.named(wanted)
        except ValueError:
            abort(404)
    return season.around(nights[-1] if nights else _tonight() - DAY, Length.MONTH)


def _tonight() -> date:
    return shortage.today(web.now(), web.day())


def _others(period: Period, nights: list[date]) -> list[Period | None]:
    """The one before and the one after, where something is known of them."""
    first, last = (nights[0], nights[-1]) if nights else (date.max, date.min)
    before = period.before if period.first > first else None
    return [before, period.after if period.last < last else None]


def _lengths(period: Period, nights: list[date]) -> list[Period]:
    """The same time as a night, a month and a season: the newest night of it that is known."""
    inside = [night for night in nights if period.first <= night <= period.last]
    day = inside[-1] if inside else period.first
    return [season.around(day, length) for length in Length]


def _cold(period: Period) -> list[coldnights.Entry]:
    """The nights of it on which an alert was on, or that were written down as cold."""
    issued = [one for one in web.board().alerts if isinstance(one, Issued)]
    written = access.store().alerts.nights()
    found = coldnights.log(issued, written, web.now(), web.day())
    return [one for one in reversed(found) if period.first <= one.date <= period.last and one.over]


def _unmet(period: Period) -> Counts:
    """What was asked for and not found: of one night as it stands, of more in steps."""
    over = [night for night in period.nights if night < _tonight()]
    kept: Any = access.store().unmet.kept(over) if over else {}
    if period.length is Length.NIGHT:
        found = shortage.shown(kept, web.now(), web.day())
        return found[0].counts if found else {}
    return season.unmet(kept.values())
