"""What a coordinator changes of a site or bed group, from a form to the site as it would be.

A form says what stood there when it was made (``was.COLUMN``). What its sender left as it was
follows what others have saved meanwhile; what both changed is shown before it is saved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Protocol, TypeVar

from . import cells, planned
from .beds import BedGroup, Place, Site
from .clock import Limits
from .columns import GROUP, PLACE, SITE, Column, Shape
from .edits import Change, changes
from .facts import Kind
from .forms import Refused, Wrong
from .importing import SIDES
from .planned import Planned, Proof

# The facts by the form that asks for them: never so many that one form can't be sent again.
PARTS: dict[str, tuple[str, ...]] = {
    "name": ("name", "operator", "phone", "kind", "asks_call_first"),
    "place": ("area", "address", "side", "notes"),
    "guests": ("who", "sobriety_rule", "walk_in", "without_id"),
    "hours": ("intake_opens", "last_check_in", "curfew", "release", "late_arrivals"),
    "rules": (
        *("pets", "large_pets", "service_animals", "couples", "carts", "storage", "wheelchair"),
        *("lower_bunk", "meals", "indigenous_led", "indigenous_programming", "harm_reduction"),
    ),
    "telling": ("tells_outreach", "says"),
    "limits": ("fresh_minutes", "stale_minutes"),
    "days": ("since", "until", "source", "as_of", "verified_on"),
}
GROUP_PARTS: dict[str, tuple[str, ...]] = {
    "beds": ("label", "label_fr", "capacity", "for", "when"),
    "rules": (
        *("pets", "large_pets", "couples", "wheelchair", "lower_bunk"),
        *("keeping", "walk_in_beds"),
    ),
    "days": ("since", "until", "source", "verified_on"),
}
# What is so from now on or not at all: the rest may hold on some days only.
ALWAYS = {"kind", "since", "until", "source", "as_of", "verified_on", "fresh", "stale"}
ALWAYS |= {"holds", "walk_in"}  # which the scripts of the store read by themselves
SOURCE_LENGTH = 200
LEFT = object()  # said nothing of
Owner = TypeVar("Owner", Site, BedGroup)


class Fields(Protocol):
    """The fields of a form, some of which may come several times."""

    def get(self, key: str, default: str) -> str: ...
    def getlist(self, key: str) -> list[str]: ...
    def __contains__(self, key: object) -> bool: ...


@dataclass(frozen=True, slots=True)
class Draft:
    """A site or bed group as it is kept and as it would be. ``meanwhile``: others changed these.

    Each of ``meanwhile`` has what the sender saw and what stands now, as cells.
    """

    before: Site | BedGroup
    after: Site | BedGroup
    meanwhile: Mapping[str, tuple[str, str]]

    @property
    def changes(self) -> list[Change]:
        return changes(self.before, self.after)


@dataclass(frozen=True, slots=True)
class When:
    """From when until when a change holds, and who says so. No days: from now on."""

    since: date | None
    until: date | None
    proof: Proof

    @property
    def plans(self) -> bool:
        return bool(self.since or self.until)


def parts_of(one: Site | BedGroup) -> dict[str, list[Column]]:
    """The forms for it, each with its columns. A confidential site has none for a place."""
    if isinstance(one, BedGroup):
        return _columns(GROUP_PARTS, GROUP)
    found = _columns(PARTS, SITE)
    if one.confidential:
        del found["place"]
        found["name"] = [column for column in found["name"] if column.field != "kind"]
    else:
        del found["telling"]
    return found


def _columns(
    parts: dict[str, tuple[str, ...]], known: tuple[Column, ...]
) -> dict[str, list[Column]]:
    by_name = {one.name: one for one in known}
    return {part: [by_name[name] for name in names] for part, names in parts.items()}


def edited(given: Fields, part: str, kept: Owner, today: date) -> Draft:
    """What this form makes of a site or bed group. Raises Refused."""
    errors: dict[str, Wrong] = {}
    when = _when(errors, given, today)
    asked, values = parts_of(kept)[part], dict[str, Any]()
    meanwhile: dict[str, tuple[str, str]] = {}
    for column in asked:
        now, was = column.value(kept), _was(given, column)
        if was is not LEFT and not _same(was, now):
            meanwhile[column.name] = (column.write(was), column.cell(kept))
        told = _told(errors, given, column)
        if told is not LEFT and not _same(told, now if was is LEFT else was):
            values[column.field] = told
    values = {name: value for name, value in values.items() if not _same(value, _now(kept, name))}
    _check(errors, values, when, kept)
    if errors:
        raise Refused(errors)
    sure = [one.field for one in asked if given.get("all_sure", "")] if when.proof else []
    after = _applied(planned_settled(kept, today), values, when, sure, today)
    return Draft(kept, after, meanwhile)


def _now(kept: Site | BedGroup, field: str) -> object:
    known = SITE if isinstance(kept, Site) else GROUP
    return next(one.value(kept) for one in known if one.field == field)


def _was(given: Fields, column: Column) -> Any:
    """What the sender saw in this field; LEFT where the form does not say."""
    try:
        name = f"was.{column.name}"
        return column.read(_line(given.get(name, ""))) if name in given else LEFT
    except cells.Refused:
        return LEFT


def _told(errors: dict[str, Wrong], given: Fields, column: Column) -> Any:
    """What the form says of this fact; LEFT where it says nothing of it, or nothing that fits."""
    cell = _line(given.get(column.name, ""))
    if column.shape is Shape.WORDS:
        cell = ("; " if column.field == "says" else ", ").join(given.getlist(column.name))
    asked = column.name in given or (column.shape is Shape.WORDS and f"was.{column.name}" in given)
    try:
        return column.read(cell) if asked else LEFT
    except cells.Refused as refused:
        errors[column.name] = Wrong(refused.wrong)
        return LEFT


def _line(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _same(one: Any, other: Any) -> bool:
    """Whether both say the same: of words to tick, in whatever order."""
    both = isinstance(one, tuple) and isinstance(other, tuple)
    return set(one) == set(other) if both else bool(one == other)


def _when(errors: dict[str, Wrong], given: Fields, today: date) -> When:
    """``from_day``, ``until_day``, ``said_by`` and ``sure_on``."""
    found: dict[str, Any] = {}
    for name in ("from_day", "until_day", "sure_on"):
        found[name] = _day(errors, given, name)
    try:
        source = cells.text(given.get("said_by", "").strip(), SOURCE_LENGTH)
    except cells.Refused as refused:
        errors["said_by"], source = Wrong(refused.wrong), ""
    since, until = found["from_day"], found["until_day"]
    if until and until < (since or today):
        errors["until_day"] = Wrong.BEFORE_IT
    if until and not since:
        since = today
    if since and since <= today and not until:
        since = None  # it holds already, and from now on
    return When(since, until, Proof(source, found["sure_on"]))


def _day(errors: dict[str, Wrong], given: Fields, name: str) -> date | None:
    try:
        return cells.day(given.get(name, "").strip())
    except cells.Refused:
        errors[name] = Wrong.NOT_A_DAY
        return None


def _check(
    errors: dict[str, Wrong], values: dict[str, Any], when: When, kept: Site | BedGroup
) -> None:
    """What holds of several fields together."""
    if values.get("kind") is Kind.CONFIDENTIAL:
        errors["kind"] = Wrong.UNKNOWN_WORD  # that is a page of its own: it erases
    if when.plans and (fixed := values.keys() & ALWAYS):
        errors["from_day"] = Wrong.NOT_PLANNED if fixed else errors["from_day"]
    dates = [values.get(name, getattr(kept, name)) for name in ("since", "until")]
    if all(dates) and dates[1] < dates[0]:
        errors["until"] = Wrong.BEFORE_IT
    if values.keys() & {"fresh", "stale"} and isinstance(kept, Site):
        fresh, stale = (values.get(name, _now(kept, name)) for name in ("fresh", "stale"))
        if (fresh is None) != (stale is None) or (fresh and stale and fresh >= stale):
            errors["stale_minutes"] = Wrong.NOT_BELOW


def planned_settled(kept: Owner, today: date) -> Owner:
    """The same without plans that are over; of a site's place too."""
    settled = planned.settled(kept, today)
    if isinstance(settled, Site):
        return replace(settled, place=planned.settled(settled.place, today))
    return settled


