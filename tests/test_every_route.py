"""Every route there is, asked by everybody there is: who gets in is as the one table says.

The routes come from the application itself. Behind the table stands a doorman who answers in place
of every view, so that a whole town can knock at every door and nothing is done by it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from dashboard import rules
from dashboard.config import Settings
from dashboard.people import Person, Role
from dashboard.rules import Who

from .desks import CAST, Browser, Town, riverbend

DESK = "/desk/riverbank"
SOMEWHERE = {"site": "riverbank", "group": "women", "filename": "app.css"}
SOMEWHERE |= {"night": "2026-11-20", "part": "name", "name": "sites", "setting": "daily-reset"}
OTHERWISE = "none-of-these"  # what stands in any other place of an address
IN = 299

PEOPLE = ("desk_at_riverbank", "desk_at_northside", "outreach", "coordinator", "caller")
TABLETS = ("locked", "tapped", "pinned", "of_northside")
STRANGERS = ("visitor", "machine", "disabled", "new_password", "signed_out", "revoked_tablet")
EVERYBODY = (*PEOPLE, *TABLETS, *STRANGERS)

# Who gets in, by rule; before a ":" how somebody is refused. Of all others, people find nothing
# there, and who is nobody (on a browser of their own) is asked to sign in.
COUNTING = "desk_at_riverbank coordinator caller tapped pinned"
FOLLOWS = ("outreach", "coordinator", "caller")  # who hears that something changed anywhere
REACHES: dict[Who, str] = {
    Who.ANYBODY: " ".join(EVERYBODY),
    Who.ASKS_ITSELF: " ".join(EVERYBODY),
    Who.SIGNED_IN: " ".join(PEOPLE),
    Who.AT_WORK: " ".join((*PEOPLE, *TABLETS)),
    Who.OWN_ACCOUNT: " ".join(PEOPLE) + " pinned of_northside pin:tapped pin:locked",
    Who.OWN_PIN: "desk_at_riverbank desk_at_northside pinned of_northside pin:tapped pin:locked",
    Who.COORDINATOR: "coordinator",
    Who.CALLS: "coordinator caller",
    Who.SENDS: "coordinator outreach",
    Who.OUTREACH: "outreach",
    Who.SEES_DESK: f"{COUNTING} locked 404:of_northside",
    Who.COUNTS: f"{COUNTING} tap:locked 404:of_northside",
    Who.DESK: "desk_at_riverbank coordinator caller pinned pin:tapped pin:locked 404:of_northside",
    Who.OWN_COUNTS: "desk_at_riverbank tapped pinned tap:locked 404:of_northside",
    Who.OWN_DESK: "desk_at_riverbank pinned pin:tapped pin:locked 404:of_northside",
    Who.DEVICE: "tapped pinned locked 404:of_northside",
}


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        yield town


class Doorman:
    """Stands behind the table and in front of every view, once he is there."""

    def __init__(self, town: Town):
        self.there = False
        town.app.before_request(self.answer)

    def answer(self) -> tuple[str, int] | None:
        return ("let in", IN) if self.there else None


def routes(town: Town) -> list[tuple[str, str, str]]:
    """The endpoint, method and address of every route."""
    found = list(town.app.url_map.iter_rules())
    return [(one.endpoint, method, address(one)) for one in found for method in methods(one)]


def methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def address(rule: Rule) -> str:
    given = {name: SOMEWHERE.get(name, OTHERWISE) for name in rule.arguments}
    built = rule.build(given, append_unknown=False)
    assert built, f"{rule} takes something else: give it in SOMEWHERE"
    return built[1]


class Knocker:
    """A browser with a token against forged forms of its own: nothing but who asks is wrong."""

    def __init__(self, browser: Browser, page: str, **more: object):
        browser.open(page)
        self.browser, self.more = browser, more
        found = re.search(r'name="csrf_token" value="([^"]+)"', browser.page)
        assert found
        self.token = found[1]

    def knock(self, method: str, path: str) -> TestResponse:
        given = None if method == "GET" else {"csrf_token": self.token}
        client = self.browser.client
        return client.open(path, method=method, data=given, **self.more)  # type: ignore[arg-type]


def somebody(town: Town, name: str) -> Knocker:
    """One of ``EVERYBODY``."""
    if name in PEOPLE:
        return Knocker(town.as_(name), "/account")
    made: dict[str, Callable[[Town], Knocker]] = {
        "visitor": lambda town: Knocker(Browser(town), "/sign-in"),
        "machine": machine,
        "locked": lambda town: Knocker(town.tablet(), DESK),
        "tapped": tapped,
        "pinned": lambda town: pinned(town, "riverbank", "p-river"),
        "of_northside": lambda town: pinned(town, "northside", "p-north"),
        "disabled": disabled,
        "new_password": new_password,
        "signed_out": signed_out,
        "revoked_tablet": revoked_tablet,
    }
    return made[name](town)


def machine(town: Town) -> Knocker:
    token = town.store.tokens.create("city feed", None, "server", town.now)
    headers = {"Authorization": f"Bearer {token}"}
    return Knocker(Browser(town), "/sign-in", headers=headers)


def pinned(town: Town, site: str, person: str) -> Knocker:
    town.give_pin("desk_at_riverbank", "desk_at_northside")
    tablet = town.tablet(site)
    tablet.tap_in(person, site=site)
    return Knocker(tablet, f"/desk/{site}")


def tapped(town: Town) -> Knocker:
    knocker = pinned(town, "riverbank", "p-river")
    town.later(minutes=15)
    knocker.browser.tap("p-river")
    return knocker


def disabled(town: Town) -> Knocker:
    """A second coordinator, shut out while signed in."""
    town.hire(Person("p-two", "two", "Two", Role.COORDINATOR))
    browser = Browser(town)
    browser.sign_in("two")
    knocker = Knocker(browser, "/account")
    town.store.people.disable("p-two", "p-cor", town.now)
    return knocker


def new_password(town: Town) -> Knocker:
    """The coordinator, on a browser where they signed in with the password of before."""
    knocker = Knocker(town.as_("coordinator"), "/account")
    town.store.people.set_password(CAST["coordinator"].id, "another hash", town.now)
    return knocker


def signed_out(town: Town) -> Knocker:
    """With the cookie of before, as somebody has it who copied it."""
    browser = town.as_("coordinator")
    knocker = Knocker(browser, "/account")
    cookie = browser.client.get_cookie("bedboard")
    browser.post("/sign-out", {"csrf_token": knocker.token})
    assert cookie
    browser.client.set_cookie("bedboard", cookie.value)
    return knocker


def revoked_tablet(town: Town) -> Knocker:
    tablet = town.tablet()
    (device,) = town.store.devices.all()
    knocker = Knocker(tablet, DESK)
    town.store.devices.revoke(device.id, "p-cor", town.now)
    return knocker


def told(answer: TestResponse) -> str:
    """What came of it: "in", "404", "sign in", or what a device asks for: "tap" or "pin"."""
    goes = answer.headers.get("Location", "")
    if answer.status_code == IN:
        return "in"
    if answer.status_code == 303 and goes.startswith("/sign-in?"):
        return "sign in"
    lacks = re.search(r"[?&](?:needs|again)=(tap|pin)\b", goes)
    return lacks[1] if answer.status_code == 303 and lacks else str(answer.status_code)


def wanted(rule: Who, name: str) -> str:
    reach = {
        one.rpartition(":")[2]: one.rpartition(":")[0] or "in" for one in REACHES[rule].split()
    }
    return reach.get(name, "404" if name in PEOPLE else "sign in")


def test_every_route_has_a_rule(town: Town) -> None:
    lacking = {endpoint for endpoint, _, _ in routes(town) if rules.of(endpoint) is None}
    assert not lacking, f"say in dashboard/rules.py who may open {sorted(lacking)}"


def test_no_rule_is_left_of_a_route_that_is_gone(town: Town) -> None:
    known = {endpoint for endpoint, _, _ in routes(town)}
    assert rules.ROUTES.keys() <= known
    assert rules.ROOMS.keys() <= {endpoint.rpartition(".")[0] for endpoint in known}


def test_what_anybody_may_open_is_named_route_by_route() -> None:
    assert not {Who.ANYBODY, Who.ASKS_ITSELF} & set(rules.ROOMS.values())


def test_a_route_without_a_rule_is_not_there(town: Town) -> None:
    town.app.add_url_rule("/open", "forgotten", lambda: "secret")
    assert town.as_("visitor").open("/open").status_code == 404
    assert town.as_("coordinator").open("/open").status_code == 404


@pytest.mark.parametrize("name", EVERYBODY)
def test_who_gets_in_where(town: Town, name: str) -> None:
    doorman = Doorman(town)
    knocker = somebody(town, name)
    asks_itself(town, knocker, name)
    doorman.there = True
    wrong = []
    for endpoint, method, path in routes(town):
        rule = rules.of(endpoint)
        assert rule
        came, ought = told(knocker.knock(method, path)), wanted(rule, name)
        if came != ought:
            wrong.append(f"{method} {path} ({rule}): {came}, not {ought}")
    assert not wrong, "\n".join(wrong)


def asks_itself(town: Town, knocker: Knocker, name: str) -> None:
    """Who reaches the routes whose views know best."""
    report = "/api/v1/sites/riverbank/groups/women/reports"
    assert knocker.knock("POST", report).status_code == (400 if name == "machine" else 401)
    live = f"/live?since={town.app.extensions['follower'].board.version}"
    hears = [*COUNTING.split(), "locked"]
    assert (told(knocker.knock("HEAD", f"{live}&desk=riverbank")) == "200") is (name in hears)
    assert (told(knocker.knock("HEAD", f"{live}&desk=*")) == "200") is (name in FOLLOWS)
    assert told(knocker.knock("HEAD", live)) == "200"


def test_a_page_for_anybody_reads_no_session(town: Town) -> None:
    """So it makes no cookie, and goes on while the store is away."""
    visitor = town.as_("visitor")
    for path in ("/", "/sites/riverbank", "/how-we-count", "/api/v1/board", "/healthz"):
        answer = visitor.open(path)
        assert answer.status_code == 200, path
        assert "Set-Cookie" not in answer.headers, path
