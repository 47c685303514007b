"""The cast at work: people of Riverbend who sign in to a real store, and what they read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard import create_app, pins
from dashboard.config import Settings
from dashboard.passwords import Passwords
from dashboard.people import Person, Role
from dashboard.store import Store, StoreDown

from .by_hand import wait_until
from .values import GROUPS, NOW, SITES

PASSWORD = "six quiet geese at dawn"
PROOF = Passwords().hash(PASSWORD)
PIN = "583041"
CAST = {
    "desk_at_riverbank": Person("p-river", "sam", "Sam", Role.DESK, ("riverbank",)),
    "desk_at_northside": Person("p-north", "noor", "Noor", Role.DESK, ("northside",)),
    "outreach": Person("p-out", "omar", "Omar", Role.OUTREACH, agency="Street team"),
    "coordinator": Person("p-cor", "cory@example.org", "Cory", Role.COORDINATOR),
    "caller": Person("p-cal", "cal", "Cal", Role.CALLER),
}


@dataclass
class Town:
    """Riverbend on a real store, at an hour that a test sets."""

    app: Flask
    store: Store
    now: datetime = NOW

    def later(self, **more: float) -> None:
        self.now += timedelta(**more)

    def caught_up(self) -> None:
        """Waits until the pages know what the store knows, as they do a moment later.

        What a browser has just said itself its next page must show without this.
        """
        follower = self.app.extensions["follower"]
        if not follower.ready.is_set():
            self.app.test_client().get("/healthz")  # the first request starts it
            follower.ready.wait(60)
        with suppress(StoreDown):
            wait_until(
                lambda: (
                    not follower.connected
                    or self.store.stream.behind(follower.board.version)[0] == 0
                )
            )

    def as_(self, name: str) -> Browser:
        """A browser in which this one of the cast is signed in; "visitor" is nobody."""
        browser = Browser(self)
        if name != "visitor":
            assert browser.sign_in(CAST[name].login).status_code == 303
        return browser

    def give_pin(self, *names: str, pin: str = PIN) -> None:
        """These of the cast can tap in at the devices of their desk."""
        for name in names:
            id_ = CAST[name].id
            self.store.people.set_pin(id_, _pin_hash(pin, id_, self.app.secret_key), self.now)

    def hire(self, person: Person, pin: str = PIN) -> None:
        """One more person of a desk, with a password and a PIN."""
        token = self.store.people.invite(person, "server", self.now)
        hashed = _pin_hash(pin, person.id, self.app.secret_key)
        self.store.people.welcome(token, person, PROOF, self.now, hashed)

    def tablet(self, site: str = "riverbank", name: str = "Front desk tablet") -> Browser:
        """A browser that is the desk of a site, with nobody at it."""
        token = self.store.devices.make(name, site, CAST["coordinator"].id, self.now)
        browser = Browser(self)
        browser.open(f"/enrol?link={token}")
        browser.send("/enrol", {})
        return browser

    def figure(self, group: str = "women", site: str = "riverbank") -> int | None:
        board = self.store.stream.snapshot(self.app.extensions["settings"].day)
        state = board.sites[site].group(group)
        assert state is not None
        return state.figure.open if state.figure else None


@contextmanager
def riverbend(settings: Settings) -> Iterator[Town]:
    """Two sites and one that hides, and everybody of the cast, welcomed."""
    settings = replace(settings, community="riverbend", community_name="Riverbend")
    store = Store(settings.store_url, settings.community)
    store.connection.check()
    store.profiles.save(SITES, GROUPS, "test", NOW)
    town: Town | None = None
    app = create_app(settings, clock=lambda: town.now if town else NOW)
    town = Town(app, store)
    for person in CAST.values():
        token = store.people.invite(person, "server", NOW)
        store.people.welcome(token, person, PROOF, NOW)
    yield town
    app.extensions["follower"].stop()
    store.connection.close()


class Browser:
    """Reads pages and sends their forms as a person would: with what the form holds."""

    def __init__(self, town: Town):
        self.town = town
        self.client: FlaskClient = town.app.test_client()
        self.page = ""

    def tap(self, id_: str, site: str = "riverbank", **more: str) -> TestResponse:
        """Tap a name at a desk's device."""
        self.open(f"/desk/{site}")
        return self.send(f"/desk/{site}/hand", {"person": id_} | more)

    def tap_in(
        self, id_: str, pin: str = PIN, site: str = "riverbank", follow: bool = True
    ) -> TestResponse:
        """Tap a name and type a PIN, whether it is needed or not."""
        self.open(f"/desk/{site}")
        given = {"person": id_, "pin": pin, "csrf_token": self.token(f"/desk/{site}/hand")}
        return self.post(f"/desk/{site}/pin", given, follow)

    def token(self, action: str) -> str:
        return forms(self.page, action)[0]["csrf_token"]

    def open(self, path: str, follow: bool = True, **more: object) -> TestResponse:
        self.town.caught_up()
        answer = self.client.get(path, follow_redirects=follow, **more)  # type: ignore[arg-type]
        self.page = answer.text
        return answer

    def sign_in(self, login: str, password: str = PASSWORD, **more: object) -> TestResponse:
        self.open("/sign-in", **more)
        return self.send("/sign-in", {"login": login, "password": password}, follow=False, **more)

    def send(
        self,
        action: str,
        fields: dict[str, str],
        follow: bool = True,
        which: int = 0,
        **more: object,
    ) -> TestResponse:
        """Fill in a form of the page, found by its action, and send it."""
        given = forms(self.page, action)[which] | fields
        return self.post(action, given, follow, **more)

    def post(
        self, action: str, given: dict[str, str], follow: bool = True, **more: object
    ) -> TestResponse:
        answer = self.client.post(action, data=given, follow_redirects=follow, **more)  # type: ignore[arg-type]
        self.page = answer.text
        return answer

    def form(self, action: str, **wanted: str) -> dict[str, str]:
        """The fields of the first form with this action that holds what is wanted."""
        found = [one for one in forms(self.page, action) if wanted.items() <= one.items()]
        assert found, f"no form {action} with {wanted}"
        return found[0]

    @property
    def words(self) -> str:
        return words(self.page)


@cache
def _pin_hash(pin: str, id_: str, secret: str) -> str:
    return Passwords().hash(pins.sealed(pin, id_, secret))


def send(browser: Browser, action: str, fields: dict[str, str] | None = None) -> TestResponse:
    """A form of this browser's own, with exactly these fields."""
    browser.open("/desk")
    token = browser.form("/sign-out")["csrf_token"]
    return browser.post(action, {"csrf_token": token} | (fields or {}))


def words(html: str) -> str:
    """What a person reads: no tags, every space a plain one."""
    shown = re.sub(r"<template.*?</template>|<head>.*?</head>", " ", html, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", shown)).replace("\xa0", " ").strip()


def forms(html: str, action: str) -> list[dict[str, str]]:
    """The fields of every form with this action, buttons included."""
    found = []
    for tag, body in re.findall(r"(<form[^>]*>)(.*?)</form>", html, re.S):
        if attribute(tag, "action") == action:
            fields = re.findall(r"<(?:input|button)[^>]*\bname=[^>]*>", body)
            found.append({attribute(f, "name"): attribute(f, "value") for f in fields})
    return found


def attribute(tag: str, name: str) -> str:
    given = re.search(rf'\s{name}="([^"]*)"', tag)
    return (
        given[1].replace("&#39;", "'").replace("&#34;", '"').replace("&amp;", "&") if given else ""
    )
