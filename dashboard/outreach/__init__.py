"""The outreach worker at half past four: the right door for this person, before it fills.

``screen`` is what the page shows and how it says what became of a tap; beside it stands one
module for each thing that an outreach worker does.
"""

from . import asking, field, going, keeping, nothing, offline, screen, watching
from .blueprint import bp

__all__ = ["asking", "bp", "field", "going", "keeping", "nothing", "offline", "screen", "watching"]
