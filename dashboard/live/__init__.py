"""Live pages: what has changed since a page was made, streamed to it until it leaves."""

from .view import bp, init_app

__all__ = ["bp", "init_app"]
