"""A CSV file that no spreadsheet runs: however it splits the lines, no cell begins a formula."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.sheets import MARK, Delimiter, guarded, stream

from .by_hand import SOAK

CELLS = st.text("=+-@＝＋－＠,;\t|\"' a1\n\r\u00a0", max_size=12)
FORMULA = re.compile(r"[\s\"']*[=+\-@＝＋－＠]")


def split(text: str, delimiter: str, quoting: int) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting))


@given(st.lists(CELLS, min_size=1, max_size=3), st.sampled_from(list(Delimiter)))
@example(["x", "a;=cmd()"], Delimiter.COMMA)
@example(['"', ",=1"], Delimiter.SEMICOLON)
@settings(max_examples=3000 if SOAK else 150)
def test_no_cell_begins_a_formula_however_the_file_is_split(
    cells: list[str], delimiter: Delimiter
) -> None:
    text = "".join(stream([cells], delimiter)).removeprefix(MARK)
    for sign in ",;\t|":
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            for row in split(text, sign, quoting):
                for cell in row:
                    assert not re.match("[=+\\-@＝＋－＠]", cell.strip(" \u00a0\"'")) or (
                        "'" in FORMULA.match(cell)[0]  # type: ignore[index]
                    ), (sign, quoting, row)


@pytest.mark.parametrize("delimiter", list(Delimiter))
def test_what_is_no_formula_stays_as_it_is(delimiter: Delimiter) -> None:
    row = ["2026-11-20T16:12:00-08:00", "Women's beds", -2, None, "a=b", "Trois-Rivières"]
    text = "".join(stream([row, row], delimiter))
    assert text.startswith(MARK)
    found = split(text.removeprefix(MARK), delimiter.sign, csv.QUOTE_MINIMAL)
    assert found == [["2026-11-20T16:12:00-08:00", "Women's beds", "-2", "", "a=b", row[5]]] * 2


def test_a_cell_that_would_run_has_an_apostrophe_in_front() -> None:
    assert guarded("=HYPERLINK(0)") == "'=HYPERLINK(0)"
    assert guarded("\t@SUM(1)") == " '@SUM(1)"
    assert guarded("a;=1+1") == "a;'=1+1"


def test_a_long_file_comes_in_parts() -> None:
    parts = list(stream(([number] for number in range(1000)), Delimiter.COMMA))
    assert len(parts) > 4
    assert "".join(parts).count("\r\n") == 1000
