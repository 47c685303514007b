"""A warning in the Common Alerting Protocol (CAP 1.2), read for what may fill a draft, and no more.

It is a stranger's file: no document type, no entity, nothing foreign, nothing large. Whatever it
says in words of its own is forgotten. Source: OASIS CAP 1.2, section 3.2.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from .alerts import LONGEST, Cold, Draft, Origin, Reason
from .clock import Day, next_reset

LARGEST = 512 * 1024  # bytes; a province's warning with its outlines is about half of it
DEEPEST, MOST = 12, 20_000  # elements within each other, and in all
MOST_INFOS = 60
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}"
NEEDED = ("identifier", "sender", "sent", "status", "msgType", "scope")
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[-+]\d\d:\d\d|Z)")
WORDS: tuple[tuple[Cold, tuple[str, ...]], ...] = (  # which weather an event is, first match wins
    (Cold.WIND_CHILL, ("wind chill", "windchill", "refroidissement")),
    (Cold.ICE, ("freezing", "flash freeze", "ice storm", "verglas", "verglac", "gel subit")),
    (Cold.SNOW, ("snow", "blizzard", "winter storm", "neige", "poudrerie", "tempete hivernale")),
    (Cold.EXTREME_COLD, ("cold", "arctic", "froid", "arctique")),
)


class Why(StrEnum):
    """Why a warning is not taken."""

    EMPTY = "empty"
    TOO_LARGE = "too-large"
    NOT_XML = "not-xml"
    HOSTILE = "hostile"
    NOT_CAP = "not-cap"
    TEST = "test"
    CANCELLED = "cancelled"
    NOT_COLD = "not-cold"
    OVER = "over"
    NOT_SET = "not-set"
    NO_ANSWER = "no-answer"
    ELSEWHERE = "elsewhere"


class NotTaken(Exception):
    """This can't fill a draft; ``why`` says so as a code."""

    def __init__(self, why: Why):
        super().__init__(str(why))
        self.why = why


@dataclass(frozen=True, slots=True)
class Warned:
    """What a warning says that a draft can hold; ``areas`` are the names in it, as written."""

    cold: Cold
    since: datetime
    until: datetime | None
    areas: tuple[str, ...]


class _Builder(TreeBuilder):
    """Builds a tree that is neither deep nor wide."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = self._count = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth, self._count = self._depth + 1, self._count + 1
        if self._depth > DEEPEST or self._count > MOST:
            raise NotTaken(Why.HOSTILE)
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def read(given: str | bytes, now: datetime) -> Warned:
    """The warning in this text, or file. Raises NotTaken."""
    root = _tree(given)
    if root.tag != f"{CAP}alert" or any(not _text(root, name) for name in NEEDED):
        raise NotTaken(Why.NOT_CAP)
    if any(not str(one.tag).startswith((CAP, SIGNATURE)) for one in root.iter()):
        raise NotTaken(Why.HOSTILE)
    if _text(root, "status") != "Actual":
        raise NotTaken(Why.TEST)
    if _text(root, "msgType") not in ("Alert", "Update"):
        raise NotTaken(Why.CANCELLED)
    infos = root.findall(f"{CAP}info")
    if len(infos) > MOST_INFOS:
        raise NotTaken(Why.HOSTILE)
    return _warned(infos, _stamp(_text(root, "sent")), now)


def _tree(given: str | bytes) -> Element:
    if not given.strip():
        raise NotTaken(Why.EMPTY)
    if len(given) > LARGEST:
        raise NotTaken(Why.TOO_LARGE)
    parser = DefusedXMLParser(target=_Builder(), forbid_dtd=True)
    try:
        parser.feed(given)
        found = parser.close()
    except DefusedXmlException:
        raise NotTaken(Why.HOSTILE) from None
    except (ParseError, ValueError, LookupError):
        raise NotTaken(Why.NOT_XML) from None
    if not isinstance(found, Element):
        raise NotTaken(Why.NOT_XML)
    return found


def _warned(infos: Iterable[Element], sent: datetime | None, now: datetime) -> Warned:
    """Of the parts about cold weather, in whatever language, the first that is not over."""
    cold = [(kind, info) for info in infos if (kind := _kind(info))]
    if not cold:
        raise NotTaken(Why.NOT_COLD)
    ahead = [(kind, info) for kind, info in cold if not _over(info, now)]
    if not ahead:
        raise NotTaken(Why.OVER)
    kind, first = ahead[0]
    since = _stamp(_text(first, "onset")) or _stamp(_text(first, "effective")) or sent
    if since is None:
        raise NotTaken(Why.NOT_CAP)
    named = [_text(area, "areaDesc") for _, info in ahead for area in info.findall(f"{CAP}area")]
    return Warned(kind, since, _stamp(_text(first, "expires")), tuple(dict.fromkeys(named)))


def _kind(info: Element) -> Cold | None:
    plain = unicodedata.normalize("NFKD", _text(info, "event")).casefold()
    said = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return next((cold for cold, told in WORDS if any(one in said for one in told)), None)


def _over(info: Element, now: datetime) -> bool:
    ends = _stamp(_text(info, "expires"))
    clear = "AllClear" in [one.text for one in info.findall(f"{CAP}responseType")]
    return clear or _text(info, "urgency") == "Past" or bool(ends and ends <= now)


def _text(element: Element, name: str) -> str:
    return " ".join((element.findtext(f"{CAP}{name}") or "").split())[:200]


def _stamp(text: str) -> datetime | None:
    """An instant with its zone; None for none. Raises NotTaken for one that can't be read."""
    if not text:
        return None
    if not STAMP.fullmatch(text) or not 2000 <= int(text[:4]) <= 2200:
        raise NotTaken(Why.NOT_CAP)
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise NotTaken(Why.NOT_CAP) from None


def draft(warned: Warned, areas: Iterable[str], who: str, now: datetime, day: Day) -> Draft:
    """The draft that a warning fills: for a person to read, mend, and issue or throw away.

    Its area is one of ours only where the warning names exactly one of them, and else everywhere.
    """
    told = {one.casefold() for one in warned.areas}
    ours = [one for one in areas if one.casefold() in told]
    since = max(warned.since, now)
    until = warned.until or next_reset(since, day)
    if until <= since:
        raise NotTaken(Why.OVER)
    until = min(until, since + LONGEST)
    area = ours[0] if len(ours) == 1 and len(told) == 1 else ""
    given = (warned.cold, Reason.WARNING, area, since, until, who, now)
    return Draft(*given, Origin.WARNING)
