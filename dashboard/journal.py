"""What a board took in, in that order: which sites differ between two of its versions.

A version that is not in the journal, though it is no older than it, was never this board's: the
store has lost that entry, or another machine saw one that this one did not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .events import Version

MEMORY = 10_000  # entries that are remembered one by one
Step = tuple[Version, tuple[str, ...]]


class Journal:
    """Written by one thread, read by any. It begins at ``start``, which all readers of it share."""

    def __init__(self, start: Version):
        # Entries dropped so far, the kept ones, and the place of each: one tuple, read at once.
        self._kept: tuple[int, list[Step], dict[Version, int]] = (0, [(start, ())], {start: 0})

    @property
    def start(self) -> Version:
        """The oldest version that is remembered."""
        return self._kept[1][0][0]

    def add(self, version: Version, sites: Iterable[str]) -> None:
        """One more step, which changed these sites."""
        dropped, steps, places = self._kept
        if len(steps) > 2 * MEMORY:
            dropped, steps = dropped + len(steps) - MEMORY, steps[-MEMORY:]
            places = {step[0]: dropped + place for place, step in enumerate(steps)}
            self._kept = (dropped, steps, places)
        steps.append((version, tuple(sites)))
        places[version] = dropped + len(steps) - 1

    def since(self, version: Version) -> list[str] | None:
        """The sites changed after ``version``; None for a version that is not in the journal."""
        dropped, steps, places = self._kept
        place = places.get(version)
        if place is None:
            return None
        later: Sequence[Step] = steps[place - dropped + 1 :]
        return list(dict.fromkeys(site for _, sites in later for site in sites))
