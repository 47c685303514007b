"""The coordinator's pages of sites: facts with days and sources, seen before they are saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time

import pytest
from werkzeug.datastructures import MultiDict

from dashboard import edits, planned
from dashboard.beds import Place, Site
from dashboard.columns import GROUP, SITE
from dashboard.config import Settings
from dashboard.editing import GROUP_PARTS, PARTS
from dashboard.facts import Guest, Kind, Season, Side, Sobriety
from dashboard.planned import Planned, Proof

from .desks import Browser, Town, riverbend, send
from .values import NOW, RIVERBANK, WOMEN

EDIT = "/sites/riverbank/edit"
BEDS = "/sites/riverbank/beds/women"


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        yield town


@pytest.fixture
def coordinator(town: Town) -> Browser:
    return town.as_("coordinator")


def site(town: Town, id_: str = "riverbank") -> Site:
    return town.store.profiles.sites()[id_]


def fill(browser: Browser, path: str, **fields: str) -> None:
    """Fill in the form of a page and ask what it would change."""
    browser.open(path)
    browser.post(path, sent(browser, path) | fields)


def sent(browser: Browser, path: str) -> dict[str, str]:
    """What the form would send untouched; of boxes to tick nothing, as if they were not there."""
    boxes = ("all_sure", "go", "who", "for", "says")
    left = {*boxes, *(f"was.{name}" for name in boxes)}
    return {name: text for name, text in browser.form(path).items() if name not in left}


def agree(browser: Browser, path: str) -> None:
    """Save what the preview shows."""
    form = browser.form(path) | {"go": "save"}
    browser.post(path, form)


def change(browser: Browser, path: str, **fields: str) -> None:
    fill(browser, path, **fields)
    agree(browser, path)


def test_every_fact_is_asked_for_by_exactly_one_form() -> None:
    asked = sorted([*edits.IDS[:1], "paused", *sum(PARTS.values(), ())])
    assert asked == sorted(one.name for one in SITE)
    asked = sorted(["site", "group", "paused", *sum(GROUP_PARTS.values(), ())])
    assert asked == sorted(one.name for one in GROUP)


def test_a_change_is_seen_before_it_is_saved_and_then_on_every_page(
    coordinator: Browser, town: Town
) -> None:
    fill(coordinator, f"{EDIT}/name", phone="250-555-0100")
    assert "What changes Riverbank House Nothing is saved yet." in coordinator.words
    assert "Phone Before: 250-555-0142 → After: 250-555-0100" in coordinator.words
    assert site(town).phone == "250-555-0142"
    agree(coordinator, f"{EDIT}/name")
    assert coordinator.words.count("Saved. Every open page shows it.") == 1
    assert "250-555-0100" in coordinator.words
    assert "250-555-0100" in town.as_("visitor").open("/").text


def test_a_fact_carries_who_said_so_and_when_it_was_verified(
    coordinator: Browser, town: Town
) -> None:
    change(coordinator, f"{EDIT}/hours", curfew="22:00", said_by="Noor", sure_on="2026-11-19")
    assert planned.proof_of(site(town), "curfew") == Proof("Noor", date(2026, 11, 19))
    assert planned.proof_of(site(town), "release") == Proof()
    assert "Doors close 10 pm Noor, verified on 2026-11-19" in coordinator.words
    more = {"said_by": "Sam", "sure_on": "2026-11-20", "all_sure": "yes"}
    change(coordinator, f"{EDIT}/hours", **more)
    assert planned.proof_of(site(town), "curfew") == Proof("Sam", date(2026, 11, 20))
    assert planned.proof_of(site(town), "release") == Proof("Sam", date(2026, 11, 20))


def test_a_fact_for_some_days_takes_effect_by_itself_and_can_be_dropped(
    coordinator: Browser, town: Town
) -> None:
    days = {"from_day": "2026-11-21", "until_day": "2026-11-22"}
    fill(coordinator, f"{EDIT}/hours", last_check_in="18:00", **days)
    assert "from 2026-11-21 until 2026-11-22: 9 pm → 6 pm" in coordinator.words
    agree(coordinator, f"{EDIT}/hours")
    assert site(town).last_check_in == time(21)
    visitor = town.as_("visitor")
    assert "Check-in until 9 pm" in visitor.open("/").text.replace("\xa0", " ")
    town.later(hours=24)
    assert "Check-in until 6 pm" in visitor.open("/").text.replace("\xa0", " ")
    coordinator.open(EDIT)
    assert "6 pm for now; otherwise: 9 pm" in coordinator.words
    coordinator.send("/sites/riverbank/plans", {})
    assert "No longer planned from 2026-11-21 until 2026-11-22: 6 pm" in coordinator.words
    agree(coordinator, "/sites/riverbank/plans")
    assert site(town).planned == ()


def test_a_place_can_move_on_a_day_and_the_stream_never_hears_where(
    coordinator: Browser, town: Town
) -> None:
    change(coordinator, f"{EDIT}/place", address="2 Example St", from_day="2026-12-01")
    assert site(town).place.planned == (Planned("address", "2 Example St", date(2026, 12, 1)),)
    assert "Example" not in repr(
        town.store.connection.client.xrange(town.store.connection.key("events"))
    )


@pytest.mark.parametrize(
    ("part", "fields", "why"),
    [
        ("name", {"name": ""}, "Please fill this in."),
        ("name", {"phone": "ask"}, "Please write a phone number, such as 250-555-0199."),
        ("name", {"kind": "confidential"}, "Please choose one of these."),
        (
            "name",
            {"kind": "youth", "from_day": "2026-12-01"},
            "One of these facts can’t be planned.",
        ),
        ("hours", {"curfew": "9 pm"}, "Please write a time, such as 21:30."),
        ("hours", {"curfew": "22:00", "sure_on": "soon"}, "Please choose a day"),
        ("hours", {"curfew": "22:00", "until_day": "2026-11-19"}, "It can’t end before it begins."),
        ("limits", {"fresh_minutes": "60"}, "Please fill in both or none"),
        ("days", {"since": "2026-12-02", "until": "2026-12-01"}, "It can’t end before it begins."),
        ("place", {"notes": "x" * 501}, "That is too long."),
        ("guests", {"who": "cats"}, "Please choose one of these."),
    ],
)
def test_what_cannot_be_saved_is_said_beside_its_field(
    coordinator: Browser, town: Town, part: str, fields: dict[str, str], why: str
) -> None:
    fill(coordinator, f"{EDIT}/{part}", **fields)
    assert why in coordinator.words
    assert (site(town), site(town).place) == (RIVERBANK, RIVERBANK.place)


def test_what_another_saved_meanwhile_stays_and_is_shown(coordinator: Browser, town: Town) -> None:
    coordinator.open(f"{EDIT}/name")
    mine = sent(coordinator, f"{EDIT}/name") | {"phone": "250-555-0100"}
    other = replace(RIVERBANK, name="Riverbank Hall", phone="211")
    town.store.profiles.save([other], [], "p-cor", NOW)
    coordinator.post(f"{EDIT}/name", mine)
    assert "Changed by others while you wrote Cory" in coordinator.words
    assert "Name: you saw “Riverbank House”, it is “Riverbank Hall” now." in coordinator.words
    assert "Phone Before: 211 → After: 250-555-0100" in coordinator.words
    agree(coordinator, f"{EDIT}/name")
    assert (site(town).name, site(town).phone) == ("Riverbank Hall", "250-555-0100")


def test_what_was_left_as_it_was_follows_what_another_saved(
    coordinator: Browser, town: Town
) -> None:
    """Whatever a browser makes of it on its way: line ends, a word for a blank, an order."""
    facts = {"notes": "at the back\nring twice", "side": Side.SOUTH, "area": "South Shore"}
    before = replace(RIVERBANK, place=Place(**facts), who=(Guest.SENIORS, Guest.MEN))  # type: ignore[arg-type]
    town.store.profiles.save([before], [], "x", NOW)
    coordinator.open(f"{EDIT}/place")
    place = sent(coordinator, f"{EDIT}/place") | {"side": "south", "address": "2 Example St"}
    place |= dict.fromkeys(("notes", "was.notes"), "at the back\r\nring twice")
    after = replace(before, place=replace(before.place, notes="", side=Side.NORTH))
    town.store.profiles.save([after], [], "x", NOW)
    coordinator.post(f"{EDIT}/place", place)
    assert coordinator.words.count("→") == 1
    agree(coordinator, f"{EDIT}/place")
    assert site(town).place == replace(after.place, address="2 Example St")
    coordinator.open(f"{EDIT}/guests")
    guests = sent(coordinator, f"{EDIT}/guests") | {"sobriety_rule": "unknown", "walk_in": "yes"}
    guests |= {"was.who": "seniors, men"}
    town.store.profiles.save([replace(site(town), sobriety=Sobriety.NONE)], [], "x", NOW)
    form = [*guests.items(), ("who", "men"), ("who", "seniors")]
    answer = coordinator.client.post(f"{EDIT}/guests", data=MultiDict(form))
    coordinator.page = answer.text
    assert "How to get a bed Before: Not known → After: Walk in" in coordinator.words
    assert coordinator.words.count("→") == 1


def test_long_notes_outlive_a_form_that_was_open_too_long(coordinator: Browser) -> None:
    coordinator.open(f"{EDIT}/place")
    notes = "n" * 480
    given = sent(coordinator, f"{EDIT}/place") | {"notes": notes, "csrf_token": "old"}
    coordinator.post(f"{EDIT}/place", given)
    assert notes in coordinator.page


def test_nothing_is_saved_that_differs_from_what_was_shown(
    coordinator: Browser, town: Town
) -> None:
    fill(coordinator, f"{EDIT}/name", phone="250-555-0100")
    town.store.profiles.save([replace(RIVERBANK, operator="North Co-op")], [], "p-cor", NOW)
    agree(coordinator, f"{EDIT}/name")
    assert "Cory saved something else at 4:12 pm, while you were looking." in coordinator.words
    assert site(town).phone == "250-555-0142"
    agree(coordinator, f"{EDIT}/name")
    assert (site(town).phone, site(town).operator) == ("250-555-0100", "North Co-op")


def test_a_preview_that_is_sent_twice_is_one_entry(coordinator: Browser, town: Town) -> None:
    fill(coordinator, f"{EDIT}/name", phone="250-555-0100")
    form = coordinator.form(f"{EDIT}/name") | {"go": "save"}
    coordinator.post(f"{EDIT}/name", form)
    last = town.store.stream.latest(1)[0].version
    coordinator.post(f"{EDIT}/name", form)
    assert "Saved. Every open page shows it." in coordinator.words
    assert town.store.stream.latest(1)[0].version == last


def test_going_back_from_a_preview_loses_nothing(coordinator: Browser) -> None:
    fill(coordinator, f"{EDIT}/name", phone="250-555-0100")
    form = coordinator.form(f"{EDIT}/name") | {"go": "back"}
    coordinator.post(f"{EDIT}/name", form)
    assert coordinator.form(f"{EDIT}/name")["phone"] == "250-555-0100"


def test_what_was_typed_outlives_a_form_that_was_open_too_long(coordinator: Browser) -> None:
    coordinator.open(f"{EDIT}/hours")
    given = sent(coordinator, f"{EDIT}/hours") | {"curfew": "22:00", "csrf_token": "old"}
    coordinator.post(f"{EDIT}/hours", given)
    assert "Nothing was done yet: please send it again." in coordinator.words
    assert coordinator.form(f"{EDIT}/hours")["curfew"] == "22:00"


def test_a_new_site_is_paused_until_it_is_opened(coordinator: Browser, town: Town) -> None:
    new = {"name": "Annex", "id": "annex", "kind": "youth", "operator": "", "phone": "211"}
    send(coordinator, "/sites", new)
    assert "It is paused: the board says closed." in coordinator.words
    send(
        coordinator,
        "/sites/annex/beds",
        {"label": "Beds", "group": "beds", "capacity": "6", "for": "youth", "when": "all year"},
    )
    assert town.store.profiles.groups()["annex/beds"].guests == (Guest.YOUTH,)
    send(coordinator, "/sites/annex/run", {"run": "open"})
    assert "Paused Before: Yes → After: No" in coordinator.words
    agree(coordinator, "/sites/annex/run")
    assert not site(town, "annex").paused
    send(coordinator, "/sites", new)
    assert "Something has this id already." in coordinator.words


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"run": "pause"}, {"paused": True}),
        (
            {"run": "pause", "from_day": "2026-11-24", "until_day": "2026-11-25"},
            {"planned": (Planned("paused", True, date(2026, 11, 24), date(2026, 11, 25)),)},
        ),
        ({"run": "close"}, {"until": date(2026, 11, 19)}),
        ({"run": "close", "last_day": "2026-12-31"}, {"until": date(2026, 12, 31)}),
    ],
)
def test_a_site_is_paused_and_closed_now_or_on_a_day(
    coordinator: Browser, town: Town, fields: dict[str, str], wanted: dict[str, object]
) -> None:
    send(coordinator, "/sites/riverbank/run", fields)
    agree(coordinator, "/sites/riverbank/run")
    assert site(town) == replace(RIVERBANK, **wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "was",
    [
        {"paused": True},
        {"until": date(2026, 11, 1)},
        {"since": date(2026, 12, 1)},
        {"planned": (Planned("paused", True, date(2026, 11, 19)),)},
    ],
)
def test_whatever_keeps_a_site_closed_opening_ends(
    coordinator: Browser, town: Town, was: dict[str, object]
) -> None:
    town.store.profiles.save([replace(RIVERBANK, **was)], [], "x", NOW)  # type: ignore[arg-type]
    send(coordinator, "/sites/riverbank/run", {"run": "open"})
    agree(coordinator, "/sites/riverbank/run")
    assert planned.runs(planned.as_of(site(town), NOW.date()), NOW.date())
    assert "It runs today." in coordinator.words


def test_a_site_can_open_again_on_a_day(coordinator: Browser, town: Town) -> None:
    town.store.profiles.save([replace(RIVERBANK, until=date(2026, 3, 31))], [], "x", NOW)
    send(coordinator, "/sites/riverbank/run", {"run": "open", "from_day": "2026-12-01"})
    agree(coordinator, "/sites/riverbank/run")
    assert (site(town).since, site(town).until) == (date(2026, 12, 1), None)
    assert "its first day is still to come" in coordinator.words


def test_beds_are_edited_paused_and_moved_up(coordinator: Browser, town: Town) -> None:
    change(coordinator, f"{BEDS}/beds", capacity="9", label="Upstairs")
    group = town.store.profiles.groups()["riverbank/women"]
    assert (group.capacity, group.label, group.season) == (9, "Upstairs", Season.ALL_YEAR)
    send(coordinator, f"{BEDS}/run", {"run": "pause"})
    agree(coordinator, f"{BEDS}/run")
    assert town.store.profiles.groups()["riverbank/women"].paused
    send(coordinator, "/sites/riverbank/beds/men/up")
    assert [one.id for one in town.store.profiles.all().of("riverbank")] == ["men", "women"]


def test_boxes_that_were_ticked_can_all_be_cleared(coordinator: Browser, town: Town) -> None:
    coordinator.open(f"{BEDS}/beds")
    coordinator.post(f"{BEDS}/beds", sent(coordinator, f"{BEDS}/beds") | {"was.for": "women"})
    assert "Who they are for Before: women → After: not given" in coordinator.words
    assert WOMEN.guests


def test_a_confidential_site_has_no_place_to_write_an_address(coordinator: Browser) -> None:
    assert coordinator.open("/sites/haven/edit/place").status_code == 404
    coordinator.open("/sites/haven/edit")
    assert "Where it is" not in coordinator.words
    coordinator.open("/sites/haven/edit/name")
    given = sent(coordinator, "/sites/haven/edit/name")
    coordinator.post("/sites/haven/edit/name", given | {"address": "9 Hidden Lane"})
    assert "Nothing is different yet" in coordinator.words
    assert "kind" not in given


def test_unknown_sites_beds_and_parts_are_not_found(coordinator: Browser) -> None:
    for path in ("/sites/no/edit", f"{EDIT}/no", "/sites/riverbank/beds/no", f"{BEDS}/no"):
        assert coordinator.open(path).status_code == 404, path
        assert send(coordinator, path if path.endswith("/no") else "/sites/no/run").status_code in (
            404,
            405,
        )


def test_the_record_says_which_facts_were_changed_and_by_whom(
    coordinator: Browser, town: Town
) -> None:
    change(coordinator, f"{EDIT}/hours", curfew="22:00", release="20:30")
    change(coordinator, f"{BEDS}/beds", capacity="9")
    change(coordinator, f"{EDIT}/place", address="2 Example St")
    coordinator.open("/record?site=riverbank")
    told = "The facts about the site were changed. Doors close: not given → 10 pm;"
    assert f"{told} Unclaimed beds open again: not given → 8:30 pm" in coordinator.words
    assert "Women's beds: the facts about the beds were changed. Beds in all: 12 → 9" in (
        coordinator.words.replace("&#39;", "'")
    )
    assert "The facts about the site were changed, and its place" in coordinator.words


def test_kind_changes_like_other_facts(coordinator: Browser, town: Town) -> None:
    change(coordinator, f"{EDIT}/name", kind="winter")
    assert site(town).kind is Kind.WINTER
