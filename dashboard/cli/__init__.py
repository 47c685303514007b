"""The `flask` commands. They work while the product runs and while it does not.

Each opens the store, does one thing, and says what it did, or why not, in sentences.
"""

from __future__ import annotations

from flask import Flask

from .archive import archive
from .areas import areas
from .moving import check, dump, load
from .people import people
from .sites import sites
from .tokens import tokens

__all__ = ["init_app"]


def init_app(app: Flask) -> None:
    for command in (sites, areas, people, tokens, check, dump, load, archive):
        app.cli.add_command(command)
