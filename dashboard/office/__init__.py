"""The office: what the coordinator keeps true, one small blueprint for each subject.

``BLUEPRINTS`` are all of them, in the order of the office's menu (``templates/office/_menu.html``).
"""

from . import (
    areas,
    beds,
    cold,
    coldlog,
    devices,
    entries,
    files,
    hiding,
    people,
    report,
    right,
    settings,
    site,
    sites,
    tokens,
    tonight,
    unmet,
    vouchers,
)

ROOMS = (
    tonight,
    cold,
    coldlog,
    sites,
    site,
    beds,
    hiding,
    files,
    people,
    devices,
    tokens,
    areas,
    settings,
    entries,
    report,
    unmet,
    vouchers,
    right,
)
BLUEPRINTS = tuple(one.bp for one in ROOMS)

__all__ = ["BLUEPRINTS"]
