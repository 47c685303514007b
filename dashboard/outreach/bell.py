"""What the page shows of waiting for a bed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from secrets import token_hex
from typing import Any

from .. import access, watches, web
from ..config import BadSettings
from ..fit import Choice
from ..people import Person
from ..push import keys
from ..rows import Moment


def given(
    worker: Person,
    moment: Moment,
    choices: Iterable[Choice],
    too_far: Collection[str],
) -> dict[str, Any]:
    """``watchable`` is what somebody could wait for who needs what the page was asked for."""
    found = access.store().watches.of(worker.id, moment.now)
    return {
        "waiting": watches.waiting(found, moment),
        "watchable": watches.watchable(choices, too_far),
        "lengths": watches.LENGTHS,
        "reset": moment.reset,
        "wait_key": token_hex(8),
        "push_key": _push_key(),
    }


def _push_key() -> str:
    """'' where no phone can be told."""
    if not web.settings().push_services:
        return ""
    try:
        return keys.public(web.settings())
    except BadSettings:  # no disk to keep a key on: the push process says so
        return ""
