"""The desk: ten seconds, three taps, and an honest answer to each.

``screen`` is what a desk shows, ``answers`` how it says what became of a tap; beside them stands
one module for each thing that a desk says.
"""

from . import (
    asks,
    called,
    counts,
    evening,
    handover,
    history,
    holds,
    person,
    reminders,
    screen,
    turned,
    waiting,
)
from .blueprint import bp

__all__ = [
    "asks",
    "bp",
    "called",
    "counts",
    "evening",
    "handover",
    "history",
    "holds",
    "person",
    "reminders",
    "screen",
    "turned",
    "waiting",
]
