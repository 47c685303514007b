"""The results as Markdown: tables by part, each part replaced by its newest run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table with the sentence that says how to read it."""

    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""

    def __str__(self) -> str:
        lines = [f"{self.note}\n"] if self.note else []
        lines += [_line(self.head), _line(["---"] * len(self.head))]
        lines += [_line([shown(cell) for cell in row]) for row in self.rows]
        return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def shown(cell: Cell) -> str:
    """A number with three digits that count; nothing where there is none."""
    match cell:
        case None:
            return "–"
        case float() if abs(cell) < 100:
            return f"{cell:.3g}"
        case float() | int():
            return f"{cell:,.0f}"
        case _:
            return cell


def middle(values: Sequence[float]) -> float | None:
    """The median; None of nothing."""
    return median(values) if values else None


def ratio(one: float | None, other: float | None) -> float | None:
    return one / other if one is not None and other else None


def merged(path: Path, head: str, parts: dict[str, str]) -> str:
    """The text of ``path`` with these parts in place of the older ones of the same title."""
    text = path.read_text() if path.exists() else ""
    kept = dict(re.findall(r"^## (.+)\n\n((?:(?!^## ).*\n)*)", text, re.MULTILINE))
    kept |= parts
    return head + "".join(f"\n## {title}\n\n{body.strip()}\n" for title, body in kept.items())
