"""Who hears a stream: everybody in one language, or the people of one desk."""

from __future__ import annotations

from typing import NamedTuple

from ..voice import Language


class Audience(NamedTuple):
    """Those who get the same bytes. ``desk`` is a site's id, or '' for the public.

    A desk hears only *that* something of its site has changed, and asks for its figures itself:
    so what only the desk may see is in no stream at all.
    """

    language: Language
    desk: str = ""
