"""The cast and the city of the tests, as values: two sites of Riverbend and one that hides."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dashboard.beds import BedGroup, Figure, Hold, Place, Site, Source
from dashboard.clock import Day
from dashboard.events import Version
from dashboard.facts import Guest, Kind, Season, Side
from dashboard.people import Hand

ZONE = ZoneInfo("America/Vancouver")
DAY = Day(zone=ZONE)
EPOCH = "a1b2"


def at(text: str, day: int = 20) -> datetime:
    """A wall time in November 2026 at Riverbend: ``at("16:12")``."""
    return datetime.combine(
        datetime(2026, 11, day), time.fromisoformat(text), tzinfo=ZONE
    ).astimezone(UTC)


NOW = at("16:12")

RIVERBANK = Site(
    "riverbank",
    "Riverbank House",
    phone="250-555-0142",
    last_check_in=time(21),
    place=Place(area="South Shore", address="1 Example St", side=Side.SOUTH),
)
NORTHSIDE = Site("northside", "Northside", phone="250-555-0163", place=Place(side=Side.NORTH))
HAVEN = Site("haven", "Haven", kind=Kind.CONFIDENTIAL, phone="250-555-0199")
SITES = (RIVERBANK, NORTHSIDE, HAVEN)

WOMEN = BedGroup("riverbank", "women", "Women's beds", 12, (Guest.WOMEN,), position=0)
MEN = BedGroup("riverbank", "men", "Men's beds", 18, (Guest.MEN,), position=1)
MATS = BedGroup("northside", "mats", "Mats", 10, (Guest.ADULTS,))
WINTER = BedGroup("northside", "winter", "Winter beds", 8, season=Season.WINTER, position=1)
FAMILY = BedGroup("haven", "family", "Beds", 6, (Guest.WOMEN, Guest.CHILDREN))
GROUPS = (WOMEN, MEN, MATS, WINTER, FAMILY)


def version(number: int) -> Version:
    """The version of the nth entry of the tests' stream."""
    return Version(EPOCH, number, 0)


def figure(open_: int, observed: datetime, entry: str = "1-0") -> Figure:
    """A figure that the desk counted at ``observed``."""
    return Figure(open_, observed, observed, observed, Source.DESK, "p-desk", entry)


VAN = Hand("p-van", Source.OUTREACH)


def hold(id_: str, group: BedGroup, made: datetime, minutes: int = 90) -> Hold:
    """A bed kept for the outreach van."""
    end = made + timedelta(minutes=minutes)
    return Hold(id_, group.site, group.id, "van", "maple river", made, end)
