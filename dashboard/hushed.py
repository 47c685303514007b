"""What a site that turns confidential, and its bed groups, say from then on.

Who says that a fact is so may tell where it is ("the sign on 9 Hidden Lane"), so no source stays;
nor does any place, nor a plan to be of another kind.
"""

from __future__ import annotations

from dataclasses import replace

from .beds import BedGroup, Place, Site
from .facts import Kind
from .planned import unsourced


def site(found: Site) -> Site:
    """The site as a confidential one."""
    kept = replace(found, kind=Kind.CONFIDENTIAL, place=Place(), source="")
    plans = tuple(one for one in kept.planned if one.fact != "kind")
    return unsourced(replace(kept, planned=plans))


def group(found: BedGroup, source: str = "") -> BedGroup:
    """One of its bed groups, as it is then; ``source`` is who says all of it, where that is new."""
    return unsourced(replace(found, source=source))
