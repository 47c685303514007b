"""An enrolled device: who may do what there, and how nobody else gets in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from dashboard.clock import horizons
from dashboard.config import Settings
from dashboard.events import Reported
from dashboard.people import Person, Role
from dashboard.store import Passkey

from .by_hand import wait_until
from .desks import CAST, PASSWORD, PIN, PROOF, Browser, Town, riverbend
from .values import DAY, VAN, WOMEN, hold

SAM, NOOR = CAST["desk_at_riverbank"], CAST["desk_at_northside"]
ALEX = Person("p-alex", "alex", "Alex", Role.DESK, ("riverbank",))
DESK = "/desk/riverbank"
REPORTS = f"{DESK}/groups/women/reports"
HX = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        town.give_pin("desk_at_riverbank", "desk_at_northside")
        town.hire(ALEX)
        yield town


@pytest.fixture
def tablet(town: Town) -> Browser:
    return town.tablet()


def count(browser: Browser, value: int, kind: str = "change", **more: object) -> TestResponse:
    """Send a count with what the page holds, whoever is at the desk."""
    browser.open(DESK)
    given = browser.form(REPORTS, kind="change") | {"kind": kind, "value": str(value)}
    return browser.post(REPORTS, given, **more)  # type: ignore[arg-type]


def undo(browser: Browser, **more: object) -> TestResponse:
    """Something that is no count."""
    browser.open(DESK)
    action = f"{DESK}/groups/women/undo"
    return browser.post(action, browser.form(action), **more)  # type: ignore[arg-type]


def last(town: Town) -> Reported:
    return next(one for one in town.store.stream.latest(9) if isinstance(one, Reported))


def test_a_locked_desk_shows_the_counts_and_the_names_of_its_people(
    tablet: Browser, town: Town
) -> None:
    town.as_("desk_at_riverbank")
    tablet.open("/desk")
    assert "Riverbank House · desk Who are you? Tap your name. Alex Sam" in tablet.words
    assert "Noor" not in tablet.words
    assert "Women&#39;s beds" in tablet.page
    assert "Sign out" not in tablet.words


def test_a_name_and_a_pin_open_a_shift_and_a_count_is_theirs(tablet: Browser, town: Town) -> None:
    tablet.tap("p-river")
    assert "PIN of Sam" in tablet.words
    tablet.send(f"{DESK}/pin", {"pin": PIN})
    assert "At the desk: Sam" in tablet.words
    assert "✓ Saved" in (count(tablet, 4).text)
    assert town.figure() == 4
    entry, device = last(town), town.store.devices.all()[0]
    assert (entry.who, entry.device) == ("p-river", device.id)


def test_a_wrong_pin_opens_nothing_and_is_not_shown_again(tablet: Browser) -> None:
    answer = tablet.tap_in("p-river", "902744")
    assert answer.status_code == 422
    assert "That is not the PIN." in tablet.words
    assert "902744" not in tablet.page
    tablet.open(DESK)
    assert "Who are you?" in tablet.words


def test_a_count_while_nobody_is_there_is_kept_and_offered_after_the_tap(
    tablet: Browser, town: Town
) -> None:
    answer = count(tablet, 7)
    assert town.figure() is None
    assert "Tap your name first. Nothing is lost." in tablet.words or "Nobody was" in tablet.words
    assert "this was not saved: 7" in tablet.words
    assert PIN not in answer.request.url
    tablet.send(f"{DESK}/hand", {"person": "p-river"})
    tablet.send(f"{DESK}/pin", {"pin": PIN})
    assert tablet.form(REPORTS, kind="change")["value"] == "7"
    tablet.send(REPORTS, {}, which=1)
    assert town.figure() == 7


def test_a_script_is_told_that_the_desk_is_locked_and_sends_the_same_again(
    tablet: Browser, town: Town
) -> None:
    tablet.open(DESK)
    given = tablet.form(REPORTS, kind="change") | {"value": "7", "key": "one key for both"}
    answer = tablet.post(REPORTS, given, **HX)
    assert answer.status_code == 401
    assert answer.headers["HX-Desk"] == "locked"
    assert answer.headers["HX-Desk-Needs"] == "tap"
    assert "HX-Redirect" not in answer.headers
    assert 'hx-target="#person"' in answer.text
    assert "Tap your name first." in tablet.words
    tablet.tap_in("p-river")
    assert tablet.post(REPORTS, given, **HX).status_code == 200
    assert town.figure() == 7


def test_after_a_quarter_of_an_hour_a_count_needs_a_tap_and_all_else_the_pin(
    tablet: Browser, town: Town
) -> None:
    tablet.tap_in("p-river")
    count(tablet, 4)
    town.later(minutes=14)
    count(tablet, 5)
    assert town.figure() == 5, "who acts is not idle"
    town.later(minutes=15)
    assert count(tablet, 6, **HX).headers["HX-Desk-Needs"] == "tap"
    tablet.tap("p-river")
    assert "At the desk: Sam You can count. For the rest, type your PIN." in tablet.words
    count(tablet, 6)
    assert town.figure() == 6
    assert undo(tablet, **HX).headers["HX-Desk-Needs"] == "pin"
    assert undo(tablet).request.args["again"] == "pin"
    assert town.figure() == 6
    tablet.tap_in("p-river")
    undo(tablet)
    assert town.figure() == 5


def test_looking_keeps_nobody_at_the_desk(tablet: Browser, town: Town) -> None:
    tablet.tap_in("p-river")
    for _ in range(16):
        town.later(minutes=1)
        tablet.open(DESK)
        tablet.open(f"{DESK}/figures", **HX)
    assert "Who are you?" in tablet.words


def test_switching_is_one_tap_on_a_name(tablet: Browser, town: Town) -> None:
    tablet.tap_in("p-river")
    tablet.tap_in("p-alex")
    count(tablet, 4)
    assert last(town).who == "p-alex"
    tablet.tap("p-river")
    assert "At the desk: Sam" in tablet.words
    count(tablet, 5)
    assert last(town).who == "p-river"


def test_locking_leaves_the_shift_and_ending_it_does_not(tablet: Browser, town: Town) -> None:
    tablet.tap_in("p-river")
    tablet.post(f"{DESK}/lock", {"csrf_token": tablet.token(f"{DESK}/hand")})
    assert "Who are you?" in tablet.words
    tablet.tap("p-river")
    assert "You can count." in tablet.words
    tablet.post(f"{DESK}/end-shift", {"csrf_token": tablet.token(f"{DESK}/hand")})
    tablet.tap("p-river")
    assert "PIN of Sam" in tablet.words


def test_a_locked_desk_tells_nobody_which_beds_are_kept(tablet: Browser, town: Town) -> None:
    tablet.tap_in("p-river")
    count(tablet, 4)
    kept = replace(hold("h1", WOMEN, town.now), code="maple river")
    assert town.store.holds.keep(kept, horizons(town.now, DAY), VAN).outcome == "saved"
    follower = town.app.extensions["follower"]
    wait_until(lambda: town.store.stream.behind(follower.board.version)[0] == 0)
    for path in (DESK, f"{DESK}/figures"):
        tablet.open(path)
        assert "maple river" in tablet.words
        assert "counting the 1 kept for someone on the way" in tablet.words
    tablet.open(DESK)
    tablet.post(f"{DESK}/lock", {"csrf_token": tablet.token(f"{DESK}/hand")})
    for path in (DESK, f"{DESK}/figures"):
        tablet.open(path)
        assert "maple river" not in tablet.page
        assert "kept for" not in tablet.words
        assert "How many beds could you give out right now?" in tablet.words


def test_a_shift_ends_by_itself_after_twelve_hours(tablet: Browser, town: Town) -> None:
    tablet.tap_in("p-river")
    town.later(hours=12)
    tablet.tap("p-river")
    assert "PIN of Sam" in tablet.words


@pytest.mark.parametrize("how", ["revoked", "disabled", "new password", "new PIN", "moved"])
def test_who_may_no_more_is_out_at_the_next_tap(tablet: Browser, town: Town, how: str) -> None:
    tablet.tap_in("p-river")
    count(tablet, 4)
    people = town.store.people
    if how == "revoked":
        town.store.devices.revoke(town.store.devices.all()[0].id, "p-cor", town.now)
    elif how == "disabled":
        people.disable("p-river", "p-cor", town.now)
    elif how == "new password":
        people.set_password("p-river", "a hash", town.now)
    elif how == "new PIN":
        people.set_pin("p-river", "a hash", town.now)
    else:
        people.invite(Person("p-river", "sam", "Sam", Role.DESK, ("northside",)), "p-cor", town.now)
    given = {"kind": "change", "value": "5", "key": "any key at all"}
    token = tablet.token(f"{DESK}/hand")
    answer = tablet.post(REPORTS, given | {"csrf_token": token}, **HX)
    assert answer.status_code == 401
    assert town.figure() == 4
    if how == "revoked":
        assert answer.headers["HX-Redirect"].startswith("/sign-in")
        assert tablet.open(DESK).request.path == "/sign-in"
    else:
        assert answer.headers["HX-Desk"] == "locked"


def test_a_pin_works_on_a_device_of_its_own_site_alone(tablet: Browser, town: Town) -> None:
    for id_ in ("p-north", "p-cor", "p-out", "p-nobody", ""):
        assert tablet.tap_in(id_).status_code == 404
    phone = Browser(town)
    phone.open("/sign-in")
    given = {"person": "p-river", "pin": PIN, "csrf_token": phone.token("/sign-in")}
    assert phone.post(f"{DESK}/pin", given, follow=False).status_code == 303
    assert phone.open(DESK).request.path == "/sign-in"
    assert town.as_("desk_at_riverbank").post(f"{DESK}/pin", given).status_code in (303, 404, 200)
    elsewhere = town.tablet("northside")
    assert elsewhere.tap_in("p-river", site="northside").status_code == 404


def test_a_device_reaches_its_own_desk_and_nothing_else(tablet: Browser, town: Town) -> None:
    tablet.tap_in("p-river")
    assert tablet.open("/desk/northside").status_code == 404
    for path in ("/people", "/devices"):
        assert tablet.open(path).request.path == "/sign-in"
    for path in ("/people", "/people/p-north/disable", "/people/p-north/link", "/devices"):
        token = tablet.open(DESK) and tablet.token(f"{DESK}/hand")
        given = {"csrf_token": token, "name": "Robin", "site": "riverbank"}
        assert tablet.post(path, given).request.path == "/sign-in"
    assert tablet.client.post("/api/v1/sites/riverbank/groups/women/reports").status_code == 401
    assert tablet.client.get("/live?since=a:1-0&desk=northside").status_code == 404
    assert len(town.store.devices.all()) == 1


def test_only_the_people_of_the_desk_sign_in_on_its_device(tablet: Browser, town: Town) -> None:
    for name in ("coordinator", "caller", "outreach", "desk_at_northside"):
        assert tablet.sign_in(CAST[name].login).status_code == 403
        assert "This is the desk of Riverbank House" in tablet.words
        assert tablet.open("/people").request.path == "/sign-in"
    assert tablet.sign_in("sam").location == DESK
    tablet.open(DESK)
    assert "At the desk: Sam" in tablet.words
    town.later(minutes=15)
    tablet.open(DESK)
    assert "Who are you?" in tablet.words


def test_who_has_no_pin_yet_signs_in_with_their_password_and_sets_one(
    tablet: Browser, town: Town
) -> None:
    robin = Person("p-robin", "robin", "Robin", Role.DESK, ("riverbank",))
    token = town.store.people.invite(robin, "p-cor", town.now)
    town.store.people.welcome(token, robin, PROOF, town.now)
    tablet.open(DESK)
    assert "Alex Sam Not in the list? Sign in with your password." in tablet.words
    assert tablet.sign_in("robin").location == DESK
    tablet.open("/account")
    tablet.send("/account/pin", {"pin": "902744", "password": PASSWORD})
    tablet.open(DESK)
    tablet.post(f"{DESK}/end-shift", {"csrf_token": tablet.token(f"{DESK}/hand")})
    tablet.tap_in("p-robin", "902744")
    assert "At the desk: Robin" in tablet.words


def test_making_a_browser_a_device_signs_out_who_was_there(town: Town) -> None:
    browser = town.as_("coordinator")
    token = town.store.devices.make("Tablet", "riverbank", "p-cor", town.now)
    browser.open(f"/enrol?link={token}")
    assert "data-forgets" in browser.page, "nor does it keep the pages of another desk"
    browser.open(f"/enrol?link={token}")
    assert "Make this the desk of Riverbank House?" in browser.words
    assert browser.send("/enrol", {}).request.path == DESK
    assert browser.open("/people").request.path == "/sign-in"
    assert Browser(town).open(f"/enrol?link={token}").status_code == 410


def test_no_session_counts_on_a_device_wherever_it_comes_from(tablet: Browser, town: Town) -> None:
    tablet.open(DESK)
    with tablet.client.session_transaction() as session:
        session["token"] = town.store.sessions.begin("p-cor", PROOF)
    assert tablet.open("/people").request.path == "/sign-in"
    tablet.open(DESK)
    assert "Who are you?" in tablet.words


@pytest.mark.parametrize("link", ["", "made.up", "d-none.x"])
def test_a_link_that_never_was_has_ended(town: Town, link: str) -> None:
    browser = town.as_("visitor")
    assert browser.open("/enrol", query_string={"link": link}).status_code == 410
    browser.open("/sign-in")
    given = {"csrf_token": browser.token("/sign-in"), "link": link}
    assert browser.post("/enrol", given).status_code == 410


def test_the_device_cookie_is_for_this_server_alone(town: Town) -> None:
    token = town.store.devices.make("Tablet", "riverbank", "p-cor", town.now)
    browser, secure = Browser(town), {"base_url": "https://board.example"}
    browser.open(f"/enrol?link={token}", **secure)
    answer = browser.send("/enrol", {}, follow=False, **secure)
    (cookie,) = [one for one in answer.headers.getlist("Set-Cookie") if "bedboard_desk" in one]
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Max-Age=34560000" in cookie


def test_guessing_on_a_device_is_slowed_even_with_the_right_pin(
    tablet: Browser, town: Town
) -> None:
    for _ in range(5):
        assert tablet.tap_in("p-river", "902744").status_code == 422
    answer = tablet.tap_in("p-river")
    assert answer.status_code == 429
    assert "Too many tries. Try again in 1 minute." in tablet.words
    assert tablet.tap_in("p-alex").status_code == 200, "only this name waits"
    town.later(seconds=30)
    tablet.tap_in("p-river")
    assert "At the desk: Sam" in tablet.words


def test_many_devices_together_guess_no_faster(town: Town) -> None:
    for number in range(15):
        assert town.store.tries.knock_pin(f"d-{number % 3}", "p-river", town.now) == 0
    one, other = town.tablet(name="One"), town.tablet(name="Other")
    assert [one.tap_in("p-river", "902744").status_code for _ in range(5)] == [422] * 5
    assert other.tap_in("p-river").status_code == 429, "on a device where nobody has tried yet"
    assert town.as_("desk_at_riverbank").open(DESK).status_code == 200, "the password still works"
    town.later(hours=1)
    other.tap_in("p-river")
    assert "At the desk: Sam" in other.words


def test_strangers_lock_nobody_out(tablet: Browser, town: Town) -> None:
    stranger = Browser(town)
    for secret in ("", "d-none.guessed", f"{town.store.devices.all()[0].id}.guessed"):
        stranger.client.set_cookie("bedboard_desk", secret)
        stranger.open("/sign-in")
        given = {"person": "p-river", "pin": "902744", "csrf_token": stranger.token("/sign-in")}
        for _ in range(12):
            assert stranger.post(f"{DESK}/pin", given, follow=False).status_code == 303
    tablet.tap_in("p-river")
    assert "At the desk: Sam" in tablet.words
    assert not town.store.connection.client.keys("*tries*")


def test_no_pin_and_no_secret_of_a_device_is_in_the_store(tablet: Browser, town: Town) -> None:
    tablet.tap_in("p-river")
    cookie = tablet.client.get_cookie("bedboard_desk")
    assert cookie
    client = town.store.connection.client
    kept = " ".join(repr(client.dump(key)) + key for key in client.keys("*"))
    for secret in (PIN, cookie.value.partition(".")[2]):
        assert secret not in kept


def test_a_next_page_elsewhere_is_not_gone_to(tablet: Browser) -> None:
    tablet.open(DESK)
    given = {"person": "p-river", "pin": PIN, "next": "//elsewhere.example"}
    token = tablet.token(f"{DESK}/hand")
    answer = tablet.post(f"{DESK}/pin", given | {"csrf_token": token}, follow=False)
    assert answer.location == DESK


def test_taps_from_elsewhere_do_nothing(tablet: Browser, town: Town) -> None:
    tablet.tap_in("p-river")
    for action in ("hand", "pin", "lock", "end-shift"):
        tablet.client.post(f"{DESK}/{action}", data={"person": "p-alex", "pin": PIN})
    tablet.open(DESK)
    assert "At the desk: Sam" in tablet.words


def test_own_pin_is_set_on_ones_own_phone_and_a_weak_one_says_why(town: Town) -> None:
    phone = town.as_("desk_at_riverbank")
    phone.open("/account")
    for pin, why in (
        ("123456", "That is a row of digits."),
        ("198407", "That could be a date or a year."),
        ("121212", "That repeats itself."),
        ("778899", "Many people have that one."),
        ("12", "A PIN has six digits, and nothing else."),
    ):
        assert phone.send("/account/pin", {"pin": pin}).status_code == 422
        assert why in phone.words
        assert f'value="{pin}"' not in phone.page
    phone.send("/account/pin", {"pin": "902744"})
    assert "Your PIN is set." in phone.words
    tablet = town.tablet()
    assert tablet.tap_in("p-river").status_code == 422
    tablet.tap_in("p-river", "902744")
    assert "At the desk: Sam" in tablet.words


def test_at_the_desk_the_own_pin_is_changed_by_the_old_one(tablet: Browser, town: Town) -> None:
    tablet.tap_in("p-river")
    tablet.open("/account")
    answer = tablet.send("/account/pin", {"old_pin": "480293", "pin": "902744"})
    assert answer.status_code == 422
    assert "That is not the PIN." in tablet.words
    tablet.send("/account/pin", {"old_pin": PIN, "pin": "902744"})
    assert "Your PIN is set." in tablet.words
    tablet.open(DESK)
    assert "At the desk: Sam" in tablet.words, "this shift goes on"
    assert "Add a passkey" not in tablet.words
    town.later(minutes=15)
    assert tablet.open("/account").request.path == DESK
    assert "Type your PIN first." in tablet.words
    tablet.tap_in("p-river", "902744")
    assert tablet.open("/account").request.path == "/account"


def test_the_first_pin_at_the_desk_takes_the_password(tablet: Browser, town: Town) -> None:
    nia = Person("p-nia", "nia", "Nia", Role.DESK, ("riverbank",))
    token = town.store.people.invite(nia, "server", town.now)
    town.store.people.welcome(token, nia, PROOF, town.now)
    tablet.sign_in("nia")
    tablet.open("/account")
    for given in ("", "seven loud geese at dusk", PIN, PIN, PIN):
        answer = tablet.send("/account/pin", {"pin": "902744", "password": given})
        assert answer.status_code == 422
        assert "That is not your password." in tablet.words
    assert tablet.send("/account/pin", {"pin": "902744", "password": PASSWORD}).status_code == 429
    known = town.store.people.find("p-nia")
    assert known
    assert not known.pin
    town.later(minutes=1)
    tablet.send("/account/pin", {"pin": "902744", "password": PASSWORD})
    assert "Your PIN is set." in tablet.words
    assert PASSWORD not in tablet.page


def test_what_somebody_sent_is_nobody_elses_who_tapped_in_meanwhile(
    tablet: Browser, town: Town
) -> None:
    tablet.tap_in("p-river")
    tablet.open(DESK)
    given = tablet.form(REPORTS, kind="change") | {"value": "7", "hand": "p-river"}
    tablet.tap_in("p-alex")
    answer = tablet.post(REPORTS, given, **HX)
    assert (answer.status_code, answer.headers["HX-Desk-Needs"]) == (401, "tap")
    assert town.figure() is None
    tablet.tap("p-river")
    assert tablet.post(REPORTS, given, **HX).status_code == 200
    assert last(town).who == "p-river"


def test_a_page_that_needs_the_pin_is_gone_to_after_it(tablet: Browser, town: Town) -> None:
    tablet.tap_in("p-river")
    town.later(minutes=15)
    tablet.open("/account")
    tablet.send(f"{DESK}/hand", {"person": "p-river"})
    assert "You can count." in tablet.words
    given = {"person": "p-river", "pin": PIN, "next": "/account"}
    token = tablet.token(f"{DESK}/hand")
    assert tablet.post(f"{DESK}/pin", given | {"csrf_token": token}).request.path == "/account"


def test_a_link_sets_a_new_pin_and_leaves_the_password(town: Town) -> None:
    token = town.store.people.reset_link("p-river", "p-cor", town.now)
    browser = Browser(town)
    browser.open(f"/welcome?link={token}")
    assert browser.send("/welcome", {"pin": "123456"}).status_code == 422
    assert "That is a row of digits." in browser.words
    assert browser.send("/welcome", {"pin": "902744"}).request.path == DESK
    assert Browser(town).sign_in("sam", PASSWORD).status_code == 303
    assert Browser(town).open(f"/welcome?link={token}").status_code == 410
    tablet = town.tablet()
    tablet.tap_in("p-river", "902744")
    assert "At the desk: Sam" in tablet.words


def test_who_has_no_password_yet_can_not_leave_it_out(town: Town) -> None:
    token = town.store.people.invite(
        Person("p-new", "robin", "Robin", Role.DESK, ("riverbank",)), "p-cor", town.now
    )
    browser = Browser(town)
    browser.open(f"/welcome?link={token}")
    assert browser.send("/welcome", {"pin": "902744"}).status_code == 422
    given = {"pin": "902744", "password": PASSWORD}
    assert browser.send("/welcome", given).request.path == DESK
    tablet = town.tablet()
    tablet.tap_in("p-new", "902744")
    assert "At the desk: Robin" in tablet.words


def test_people_of_no_desk_have_no_pin(town: Town) -> None:
    browser = town.as_("coordinator")
    browser.open("/account")
    assert "PIN for the desk" not in browser.words
    token = browser.token("/sign-out")
    assert browser.post("/account/pin", {"pin": PIN, "csrf_token": token}).status_code == 404


def test_ones_account_is_for_who_is_signed_in(town: Town) -> None:
    visitor = town.as_("visitor")
    assert visitor.open("/account").request.path == "/sign-in"
    for path in ("/account/pin", "/account/passkeys", "/account/passkeys/remove"):
        assert visitor.post(path, {}).request.path == "/sign-in"


@pytest.mark.parametrize(
    "credential",
    ["", "x", "[]", "{}", '{"id": "a"}', "null", '{"id": "a", "response": {"userHandle": "/"}}',
     '{"id": "aWQ", "response": {"userHandle": "cC1yaXZlcg"}}', "9" * 30_000, "[" * 20_000],
)  # fmt: skip
def test_what_is_no_passkey_signs_nobody_in(town: Town, credential: str) -> None:
    key = Passkey("aWQ", "a2V5", 0, "My phone", town.now)
    town.store.passkeys.add("p-river", key, town.now)
    browser = town.as_("visitor")
    for asked in (False, True):
        browser.open("/sign-in")
        token = browser.token("/sign-in")
        if asked:
            question = browser.post("/sign-in/passkey/question", {"csrf_token": token})
            assert question.json
            assert question.json["userVerification"] == "required"
            assert question.json["rpId"] == "localhost"
        given = {"csrf_token": token, "credential": credential}
        assert browser.post("/sign-in/passkey", given).status_code == 422
        assert "That passkey is not known here." in browser.words
    assert browser.open("/desk").request.path == "/sign-in"


@pytest.mark.parametrize("credential", ["", "x", "{}", "null", "[" * 20_000])
def test_what_is_no_passkey_is_not_added(town: Town, credential: str) -> None:
    phone = town.as_("desk_at_riverbank")
    phone.open("/account")
    token = phone.token("/sign-out")
    assert phone.post("/account/passkeys/question", {"csrf_token": token}).json
    given = {"csrf_token": token, "credential": credential, "name": "My phone"}
    assert phone.post("/account/passkeys", given).status_code == 422
    assert town.store.passkeys.of("p-river") == []


def test_nobody_removes_the_passkey_of_another(town: Town) -> None:
    town.store.passkeys.add("p-north", Passkey("aWQ", "a2V5", 0, "A key", town.now), town.now)
    phone = town.as_("desk_at_riverbank")
    phone.open("/account")
    given = {"csrf_token": phone.token("/sign-out"), "id": "aWQ"}
    assert phone.post("/account/passkeys/remove", given).status_code == 404
    assert len(town.store.passkeys.of("p-north")) == 1


def test_questions_for_passkeys_are_not_put_without_end(town: Town) -> None:
    visitor = town.as_("visitor")
    visitor.open("/sign-in")
    given = {"csrf_token": visitor.token("/sign-in")}
    codes = [visitor.post("/sign-in/passkey/question", given).status_code for _ in range(61)]
    assert codes == [200] * 60 + [429]
    tablet = town.tablet()
    tablet.open("/sign-in")
    given = {"csrf_token": tablet.token("/sign-in")}
    answer = tablet.post("/sign-in/passkey/question", given)
    assert answer.status_code == 200, "a desk shares its address with strangers, not their count"
