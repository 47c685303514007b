"""A coordinator alone brings a community to life, and takes a site's place off every page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from dashboard import create_app
from dashboard.config import Settings
from tests.desks import PASSWORD, Town
from tests.desks import riverbend as people_of_riverbend
from tests.test_cli import done, flask
from tests.values import NOW

from .axe import findings
from .test_desk import Arrive, Desks, arrive, type_in

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]
__all__ = ["arrive"]  # the fixture
FILE = """\
id,name,operator,kind,area,address,phone,who,sobriety_rule,walk_in,notes,as_of,source
annex,The Annex,,emergency,North Shore,2 Example St,250-555-0102,adults,,yes,,,
"""
BEDS = "site,group,label,capacity,for,when\nannex,mats,Mats,10,adults,all year\n"


@pytest.fixture
def desks(settings: Settings, request: pytest.FixtureRequest) -> Iterator[Desks]:
    """Riverbend, or asked for as ``empty`` a community that has nothing yet."""
    if getattr(request, "param", "") == "empty":
        app = create_app(replace(settings, community_name="Newtown"), clock=lambda: NOW)
        running = Desks(Town(app, app.extensions["store"]))
        yield running
        running.end()
        app.extensions["follower"].stop()
        return
    with people_of_riverbend(settings) as town:
        running = Desks(town)
        yield running
        running.end()


@pytest.fixture
def place(desks: Desks) -> Desks:
    return desks


def come_in(page: Page) -> None:
    """Set the password that a one-time link asks for."""
    page.fill("#password", PASSWORD)
    page.locator("form .primary").click()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("desks", ["empty"], indirect=True)
def test_a_new_community_goes_from_empty_to_live_by_a_coordinator_alone(
    enter: Enter, desks: Desks
) -> None:
    said = done(flask(desks.town.app, "people", "add", "Cory", "cory"))
    link = said.splitlines()[-1].partition("/welcome")
    page = enter("".join(link[1:]))
    come_in(page)
    expect(page.get_by_role("link", name="Office")).to_be_visible()
    page.goto(f"{desks.url}/sites")
    for name, value in (("name", "Harbour House"), ("id", "harbour"), ("phone", "250-555-0101")):
        page.fill(f"#{name}", value)
    press(page, "Add it")
    for name, value in (("label", "Women's beds"), ("group", "women"), ("capacity", "12")):
        page.fill(f"#{name}", value)
    page.get_by_label("women", exact=True).check()
    press(page, "Add these beds")
    press(page, "Open it")
    expect(page.locator(".changes")).to_contain_text("Paused")
    assert findings(page) == []
    press(page, "Save this")
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    page.goto(f"{desks.url}/sites-files")
    page.fill("#sites-csv", FILE)
    page.fill("#groups-csv", BEDS)
    press(page, "See what changes")
    press(page, "Save all of this")
    expect(page.get_by_role("status")).to_contain_text("Saved: 1 site, 1 bed group.")
    page.goto(f"{desks.url}/people")
    page.fill("#name", "Sam")
    page.fill("#login", "sam")
    page.get_by_role("checkbox", name="Harbour House").check()
    press(page, "Make a link for them")
    welcome = page.input_value("#address")
    public = enter("/")
    expect(public.locator("#site-harbour")).to_contain_text("Call first")
    expect(public.locator("#site-annex")).to_contain_text("The Annex")
    desk = enter("/welcome" + welcome.partition("/welcome")[2])
    come_in(desk)
    type_in(desk, 7)
    expect(public.locator("#site-harbour .figure").first).to_contain_text("7")


def test_every_open_page_lets_go_of_a_site_that_becomes_confidential(
    enter: Enter, arrive: Arrive, desks: Desks
) -> None:
    public = enter("/")
    expect(public.locator("#site-riverbank")).to_contain_text("South Shore")
    office = arrive("coordinator", "/sites/riverbank/hide")
    office.get_by_label("I am sure.").check()
    office.get_by_role("button", name="Make it confidential").click()
    expect(office.get_by_role("status")).to_contain_text("Removed: Area, Address")
    expect(public.locator("#site-riverbank")).to_have_count(0)
    expect(public.locator("body")).not_to_contain_text("South Shore")
    assert "Example St" not in public.content() + office.content()
    assert findings(office) == []
