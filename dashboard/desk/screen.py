"""What a desk shows: its page, and the parts of it that follow the board."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from secrets import token_hex
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import access, counter, device, web
from ..access import Desk
from ..rows import Moment
from ..store import StoreDown
from .answers import Said, from_address, marks, short, status, told
from .blueprint import bp
from .hands import Pad, shown

Part = Callable[[Desk, Moment], dict[str, Any]]
PARTS: list[Part] = []  # what other modules of this room add to the page and its fragments


def part(shown: Part) -> Part:
    """Has what this returns given to the desk's page, and to its fragments."""
    PARTS.append(shown)
    return shown


@bp.app_context_processor
def _keys() -> dict[str, Any]:
    return {"new_key": lambda: token_hex(12)}


@bp.get("/desk")
def mine() -> ResponseReturnValue:
    if here := device.present():
        return redirect(url_for("desk.page", site=here.device.site), 303)
    person = access.signed_in()
    states = [one for id_, one in web.board().sites.items() if person.may_report(id_)]
    if len(states) == 1:
        return redirect(url_for("desk.page", site=states[0].site.id), 303)
    sites = sorted((one.site for one in states), key=lambda site: site.name.casefold())
    return render_template("desk/mine.html", sites=sites)


@bp.get("/desk/<site>")
def page(site: str) -> ResponseReturnValue:
    access.desk_seen(site)  # what was said is taken up only by who may hear it
    said = access.kept() or from_address()
    catch_up(said)
    return render_template("desk/page.html", **given(access.desk_seen(site), said))


@bp.get("/desk/<site>/figures")
def figures(site: str) -> ResponseReturnValue:
    desk = access.desk_seen(site)
    return render_template("desk/figures.html", **given(desk, []))


@bp.errorhandler(StoreDown)
def unsure(error: StoreDown) -> ResponseReturnValue:
    """Nobody knows whether it was kept: the same form again, with the same key, is safe."""
    if any(one in request.form for one in access.SECRETS):
        return web.store_down(error)
    return web.unsure(error)


def answer(site: str, said: Sequence[Said]) -> ResponseReturnValue:
    """By script the figures and what to say; without, the page again."""
    if not request.htmx:  # type: ignore[attr-defined]
        access.keep(short(said))
        return redirect(url_for("desk.page", site=site), 303)
    catch_up(said)
    html = render_template("desk/answer.html", **given(access.desk_seen(site), said))
    return html, max(status(one) for one in said) if said else 200, marks(said)


def catch_up(said: Sequence[Said]) -> None:
    """Waits until the board holds what was just saved, so nobody sees their own figure undone."""
    web.catch_up(counter.newest(*(one.get("version", "") for one in said)))


def given(desk: Desk, said: Sequence[Said], pad: Pad | None = None) -> dict[str, Any]:
    """What the page and its fragments show: one place, so they can't tell two stories."""
    moment = Moment(web.board(), web.now())
    entries = access.store().stream.entries(counter.entries(desk.state))
    others = {one["who"] for one in said if "who" in one}
    names = access.store().people.names(counter.people(entries.values()) | others)
    judge = moment.judge(desk.state.site)
    rows = counter.rows(desk.state, judge, web.now(), entries, names, desk.own)
    page = shown(desk, pad, request.args.get("needs", "")) | {
        "site": desk.state.site,
        "rows": rows,
        "on": counter.tonight(desk.state, web.now()),
        "names": names,
        "own": desk.own,
        "ours": desk.ours,
        "coming": counter.on_the_way(rows, desk.state, moment.day, web.now()),
        "tap_key": f"{desk.state.version.entry}-{desk.person.id if desk.person else ''}",
        "say": web.voice(),
        "said": [told(one) for one in said],
        "version": moment.version,
    }
    for add in PARTS:
        page |= add(desk, moment)
    return page
