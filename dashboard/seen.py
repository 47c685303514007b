"""Whether anybody sees a difference: what an entry changes for the public, and on the board."""

from __future__ import annotations

from .beds import Site
from .calls import CallEnded, CallTaken
from .events import Asked, AskEnded, Event, HoldExtended, SiteSaved, Visited


def listed_alike(one: Site, other: Site) -> bool:
    """Whether both stand on the board in the same way: as a card, as a line, or not at all."""
    days = (one.paused, one.since, one.until) == (other.paused, other.since, other.until)
    return one is other or (one.confidential == other.confidential and days)


def seen_by_public(event: Event, site: Site) -> bool:
    """Whether the public may hear of it. Where they would see no difference they are told nothing:
    not even that a hidden site counted, that a bed is kept longer, that one is asked for, or that
    a visit agreed.
    """
    unseen = isinstance(event, HoldExtended | Asked | AskEnded | CallTaken | CallEnded)
    unseen = unseen or (isinstance(event, Visited) and not (event.disputes or event.withdraws))
    return isinstance(event, SiteSaved) or not (site.confidential or unseen)
