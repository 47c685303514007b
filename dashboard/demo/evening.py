"""What Riverbend's desks declare each evening: the same every day, by the minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from ..beds import Source
from ..clock import Day
from ..declaring import declared
from ..forms import Refused
from ..people import Hand
from ..store import Store
from .afternoon import at
from .cast import PLAYER


@dataclass(frozen=True, slots=True)
class Word:
    """One declaration, at a ``minute`` since Riverbend's midnight. ``fields`` as in a form."""

    minute: int
    place: tuple[str, str]
    topic: str
    fields: dict[str, str]


WORDS = (
    Word(at(15), ("heronfoot-house", ""), "meal", {"time": "19:00"}),
    Word(
        at(15, 5),
        ("heronfoot-house", "men"),
        "out-of-service",
        {"count": "2", "reason": "pests"},
    ),
    Word(at(15, 30), ("ninebark-lodge", ""), "warming-room", {}),
    Word(at(15, 45), ("kettle-lane", ""), "pets-in", {}),
    Word(at(16), ("quillwort-rooms", ""), "knock", {}),
    Word(at(20, 30), ("heronfoot-house", "women"), "surge", {"count": "4", "reason": "demand"}),
    Word(at(21), ("saltlick-mats", ""), "all-night", {}),
)


def declare(store: Store, word: Word, date_: date, day: Day, now: datetime) -> None:
    """Says one of them, once a day; a time that has passed says nothing. Raises StoreDown."""
    key = {"topic": word.topic, "key": f"demo-{date_}-{word.minute}"}
    hand = Hand(PLAYER.id, Source.DESK)
    try:
        said = declared(word.fields | key, word.place, hand, now, day)
    except Refused:  # it is past that hour already
        return
    store.evenings.say(said, now)
