"""CSV files as coordinators have them: what is taken, what is refused, and on which line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import columns, importing
from dashboard.beds import BedGroup, Place, Site
from dashboard.clock import Limits
from dashboard.facts import Guest, Holding, Kind, Known, Saying, Season, Side, Sobriety, WayIn
from dashboard.importing import Plan

EXAMPLES = Path(__file__).parents[1] / "examples"
SITES = (EXAMPLES / "kamloops_sites.csv").read_bytes()
GROUPS = (EXAMPLES / "kamloops_bed_groups.csv").read_bytes()
HEAD = SITES.splitlines()[0].decode()
GROUP_HEAD = GROUPS.splitlines()[0].decode()


def planned(sites: bytes | str, groups: bytes | str | None = None, *known: Site | BedGroup) -> Plan:
    """The plan for files of these contents, beside what is known already."""
    first, second = (one.encode() if isinstance(one, str) else one for one in (sites, groups or ""))
    return importing.plan(
        importing.site_table("sites.csv", first),
        None if groups is None else importing.group_table("groups.csv", second),
        {one.id: one for one in known if isinstance(one, Site)},
        {f"{one.site}/{one.id}": one for one in known if isinstance(one, BedGroup)},
    )


def said(plan: Plan) -> list[str]:
    return [str(problem) for problem in plan.problems]


def line(**cells: str) -> str:
    """A sites file with one line."""
    told = {"id": "riverbank", "name": "Riverbank", "kind": "emergency"} | cells
    names = list(dict.fromkeys([*HEAD.split(","), *told]))
    quoted = ('"' + told.get(name, "").replace('"', '""') + '"' for name in names)
    return f"{','.join(names)}\n{','.join(quoted)}\n"


def one(**cells: str) -> Site:
    plan = planned(line(**cells))
    assert not plan.problems
    return plan.sites[0]


def test_the_kamloops_files_are_taken_as_they_stand():
    plan = planned(SITES, GROUPS)
    assert not plan.problems
    assert [remark.line for remark in plan.remarks] == [14]  # the notes of the confidential one
    sites = {site.id: site for site in plan.sites}
    groups = {f"{group.site}/{group.id}": group for group in plan.groups}
    assert (len(sites), len(groups)) == (13, 17)
    assert sites["stuart-wood"].who == (Guest.ADULTS, Guest.SENIORS)
    assert sites["youth-shelter"].who == (Guest.YOUTH,)
    assert sites["youth-shelter"].phone == "778-470-0991"
    assert sites["pathways"].who == (Guest.MEN, Guest.WOMEN)
    assert sites["crossroads-inn"].who == ()
    assert sites["crossroads-inn"].way_in is WayIn.REFERRAL
    assert sites["mustard-seed"].sobriety is Sobriety.PARTLY
    assert sites["moira-house"].place.side is Side.NORTH
    assert sites["emerald-centre"].place.notes == "separate men's and women's sides (2018)"
    assert sites["y-womens-shelter"].confidential
    assert sites["y-womens-shelter"].place == Place()
    assert groups["youth-shelter/youth"].capacity is None
    assert groups["stuart-wood/seniors"].season is Season.UNTIL_VERIFIED
    assert [groups[f"pathways/{id_}"].position for id_ in ("men", "women", "pods")] == [0, 1, 2]


@pytest.mark.parametrize(
    "told",
    [
        SITES.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + SITES,
        SITES + b"\n\n,,,,,,,,,,,,\n",
        SITES.rstrip(b"\n"),
    ],
    ids=["windows line ends", "a mark in front", "blank lines", "no last line end"],
)
def test_the_same_file_as_other_programs_write_it_is_the_same(told: bytes):
    assert planned(told).sites == planned(SITES).sites


def test_columns_may_come_in_any_order():
    table = importing.site_table("s", SITES)
    names = sorted(table.columns)
    rows = [[one.cells[name] for name in names] for one in table.lines]
    assert planned(importing.csvfiles.write(names, rows)).sites == planned(SITES).sites


def test_further_attributes_are_further_columns():
    site = one(
        intake_opens="16:30",
        last_check_in="21:00",
        curfew="23:00",
        release="20:30",
        pets="Yes",
        storage="no",
        lower_bunk="unknown",
        asks_call_first="yes",
        fresh_minutes="30",
        stale_minutes="90",
        verified_on="2026-10-01",
        until="2027-03-31",
    )
    assert (site.intake_opens, site.release) == (time(16, 30), time(20, 30))
    assert (site.pets, site.storage, site.couples) == (Known.YES, Known.NO, Known.UNKNOWN)
    assert site.asks_call_first
    assert site.tighter == Limits(timedelta(minutes=30), timedelta(minutes=90))
    assert (site.verified_on, site.until) == (date(2026, 10, 1), date(2027, 3, 31))


def test_a_further_column_that_is_not_there_leaves_what_is_known():
    known = one(pets="yes", side="north", curfew="22:00")
    site = planned(line(phone="250-555-0101"), None, known).sites[0]
    assert (site.pets, site.curfew, site.place.side) == (Known.YES, time(22), Side.NORTH)
    assert site.phone == "250-555-0101"


def test_every_bad_line_is_reported_by_its_number_and_nothing_is_left_to_save():
    sites = SITES.decode().splitlines()
    sites[2] = sites[2].replace("emergency", "palace")
    sites[12] = sites[4]
    sites.append('broken,"Broken\nName",,emergency,,,12,"adults, dragons",,,,,')
    groups = [*GROUPS.decode().splitlines(), "nowhere,beds,Beds,3,adults,all year"]
    groups.append("pathways,more,Beds,ten,adults,all year,surplus")
    groups.append("pathways,few,Beds,-1,adults,sometimes")
    found = said(planned("\n".join(sites), "\n".join(groups)))
    assert [text.partition(":")[0] for text in found] == [
        *("sites.csv, line 3", "sites.csv, line 13"),
        *("sites.csv, line 15",) * 3,
        *("groups.csv, line 19", "groups.csv, line 20"),
        *("groups.csv, line 21",) * 2,
    ]
    assert "'palace', but must be one of: emergency, winter" in found[0]
    assert "'rosethorn' is in line 5 already" in found[1]
    assert "name is 'Broken\\nName'" in found[2]
    assert "phone is '12'" in found[3]
    assert "'dragons' is not one of them" in found[4]
    assert "no site 'nowhere'" in found[5]
    assert "7 cells for 6 columns" in found[6]
    assert "capacity is '-1'" in found[7]


def test_a_line_after_a_quoted_line_break_keeps_its_number():
    text = line(notes="first\nsecond\r\nthird") + "bad id,Name,,emergency,,,,,,,,,\n"
    plan = planned(text)
    assert [problem.line for problem in plan.problems] == [5]
    assert plan.sites[0].place.notes == "first\nsecond\nthird"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "sites.csv: the file is empty"),
        (b"id,name\n\xe9\n", "sites.csv, line 2: this is not UTF-8"),
        (SITES.decode().encode("utf-16"), "sites.csv, line 1: this is not UTF-8"),
        (HEAD.replace(",", ";").encode(), "separated by semicolons"),
        (HEAD.replace("phone", "telephone").encode(), "there is no column 'telephone'"),
        (HEAD.replace("phone", "telephone").encode(), "these columns are missing: phone"),
        (HEAD.replace("phone", "name").encode(), "the column 'name' is there more than once"),
        (HEAD.encode() + b'\na,"b', "line 2: the quotes or commas can't be read"),
        (HEAD.encode() + b'\na,"b"c,d', "line 2: the quotes or commas can't be read"),
        (HEAD.encode() + b"\na," + b"x" * 200_000, "line 2: the quotes or commas can't be read"),
    ],
)
def test_a_file_that_is_no_such_table_says_why(content: bytes, sentence: str):
    plan = planned(content)
    assert sentence in "\n".join(said(plan))
    assert not plan.sites


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("id", "River Bank"),
        ("id", ""),
        ("id", "-"),
        ("id", "x" * 41),
        ("name", ""),
        ("name", "\u200b\u200d"),
        ("name", "x" * 81),
        ("name", "two\nlines"),
        ("name", "nul\x00"),
        ("name", "bell\x07"),
        ("operator", "line\u2028separator"),
        ("address", "x" * 121),
        ("phone", "javascript:alert(1)"),
        ("phone", "ask at the desk"),
        ("sobriety_rule", "a bit"),
        ("walk_in", "no"),
        ("pets", "perhaps"),
        ("curfew", "25:00"),
        ("curfew", "9 pm"),
        ("until", "2026-02-30"),
        ("until", "tomorrow"),
        ("fresh_minutes", "30"),
        ("asks_call_first", "maybe"),
        ("side", "east"),
        ("tells_outreach", "a little"),
        ("says", "any hour; behind the church"),
    ],
)
def test_a_cell_that_cannot_be_used_is_refused_with_what_is_accepted(column: str, cell: str):
    plan = planned(line(**{column: cell}))
    assert len(plan.problems) == 1
    assert plan.problems[0].line == 2
    assert "must be" in plan.problems[0].text
    assert not plan.sites


def test_fresh_minutes_must_be_below_stale_minutes():
    assert "below stale_minutes" in said(planned(line(fresh_minutes="60", stale_minutes="60")))[0]


@pytest.mark.parametrize("column", ["area", "address", "side"])
def test_a_confidential_site_with_a_place_is_a_bad_line_that_does_not_repeat_it(column: str):
    cell = "north" if column == "side" else "9 Hidden Lane"
    plan = planned(line(kind="confidential", **{column: cell}))
    assert said(plan) == [
        f"sites.csv, line 2: a confidential site can't have a place: empty its {column}"
    ]
    assert not plan.sites


def test_notes_of_a_confidential_site_are_left_out_and_it_is_said():
    plan = planned(line(kind="confidential", notes="behind 9 Hidden Lane"))
    assert plan.sites[0].place == Place()
    assert "the notes are left out" in str(plan.remarks[0])
    assert "Hidden" not in "".join([*plan.changes, *map(str, plan.remarks)])


def test_a_site_that_turns_confidential_loses_its_place_and_the_plan_does_not_name_it():
    known = one(address="9 Hidden Lane", area="North Shore")
    plan = planned(line(kind="confidential"), None, known)
    assert plan.sites[0].place == Place()
    assert "Hidden" not in "".join(plan.changes)
    assert "kind 'emergency' → 'confidential'" in plan.changes[0]


def test_a_bed_group_may_belong_to_a_site_that_is_known_already():
    known = one()
    groups = f"{GROUP_HEAD}\nriverbank,mats,Mats,8,adults,all year\n"
    assert planned(HEAD, groups, known).groups[0].capacity == 8


TEXT = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1, max_size=20
).map(lambda text: f"a{text}")
IDS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,8}", fullmatch=True)
GUESTS = st.lists(st.sampled_from(Guest), unique=True).map(tuple)
TIMES = st.none() | st.times().map(lambda at: at.replace(second=0, microsecond=0))
DAYS = st.none() | st.dates(min_value=date(2000, 1, 1))
FACTS = st.sampled_from(Known)
PLACES = st.builds(
    Place,
    area=st.just("") | TEXT | st.sampled_from(["North Shore", "South Shore"]),
    address=st.just("") | TEXT,
    side=st.sampled_from(Side),
    notes=st.just("") | st.just('a\n"b", c') | TEXT,
)


@st.composite
def a_site(draw: st.DrawFn, id_: str) -> Site:
    kind = draw(st.sampled_from(Kind))
    fresh = draw(st.integers(1, 1000))
    return Site(
        id_,
        draw(TEXT),
        operator=draw(st.just("") | TEXT),
        kind=kind,
        phone=draw(st.sampled_from(["", "250-555-0101", "211"])),
        who=draw(GUESTS),
        sobriety=draw(st.sampled_from(Sobriety)),
        way_in=draw(st.sampled_from(WayIn)),
        asks_call_first=draw(st.booleans()),
        tells_outreach=draw(st.booleans()),
        says=draw(st.lists(st.sampled_from(Saying), unique=True).map(tuple)),
        tighter=draw(
            st.sampled_from([None, Limits(timedelta(minutes=fresh), timedelta(minutes=1001))])
        ),
        source=draw(st.just("") | TEXT),
        verified_on=draw(DAYS),
        until=draw(DAYS),
        place=Place() if kind is Kind.CONFIDENTIAL else draw(PLACES),
        **{name: draw(TIMES) for name in ("intake_opens", "last_check_in", "curfew", "release")},
        **{name: draw(FACTS) for name in columns._FACTS},
    )


@st.composite
def communities(draw: st.DrawFn) -> tuple[list[Site], list[BedGroup]]:
    sites = [draw(a_site(id_)) for id_ in draw(st.lists(IDS, max_size=4, unique=True))]
    groups = [
        BedGroup(
            site.id,
            id_,
            draw(TEXT),
            capacity=draw(st.none() | st.integers(0, 9999)),
            guests=draw(GUESTS),
            season=draw(st.sampled_from(Season)),
            label_fr=draw(st.just("") | TEXT),
            holds=draw(st.sampled_from(Holding)),
            walk_in=draw(st.integers(0, 9_999)),
            position=position,
            **{name: draw(FACTS) for name in columns._GROUP_FACTS},
        )
        for site in sites
        for position, id_ in enumerate(draw(st.lists(IDS, max_size=3, unique=True)))
    ]
    return sites, groups


@given(communities())
def test_what_is_exported_imports_as_it_was(community: tuple[list[Site], list[BedGroup]]):
    sites, groups = community
    files = importing.site_file(sites), importing.group_file(groups)
    again = planned(*files, *sites, *groups)
    assert not again.problems
    assert not again.changes
    anew = planned(*files)
    assert [(site, site.place) for site in anew.sites] == [(site, site.place) for site in sites]
    assert sorted(map(repr, anew.groups)) == sorted(map(repr, groups))


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "-x", "+x", "'=1+1", "''-x"])
def test_no_spreadsheet_runs_what_is_exported_and_it_imports_as_it_was(name: str):
    site = Site("rose", name, phone="+1 250 555 0199")
    file = importing.site_file([site])
    assert f"\nrose,'{name}," in file
    assert ",+1 250 555 0199," in file
    assert planned(file.encode()).sites == [site]


def test_two_bed_groups_that_change_places_are_a_change():
    known = planned(SITES, GROUPS)
    turned = GROUPS.decode().splitlines()
    turned[11], turned[12] = turned[12], turned[11]
    plan = planned(SITES, "\n".join(turned), *known.sites, *known.groups)
    assert plan.changes == ["bed group pathways/women: order", "bed group pathways/men: order"]


def test_a_site_that_is_built_wrong_cannot_be_written():
    with pytest.raises(ValueError, match="can't have a place"):
        replace(one(address="9 Hidden Lane"), kind=Kind.CONFIDENTIAL)


def test_the_documents_name_every_column_and_every_word():
    told = (EXAMPLES.parent / "docs" / "files.md").read_text()
    words = (*Kind, *Guest, *Sobriety, *WayIn, *Season, *Side, *Holding, *Saying)
    for name in (*(column.name for column in (*columns.SITE, *columns.GROUP)), *words):
        assert f"`{name}`" in told, f"say in docs/files.md what {name} is"
