"""Waiting for a bed in a real browser: the page rings, and the phone is told while it is closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, expect

from dashboard.travel import Leg, pair
from tests.by_hand import wait_until
from tests.desks import forms
from tests.pushes import Device, push_service
from tests.test_push import report, running
from tests.values import at

from .test_desk import Desks, arrive, desks, findings, place
from .test_holds import WIDE

__all__ = ["arrive", "desks", "place"]
pytestmark = pytest.mark.browser
Arrive = Callable[..., Page]
RING = "Riverbank House · Women's beds"
# A browser that reaches no push service: it subscribes to the one of the test.
SUBSCRIBED = """(fields) => {
  const { endpoint, ...keys } = fields;
  let known = null;
  const unsubscribe = async () => (known = null);
  const made = { endpoint, options: {}, toJSON: () => ({ endpoint, keys }), unsubscribe };
  PushManager.prototype.subscribe = async () => (known = made);
  PushManager.prototype.getSubscription = async () => known;
}"""
SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
  .map((one) => [one.title, one.body])"""


def wait(page: Page) -> None:
    page.locator("#wait button").first.click()
    expect(page.locator(".good")).to_contain_text("This page rings when a bed comes.")


def test_the_open_page_rings_once_for_each_rise_and_names_the_bed(
    arrive: Arrive, desks: Desks
) -> None:
    report(desks.town, 0)
    page = arrive("outreach", "/outreach")
    title = page.title()
    wait(page)
    ring = page.locator("#ring")
    expect(page.locator("#watches")).to_contain_text("None has a bed yet.")
    expect(ring).to_be_hidden()
    report(desks.town, 2)
    expect(ring).to_contain_text(RING)
    expect(page).to_have_title(f"● {RING}")
    page.reload()
    expect(ring).to_contain_text(RING)
    page.locator("#ring-seen").click()
    expect(ring).to_be_hidden()
    expect(page).to_have_title(title)
    report(desks.town, 3)
    expect(page.locator("#watches .here")).to_contain_text("3 beds open")
    expect(ring).to_be_hidden()
    page.reload()
    expect(page.locator("#watches .here")).to_contain_text("3 beds open")
    expect(ring).to_be_hidden()
    report(desks.town, 0)
    expect(page.locator("#watches .here")).to_have_count(0)
    report(desks.town, 2)
    expect(ring).to_contain_text(RING)
    assert findings(page) == []
    report(desks.town, 0)
    expect(ring).to_be_hidden()  # nobody is sent to a bed that is gone again
    expect(page).to_have_title(title)
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate(WIDE, 320) == []


def test_with_script_the_list_is_that_of_the_page_without_and_all_that_is_sent(
    arrive: Arrive, desks: Desks, complaints: list[str]
) -> None:
    areas = {pair("North Shore", "South Shore"): Leg(40, 12)}
    desks.town.store.areas.save(["North Shore", "South Shore"], areas, "p-cor", desks.town.now)
    report(desks.town, 0)
    desks.town.now = at("20:50")  # the south shore is out of reach from the north
    page = arrive("outreach", "/outreach", service_workers="block")  # it would send the form
    complaints.clear()
    plain = desks.town.as_("outreach")
    sent: list[dict[str, list[str]]] = []
    page.on("request", lambda one: one.method == "POST" and sent.append(parse_qs(one.post_data)))
    page.route("**/outreach/watches", lambda route: route.fulfill(status=204))

    def same(query: str) -> None:
        page.locator("#wait button").first.click()
        plain.open(f"/outreach?{query}")
        listed = set(forms(plain.page, "/outreach/watches")[0]["beds"].split())
        assert set(sent[-1]["beds"][0].split()) == listed != set(), query
        assert sent[-1].keys() == {"csrf_token", "key", "beds", "minutes"}

    same("")
    page.locator("#asked input[value=woman]").check(force=True)
    same("who=woman")
    page.locator("#asked input[value=south]").check(force=True)
    same("who=woman&side=south")
    page.locator("#asked input[name=side][value='']").check(force=True)
    page.locator("#start").select_option("North Shore")
    same("who=woman&start=North+Shore")


def test_a_phone_that_allows_it_is_told_while_the_page_is_closed(
    arrive: Arrive, desks: Desks
) -> None:
    with push_service() as service:
        known = desks.town.app.extensions["settings"]
        desks.town.app.extensions["settings"] = replace(known, push_services=(service.url,))
        device = Device(service)
        report(desks.town, 0)
        page = arrive("outreach", "/outreach", permissions=["notifications"])
        page.add_init_script(f"({SUBSCRIBED})({device.fields})")
        page.reload()
        wait(page)
        told = page.locator("#ring-phone")
        told.click()
        expect(page.locator("#phone-said")).to_contain_text("This phone will be told.")
        expect(told).to_have_attribute("aria-pressed", "true")
        browser = page.context.new_cdp_session(page)
        worker: list[str] = []
        browser.on("ServiceWorker.workerRegistrationUpdated", heard(worker))
        browser.send("ServiceWorker.enable")
        with running(desks.town) as go:
            report(desks.town, 2)
            go()
        expect(page.locator("#ring")).to_be_visible()
        (message,) = service.arrived
        words = device.read(message.body)
        deliver(browser, desks.url, worker[0], str(words).replace("'", '"'))
        told_so = ["What you wait for has come", "Open the page to see it."]
        wait_until(lambda: page.evaluate(SHOWN) == [told_so])
        told.click()
        expect(told).to_have_attribute("aria-pressed", "false")
        assert (
            desks.town.store.connection.client.hlen(desks.town.store.connection.key("phones")) == 0
        )


def heard(worker: list[str]) -> Callable[[dict[str, Any]], None]:
    return lambda told: worker.extend(one["registrationId"] for one in told["registrations"])


def deliver(browser: Any, origin: str, worker: str, data: str) -> None:
    message = {"origin": origin, "registrationId": worker, "data": data}
    browser.send("ServiceWorker.deliverPushMessage", message)
