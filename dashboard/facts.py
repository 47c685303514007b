"""The fixed words for what a site is: its kind, its rules, its guests, its seasons.

Adding a word is adding it to the trade; no free text stands beside them.
"""

from __future__ import annotations

from enum import StrEnum


class Known(StrEnum):
    """A fact that may be unknown; unknown is never no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """What a site is. A confidential site has no place, and no count in public."""

    EMERGENCY = "emergency"
    WINTER = "winter"
    EXTREME_WEATHER = "extreme weather"
    YOUTH = "youth"
    FAMILY = "family"
    TRANSITIONAL = "transitional"
    CONFIDENTIAL = "confidential"


class Guest(StrEnum):
    """Who a bed group is for."""

    ADULTS = "adults"
    WOMEN = "women"
    MEN = "men"
    TRANS = "trans"
    NON_BINARY = "non-binary"
    TWO_SPIRIT = "two-spirit"
    YOUTH = "youth"
    SENIORS = "seniors"
    COUPLES = "couples"
    FAMILIES = "families"
    CHILDREN = "children"


class Saying(StrEnum):
    """What a confidential site chose to tell outreach people beside its phone number."""

    ANY_HOUR = "any hour"
    LEAVING_VIOLENCE = "leaving violence"
    WITH_CHILDREN = "with children"
    CAN_FETCH = "can fetch"
    WORKER_MAY_CALL = "worker may call"
    PERSON_CALLS = "person calls"
    NO_MESSAGE = "leave no message"


class Sobriety(StrEnum):
    """What a site asks about drinking and using."""

    NONE = "none required"
    PARTLY = "most spaces sobriety-based"
    ZERO_USE = "zero use on site"
    REQUIRED = "sobriety required"
    UNKNOWN = "unknown"


class WayIn(StrEnum):
    """How a person gets a bed."""

    WALK_IN = "yes"
    FIRST_COME = "first come"
    PHONE_FIRST = "phone first"
    REFERRAL = "referral only"
    UNKNOWN = "unknown"


class Season(StrEnum):
    """When a bed group is due. All but the two seasonal ones are due every night."""

    ALL_YEAR = "all year"
    UNTIL_VERIFIED = "until verified"
    ALERT = "while an alert is on"
    WINTER = "winter"

    @property
    def seasonal(self) -> bool:
        return self in (Season.ALERT, Season.WINTER)


class Holding(StrEnum):
    """How a bed group lets outreach keep its beds; at once only on a number that is fresh."""

    AT_ONCE = "at once"
    AFTER_YES = "after a yes"
    COUNTS_ONLY = "counts only"


class Side(StrEnum):
    """The side of the river."""

    NORTH = "north"
    SOUTH = "south"
    UNKNOWN = "unknown"
