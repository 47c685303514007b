"""CSV as people's programs write it, with a number for every bad line. Knows no site.

Takes UTF-8 with or without a mark in front, either line ending, columns in any order. A cell that
a spreadsheet would run as a formula has an apostrophe in front, which is taken off again.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

# How what a spreadsheet runs begins, with or without apostrophes. A phone number is none.
RUNS = re.compile(r"'*(?=[=+\-@])(?!\+[0-9][0-9 ().x#-]*$)")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file can't be used. ``line`` is where the bad line starts; 0 is the whole file.

    ``column`` and ``wrong`` say it in codes, where one cell is at fault.
    """

    file: str
    line: int
    text: str
    column: str = ""
    wrong: str = ""

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.text}" if self.line else self.whole

    @property
    def whole(self) -> str:
        return f"{self.file}: {self.text}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line by column. ``number`` counts the file's lines from 1, as an editor shows them."""

    number: int
    cells: dict[str, str]


@dataclass(slots=True)
class Table:
    """The lines of a file that can be read, and what is wrong with the others."""

    name: str
    columns: tuple[str, ...] = ()
    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, line: int, text: str, column: str = "", wrong: str = "") -> None:
        self.problems.append(Problem(self.name, line, text, column, wrong))


def read(name: str, content: bytes, needed: Collection[str], known: Collection[str]) -> Table:
    """The table in ``content``. A file that is no such table has no lines and says why."""
    table = Table(name)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        table.refuse(line, "this is not UTF-8. Save the file as 'CSV UTF-8' and try again")
        return table
    records = list(_records(table, text))
    if not records and not table.problems:
        table.refuse(0, "the file is empty: its first line must name the columns")
    if records and _accept_columns(table, records[0][1], needed, known):
        for number, cells in records[1:]:
            _accept_line(table, number, cells)
    return table


def _records(table: Table, text: str) -> Iterable[tuple[int, list[str]]]:
    """Each record that is not blank, with the number of the line that it starts on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield start, [_bare(cell.replace("\r\n", "\n").strip()) for cell in cells]
            start = reader.line_num + 1
    except csv.Error as error:
        table.refuse(start, f"the quotes or commas can't be read from here on: {error}")


def _accept_columns(
    table: Table, names: Sequence[str], needed: Collection[str], known: Collection[str]
) -> bool:
    columns = tuple(name.casefold() for name in names)
    if len(columns) == 1 and ";" in columns[0]:
        table.refuse(1, "the columns are separated by semicolons; commas are needed")
        return False
    for name in dict.fromkeys(name for name in columns if name not in known):
        table.refuse(1, f"there is no column {name[:60]!r}; the columns are {', '.join(known)}")
    for name in dict.fromkeys(name for name in columns if columns.count(name) > 1):
        table.refuse(1, f"the column {name[:60]!r} is there more than once")
    if missing := [name for name in needed if name not in columns]:
        table.refuse(1, f"these columns are missing: {', '.join(missing)}")
    table.columns = columns
    return not table.problems


def _accept_line(table: Table, number: int, cells: Sequence[str]) -> None:
    if len(cells) == len(table.columns):
        table.lines.append(Line(number, dict(zip(table.columns, cells, strict=True))))
    else:
        table.refuse(number, f"it has {len(cells)} cells for {len(table.columns)} columns")


def write(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A CSV text that ``read`` takes back as it was, and no spreadsheet runs."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_guarded(cell) for cell in row] for row in rows)
    return out.getvalue()


def _guarded(cell: str) -> str:
    return f"'{cell}" if RUNS.match(cell) else cell


def _bare(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and RUNS.match(cell) else cell