def _applied(
    kept: Owner, values: dict[str, Any], when: When, sure: list[str], today: date
) -> Owner:
    """With these values, from now on or for some days. ``sure``: verified as they are."""
    if isinstance(kept, Site):
        values = _limited(kept, values)
        area = str(values.get("area", "")).casefold()
        if area in SIDES and "side" not in values and not when.plans:
            values["side"] = SIDES[area]
        theirs = {name: values.pop(name) for name in PLACE if name in values}
        known = [name for name in sure if name in PLACE]
        place = _with(kept.place, theirs, when, known, today)
        sure = [name for name in sure if name not in (*PLACE, "fresh", "stale")]
        return replace(_with(kept, values, when, sure, today), place=place)
    return _with(kept, values, when, sure, today)


def _limited(kept: Site, values: dict[str, Any]) -> dict[str, Any]:
    """The two limits are one fact of a site."""
    if not values.keys() & {"fresh", "stale"}:
        return dict(values)
    rest = {name: value for name, value in values.items() if name not in ("fresh", "stale")}
    pair = [values.get(name, _now(kept, name)) for name in ("fresh", "stale")]
    limits = Limits(*(timedelta(minutes=one) for one in pair)) if all(pair) else None
    return rest | {"tighter": limits}


Whose = TypeVar("Whose", Site, BedGroup, Place)


def _with(kept: Whose, values: dict[str, Any], when: When, sure: list[str], today: date) -> Whose:
    if when.plans:
        plans = [
            Planned(name, value, when.since, when.until, when.proof)
            for name, value in values.items()
        ]
        kept = planned.planning(kept, plans)
    else:
        kept = planned.changed(kept, values, when.proof, today)
    return planned.verified(kept, sure, when.proof)


def unplanned(given: Fields, kept: Owner) -> Draft:
    """Without the plan that a form names: ``fact``, ``from_day`` and ``until_day``."""
    wanted = tuple(given.get(name, "") for name in ("fact", "from_day", "until_day"))

    def asked(one: Planned) -> bool:
        return (one.fact, str(one.since or ""), str(one.until or "")) == wanted

    def rest(whose: Whose) -> Whose:
        return replace(whose, planned=tuple(one for one in whose.planned if not asked(one)))

    after = rest(kept)
    if isinstance(after, Site):
        after = replace(after, place=rest(after.place))
    return Draft(kept, after, {})
