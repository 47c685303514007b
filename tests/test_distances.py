"""Areas and minutes from a file: what is taken, what is refused, and the commands that do it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from flask import Flask

from dashboard import create_app, distances
from dashboard.config import Settings
from dashboard.distances import Plan
from dashboard.store import Store
from dashboard.travel import MOST_AREAS, Leg, Travel, pair

from .test_cli import EXAMPLES, done, flask

HEAD = "from,to,walk_minutes,drive_minutes\n"
FILE = f"""{HEAD}North Shore,South Shore,40,12
North Shore,North Shore,15,
Hillside,,,
"""
ACROSS = pair("North Shore", "South Shore")
KNOWN = Travel(("North Shore", "South Shore"), {ACROSS: Leg(35, 12)})


def planned(text: str, known: Travel | None = None) -> Plan:
    return distances.plan(distances.table("areas.csv", text.encode()), known or Travel())


def said(text: str, known: Travel | None = None) -> list[str]:
    return [str(one) for one in planned(text, known).problems]


def test_a_file_brings_areas_and_the_minutes_between_them() -> None:
    made = planned(FILE)
    assert not made.problems
    assert made.areas == ["North Shore", "South Shore", "Hillside"]
    assert made.legs == {ACROSS: Leg(40, 12), ("North Shore", "North Shore"): Leg(15)}


def test_what_is_known_already_is_no_change_however_it_is_written() -> None:
    made = planned(f"{HEAD}south shore,NORTH SHORE,35,12\n", KNOWN)
    assert (made.areas, made.legs, made.changes) == ([], {}, [])
    made = planned(f"{HEAD}South Shore,North Shore,,\n", KNOWN)
    assert made.legs == {ACROSS: Leg()}
    assert made.changes == [
        "between 'North Shore' and 'South Shore': 35 min walk, 12 min drive → not known"
    ]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (",South Shore,1,1", "line 2: from must be there"),
        ("A,B,soon,1", "line 2: walk_minutes is 'soon', but must be a whole number from 0 to 600"),
        ("A,B,1,601", "line 2: drive_minutes is '601', but must be a whole number from 0 to 600"),
        ("A,,5,", "line 2: there are minutes, but not to where"),
        ("A,B,5,\nB,a,6,", "line 3: 'A' and 'B' are in line 2 already, there or back"),
        (f"{'x' * 61},B,5,", "line 2: from must be text of at most 60 characters"),
        ("A,B,5", "line 2: it has 3 cells for 4 columns"),
    ],
)
def test_a_bad_line_is_named_by_its_number(line: str, why: str) -> None:
    (problem,) = said(f"{HEAD}{line}\n")
    assert why in problem


def test_there_are_only_so_many_areas_in_a_town() -> None:
    lines = "".join(f"Area {number},,,\n" for number in range(MOST_AREAS))
    assert said(HEAD + lines) == []
    assert said(f"{HEAD}{lines}One more,,,\n") == [
        "areas.csv: that would be 41 areas; at most 40 are kept"
    ]


@pytest.mark.parametrize("town", ["riverbend", "kamloops"])
def test_the_examples_are_taken_and_name_every_area_that_a_site_is_in(town: str) -> None:
    with (EXAMPLES / f"{town}_sites.csv").open(encoding="utf-8", newline="") as file:
        named = {line["area"] for line in csv.DictReader(file)}
    made = planned((EXAMPLES / f"{town}_areas.csv").read_text(encoding="utf-8"))
    assert not made.problems
    assert named - {""} <= set(made.areas)


@pytest.fixture
def app(settings: Settings) -> Flask:
    return create_app(settings)


def travel(settings: Settings) -> Travel:
    store = Store(settings.store_url, settings.community)
    try:
        return store.areas.travel()
    finally:
        store.connection.close()


def test_the_commands_bring_areas_in_and_write_them_out(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    dry = done(flask(app, "areas", "import", "-", "--dry-run", given=FILE))
    assert dry.splitlines()[-1] == "Would save 3 new areas and 2 times between areas."
    assert travel(settings) == Travel()
    first = done(flask(app, "areas", "import", "-", given=FILE))
    assert "new area 'Hillside'" in first
    assert first.splitlines()[-1] == "Saved 3 new areas and 2 times between areas."
    before = travel(settings)
    assert before.areas == ("Hillside", "North Shore", "South Shore")
    out = tmp_path / "areas.csv"
    done(flask(app, "areas", "export", out))
    again = done(flask(app, "areas", "import", out))
    assert again.splitlines()[-1] == "There is nothing to change."
    assert travel(settings) == before


def test_one_bad_line_of_areas_keeps_every_good_one_out(app: Flask, settings: Settings) -> None:
    result = flask(app, "areas", "import", "-", given=f"{FILE}Hillside,North Shore,-1,\n")
    assert result.exit_code == 1
    assert "<stdin>, line 5: walk_minutes is '-1'" in result.output
    assert "1 problem, so nothing was changed." in result.output
    assert travel(settings) == Travel()
