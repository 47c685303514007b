"""How a moment is told: clock times and ages, in one language and one community's zone.

Only formats live here; sentences live in templates and in the catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from urllib.parse import quote
from zoneinfo import ZoneInfo

NBSP = "\N{NO-BREAK SPACE}"


class Language(StrEnum):
    EN = "en"
    FR = "fr"

    @property
    def other(self) -> Language:
        return Language.FR if self is Language.EN else Language.EN


@dataclass(frozen=True, slots=True)
class Voice:
    """Tells instants to a reader. ``now`` is the moment that ages are counted to."""

    language: Language
    zone: ZoneInfo
    now: datetime

    def clock(self, at: datetime) -> str:
        """An instant as the community's wall clock shows it: "4:12 pm", "16 h 12"."""
        local = at.astimezone(self.zone)
        if self.language is Language.FR:
            return f"{local.hour}{NBSP}h{NBSP}{local.minute:02}"
        return f"{local.hour % 12 or 12}:{local.minute:02}{NBSP}{_half(local.hour)}"

    def wall(self, at: time) -> str:
        """A wall time as a rule says it, without empty minutes: "5 pm", "17 h"."""
        minutes = f"{at.minute:02}" if at.minute else ""
        if self.language is Language.FR:
            return f"{at.hour}{NBSP}h{NBSP}{minutes}".rstrip()
        colon = ":" if minutes else ""
        return f"{at.hour % 12 or 12}{colon}{minutes}{NBSP}{_half(at.hour)}"

    def date(self, at: datetime) -> str:
        """The local date, as a machine and a person read it: "2026-01-31"."""
        return at.astimezone(self.zone).date().isoformat()

    def moment(self, at: datetime) -> str:
        """A date and its clock time: "2026-01-31, 4:12 pm"."""
        return f"{self.date(at)}, {self.clock(at)}"

    def weekday(self, at: datetime) -> int:
        """The local day of the week, 0 for Monday."""
        return at.astimezone(self.zone).weekday()

    def hhmm(self, at: datetime) -> str:
        """The wall time as a field of a form holds it: "16:12"."""
        return at.astimezone(self.zone).strftime("%H:%M")

    def age(self, at: datetime) -> int:
        """Minutes since ``at`` as two wall clocks show them, never below 0."""
        return max(0, int(self.now.timestamp() // 60 - at.timestamp() // 60))

    def until(self, at: datetime) -> int:
        """Minutes that are left until ``at``, a begun one counted whole; never below 0."""
        return max(0, -int((self.now - at).total_seconds() // 60))

    def span(self, minutes: int) -> str:
        """A number of minutes: "6 min", "1 h 22 min", "3 h"."""
        hours, rest = divmod(minutes, 60)
        parts = [f"{hours}{NBSP}h"] if hours else []
        if rest or not hours:
            parts.append(f"{rest}{NBSP}min")
        return " ".join(parts)

    def ms(self, at: datetime) -> int:
        """An instant as scripts count it: milliseconds since 1970."""
        return int(at.timestamp() * 1000)

    def ahead(self, at: datetime) -> int:
        """Minutes by which the community's wall clock is ahead of UTC; below 0 in the Americas."""
        return int((at.astimezone(self.zone).utcoffset() or timedelta()) / timedelta(minutes=1))

    def site_url(self, site: str) -> str:
        """The page of a site. It names its language: a live card has no request to ask."""
        return f"/sites/{quote(site, safe='')}?lang={self.language}"


def _half(hour: int) -> str:
    return "am" if hour < 12 else "pm"
