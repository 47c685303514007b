"""A live board of open shelter beds: ``create_app`` makes it.

It is imported when it is asked for, so the supervisor need not know every page to start a store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .factory import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> object:
    if name != "create_app":
        raise AttributeError(name)
    from .factory import create_app

    return create_app
