"""CSV that a spreadsheet shows and never runs, whatever a cell says and wherever it is split.

A cell that begins like a formula gets an apostrophe in front; so does what would begin a cell if
the file were split at other delimiters than its own. Numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

MARK = "\ufeff"  # by which a spreadsheet knows that this is UTF-8
BATCH = 200  # rows that are sent at once
RUNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"  # the last four are their wide forms
SPLITS = ',;\t|"'
BEGINS = re.compile(rf"((?:^|[{SPLITS}])[\s'{SPLITS}]*)(?=[{RUNS}])")
Cell = str | int | None


class Delimiter(StrEnum):
    """What stands between two cells: each half of the world expects another."""

    COMMA = "comma"
    SEMICOLON = "semicolon"

    @property
    def sign(self) -> str:
        return "," if self is Delimiter.COMMA else ";"


def guarded(cell: Cell) -> str:
    """The cell as no spreadsheet runs it."""
    if cell is None or isinstance(cell, int):
        return "" if cell is None else str(cell)
    plain = "".join(one if one.isprintable() else " " for one in cell)
    return BEGINS.sub(r"\1'", plain)


def stream(rows: Iterable[Sequence[Cell]], delimiter: Delimiter) -> Iterator[str]:
    """The file, some rows at a time."""
    out = io.StringIO(newline="")
    out.write(MARK)
    writer = csv.writer(out, delimiter=delimiter.sign, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for number, row in enumerate(rows, 1):
        writer.writerow([guarded(cell) for cell in row])
        if number % BATCH == 0:
            yield _taken(out)
    yield _taken(out)


def _taken(out: io.StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text
