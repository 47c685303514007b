"""What a report tells of a night, a month or a season: sums of the nights that are over.

A sum is of sites, hours and reasons, never of people or of what one person did.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .clock import DAY
from .digest import AGED, HOURS, Ages, Digest, SiteNight
from .shortage import FROM, Counts

WINTER, SUMMER = "winter", "summer"
STARTS = {WINTER: (10, 1), SUMMER: (5, 1)}  # month and day
ENDS = {WINTER: (4, 30), SUMMER: (9, 30)}
FILLED = tuple(range(12, 32))  # hours in which a site fills; 24 is midnight
AT_NOON = 11  # it was full at noon already


class Length(StrEnum):
    NIGHT = "night"
    MONTH = "month"
    SEASON = "season"


@dataclass(frozen=True, slots=True)
class Period:
    """The nights from ``first`` to ``last``, both included, by the date on which they begin."""

    length: Length
    first: date
    last: date

    @property
    def name(self) -> str:
        """As an address names it: "2026-11-20", "2026-11", "2026-winter"."""
        if self.length is Length.NIGHT:
            return self.first.isoformat()
        if self.length is Length.MONTH:
            return f"{self.first:%Y-%m}"
        return f"{self.first.year}-{_season(self.first)}"

    @property
    def before(self) -> Period:
        return around(self.first - DAY, self.length)

    @property
    def after(self) -> Period:
        return around(self.last + DAY, self.length)

    @property
    def nights(self) -> list[date]:
        return [self.first + DAY * number for number in range((self.last - self.first).days + 1)]


def around(day: date, length: Length) -> Period:
    """The night, month or season of a date. A winter is October to April."""
    if length is Length.NIGHT:
        return Period(length, day, day)
    if length is Length.MONTH:
        return Period(
            length, day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
        )
    season = _season(day)
    began = day.year - (season == WINTER and day.month < STARTS[WINTER][0])
    return _whole(began, season)


def _season(day: date) -> str:
    return SUMMER if STARTS[SUMMER] <= (day.month, day.day) <= ENDS[SUMMER] else WINTER


def _whole(year: int, season: str) -> Period:
    first, last = date(year, *STARTS[season]), date(year + (season == WINTER), *ENDS[season])
    return Period(Length.SEASON, first, last)


def named(text: str) -> Period:
    """The period of that name. Raises ValueError."""
    if found := re.fullmatch(rf"([0-9]{{4}})-({WINTER}|{SUMMER})", text):
        year = int(found[1])
        if not 1 < year < date.max.year - 1:
            raise ValueError(text)
        return _whole(year, found[2])
    length = Length.MONTH if re.fullmatch("[0-9]{4}-[0-9]{2}", text) else Length.NIGHT
    day = date.fromisoformat(f"{text}-01" if length is Length.MONTH else text)
    if not 1 < day.year < date.max.year - 1:
        raise ValueError(text)
    return around(day, length)


@dataclass(frozen=True, slots=True)
class SiteSum:
    """One site: ``full`` of the ``nights`` on which its desk counted; ``again``: of those, on how
    many it had a bed again later. ``taken`` of ``beds`` at midnight, over ``known`` nights.
    """

    id: str
    nights: int
    full: int
    again: int
    taken: int
    beds: int
    known: int


@dataclass(frozen=True, slots=True)
class Report:
    """``nights`` of which something is known. ``filled``: how often a site was full for the first
    time of a night, by the hour. ``ages``: by the hour, how many numbers were that old.
    """

    nights: int
    sites: Sequence[SiteSum]
    filled: Mapping[int, int]
    ages: Mapping[int, Ages]
    turned: Mapping[str, int]
    kept: int
    ends: Mapping[str, int]
    calls: Mapping[str, int]


def report(digests: Iterable[Digest], shown: Collection[str]) -> Report:
    """The sums of these nights, of the sites that may be shown."""
    nights, of_sites = 0, dict[str, list[SiteNight]]()
    for digest in digests:
        nights += 1
        for id_, one in digest.sites.items():
            if id_ in shown:
                of_sites.setdefault(id_, []).append(one)
    every = [one for found in of_sites.values() for one in found]
    return Report(
        nights,
        [_site(id_, found) for id_, found in of_sites.items()],
        _filled(every),
        _ages(every),
        _summed(one.turned for one in every),
        sum(one.kept for one in every),
        _summed(one.ends for one in every),
        _summed(one.calls for one in every),
    )


def _site(id_: str, nights: Sequence[SiteNight]) -> SiteSum:
    return SiteSum(
        id_,
        sum(one.counted for one in nights),
        sum(one.full is not None for one in nights),
        sum(one.again for one in nights),
        sum(one.taken for one in nights),
        sum(one.beds for one in nights),
        sum(one.beds > 0 for one in nights),
    )


def _filled(nights: Iterable[SiteNight]) -> dict[int, int]:
    """By the hour in which they filled, from the first such hour to the last."""
    found = Counter(
        12 + one.full // 60 if one.full else AT_NOON for one in nights if one.full is not None
    )
    if not found:
        return {}
    return {hour: found[hour] for hour in range(min(found), max(found) + 1)}


def _ages(nights: Iterable[SiteNight]) -> dict[int, Ages]:
    whole = AGED * len(HOURS)
    sums = [sum(one) for one in zip(*(one.ages.ljust(whole, b"\0") for one in nights), strict=True)]
    found = {hour: tuple(sums[AGED * row : AGED * (row + 1)]) for row, hour in enumerate(HOURS)}
    return {hour: ages for hour, ages in found.items() if any(ages)}


def _summed(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The most frequent first."""
    found: dict[str, int] = {}
    for one in counts:
        for name, number in one.items():
            found[name] = found.get(name, 0) + number
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def unmet(days: Iterable[Counts]) -> Counts:
    """Over several days that are over: from 5 up, and in steps of 5.

    Else whoever sets a month beside its nights could work out a count that no night shows.
    """
    found = {word: count - count % FROM for word, count in _summed(days).items()}
    return {word: count for word, count in found.items() if count}
