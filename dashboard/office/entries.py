"""The coordinator's record: every entry in words, newest first, and as a file, oldest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, islice
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    render_template,
    request,
    stream_with_context,
)
from flask.typing import ResponseReturnValue

from .. import access, entries, history, sheets, web
from ..beds import Site
from ..entries import About, Wanted
from ..events import Event
from ..history import Line
from ..sheets import Cell, Delimiter
from ..store import StoreDown
from .wanted import address, behind, wanted

bp = Blueprint("entries", __name__)
AT_ONCE = 500  # entries whose people are looked up together
COLUMNS = (
    *("told_at", "about", "site", "site_name", "bed_group", "in_words", "who", "source"),
    *("device", "observed_at", "entry"),
)


@bp.get("/record")
def page() -> ResponseReturnValue:
    access.coordinator()
    asked, say = wanted(), web.voice()
    found = entries.newest(access.store().archive.events, asked, web.now(), behind())
    told = groupby(_lines(found.events), lambda one: say.date(one[1].at))
    return render_template(
        "office/entries.html",
        days=[(day, list(some)) for day, some in told],
        older=address(found.older),
        wanted=asked,
        given=request.args,
        abouts=list(About),
        people=access.store().people.all(),
        sites=sorted(_sites().values(), key=lambda site: site.name.casefold()),
        names={id_: site.name for id_, site in _sites().items()},
        say=say,
    )


@bp.get("/record.csv")
def export() -> ResponseReturnValue:
    """The entries that the page would show, all of them, as a file that is sent as it is read."""
    access.coordinator()
    cells = request.args.get("cells", Delimiter.COMMA)
    if cells not in list(Delimiter):
        abort(404)
    rows = sheets.stream(_rows(wanted()), Delimiter(cells))
    name = f"record-{web.settings().community}-{web.voice().date(web.now())}.csv"
    answer = Response(stream_with_context(rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _rows(asked: Wanted) -> Iterator[Sequence[Cell]]:
    """The head, and a row for each entry; where the store goes away, the last row says so."""
    yield COLUMNS
    words = _words()
    try:
        events = access.store().archive.events(asked.since, asked.until)
        fit = (one for one in events if asked.fits(one))
        while some := list(islice(fit, AT_ONCE)):
            told = zip(some, _lines(some), strict=True)
            yield from [_row(event, site, line, words(line)) for event, (site, line) in told]
    except StoreDown:
        yield [words(None)]


def _words() -> Callable[[Line | None], str]:
    """What says an entry as the page does, without mark-up; of none, that the file is cut short."""
    given: dict[str, Any] = {"say": web.voice()}
    current_app.update_template_context(given)
    page: Any = current_app.jinja_env.get_template("office/_entries.html").make_module(given)
    language = web.language()
    return lambda line: str(
        (page.told(line, web.voice(), language) if line else page.cut()).striptags()
    )


def _row(event: Event, site: str, line: Line, words: str) -> Sequence[Cell]:
    zone, known = web.day().zone, _sites().get(site)
    return [
        line.at.astimezone(zone).isoformat(timespec="seconds"),
        entries.about(event),
        site,
        known.name if known else "",
        line.group.label if line.group else "",
        words,
        line.by or str(getattr(event, "who", "")),
        line.source,
        line.device,
        line.counted.astimezone(zone).isoformat(timespec="seconds") if line.counted else "",
        event.version.entry,
    ]


def _lines(events: Sequence[Event]) -> Iterator[tuple[str, Line]]:
    """These entries in words, with the names of people and devices."""
    whos, devices = history.hands(events)
    whos |= {str(getattr(event, "about", "")) for event in events}
    people = access.store().people.names(whos - {""})
    tablets = access.store().devices.names((devices | whos) - {""})
    return entries.lines(events, web.board().sites, web.voice(), people, tablets)


def _sites() -> dict[str, Site]:
    return {id_: state.site for id_, state in web.board().sites.items()}
