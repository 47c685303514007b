"""What goes wrong with a shelf."""

from __future__ import annotations


class ShelfDown(Exception):
    """A file could not be read or kept there; the message is one plain sentence."""
