"""Riverbend, a town that does not exist: a board made from values, at any moment, for tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import cast

from dashboard import follower
from dashboard.beds import BedGroup, Figure, Place, Site, Source
from dashboard.board import Board
from dashboard.clock import Day
from dashboard.events import Event, GroupSaved, Reported, SiteSaved, Version
from dashboard.facts import Guest, Kind, Known, Season, Side, Sobriety, WayIn
from dashboard.store import Store

FOUR_TWELVE = datetime(2026, 1, 15, 0, 12, 30, tzinfo=UTC)  # 4:12 pm in Riverbend
YES, NO, UNKNOWN = Known.YES, Known.NO, Known.UNKNOWN
SOUTH = Place("South Shore", "12 Maple Street", Side.SOUTH)
NORTH = Place("North Shore", "8 Ferry Road", Side.NORTH)


class Follower(follower.Follower):
    """The real follower over a board made from values, with nothing to follow."""

    def __init__(self, board: Board, away_since: datetime | None = None):
        super().__init__(cast(Store, None), board.day, lambda: FOUR_TWELVE)
        self.board = board
        self.away_since = away_since
        self.ready.set()

    def start(self) -> None:
        """There is nothing to follow."""

    def tell(self) -> None:
        """Wake the streams: something was applied to the board."""
        self._tell()


@dataclass
class Town:
    """A board that grows by events, as the real one does."""

    now: datetime = FOUR_TWELVE
    board: Board = field(default_factory=lambda: Board(Day()))
    entries: int = 0

    def tell(self, make: type[Event], **values: object) -> None:
        self.entries += 1
        self.board.apply(make(Version("riverbend", 1, self.entries), **values))

    def site(self, id_: str, name: str, **facts: object) -> None:
        facts = {"kind": Kind.EMERGENCY, "phone": "250-555-0100"} | facts
        self.tell(SiteSaved, site=Site(id_, name, **facts), moved=False, who="", at=self.now)  # type: ignore[arg-type]

    def group(
        self,
        site: str,
        id_: str,
        label: str,
        *guests: Guest,
        season: Season = Season.ALL_YEAR,
        label_fr: str = "",
    ) -> None:
        group = BedGroup(site, id_, label, 12, guests or (Guest.ADULTS,), season, label_fr)
        self.tell(GroupSaved, group=group, who="", at=self.now)

    def report(self, site: str, group: str, open_: int, minutes: float = 6) -> None:
        """The desk counted this many beds so many minutes ago."""
        at = self.now - timedelta(minutes=minutes)
        figure = Figure(open_, at, at, at, Source.DESK, "desk", f"1-{self.entries}")
        self.tell(
            Reported,
            site=site,
            group=group,
            kind="change",
            value=open_,
            before=None,
            figure=figure,
            late=False,
            observed_at=at,
            received_at=at,
            source=Source.DESK,
            who="desk",
        )


def riverbend(now: datetime = FOUR_TWELVE) -> Town:
    """Every kind of site there is, at one moment of an afternoon."""
    town = Town(now)
    town.site(
        "maple-house",
        "Maple House",
        phone="250-555-0142",
        place=SOUTH,
        sobriety=Sobriety.NONE,
        last_check_in=time(21),
        storage=YES,
        wheelchair=YES,
        pets=NO,
        way_in=WayIn.WALK_IN,
    )
    town.group("maple-house", "women", "Women's beds", Guest.WOMEN)
    town.group("maple-house", "men", "Men's beds", Guest.MEN)
    town.report("maple-house", "women", 2)
    town.report("maple-house", "men", 4)
    town.site(
        "station-hall",
        "Station Hall",
        phone="250-555-0119",
        place=SOUTH,
        pets=YES,
        couples=YES,
        sobriety=Sobriety.NONE,
        intake_opens=time(18),
        last_check_in=time(21, 30),
        meals=YES,
    )
    town.group("station-hall", "mats", "Mats")
    town.report("station-hall", "mats", 12, 14)
    town.site(
        "harbour-rooms",
        "Harbour Rooms",
        phone="250-555-0117",
        place=SOUTH,
        sobriety=Sobriety.REQUIRED,
        storage=YES,
        pets=YES,
        last_check_in=time(22),
    )
    town.group(
        "harbour-rooms", "beds", "Emergency beds", Guest.WOMEN, Guest.TRANS, Guest.TWO_SPIRIT
    )
    town.report("harbour-rooms", "beds", 1, 82)
    town.site(
        "northside",
        "Northside",
        phone="250-555-0163",
        place=NORTH,
        sobriety=Sobriety.NONE,
        intake_opens=time(18),
        last_check_in=time(21, 30),
        carts=YES,
        couples=YES,
        indigenous_led=YES,
    )
    town.group("northside", "beds", "Emergency beds")
    town.report("northside", "beds", 4, 182)
    town.site("birch-lodge", "Birch Lodge", phone="", place=NORTH)
    town.group("birch-lodge", "rooms", "Emergency rooms")
    town.group("birch-lodge", "seniors", "Seniors' beds", Guest.SENIORS)
    town.site("cedar-hall", "Cedar Hall", place=SOUTH, release=time(21), phone="250-555-0151")
    town.group("cedar-hall", "beds", "Emergency beds", Guest.MEN)
    town.report("cedar-hall", "beds", 0, 14)
    town.site("stone-street", "Stone Street", place=NORTH, release=time(20), phone="250-555-0158")
    town.group("stone-street", "youth", "Youth beds", Guest.YOUTH)
    town.report("stone-street", "youth", 0, 11)
    town.site("church-mats", "Church Mats", kind=Kind.EXTREME_WEATHER, place=SOUTH)
    town.group("church-mats", "mats", "Mats", season=Season.ALERT)
    town.site("orchard-inn", "Orchard Inn", kind=Kind.TRANSITIONAL, way_in=WayIn.REFERRAL)
    town.site("safe-home", "Safe Home", kind=Kind.CONFIDENTIAL, phone="250-555-0199")
    town.group("safe-home", "family", "Beds", Guest.WOMEN, Guest.CHILDREN)
    town.report("safe-home", "family", 7)
    return town
