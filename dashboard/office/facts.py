"""What the pages of a site and of a bed group share: its facts, and the form for a part of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask import abort, render_template, request

from .. import planned
from ..beds import BedGroup, Site
from ..columns import Column, Shape
from ..editing import ALWAYS, SOURCE_LENGTH, parts_of
from ..edits import columns_of, owner
from ..facts import Kind
from .drafts import today


def shown(one: Site | BedGroup, form_of: Callable[[str], str]) -> dict[str, Any]:
    """Every fact of it, part by part, with its plans and who says so, and where its forms are."""
    when = today()
    now = planned.as_of(one, when)
    if isinstance(now, Site):
        now = replace(now, place=planned.as_of(now.place, when))
    return {
        "one": one,
        "form_of": form_of,
        "now": now,
        "parts": parts_of(one),
        "columns": {column.name: column for column in columns_of(one)},
        "plans": lambda column: [
            plan for plan in owner(one, column.field).planned if plan.fact == column.field
        ],
        "proof": lambda column: planned.proof_of(owner(one, column.field), column.field),
        "runs": planned.runs(now, when),
        "ended": planned.ended(now, when),
        "today": when,
    }


def form(
    one: Site | BedGroup,
    part: str,
    back: str,
    errors: Mapping[str, str] | None = None,
    same: bool = False,
) -> str:
    """The form for one part, with what was filled in. ``same``: that changes nothing."""
    asked = parts_of(one).get(part) or abort(404)
    given = request.form if request.method == "POST" else request.args
    return render_template(
        "office/site_part.html",
        one=one,
        part=part,
        asked=asked,
        planned=any(column.field not in ALWAYS for column in asked),
        filled=lambda column: _filled(column, one),
        was=lambda column: given.get(f"was.{column.name}", column.cell(one)),
        words=_words,
        shapes=Shape,
        given=given,
        errors=errors or {},
        why=given.get("again", ""),
        same=same and given.get("go") != "back",
        back=back,
        today=today(),
        source_length=SOURCE_LENGTH,
    )


def _words(column: Column) -> tuple[str, ...]:
    """What can be chosen. To hide a site is a page of its own, as it erases."""
    return tuple(word for word in column.words if word != Kind.CONFIDENTIAL)


def _filled(column: Column, one: Site | BedGroup) -> str | list[str]:
    """What the field holds: as it was sent, else as it is kept."""
    given = request.form if request.method == "POST" else request.args
    sent = column.name in given or (column.shape is Shape.WORDS and f"was.{column.name}" in given)
    if column.shape is Shape.WORDS:
        return given.getlist(column.name) if sent else list(column.value(one))
    if sent:
        return given[column.name]
    return str(column.value(one)) if column.shape is Shape.WORD else column.cell(one)
