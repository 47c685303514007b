"""What happened at a site, as the parts of sentences: one table from kinds of entries to words.

Whatever is not in the table is skipped: an entry of a later version, or one that is about no site.
It tells what was done and by whom, entry by entry; it adds nothing up by person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from .beds import BedGroup, Hold, Source
from .board import SiteState
from .calls import TOLD as CALLS
from .calls import CallEnded, CallTaken
from .edits import changes
from .evening import Declaration
from .events import (
    Asked,
    AskEnded,
    Declared,
    Event,
    GroupSaved,
    HandedOver,
    Held,
    HoldEnded,
    HoldExtended,
    Reported,
    SiteSaved,
    TurnAwayUndone,
    TurnedAway,
    Visited,
    told_at,
)
from .voice import Voice

SHOWN = 50
AGE = timedelta(days=7)
WAITED = timedelta(minutes=1)  # from which on a report was not sent at once


class Told(NamedTuple):
    """The code of a sentence, and what fills it; ``words`` are codes that templates translate.

    ``declared`` is what was said of tonight, which has its own words; ``before`` what stood.
    """

    said: str
    filled: Mapping[str, object] = {}
    words: Mapping[str, str] = {}
    declared: Declaration | None = None
    before: Declaration | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One entry. ``counted`` is when it was observed, where it waited on its way.

    ``by`` and ``device`` are names, '' where there is none to tell.
    """

    at: datetime
    told: Told
    group: BedGroup | None = None
    counted: datetime | None = None
    by: str = ""
    source: Source | None = None
    device: str = ""
    late: bool = field(default=False)


def _reported(event: Reported, _: Voice) -> Told:
    now = event.figure.open if event.figure else event.value
    filled: dict[str, object] = {"before": event.before, "now": now}
    if event.late:
        sign = "+" if event.kind == "adjust" and (event.value or 0) > 0 else ""
        return Told("late", {"now": f"{sign}{event.value}"})
    if event.kind == "undo":
        return Told("undone" if event.figure else "undone-to-nothing", filled)
    if event.before is None:
        return Told("counted", filled)
    return Told("still" if event.before == now else "changed", filled)


def _held(event: Held, say: Voice) -> Told:
    hold = event.hold
    told = {"agency": hold.agency, "code": hold.code, "end": say.clock(hold.expires_at)}
    return Told("held", told)


def _longer(event: HoldExtended, say: Voice) -> Told:
    return Told("hold-longer", {"code": event.hold.code, "end": say.clock(event.hold.expires_at)})


def _turned(event: TurnedAway | TurnAwayUndone, _: Voice) -> Told:
    undone = isinstance(event, TurnAwayUndone)
    return Told("turned-back" if undone else "turned-away", words={"reason": event.reason})


def _visited(event: Visited, _: Voice) -> Told:
    told = {"agency": event.agency, "shown": event.shown}
    words = {"reason": str(event.reason)} if event.reason else {}
    kind = "mended" if event.withdraws else "disputed" if event.disputes else "visit"
    return Told(f"{kind}-{event.found}", told, words)


def facts_of(event: SiteSaved | GroupSaved) -> Sequence[str]:
    """The names of the facts that an entry changed, but those of a place; none of a new one."""
    if event.before is None:
        return ()
    if isinstance(event, SiteSaved):
        found = changes(event.before, replace(event.site, place=event.before.place))
    else:
        found = changes(event.before, event.group)
    return list(dict.fromkeys(one.column for one in found))


def _declared(event: Declared, _: Voice) -> Told:
    if event.now and event.before:
        return Told("declared-anew", declared=event.now, before=event.before)
    return Told("declared" if event.now else "ended", declared=event.now or event.before)


# One line for each kind of entry that a desk may read back.
TOLD: dict[type[Event], Callable[[Any, Voice], Told]] = {
    Reported: _reported,
    Held: _held,
    HoldExtended: _longer,
    Asked: lambda event, _: Told("asked", {"agency": event.ask.agency}),
    AskEnded: lambda event, _: Told(f"ask-{event.reason}"),
    HoldEnded: lambda event, _: Told(f"hold-{event.reason}"),
    TurnedAway: _turned,
    TurnAwayUndone: _turned,
    Visited: _visited,
    Declared: _declared,
    HandedOver: lambda *_: Told("handed-over"),
    CallTaken: lambda *_: Told(CALLS[CallTaken]),
    CallEnded: lambda event, _: Told(CALLS[event.end]),
    SiteSaved: lambda event, _: Told("site-saved", {"facts": facts_of(event)}),
    GroupSaved: lambda event, _: Told("group-saved", {"facts": facts_of(event)}),
}
HOLDS = (
    Held,
    HoldEnded,
    HoldExtended,
    Asked,
    AskEnded,
)  # which only the site's own people may read


def readable(events: Iterable[Event], own: bool) -> Iterator[Event]:
    """Those that are told to somebody here. ``own``: to one of the site's own people."""
    for event in events:
        if type(event) in TOLD and (own or not isinstance(event, HOLDS)):
            yield event


def hands(events: Iterable[Event]) -> tuple[set[str], set[str]]:
    """Whose ids stand there: those of people, and those of devices."""
    known = list(events)
    whos = {str(getattr(event, "who", "")) for event in known}
    return whos, {str(getattr(event, "device", "")) for event in known} - {""}


def lines(
    events: Iterable[Event],
    state: SiteState,
    say: Voice,
    people: Mapping[str, str],
    devices: Mapping[str, str],
) -> Iterator[Line]:
    """These entries, told; ``people`` and ``devices`` are names by id."""
    for event in events:
        yield line(event, state, TOLD[type(event)](event, say), people, devices)


def line(
    event: Event,
    state: SiteState | None,
    told: Told,
    people: Mapping[str, str],
    devices: Mapping[str, str],
) -> Line:
    """One entry, told so; ``state`` is that of its site, where it is about one that is there."""
    one = state.group(_group(event)) if state else None
    return Line(
        told_at(event),
        told,
        one.group if one else None,
        _counted(event),
        people.get(getattr(event, "who", ""), ""),
        getattr(event, "source", None),
        devices.get(getattr(event, "device", ""), ""),
        getattr(event, "late", False),
    )


def _group(event: Event) -> str:
    if isinstance(event, GroupSaved):
        return event.group.id
    if isinstance(event, Asked):
        return event.ask.group
    hold = getattr(event, "hold", None)
    return str(getattr(hold if isinstance(hold, Hold) else event, "group", ""))


def _counted(event: Event) -> datetime | None:
    undo = isinstance(event, Reported) and event.kind == "undo"
    if undo or not isinstance(event, Reported | TurnedAway | Visited):
        return None
    return event.observed_at if told_at(event) - event.observed_at >= WAITED else None


def by_day(lines: Iterable[Line], say: Voice) -> Sequence[tuple[str, Sequence[Line]]]:
    """The lines under their local dates, as they come."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(say.date(line.at), []).append(line)
    return list(found.items())
