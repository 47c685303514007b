"""The record: every entry as it may be read back, newest first, and what it is about.

It tells what was done and by whom, entry by entry; nothing is added up by person. Of holds it
tells once their night is over, and never the code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from . import alerts, history
from .alerts import AlertSaid
from .beds import BedGroup, Place, Site
from .board import SiteState
from .calls import CallEnded, CallTaken
from .clock import DAY
from .coldnights import NightLogged
from .customs import TOLD, SettingChanged, said
from .edits import changes, columns_of
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
    Noted,
    Point,
    Reported,
    SiteSaved,
    TurnAwayUndone,
    TurnedAway,
    Visited,
    site_of,
    told_at,
)
from .history import HOLDS, Line, Told
from .voice import Voice
from .vouchers import TOLD as VOUCHERS
from .vouchers import VouchersTurned

PAGE = 50  # entries on a page
MOST_READ = 20_000  # that are looked through for one page
SKEW = timedelta(hours=1)  # by which times may step back in the stream

Read = Callable[[datetime | None, datetime | None], Iterator[Event]]
Spot = tuple[datetime, Point]  # of an entry in the record: when it was told, and its id


class About(StrEnum):
    """What an entry is about, in the order in which it can be chosen."""

    COUNTS = "counts"
    HOLDS = "holds"
    TURNED = "turned-away"
    VISITS = "visits"
    TONIGHT = "tonight"
    CALLS = "calls"
    COLD = "cold-nights"
    SITES = "sites"
    PEOPLE = "people"
    VOUCHERS = "vouchers"
    SETTINGS = "settings"
    OTHER = "other"


ABOUT: dict[type[Event], About] = {
    Reported: About.COUNTS,
    **dict.fromkeys((Held, HoldExtended, HoldEnded, Asked, AskEnded), About.HOLDS),
    **dict.fromkeys((TurnedAway, TurnAwayUndone), About.TURNED),
    Visited: About.VISITS,
    **dict.fromkeys((Declared, HandedOver), About.TONIGHT),
    **dict.fromkeys((CallTaken, CallEnded), About.CALLS),
    **dict.fromkeys((AlertSaid, NightLogged), About.COLD),
    **dict.fromkeys((SiteSaved, GroupSaved), About.SITES),
    Noted: About.PEOPLE,
    VouchersTurned: About.VOUCHERS,
    SettingChanged: About.SETTINGS,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are wanted: '' and None leave it open. ``who`` did it, or it is about them.

    Told from ``since`` on and before ``until``; ``reset`` is the last one, before which even holds
    are told.
    """

    reset: datetime
    site: str = ""
    about: About | None = None
    who: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def fits(self, event: Event) -> bool:
        if isinstance(event, HOLDS) and told_at(event) >= self.reset:
            return False
        theirs = (getattr(event, "who", ""), getattr(event, "about", ""))
        return (
            (not self.site or site_of(event) == self.site)
            and (not self.about or about(event) is self.about)
            and (not self.who or self.who in theirs)
        )


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, newest first; ``older``: behind which place the next ones are."""

    events: tuple[Event, ...]
    older: Spot | None = None


def about(event: Event) -> About:
    return ABOUT.get(type(event), About.OTHER)


def spot(event: Event) -> Spot:
    return told_at(event), event.version.point


def newest(read: Read, wanted: Wanted, now: datetime, behind: Spot | None = None) -> Page:
    """The newest entries that are wanted, of those behind this place. Raises what ``read`` does."""
    found: list[Event] = []
    seen = 0
    for since, until in _stretches(read, wanted, now, behind):
        some = list(read(since, until))
        seen += len(some)
        fit = [one for one in some if (not behind or spot(one) < behind) and wanted.fits(one)]
        found += sorted(fit, key=spot, reverse=True)
        if len(found) > PAGE:
            return Page(tuple(found[:PAGE]), spot(found[PAGE - 1]))
        if seen >= MOST_READ and since:
            return Page(tuple(found), (since, (0, 0)))
    return Page(tuple(found))


def _stretches(
    read: Read, wanted: Wanted, now: datetime, behind: Spot | None
) -> Iterator[tuple[datetime | None, datetime | None]]:
    """Stretches of time that go back, each twice as long as the one before."""
    first = next(read(wanted.since, wanted.until), None)
    until = behind[0] + timedelta(milliseconds=1) if behind else wanted.until
    since, days = until or now, 1
    while first and (until is None or until > told_at(first) - SKEW):
        since = max(since - DAY * days, wanted.since or since - DAY * days)
        yield since, until
        if wanted.since and since <= wanted.since:
            return
        until, days = since, days * 2


def lines(
    events: Iterable[Event],
    states: Mapping[str, SiteState],
    say: Voice,
    people: Mapping[str, str],
    devices: Mapping[str, str],
) -> Iterator[tuple[str, Line]]:
    """Each entry in words, with the id of the site that it is about."""
    for event in events:
        site = site_of(event)
        names = {**devices, **people}
        yield site, history.line(event, states.get(site), _told(event, say, names), people, devices)


def _told(event: Event, say: Voice, names: Mapping[str, str]) -> Told:
    match event:
        case Held(hold=hold):
            return Told("bed-kept", {"agency": hold.agency})
        case HoldExtended():
            return Told("bed-kept-longer")
        case Noted(act=act, about=about):
            return Told(f"act-{act}", {"about": names.get(about, about), "act": act})
        case SettingChanged(settled=settled, before=before):
            values = {"now": said(settled.name, settled.text), "before": said(settled.name, before)}
            return Told(TOLD[SettingChanged], values, {"setting": settled.name})
        case VouchersTurned():
            return _vouchers(event)
        case AlertSaid():
            return _alert(event, say)
        case NightLogged(night=night):
            people = "–" if night.sheltered is None else night.sheltered
            return Told("night-logged", {"date": night.date.isoformat(), "people": people})
        case SiteSaved(site=site, before=before, moved=moved):
            code = "site-moved" if moved else "site-saved"
            bare = replace(site, place=Place())
            return Told(code if before else "site-added", _changed(before, bare))
        case GroupSaved(group=group, before=before):
            return Told("group-saved" if before else "group-added", _changed(before, group))
        case _ if type(event) in history.TOLD:
            return history.TOLD[type(event)](event, say)
        case _:
            return Told("other")


def _alert(event: AlertSaid, say: Voice) -> Told:
    one = event.alert
    times = {"since": say.moment(one.since), "until": say.moment(one.until)}
    words = {"cold": one.cold, "reason": one.reason, "ending": one.cancelled or ""}
    return Told(alerts.TOLD[event.act], {**times, "area": one.area}, words)


def _vouchers(event: VouchersTurned) -> Told:
    pools = {"before": event.before.hand if event.before else 0, "now": event.after.hand}
    told = {"agency": event.after.agency, "num": event.nights, **pools}
    return Told(VOUCHERS[event.turn], told, {"why": event.why or ""})


def _changed(before: Site | BedGroup | None, after: Site | BedGroup) -> dict[str, object]:
    """What differs, each fact with its column; never a place, which no entry knows."""
    columns = {column.name: column for column in columns_of(after)}
    found = changes(before, after) if before else []
    return {"changes": [(columns.get(one.column), one) for one in found]}
