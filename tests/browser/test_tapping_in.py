"""An enrolled device in a real browser: a link, a name, a PIN, a lock; and passkeys."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from dashboard.config import Settings
from dashboard.people import Person, Role
from tests.by_hand import bounded
from tests.desks import PIN
from tests.desks import riverbend as people_of_riverbend

from .axe import findings
from .test_desk import DESK, TOO_SMALL, Desks, arrive, saved, type_in

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]
__all__ = ["arrive"]  # the fixture
ALEX = Person("p-alex", "alex", "Alex", Role.DESK, ("riverbank",))
SIZES = (320, 768, 1280)


@pytest.fixture
def desks(settings: Settings) -> Iterator[Desks]:
    with people_of_riverbend(settings) as town:
        town.give_pin("desk_at_riverbank")
        town.hire(ALEX)
        running = Desks(town)
        running.url = running.url.replace("127.0.0.1", "localhost")  # passkeys want a name
        yield running
        running.end()


@pytest.fixture
def place(desks: Desks) -> Desks:
    return desks


@pytest.fixture
def tablet(enter: Enter, desks: Desks) -> Enter:
    """Opens a device's link in a browser of its own, as a tablet does."""

    def go(**options: object) -> Page:
        token = desks.town.store.devices.make(
            "Front desk tablet", "riverbank", "p-cor", desks.town.now
        )
        page = enter(f"/enrol?link={token}", **options)
        page.locator("form .primary").click()
        page.wait_for_url(f"**{DESK}")
        return page

    return go


def tap(page: Page, name: str) -> None:
    button = page.locator("#person details").get_by_role("button", name=name, include_hidden=True)
    if button.count() and not button.is_visible():
        page.locator("#person summary").click()
    page.locator("#person").get_by_role("button", name=name).click()


def at_desk(page: Page, name: str) -> None:
    expect(page.locator("#at-desk")).to_have_text(f"At the desk: {name}")


def test_a_link_a_name_and_six_keys_lead_to_a_saved_count(tablet: Enter, desks: Desks) -> None:
    page = tablet(has_touch=True)
    page.evaluate("window.same = true")
    tap(page, "Sam")
    for digit in PIN:
        page.locator(f".keys [data-key='{digit}']").tap()
    at_desk(page, "Sam")
    expect(page.locator("#pad")).to_be_empty()
    type_in(page, 5)
    saved(page)
    assert page.evaluate("window.same"), "no page was loaded"
    assert desks.town.figure() == 5


KEPT = """async (name) => {
  const pause = () => new Promise((done) => setTimeout(done, 20));
  const find = () => caches.match("/desk/riverbank", { ignoreVary: true });
  const kept = async () => (await find())?.text();
  for (let left = 300; left && !(await kept())?.includes(name); left -= 1) await pause();
  return await kept() ?? "";
}"""


def test_what_the_device_keeps_is_locked_with_the_desk(tablet: Enter, desks: Desks) -> None:
    page = tablet()
    tap(page, "Sam")
    page.fill("#pin", PIN)
    at_desk(page, "Sam")
    assert "At the desk:" in page.evaluate(KEPT, "At the desk:")
    desks.town.later(minutes=15)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#at-desk")).to_have_text("Who are you? Tap your name.")
    assert "At the desk:" not in page.evaluate(KEPT, "Who are you?")


def test_switching_and_locking_load_no_page(tablet: Enter, desks: Desks) -> None:
    page = tablet()
    page.evaluate("window.same = true")
    for name in ("Sam", "Alex"):
        tap(page, name)
        page.fill("#pin", PIN)
        at_desk(page, name)
    tap(page, "Sam")
    at_desk(page, "Sam")
    tap(page, "Lock")
    expect(page.locator("#at-desk")).to_have_text("Who are you? Tap your name.")
    tap(page, "Sam")
    expect(page.locator("#person .hint")).to_have_text(
        "You can count. For the rest, type your PIN."
    )
    tap(page, "End shift")
    tap(page, "Sam")
    expect(page.locator("#pin")).to_be_focused()
    assert page.evaluate("window.same")


def test_a_wrong_pin_says_so_and_the_next_may_be_typed(
    tablet: Enter, desks: Desks, complaints: list[str]
) -> None:
    page = tablet()
    tap(page, "Sam")
    page.fill("#pin", "902744")
    expect(page.locator("#pad-why")).to_have_text("That is not the PIN. Try again.")
    expect(page.locator("#pin")).to_be_focused()
    expect(page.locator("#pin")).to_have_value("")
    page.fill("#pin", PIN)
    at_desk(page, "Sam")
    assert "422" in complaints.pop()


def test_an_idle_desk_locks_and_one_tap_is_enough_for_a_count(
    tablet: Enter, desks: Desks, complaints: list[str]
) -> None:
    page = tablet()
    tap(page, "Sam")
    page.fill("#pin", PIN)
    at_desk(page, "Sam")
    desks.town.later(minutes=15)
    type_in(page, 5)
    expect(page.locator("#person [role=alert]")).to_contain_text("Tap your name first.")
    assert desks.town.figure() is None
    expect(page.locator("#group-women .unsent")).to_contain_text("? → 5, not sent yet")
    tap(page, "Sam")
    at_desk(page, "Sam")
    expect(page.locator("#number-women")).to_have_value("5")
    expect(page.locator("#said")).to_contain_text("Saved 4:27")
    expect(page.locator("#waiting")).to_be_hidden()
    assert desks.town.figure() == 5
    complaints.clear()


