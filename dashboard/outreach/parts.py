"""The outreach page in parts, each with a mark of what it says, so that a refresh is small.

A part is one element, and its id is its name. Ages, keys and tokens are not what it says: an open
page keeps those until something else in the part changes, and its script counts the ages on.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from hashlib import sha256
from itertools import zip_longest

from markupsafe import Markup

MARK = 4  # signs of base64: one change in sixteen million would be missed
INNER = re.compile(r"<!--part (\S+)-->.*?<!--/part \1-->", re.S)
VOLATILE = re.compile(
    r'(name="(?:csrf_token|key)" value="|data-(?:at|to)="\d+"[^>]*>)[^"<]*'
)  # the value of such a field, and the words of a time that the script counts on


class Parts:
    """Given to the page as ``part``: ``{% call part("holds") %}`` stands around each element."""

    def __init__(self) -> None:
        self._html: dict[str, str] = {}
        self._marks: dict[str, str] = {}

    def __call__(self, name: str, caller: Callable[[], Markup]) -> Markup:
        """The element, between two comments that tell where the part begins and ends."""
        said = str(caller()).strip()
        self._marks[name] = mark(VOLATILE.sub(r"\1", INNER.sub("", said)))
        self._html[name] = f"<!--part {name}-->{said}<!--/part {name}-->"
        return Markup(self._html[name])  # noqa: S704 - the template escapes

    @property
    def marks(self) -> str:
        """A mark of which parts there are, and one of each in the order of their names: an ETag."""
        names = sorted(self._marks)
        return "".join([mark(" ".join(names)), *(self._marks[name] for name in names)])

    def since(self, known: str) -> Markup | None:
        """The parts that say something else than the page whose marks are ``known``; '': all.

        None where that page has other parts than these, and must be read anew.
        """
        new, old = _apart(self.marks), _apart(known)
        if old and (old[0] != new[0] or len(old) != len(new)):
            return None
        both = zip_longest(sorted(self._html), new[1:], old[1:])
        changed = [self._html[name] for name, now, then in both if now != then]
        outer = [one for one in changed if not any(one in it for it in changed if it is not one)]
        lean = (_without_the_same(html, changed) for html in outer)
        return Markup("\n".join(lean))  # noqa: S704 - the template escapes


def _without_the_same(html: str, changed: Sequence[str]) -> str:
    """A part, and in place of each within it that has not changed the name of that one."""

    def brief(found: re.Match[str]) -> str:
        if any(one in found[0] for one in changed):
            return _without_the_same(found[0], changed)
        return f"<!--same {found[1]}-->"

    start = html.index("-->") + 3
    return html[:start] + INNER.sub(brief, html[start:])


def _apart(marks: str) -> list[str]:
    return [marks[at : at + MARK] for at in range(0, len(marks), MARK)]


def mark(said: str) -> str:
    """A short word that changes with what is said."""
    return urlsafe_b64encode(sha256(said.encode()).digest())[:MARK].decode()
