"""Nights of a city through the API of a running product: the board ends on each last night."""

from __future__ import annotations

import gzip
import random
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from bench import replay, toronto
from bench.toronto import Nights
from dashboard import importing
from dashboard.csvfiles import write

KINDS = ("Bed Based Capacity", "Room Based Capacity")
FIGURES = ("CAPACITY_ACTUAL_BED", "UNOCCUPIED_BEDS", "CAPACITY_ACTUAL_ROOM", "UNOCCUPIED_ROOMS")
COLUMNS = (
    *("OCCUPANCY_DATE", "ORGANIZATION_NAME", "LOCATION_ID", "LOCATION_NAME", "LOCATION_ADDRESS"),
    *("PROGRAM_ID", "PROGRAM_NAME", "SECTOR", "CAPACITY_TYPE", *FIGURES),
)


def a_city(seed: int, programmes: int = 6, nights: int = 9) -> list[list[str]]:
    """Rows of the city's form: beds or rooms, two programmes that end early, names that repeat."""
    dice = random.Random(seed)
    rows = []
    for number in range(programmes):
        kind = number % 2
        for night in range(nights - 3 if number in (1, 4) else nights):
            figures = ["", "", "", ""]
            figures[2 * kind : 2 * kind + 2] = [str(dice.randrange(1, 90)), str(dice.randrange(9))]
            day = (date(2024, 1, 1) + timedelta(days=night)).isoformat()
            place = ["Org, “Ltd”", str(number // 2), "Twin House" if number else "", "1 Example St"]
            told = [str(100 + number), "Programme (Refugee)", "Mixed Adult", KINDS[kind]]
            rows.append([day, *place, *told, *figures])
    dice.shuffle(rows)
    return rows


@pytest.fixture
def small(tmp_path: Path) -> Nights:
    path = tmp_path / "city.csv.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + write(COLUMNS, a_city(7)).encode()))
    return toronto.read(path)


def test_every_programme_becomes_a_bed_group_that_imports(small: Nights):
    sites = importing.site_table("sites", small.sites.encode())
    groups = importing.group_table("groups", small.groups.encode())
    plan = importing.plan(sites, groups, {}, {})
    assert not plan.problems
    assert (len(plan.sites), len(plan.groups)) == (3, 6)
    assert len(small.nights) == 6 * 9 - 6
    assert {night.night for night in small.last().values()} == {5, 8}


def test_the_comparison_sees_a_single_wrong_figure(small: Nights):
    base = datetime.fromisoformat("2026-11-20T20:00:00+00:00")
    board: replay.Board = {
        id_: {
            "available": night.open,
            "capacity": night.capacity,
            "observed_at": f"2026-11-20T20:{night.night:02}:00.000Z",
            "source": "api",
        }
        for id_, night in small.last().items()
    }
    assert list(replay.compare(small, board, base)) == []
    first, second, third, *_ = board
    board[first]["available"] = None
    board[second]["observed_at"] = "2026-11-20T20:04:00.000Z"
    del board[third]
    assert len(list(replay.compare(small, board, base))) == 3


@pytest.mark.processes
def test_in_any_order_the_board_ends_on_each_last_night(small: Nights):
    in_order = replay.replay(small)
    shuffled = replay.replay(small, random.Random(3))
    assert in_order.differences == shuffled.differences == ()
    assert in_order.board == shuffled.board
    assert in_order.answers == {"saved": len(small.nights)}
    assert shuffled.answers.total() == len(small.nights)
    assert shuffled.answers["late"] > 0


@pytest.mark.processes
@pytest.mark.skipif(not replay.FILE.exists(), reason="the city's file is not beside the project")
def test_ten_programmes_of_toronto_end_on_their_last_nights_in_a_shuffled_order():
    nights = toronto.read(replay.FILE, 10)
    ended = replay.replay(nights, random.Random(85))
    assert ended.differences == ()
    assert len(ended.board) == 10
    assert ended.answers.total() == len(nights.nights) > 800