def test_a_count_before_anybody_tapped_in_is_of_whoever_taps_next(
    tablet: Enter, desks: Desks, complaints: list[str]
) -> None:
    page = tablet()
    type_in(page, 5)
    expect(page.locator("#person [role=alert]")).to_contain_text("Tap your name first.")
    tap(page, "Sam")
    page.fill("#pin", PIN)
    at_desk(page, "Sam")
    saved(page)
    assert desks.town.figure() == 5
    complaints.clear()


def test_a_revoked_tablet_shows_the_desk_no_more(
    tablet: Enter, desks: Desks, complaints: list[str]
) -> None:
    page = tablet()
    expect(page.locator("#at-desk")).to_be_visible()
    (device,) = desks.town.store.devices.all()
    desks.town.store.devices.revoke(device.id, "p-cor", desks.town.now)
    page.wait_for_url("**/sign-in**")
    complaints.clear()


def test_a_person_who_is_shut_out_is_gone_from_an_open_page(
    tablet: Enter, desks: Desks, complaints: list[str]
) -> None:
    page = tablet()
    tap(page, "Sam")
    page.fill("#pin", PIN)
    at_desk(page, "Sam")
    desks.town.store.people.disable("p-river", "p-cor", desks.town.now)
    expect(page.locator("#at-desk")).to_have_text("Who are you? Tap your name.")
    expect(page.locator("#person")).not_to_contain_text("Sam")
    complaints.clear()


def test_without_script_a_tablet_works_by_plain_forms(tablet: Enter, desks: Desks) -> None:
    page = tablet(java_script_enabled=False)
    page.fill("#number-women", "5")
    page.press("#number-women", "Enter")
    expect(page.locator("#talk-women")).to_contain_text("this was not saved: 5")
    tap(page, "Sam")
    page.fill("#pin", PIN)
    page.press("#pin", "Enter")
    at_desk(page, "Sam")
    assert page.input_value("#number-women") == "5"
    page.press("#number-women", "Enter")
    saved(page)
    assert desks.town.figure() == 5


def authenticator(page: Page) -> None:
    """A phone with a fingerprint, as Chromium plays one."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_signs_in_on_ones_own_phone_and_opens_a_shift_at_the_desk(
    arrive: Enter, desks: Desks, complaints: list[str]
) -> None:
    phone = arrive(path="/account")
    authenticator(phone)
    phone.fill("#passkey-name", "My phone")
    phone.get_by_role("button", name="Add a passkey").click()
    expect(phone.get_by_text("The passkey is added.")).to_be_visible()
    expect(phone.get_by_role("heading", name="My phone")).to_be_visible()

    phone.get_by_role("button", name="Sign out Sam").click()
    phone.goto(desks.url + "/sign-in")
    phone.get_by_role("button", name="Use a passkey").click()
    phone.wait_for_url(f"**{DESK}")
    expect(phone.get_by_role("button", name="Sign out Sam")).to_be_visible()
    (passkey,) = desks.town.store.passkeys.of("p-river")
    assert passkey.used_at

    token = desks.town.store.devices.make("Tablet", "riverbank", "p-cor", desks.town.now)
    phone.goto(f"{desks.url}/enrol?link={token}")
    phone.locator("form .primary").click()
    tap(phone, "Sam")
    phone.locator("#pad").get_by_role("button", name="Use a passkey").click()
    at_desk(phone, "Sam")

    desks.town.store.passkeys.remove("p-river", passkey.id, desks.town.now)
    expect(phone.locator("#at-desk")).to_have_text("Who are you? Tap your name.")
    phone.goto(desks.url + "/sign-in")
    phone.get_by_role("button", name="Use a passkey").click()
    expect(phone.get_by_role("alert")).to_contain_text("That passkey is not known here.")
    assert "422" in complaints.pop()


@pytest.mark.parametrize("language", bounded(["fr", "en"]))
def test_axe_finds_nothing_and_everything_can_be_tapped(
    tablet: Enter, arrive: Enter, desks: Desks, language: str, complaints: list[str]
) -> None:
    page = tablet(locale=language)
    coordinator = arrive("coordinator", "/devices", locale=language)
    phone = arrive(path="/account", locale=language)

    def look(page: Page) -> None:
        for width in SIZES:
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(TOO_SMALL) == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        assert findings(page) == []

    look(page)
    tap(page, "Sam")
    page.fill("#pin", "902744")
    expect(page.locator("#pad-why")).to_be_visible()
    look(page)
    page.fill("#pin", PIN)
    expect(page.locator("#pad")).to_be_empty()
    look(page)
    look(coordinator)
    coordinator.fill("#name", "Front desk tablet")
    coordinator.locator("[name=site]").first.check()
    coordinator.locator("form .primary").click()
    expect(coordinator.locator(".qr")).to_be_visible()
    look(coordinator)
    coordinator.goto(coordinator.locator("#address").input_value())
    look(coordinator)
    look(phone)
    complaints.clear()
