"""What became of a tap, kept small enough for a cookie and told in words by the page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import abort, request

from .. import access, forms, web
from ..reports import Answer, Outcome
from ..store import Promise

TIMES = ("at", "then", "until")
MOST_TOLD = 8  # answers in a cookie
SHOWN = 40  # characters of a refused number that are shown again
GOOD = (Outcome.SAVED, Outcome.LATE, "sent")

Said = dict[str, Any]


def of_report(group: str, kind: str, value: int, answer: Answer, chosen: int = 0) -> Said:
    """What became of one report; ``chosen`` is how many holds it would have ended."""
    if answer.outcome is Outcome.NO_GROUP:
        abort(404)
    code: str = answer.outcome
    if code == Outcome.SAVED and access.store().connection.promise is Promise.SENT:
        code = "sent"
    at = answer.figure.received_at if answer.repeated and answer.figure else web.now()
    said = {"group": group, "kind": kind, "value": value, "code": code, "at": at.timestamp()}
    if answer.figure:
        figure = answer.figure
        said |= {"open": figure.open, "who": figure.who, "then": figure.received_at.timestamp()}
        said |= {"observed": figure.observed_at.timestamp()}
    if answer.short:
        said |= {"short": answer.short, "chosen": chosen}
    return said | {"version": answer.version}


def of_hold(id_: str, kind: str, answer: Answer) -> Said:
    """What became of a tap on a hold."""
    return {"hold": id_, **_of(kind, answer)}


def of_ask(id_: str, kind: str, answer: Answer) -> Said:
    """What became of a yes or a no."""
    return {"ask": id_, **_of(kind, answer)}


def _of(kind: str, answer: Answer) -> Said:
    code: str = answer.outcome
    if code == Outcome.SAVED and access.store().connection.promise is Promise.SENT:
        code = "sent"
    at = web.now().timestamp()
    return {"kind": kind, "code": code, "at": at, "version": answer.version}


def of_act(kind: str, answer: Answer, **more: str) -> Said:
    """What became of something that was no report."""
    return {"group": "", **_of(kind, answer), **more}


def refusal(group: str, refused: forms.Refused) -> Said:
    """What was wrong with what was typed, and what that was."""
    wrong = refused.errors.get("value") or next(iter(refused.errors.values()))
    value = request.form.get("value", "")[:SHOWN]
    kind = request.form.get("kind", "")[:SHOWN]
    return {"group": group, "kind": kind, "value": value, "code": "wrong", "wrong": wrong}


def from_address() -> list[Said]:
    """What somebody was about to send when they had to sign in, or tap in, again."""
    if request.args.get("again") not in ("signed-out", "expired", "tap", "pin"):
        return []
    asked = {name: request.args.get(name, "")[:SHOWN] for name in ("group", "kind", "value")}
    return [asked | {"code": request.args["again"]}]


def short(said: Sequence[Said]) -> list[Said]:
    """What a cookie has room for: what went wrong, and the last that did not."""
    good = [one for one in said if one["code"] in GOOD]
    return [one for one in said if one not in good][:MOST_TOLD] + good[-1:]


def status(said: Said) -> int:
    """The status by which a script learns whether it was kept."""
    if said["code"] in GOOD:
        return 200
    return 409 if said["code"] in (Outcome.CONFLICT, Outcome.BELOW_HELD) else 422


def marks(said: Sequence[Said]) -> dict[str, str]:
    """What a report that is kept tells those that wait behind it on the same device."""
    kept = [one for one in said if one["code"] in (Outcome.SAVED, "sent")]
    made = {"Desk-Version": kept[0].get("version", "")} if kept and len(said) == 1 else {}
    if observed := [one["observed"] for one in kept if "observed" in one]:
        made["Desk-Observed"] = str(int(max(observed) * 1000))
    return made


def told(said: Said) -> Said:
    """The same, with its instants read."""
    times = {name: datetime.fromtimestamp(said[name], UTC) for name in TIMES if name in said}
    return said | times
