"""Which site takes these people tonight: it fits, it must be asked, or it does not fit, and why.

Each bed group is judged alone: what one takes and what another takes are never added up.
Unknown is "ask" and is named; "does not fit" gives its reason and is shown, never left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .asked import ALWAYS, PAIRS, WHO, Asked, Word
from .beds import Status
from .clock import Freshness
from .facts import Guest, Known
from .rows import GroupRow, SiteRow
from .takes import Evening, answers

ORDER = {word: place for place, word in enumerate(Word)}
FAR = 1_000_000  # minutes: nobody knows how far it is
OTHERS = frozenset({*WHO, Word.CLOSED})  # a bed group that is for others, or for other nights
ROOMS = frozenset({Guest.COUPLES, Guest.FAMILIES})  # whose beds may be counted as rooms


class Fit(StrEnum):
    """From best to worst; the same word is the ``data-fit`` of a card."""

    FITS = "fits"
    ASK = "ask"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How something fits, and which words are in the way or unknown, in the order of ``Word``."""

    fit: Fit = Fit.FITS
    why: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Bunk:
    """A bed group for these people. ``no`` and ``ask`` are its own, beyond those of its site.

    ``row`` is None for a site without bed groups.
    """

    row: GroupRow | None
    no: tuple[Word, ...]
    ask: tuple[Word, ...]
    verdict: Verdict

    @property
    def available(self) -> int | None:
        """None where nobody can trust the number, or somebody at the door found another."""
        return _trusted(self.row)

    @property
    def rooms(self) -> bool:
        """Whether one bed of its count may be a room for several."""
        return self.row is not None and bool(ROOMS & set(self.row.group.guests))

    @property
    def rank(self) -> int:
        """How far its figure can be trusted: 0 is fresh."""
        return list(Freshness).index(self.row.freshness if self.row else Freshness.NEVER)


@dataclass(frozen=True, slots=True)
class Choice:
    """A site for these people: as good as its best bed group. ``near``: in minutes."""

    row: SiteRow
    no: tuple[Word, ...]
    ask: tuple[Word, ...]
    verdict: Verdict
    bunks: tuple[Bunk, ...]
    near: int = FAR

    @property
    def order(self) -> tuple[object, ...]:
        """Fit, then fresh before ageing, then available, then nearness.

        What is stale is never more than "ask", so it comes after all that fits and can be trusted.
        """
        best, fit = _best(self.bunks), list(Fit).index(self.verdict.fit)
        return fit, best.rank, -(best.available or 0), self.near, self.row.site.name.casefold()


def choices(
    rows: Iterable[SiteRow], asked: Asked, evening: Evening, minutes: Mapping[str, int]
) -> list[Choice]:
    """Every site, the best door first. ``minutes`` are to each area from where they start."""
    found = (choice(row, asked, evening, minutes) for row in rows)
    return sorted(found, key=lambda one: one.order)


def choice(row: SiteRow, asked: Asked, evening: Evening, minutes: Mapping[str, int]) -> Choice:
    """One site."""
    told = [(one, answers(row.site, one, evening)) for one in row.groups or (None,)]
    shared_no, shared_ask = (
        frozenset.intersection(*(_words(answer, known) for _, answer in told))
        for known in (Known.NO, Known.UNKNOWN)
    )
    bunks = tuple(
        Bunk(
            one,
            in_order(_words(answer, Known.NO) - shared_no),
            in_order(_words(answer, Known.UNKNOWN) - shared_ask),
            judge(one, answer, asked),
        )
        for one, answer in told
    )
    near = minutes.get(row.site.place.area, FAR)
    verdict = together(bunks, asked)
    return Choice(row, in_order(shared_no), in_order(shared_ask), verdict, bunks, near)


def judge(row: GroupRow | None, answer: Mapping[Word, Known], asked: Asked) -> Verdict:
    """One bed group: the worst of its answers to what is asked, with every word that says so."""
    wanted = [*asked.words, *ALWAYS]
    no = {word for word in wanted if answer.get(word) is Known.NO}
    ask = {word for word in wanted if answer.get(word) is Known.UNKNOWN}
    if row and row.status is not Status.CLOSED:
        known, word = _beds(row, asked.people)
        (no if known is Known.NO else ask).update(word)
    if no:
        return Verdict(Fit.NO, in_order(no))
    return Verdict(Fit.ASK, in_order(ask)) if ask else Verdict()


def _beds(row: GroupRow, people: int) -> tuple[Known, tuple[Word, ...]]:
    """Whether it has a bed for each of them; a figure that nobody trusts is asked for."""
    free = _trusted(row)
    if free is None:
        return Known.UNKNOWN, (Word.CALL_FIRST,)
    if free >= people:
        return Known.YES, ()
    if not free:
        return Known.NO, (Word.FULL,)
    if ROOMS & set(row.group.guests):
        return Known.UNKNOWN, (Word.ROOM,)
    return Known.NO, (Word.TOO_FEW,)


def _trusted(row: GroupRow | None) -> int | None:
    return row.available if row and not row.disputed_at else None


def together(bunks: Sequence[Bunk], asked: Asked) -> Verdict:
    """A site's verdict: its best bed group's, or to ask whether they would sleep apart."""
    best = _best(bunks)
    short = [one for one in bunks if one.verdict == Verdict(Fit.NO, (Word.TOO_FEW,))]
    beds = sum(one.available or 0 for one in short)
    if best.verdict.fit is Fit.NO and asked.who not in PAIRS and beds >= asked.people:
        return Verdict(Fit.ASK, (Word.APART,))
    return best.verdict


def _best(bunks: Sequence[Bunk]) -> Bunk:
    """The one to name: the best fit, then the one that can be trusted and has the most beds.

    Where none fits it is one that is for these people, and refuses them for the fewest reasons.
    """
    return min(bunks, key=_worth)


def _worth(bunk: Bunk) -> tuple[int, ...]:
    fit, why = bunk.verdict.fit, bunk.verdict.why
    worth = (list(Fit).index(fit), bunk.rank, -(bunk.available or 0))
    if fit is Fit.NO:
        return (worth[0], bool(OTHERS & set(why)), len(why), *worth[1:])
    return worth


def _words(answer: Mapping[Word, Known], known: Known) -> frozenset[Word]:
    return frozenset(word for word, given in answer.items() if given is known)


def in_order(words: Iterable[Word]) -> tuple[Word, ...]:
    return tuple(sorted(words, key=ORDER.__getitem__))
