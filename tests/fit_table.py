"""People and sites, decided by hand: who fits where at 4:12 pm, what to ask, and why not.

Each person is a query; under it stands every site in the order of the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from dashboard.beds import BedGroup, Place, Site
from dashboard.facts import Guest, Kind, Known, Season, Side, Sobriety, WayIn

YES, NO = Known.YES, Known.NO
NORTH, SOUTH = Place("North Shore", side=Side.NORTH), Place("South Shore", side=Side.SOUTH)
ALL = dict.fromkeys(
    ("pets", "large_pets", "couples", "wheelchair", "lower_bunk", "storage", "late_arrivals"), YES
)


@dataclass(frozen=True)
class Counted:
    """A bed group, how many beds were counted, and how many minutes ago; None: never."""

    group: BedGroup
    open: int | None
    minutes: int = 6


def site(id_: str, **facts: object) -> Site:
    facts = {"kind": Kind.EMERGENCY, "phone": "250-555-0100"} | facts
    return Site(id_, id_.capitalize(), **facts)  # type: ignore[arg-type]


def beds(
    site: str,
    id_: str,
    *guests: Guest,
    open_: int | None,
    minutes: int = 6,
    season: Season = Season.ALL_YEAR,
    **facts: Known,
) -> Counted:
    label = f"{id_.capitalize()} beds"
    group = BedGroup(site, id_, label, 20, guests, season, **facts)  # type: ignore[arg-type]
    return Counted(group, open_, minutes)


SITES = (
    site(
        "maple",
        pets=NO,
        storage=YES,
        wheelchair=YES,
        lower_bunk=NO,
        without_id=YES,
        indigenous_led=NO,
        sobriety=Sobriety.NONE,
        last_check_in=time(21),
        place=SOUTH,
    ),
    site(
        "hall",
        pets=YES,
        couples=YES,
        carts=YES,
        late_arrivals=YES,
        without_id=NO,
        sobriety=Sobriety.ZERO_USE,
        last_check_in=time(21, 30),
        place=SOUTH,
    ),
    site(  # what one bed group takes the other does not
        "pairs",
        pets=YES,
        large_pets=YES,
        couples=YES,
        sobriety=Sobriety.REQUIRED,
        last_check_in=time(22),
        curfew=time(22, 30),
        place=NORTH,
    ),
    site("kennel", pets=YES, large_pets=YES, couples=YES, last_check_in=time(23), place=NORTH),
    site("lodge"),  # says nothing
    site(
        "attic",
        without_id=YES,
        indigenous_led=YES,
        sobriety=Sobriety.NONE,
        last_check_in=time(23),
        place=SOUTH,
        **ALL,
    ),
    site("early", last_check_in=time(16)),
    site("cedar"),
    site("church"),
    site("office"),
    site("stone"),
    site("rooms"),
    site("twins"),
    site("circle", indigenous_led=YES, way_in=WayIn.REFERRAL, place=NORTH),
    site("nest", kind=Kind.CONFIDENTIAL, tells_outreach=True),
)
COUNTED = (
    beds("maple", "women", Guest.WOMEN, open_=2),
    beds("maple", "men", Guest.MEN, open_=4),
    beds("hall", "mats", Guest.ADULTS, open_=12, minutes=14),
    beds("pairs", "rooms", Guest.COUPLES, open_=1, pets=NO),
    beds("pairs", "dorm", Guest.ADULTS, open_=3, couples=NO),
    beds("kennel", "all", Guest.ADULTS, open_=2, minutes=82),
    beds("lodge", "all", open_=5),
    beds("attic", "all", Guest.ADULTS, open_=6, minutes=200),
    beds("early", "all", Guest.ADULTS, open_=4),
    beds("cedar", "men", Guest.MEN, open_=0),
    beds("church", "mats", Guest.ADULTS, open_=None, season=Season.ALERT),
    beds("stone", "youth", Guest.YOUTH, open_=3),
    beds("rooms", "family", Guest.FAMILIES, open_=1),
    beds("twins", "a", Guest.MEN, open_=1),
    beds("twins", "b", Guest.MEN, open_=1),
    beds("circle", "all", Guest.TRANS, Guest.TWO_SPIRIT, open_=2),
    beds("nest", "all", Guest.WOMEN, Guest.CHILDREN, open_=3),
)

TABLE = {
    "": """
        hall    fits
        lodge   fits
        maple   fits
        nest   fits
        pairs   fits
        stone   fits
        rooms   fits
        twins   fits
        kennel  fits
        circle  ask referral
        attic   ask call-first
        early   no ended
        cedar   no full
        church  no closed
        office  no no-beds
    """,
    "who=couple&pet=large-pet": """
        kennel  fits
        hall    ask large-pet
        lodge   ask couple large-pet
        nest   ask couple large-pet
        circle  ask couple large-pet referral
        rooms   ask couple large-pet room
        attic   ask call-first
        early   no ended
        maple   no large-pet
        stone   no couple
        pairs   no large-pet
        twins   no too-few
        cedar   no full
        church  no closed
        office  no no-beds
    """,
    "who=man&together=2": """
        hall    fits
        maple   fits
        pairs   fits
        kennel  fits
        lodge   ask man
        stone   ask man
        rooms   ask man room
        twins   ask apart
        attic   ask call-first
        early   no ended
        nest   no man
        circle  no man
        cedar   no full
        church  no closed
        office  no no-beds
    """,
    "who=woman&need=used&need=no-id": """
        maple   fits
        lodge   ask woman used no-id
        nest   ask used no-id
        stone   ask woman used no-id
        rooms   ask woman used no-id
        kennel  ask used no-id
        attic   ask call-first
        hall    no no-id
        early   no ended
        pairs   no used
        circle  no woman
        twins   no woman
        cedar   no woman full
        church  no closed
        office  no no-beds
    """,
    "who=trans&need=indigenous-led&side=north": """
        lodge   ask trans indigenous-led north
        nest   ask trans indigenous-led
        pairs   ask indigenous-led
        stone   ask trans indigenous-led north
        circle  ask referral
        rooms   ask trans indigenous-led north
        twins   ask trans indigenous-led north
        kennel  ask indigenous-led
        hall    no north
        early   no ended
        maple   no indigenous-led north
        cedar   no full
        attic   no north
        church  no closed
        office  no no-beds
    """,
    "who=senior&pet=service-animal&need=lower-bunk&need=wheelchair&by=by-22": """
        hall    ask service-animal wheelchair lower-bunk
        lodge   ask senior service-animal wheelchair lower-bunk by-22
        nest   ask senior service-animal wheelchair lower-bunk by-22
        pairs   ask wheelchair lower-bunk
        rooms   ask senior service-animal wheelchair lower-bunk by-22
        twins   ask senior service-animal wheelchair lower-bunk by-22
        kennel  ask wheelchair lower-bunk
        attic   ask call-first
        early   no by-22 ended
        maple   no lower-bunk by-22
        stone   no senior
        circle  no senior
        cedar   no full
        church  no closed
        office  no no-beds
    """,
    "who=family&together=3&need=storage": """
        lodge   ask family storage
        nest   ask family storage
        rooms   ask storage room
        hall    no family
        early   no family ended
        maple   no family
        pairs   no family
        stone   no family
        circle  no family too-few
        twins   no family too-few
        cedar   no family full
        kennel  no family too-few
        attic   no family
        church  no family closed
        office  no no-beds
    """,
    "who=youth&by=by-24": """
        lodge   ask youth by-24
        nest   ask youth by-24
        stone   ask by-24
        rooms   ask youth by-24
        hall    no youth
        early   no youth by-24 ended
        maple   no youth by-24
        pairs   no youth by-24
        circle  no youth
        twins   no youth
        cedar   no youth full
        kennel  no youth by-24
        attic   no youth
        church  no youth closed
        office  no no-beds
    """,
}


def decided(query: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """The sites for this query, in order: the site, its fit, and the words that say why."""
    lines = [line.split() for line in TABLE[query].strip().splitlines()]
    return [(site, fit, tuple(why)) for site, fit, *why in lines]
