"""Strings that break software in every field that a person can fill in: no 5xx, all escaped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashboard.config import Settings

from .by_hand import SOAK
from .desks import CAST, PASSWORD, PROOF, Browser, Town, riverbend
from .test_naughty import OURS, STRINGS

DESK = "/desk/riverbank"
SOME = STRINGS if SOAK else [*OURS, *STRINGS[len(OURS) :: 60]]
REPORTS = f"{DESK}/groups/women/reports"


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        yield town


def token(browser: Browser) -> dict[str, str]:
    browser.open("/desk")
    return {"csrf_token": browser.form("/sign-out")["csrf_token"]}


def harmless(page: str, text: str) -> bool:
    """Whether what could be markup stands in the page only escaped."""
    return "<" not in text or text.strip() not in page


@pytest.mark.parametrize("by_script", [False, True])
def test_no_string_in_a_report_breaks_the_desk(town: Town, by_script: bool) -> None:
    desk = town.as_("desk_at_riverbank")
    own = token(desk)
    headers = {"HX-Request": "true"} if by_script else {}
    fields = ("kind", "value", "key", "waited", "first_tried", "undoes", "seen.women", "seen.men")
    for text in SOME if by_script else OURS:
        typed = {"kind": "change", "value": text, "key": "naughty-" + text[:80]}
        for action in (REPORTS, f"{DESK}/groups/women/undo", f"{DESK}/reports"):
            for given in (dict.fromkeys(fields, text), typed, {text[:100] or "x": text}):
                answer = desk.post(action, given | own, headers=headers)
                assert answer.status_code in (200, 422), (action, text)
                assert harmless(desk.page, text)
    assert town.figure() is not None, "some of them were numbers"


def test_no_string_in_what_is_declared_breaks_the_evening(town: Town) -> None:
    desk = town.as_("desk_at_riverbank")
    own = token(desk)
    fields = (
        "topic",
        "time",
        "count",
        "reason",
        "until",
        "back",
        "key",
        "seen.knock",
        "seen.surge",
    )
    for text in SOME:
        surge = {"topic": "surge", "key": "naughty-" + text[:80]}
        sent = [("groups/women/evening", surge), ("evening", {})]
        if text in OURS:
            sent += [("evening/end", {"topic": "knock"}), ("evening", {"topic": "meal"})]
        for path, real in sent:
            answer = desk.post(f"{DESK}/{path}", dict.fromkeys(fields, text) | real | own)
            assert answer.status_code in (200, 409, 422), (path, text)
            assert harmless(desk.page, text)
    for text in OURS:
        query = dict.fromkeys((*fields, "again"), text)
        assert desk.open(f"{DESK}/evening", query_string=query).status_code == 200, text
        assert harmless(desk.page, text)


def test_no_string_in_an_address_breaks_the_desk(town: Town) -> None:
    desk = town.as_("coordinator")
    for text in SOME:
        query = dict.fromkeys(("group", "kind", "value", "again", "lang", "next", "link"), text)
        for path in (DESK, "/desk", "/people", "/sign-in", "/welcome", f"{DESK}/figures"):
            again = {"again": "expired"} if path == DESK else {}
            answer = desk.open(path, query_string=query | again)
            assert answer.status_code in (200, 404, 410), (path, text)
            assert harmless(desk.page, text)


def test_no_string_in_what_outreach_asks_for_or_tells_breaks_anything(town: Town) -> None:
    outreach, group = town.as_("outreach"), "/outreach/sites/riverbank/groups/women"
    outreach.open("/outreach")
    own = {"csrf_token": outreach.form("/sign-out")["csrf_token"]}
    acts = [f"{group}/visits", f"{group}/asks", f"{group}/holds", "/outreach/holds/h-1/longer"]
    acts += ["/outreach/watches", "/outreach/watches/w-1/stop", "/outreach/asks/h-1/withdraw"]
    acts += ["/outreach/phone", "/outreach/unmet/a-key-of-mine"]
    fields = ("found", "minutes", "beds", "waited", "first_tried", "endpoint", "p256dh", "auth")
    asked = ("who", "together", "pet", "need", "by", "side", "start")
    real = {"found": "was-full", "minutes": "60", "beds": "riverbank/women"}
    for text in OURS if SOAK else OURS[::6]:
        key = {"key": "naughty-" + text[:80]}
        for given in (dict.fromkeys((*fields, *asked), text), dict.fromkeys(fields, text) | real):
            for action in acts:
                answer = outreach.post(action, given | key | own, follow=False)
                assert answer.status_code in (303, 422), (action, text)
        query = dict.fromkeys((*asked, "lang", "again"), text)
        assert outreach.open("/outreach", query_string=query).status_code == 200, text
        assert harmless(outreach.page, text)


def test_no_string_as_an_area_breaks_its_page_or_the_outreach_page(town: Town) -> None:
    coordinator, outreach = town.as_("coordinator"), town.as_("outreach")
    own = token(coordinator)
    for text in OURS:
        for path in ("/areas", "/areas/minutes"):
            given = {"name": text, "area": text, f"walk.{text}": "5"}
            answer = coordinator.post(path, given | own, follow=False)
            assert answer.status_code in (303, 404, 422), text
    areas = town.store.areas.travel().areas
    assert len(areas) > 20, "many of them are names"
    for path, browser in (("/areas", coordinator), ("/outreach?start=-1", outreach)):
        assert browser.open(path).status_code == 200
        assert all(harmless(browser.page, one) for one in areas)


def test_no_string_lets_anybody_in_or_breaks_the_door(town: Town) -> None:
    visitor = town.as_("visitor")
    visitor.open("/sign-in")
    form = visitor.form("/sign-in")
    for number, text in enumerate(SOME):
        peer = {"environ_overrides": {"REMOTE_ADDR": f"198.51.100.{number // 25}"}}
        for given in ({"login": text, "password": ""}, {"login": "nobody", "next": text}):
            answer = visitor.post("/sign-in", form | given, follow=False, **peer)
            assert answer.status_code in (422, 429), text
            assert harmless(visitor.page, text)
    for text in OURS:
        visitor.client.set_cookie("bedboard", text.encode("utf-8", "ignore").hex()[:50])
        visitor.client.set_cookie("bedboard_device", text.encode().hex()[:50], path="/sign-in")
        assert visitor.open("/sign-in").status_code == 200
        assert visitor.open("/desk").request.path == "/sign-in"


def test_every_string_is_a_password_or_refused_with_a_reason(town: Town) -> None:
    visitor = town.as_("visitor")
    taken = 0
    for text in OURS:
        link = town.store.people.reset_link("p-river", "server", town.now)
        visitor.open(f"/welcome?link={link}")
        answer = visitor.send("/welcome", {"password": text}, follow=False)
        assert answer.status_code in (303, 422), text
        taken += answer.status_code == 303
        if answer.status_code == 303:
            found = town.store.people.find("p-river")
            assert found
            assert town.app.extensions["passwords"].right(text, found.proof), text
    assert taken > 5


def test_every_string_is_a_name_or_refused_and_is_shown_escaped(town: Town) -> None:
    coordinator = town.as_("coordinator")
    own = token(coordinator)
    invited = {"role": "outreach", "sites": "riverbank"}
    for text in SOME:
        given = dict.fromkeys(("name", "login", "agency"), text)
        for role in ({}, {"role": text, "sites": text}):
            answer = coordinator.post("/people", invited | given | role | own)
            assert answer.status_code in (200, 422), text
            assert harmless(coordinator.page, text)
    page = coordinator.open("/people")
    assert page.status_code == 200
    people = town.store.people.all()
    assert len(people) > len(CAST) + 20
    assert not [text for text in SOME if text.startswith("<script") and text in page.text]
    names = {known.person.name for known in people}
    assert {"{{ 7*7 }}{% include '/etc/passwd' %}", "田中さんにあげて下さい"} <= names


def test_a_name_is_in_no_entry_of_the_stream(town: Town) -> None:
    desk = town.as_("desk_at_riverbank")
    desk.open(DESK)
    desk.post(REPORTS, desk.form(REPORTS, kind="change") | {"value": "5"})
    client = town.store.connection.client
    told = repr(client.xrange(town.store.connection.key("events")))
    assert "p-river" in told
    for person in CAST.values():
        assert f"'{person.name}'" not in told
        assert f"'{person.login}'" not in told
        assert f'"{person.login}"' not in told
    assert PASSWORD not in told
    assert PROOF not in told
