"""Who hears a stream: everybody in one language, the people of one desk, or outreach people."""

from __future__ import annotations

from typing import NamedTuple

from ..voice import Language

EVERYWHERE = "*"  # no site has this id


class Audience(NamedTuple):
    """Those who get the same bytes. ``desk`` is a site's id, or '' for the public.

    A desk hears only *that* something of its site has changed, and asks for its figures itself:
    so what only the desk may see is in no stream at all. Outreach people hear so of any site:
    for them it is EVERYWHERE.
    """

    language: Language
    desk: str = ""
