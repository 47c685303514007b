"""One site's card: the same HTML in the page and in a live message, byte for byte.

Its bytes depend on the row, the language and the minute, never on who reads it or on a filter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time

from jinja2 import Environment
from markupsafe import Markup

from .beds import BedGroup, Site
from .clock import last_reset, next_instant
from .facts import Known
from .filters import Choice, Fit, fit, needs_of, refused
from .rows import Moment, SiteRow
from .voice import Language, Voice


@dataclass(frozen=True, slots=True)
class Card:
    """A site as a person reads it, its answer to every filter, and its HTML."""

    row: SiteRow
    fit: Fit
    html: Markup


class Deck:
    """The cards of one board, each made once for its row, language and minute."""

    def __init__(self, env: Environment):
        self.env = env
        self._kept: dict[tuple[str, Language], tuple[SiteRow, datetime, Card]] = {}

    def card(self, moment: Moment, row: SiteRow, voice: Voice) -> Card:
        """The card of a site, in the language of ``voice`` (which the translations must be in)."""
        minute = moment.now.replace(second=0, microsecond=0)
        place = row.site.id, voice.language
        kept = self._kept.get(place)
        if kept and kept[1] == minute and kept[0] == row and kept[0].site.place == row.site.place:
            return kept[2]
        made = self._make(moment, row, voice)
        self._kept[place] = row, minute, made
        return made

    def _make(self, moment: Moment, row: SiteRow, voice: Voice) -> Card:
        found = fit(row)
        html = self.env.get_template("_fragments/card.html").render(
            row=row,
            fit=found,
            say=voice,
            needs=needs(row.site, found),
            refused=refused,
            says_for_whom=says_for_whom,
            tel=tel(row.site.phone),
            check_in=check_in_ends(moment, row.site.last_check_in),
        )
        return Card(row, found, Markup(html.strip()))  # noqa: S704 - the template escapes


def needs(site: Site, found: Fit) -> list[tuple[Choice, Known]]:
    """Each need and the site's answer, as the filters answer it."""
    return [
        (need, Known.NO if need in found.no else Known.UNKNOWN if need in found.ask else Known.YES)
        for need in needs_of(site)
    ]


def says_for_whom(group: BedGroup) -> bool:
    """Whether a label such as "Women's beds" already names every guest of the group."""
    words = re.findall(r"[a-z-]+", group.label.casefold())
    return bool(group.guests) and all(guest in words for guest in group.guests)


def check_in_ends(moment: Moment, wall: time | None) -> datetime | None:
    """When check-in ends on the day that began with the last reset."""
    if wall is None:
        return None
    return next_instant(last_reset(moment.now, moment.day), wall, moment.day.zone)


def tel(phone: str) -> str:
    """A phone number as a ``tel:`` link dials it; '' where there is none."""
    number = "".join(sign for sign in phone if sign.isascii() and sign.isdigit())
    if phone.strip().startswith("+"):
        return f"tel:+{number}"
    if len(number) in (10, 11):
        return f"tel:+{number if len(number) == 11 else '1' + number}"
    return f"tel:{number}" if number else ""
