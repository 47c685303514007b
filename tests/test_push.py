"""A phone is told once for each rise, by real messages that only it can read; nobody else is."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dashboard.clock import horizons
from dashboard.config import PUSH_SERVICES, BadSettings, Settings
from dashboard.embedded import Server
from dashboard.follower import Follower
from dashboard.push import keys, services
from dashboard.push.post import Post, contact
from dashboard.push.rounds import Rounds
from dashboard.visits import Found, Visit

from .by_hand import bounded, wait_until
from .desks import Browser, Town, riverbend
from .pushes import Device, PushService, claims, push_service
from .test_outreach import report as say
from .test_watches import HERE, PAGE, stops, wait
from .values import DAY, VAN, at

PHONE = "/outreach/phone"
Go = Callable[[], None]


@pytest.fixture
def service() -> Iterator[PushService]:
    with push_service() as service:
        yield service


@pytest.fixture
def town(settings: Settings, service: PushService) -> Iterator[Town]:
    settings = replace(
        settings, push_services=(service.url,), public_url="https://beds.example.org"
    )
    with riverbend(settings) as town:
        report(town, 0)
        yield town


@pytest.fixture
def device(service: PushService) -> Device:
    return Device(service)


@pytest.fixture
def omar(town: Town, device: Device) -> Browser:
    """He waits for women's beds, and his phone will be told."""
    browser = town.as_("outreach")
    wait(browser, 180, "?who=woman&side=south")
    give(browser, device)
    return browser


def report(town: Town, open_: int) -> None:
    """Each a moment after the one before."""
    town.later(seconds=1)
    say(town, open_)


def give(browser: Browser, device: Device, code: int = 204, **more: str) -> None:
    browser.open(PAGE)
    assert browser.send(PHONE, device.fields | more).status_code == code


@pytest.fixture
def go(town: Town) -> Iterator[Go]:
    """One round of a push process that runs all the time."""
    with running(town) as go:
        yield go


class running:
    """A push process begins, and goes a round at each call; what it sends has arrived then."""

    def __init__(self, town: Town):
        self.town, settings = town, town.app.extensions["settings"]
        self.follower = Follower(town.store, DAY, lambda: town.now)
        post = Post(keys.private(settings), contact(settings.public_url), settings.push_services)
        self.rounds = Rounds(town.store, self.follower, post, lambda: town.now)

    def __enter__(self) -> Go:
        self.follower.start()
        wait_until(lambda: self.follower.connected)
        return self.go

    def go(self) -> None:
        wait_until(lambda: self.town.store.stream.behind(self.follower.board.version)[0] == 0)
        self.rounds.go()
        wait_until(lambda: not self.rounds.busy)

    def __exit__(self, *_: object) -> None:
        self.rounds.stop()
        self.follower.stop()


def test_a_phone_is_told_once_for_each_rise_and_not_for_each_report(
    town: Town, omar: Browser, go: Go, service: PushService
) -> None:
    go()
    assert service.arrived == []
    for open_ in (2, 3, 1):
        report(town, open_)
        go()
    assert len(service.arrived) == 1
    report(town, 0)
    go()
    assert len(service.arrived) == 1
    report(town, 1)
    go()
    go()
    assert len(service.arrived) == 2


def test_what_falls_is_told_to_nobody_though_another_bed_stays(
    town: Town, omar: Browser, go: Go, service: PushService
) -> None:
    wait(omar, 180, "?side=south")
    report(town, 2)
    town.later(seconds=1)
    say(town, 1, group="men")
    go()
    before = len(service.arrived)
    report(town, 0)
    go()
    assert len(service.arrived) == before == 2, "one for each of his watches"


def test_only_the_phone_can_read_it_and_it_says_neither_who_nor_where(
    town: Town, omar: Browser, go: Go, service: PushService, device: Device
) -> None:
    report(town, 2)
    go()
    (one,) = service.arrived
    assert device.read(one.body) == {"lang": "en"}
    assert one.headers["content-encoding"] == "aes128gcm"
    assert (one.headers["ttl"], one.headers["urgency"]) == ("600", "high")
    told = claims(one.headers["authorization"], keys.public(town.app.extensions["settings"]))
    assert (told["aud"], told["sub"]) == (service.url, "https://beds.example.org")
    with pytest.raises(Exception, match=r"^$"):  # InvalidTag has no words
        Device(service).read(one.body)


def test_the_words_that_a_phone_shows_name_no_site_no_bed_and_no_need(
    town: Town, omar: Browser
) -> None:
    answer = omar.open("/outreach-push.js")
    first = answer.text.partition("\n")[0]
    words = json.loads(re.fullmatch(r"const PUSH_WORDS = (.*);", first)[1])  # type: ignore[index]
    assert words["en"] == {
        "title": "What you wait for has come",
        "body": "Open the page to see it.",
    }
    assert words["fr"].keys() == words["en"].keys()
    assert words["fr"] != words["en"]
    assert answer.headers["Service-Worker-Allowed"] == "/outreach"


def test_the_language_of_whoever_gave_the_phone_is_all_that_is_sent(
    town: Town, go: Go, service: PushService, device: Device
) -> None:
    browser = town.as_("outreach")
    wait(browser, query="?who=woman&side=south")
    browser.open(PAGE + "?lang=fr")
    assert browser.send(f"{PHONE}?lang=fr", device.fields).status_code == 204
    report(town, 2)
    go()
    assert device.read(service.arrived[0].body) == {"lang": "fr"}


def test_a_hold_that_ends_by_the_clock_is_told_without_any_report(
    town: Town, omar: Browser, go: Go, service: PushService
) -> None:
    omar.open(PAGE)
    report(town, 1)
    go()
    assert len(service.arrived) == 1
    omar.open(PAGE)
    keep = "/outreach/sites/riverbank/groups/women/holds"
    omar.post(keep, omar.form(keep) | {"minutes": "20"})
    go()
    town.later(minutes=59)
    report(town, 1)  # fresh, and still kept
    go()
    assert len(service.arrived) == 1
    town.later(minutes=31)
    go()
    assert len(service.arrived) == 2


def test_a_new_process_tells_no_rise_again_and_none_is_lost_while_there_is_none(
    town: Town, omar: Browser, service: PushService
) -> None:
    with running(town) as go:
        report(town, 2)
        go()
    assert len(service.arrived) == 1
    with running(town) as go:
        go()
    assert len(service.arrived) == 1
    report(town, 0)
    with running(town) as go:
        go()
    report(town, 1)  # while nobody follows
    with running(town) as go:
        go()
        go()
    assert len(service.arrived) == 2


def test_of_two_processes_one_tells(town: Town, omar: Browser, service: PushService) -> None:
    with running(town) as one, running(town) as other, ThreadPoolExecutor(2) as both:
        for open_ in (2, 0, 1, 0, 3):
            report(town, open_)
            list(both.map(lambda go: go(), (one, other)))
    assert len(service.arrived) == 3


def test_what_the_network_refuses_is_sent_when_it_is_back_if_it_can_still_be_of_use(
    town: Town, omar: Browser, go: Go, service: PushService
) -> None:
    service.codes = [503, 429]
    report(town, 2)
    go()
    assert len(service.arrived) == 1
    go()
    assert len(service.arrived) == 1, "not before it is time"
    town.later(seconds=3)
    go()
    town.later(seconds=5)
    go()
    go()
    assert len(service.arrived) == 3
    service.codes = [503]
    report(town, 0)
    go()
    report(town, 1)
    go()
    assert len(service.arrived) == 4
    town.later(minutes=16)
    go()
    assert len(service.arrived) == 4, "by then somebody else has the bed"


def test_a_service_that_cannot_be_reached_is_tried_again(
    town: Town, omar: Browser, service: PushService, device: Device, settings: Settings
) -> None:
    with push_service() as gone:
        nowhere = gone.url
    town.app.extensions["settings"] = replace(
        town.app.extensions["settings"], push_services=(nowhere,)
    )
    device.endpoint = device.endpoint.replace(service.url, nowhere)
    give(omar, device)
    with running(town) as go:
        report(town, 2)
        go()
        with push_service(urlsplit(nowhere).port or 0) as back:
            town.later(seconds=3)
            go()
            go()
    assert len(back.arrived) == 1


def test_a_service_that_says_to_wait_is_left_alone_for_so_long(
    town: Town, omar: Browser, go: Go, service: PushService
) -> None:
    service.codes, service.answer_headers = [429], {"Retry-After": "120"}
    report(town, 2)
    go()
    town.later(seconds=119)
    go()
    assert len(service.arrived) == 1
    town.later(seconds=2)
    go()
    assert len(service.arrived) == 2


def test_what_may_have_arrived_is_not_sent_again(
    town: Town, omar: Browser, go: Go, service: PushService
) -> None:
    service.silent = True
    report(town, 2)
    go()
    service.silent = False
    town.later(seconds=70)
    go()
    assert len(service.arrived) == 1


def test_a_bed_that_somebody_disputes_is_not_told_until_its_desk_says_a_number(
    town: Town, omar: Browser, go: Go, service: PushService
) -> None:
    report(town, 2)
    town.later(minutes=20)
    visit = Visit("riverbank", "women", "van", Found.WAS_FULL, town.now, True, "at-the-door")
    assert town.store.visits.tell(visit, horizons(town.now, DAY), VAN, town.now).kept
    go()
    assert service.arrived == [], "the figure is disputed"
    report(town, 1)
    go()
    assert len(service.arrived) == 1


def test_a_bed_that_is_gone_again_is_not_told(
    town: Town, omar: Browser, go: Go, service: PushService
) -> None:
    service.codes = [503]
    report(town, 2)
    go()
    report(town, 0)
    town.later(seconds=3)
    go()
    assert len(service.arrived) == 1


@pytest.mark.parametrize("code", bounded([410, 404]))
def test_a_phone_that_has_ended_its_subscription_is_forgotten(
    town: Town, omar: Browser, go: Go, service: PushService, code: int
) -> None:
    service.codes = [code]
    report(town, 2)
    go()
    assert phones(town) == 0
    report(town, 0)
    go()
    report(town, 2)
    go()
    assert len(service.arrived) == 1


def test_no_message_follows_a_service_elsewhere(
    town: Town, omar: Browser, go: Go, service: PushService
) -> None:
    with push_service() as inner:
        service.codes, service.answer_headers = [307], {"Location": f"{inner.url}/"}
        report(town, 2)
        go()
    assert (len(service.arrived), len(inner.arrived)) == (1, 0)


def phones(town: Town) -> int:
    return int(town.store.connection.client.hlen(town.store.connection.key("phones")))


def shut_out(town: Town, omar: Browser) -> None:
    town.store.people.disable("p-out", "p-cor", town.now)


def new_password(town: Town, omar: Browser) -> None:
    town.store.people.set_password("p-out", "another-hash", town.now)


def sign_out(town: Town, omar: Browser) -> None:
    omar.open(PAGE)
    omar.send("/sign-out", {})


def stop(town: Town, omar: Browser) -> None:
    omar.open(PAGE)
    omar.send(stops(omar)[0], {})


def silence(town: Town, omar: Browser) -> None:
    omar.open(PAGE)
    token = omar.form(PHONE)["csrf_token"]
    assert omar.post("/outreach/phone/forget", {"csrf_token": token}).status_code == 204


@pytest.mark.parametrize("end", [shut_out, new_password, sign_out, stop, silence])
def test_nobody_is_told_any_more(
    town: Town,
    omar: Browser,
    go: Go,
    service: PushService,
    end: Callable[[Town, Browser], None],
) -> None:
    end(town, omar)
    assert phones(town) == (end in (shut_out, new_password)), "what the person does is done at once"
    report(town, 2)
    go()
    assert service.arrived == []
    assert phones(town) == 0


def test_a_phone_is_kept_only_while_its_person_waits(
    town: Town, device: Device, omar: Browser
) -> None:
    left = town.store.connection.client.pttl(town.store.connection.key("phones"))
    assert 0 < left <= 3 * 3600 * 1000
    stop(town, omar)
    give(omar, device, 409)
    assert phones(town) == 0


def test_a_phone_goes_with_the_end_of_its_watch_and_of_its_session_though_nothing_rises(
    town: Town, omar: Browser, go: Go, device: Device
) -> None:
    town.later(hours=3)
    go()
    assert phones(town) == 0
    wait(omar)
    give(omar, device)
    town.later(minutes=1)
    go()
    assert phones(town) == 1
    shut_out(town, omar)
    town.later(minutes=1)
    go()
    assert phones(town) == 0


def test_one_browser_is_told_once_whoever_was_signed_in_on_it(
    town: Town, omar: Browser, go: Go, service: PushService, device: Device
) -> None:
    again = town.as_("outreach")
    give(again, device)
    assert phones(town) == 1
    report(town, 2)
    go()
    assert len(service.arrived) == 1


def on_disk(server: Server) -> bytes:
    files = (server.folder / "appendonlydir").glob("*.aof")
    try:
        return b"".join(one.read_bytes() for one in files)
    except FileNotFoundError:  # one has just been written anew under another name
        return on_disk(server)


def test_after_the_daily_reset_the_log_on_disk_knows_nothing_of_it(
    town: Town, omar: Browser, go: Go, server: Server
) -> None:
    ((watch,), _) = town.store.watches.to_do(town.now)
    go()
    town.later(minutes=2)
    go()
    assert watch.id.encode() in on_disk(server)
    town.now = at("08:01", 21)
    go()
    wait_until(lambda: watch.id.encode() not in on_disk(server))
    assert b"wpush" not in on_disk(server)
    names = ("watches", "phones", "pushes", "watched")
    assert not town.store.connection.client.exists(*map(town.store.connection.key, names))


# The allow-list

NO_SERVICES = [
    "http://fcm.googleapis.com/fcm/send/a",
    "https://127.0.0.1/a",
    "https://localhost/a",
    "https://[::1]/a",
    "https://169.254.169.254/latest/meta-data",
    "https://fcm.googleapis.com.example.org/a",
    "https://evil.example.org/fcm.googleapis.com/a",
    "https://fcm.googleapis.com@127.0.0.1/a",
    "https://fcm.googleapis.com:pass@127.0.0.1/a",
    "https://127.0.0.1\\@fcm.googleapis.com/a",
    "https://127.0.0.1#@fcm.googleapis.com/a",
    "https://127.0.0.1?@fcm.googleapis.com/a",
    "https://fcm.googleapis.com:8443/a",
    "https://FCM.googleapis.com\n.example.org/a",
    "https://notify.windows.com.example.org/a",
    "https://evilnotify.windows.com/a",
    "https://.notify.windows.com:22/a",
    "https://fcm.googleapis.com",
    "ftp://fcm.googleapis.com/a",
    "//fcm.googleapis.com/a",
    "file:///etc/passwd",
    "",
    "https://fcm.googleapis.com/" + "a" * 1000,
    "https://fcm.googleapis.com/é",
]


@pytest.mark.parametrize("address", NO_SERVICES)
def test_no_request_can_be_aimed_anywhere_else(address: str) -> None:
    assert not services.allowed(address, PUSH_SERVICES)


@pytest.mark.parametrize(
    "address",
    [
        "https://fcm.googleapis.com/fcm/send/dEf-1:APA91b_x",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAAAA==",
        "https://wns2-by3p.notify.windows.com/w/?token=BQYAAAC%2b",
        "https://web.push.apple.com/QOi3",
    ],
)
def test_the_push_services_of_the_usual_browsers_are_allowed(address: str) -> None:
    assert services.allowed(address, PUSH_SERVICES)
    assert not services.allowed(address, ())


BROKEN = [
    {"endpoint": "http://127.0.0.1:6379/"},
    {"endpoint": ""},
    {"p256dh": "AAAA"},
    {"p256dh": "B" * 87},
    {"p256dh": "é"},
    {"auth": "short"},
    {"auth": ""},
]


def test_a_phone_that_cannot_be_told_is_refused(town: Town, omar: Browser, device: Device) -> None:
    for wrong in BROKEN:
        give(omar, device, 422, **wrong)
    assert phones(town) == 1


def test_a_service_that_is_allowed_no_longer_gets_nothing(
    town: Town, omar: Browser, service: PushService
) -> None:
    town.app.extensions["settings"] = replace(
        town.app.extensions["settings"], push_services=PUSH_SERVICES
    )
    with running(town) as go:
        report(town, 2)
        go()
    assert (service.arrived, phones(town)) == ([], 0)


# The key


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path)
    with ThreadPoolExecutor(4) as starts:
        made = set(starts.map(lambda _: keys.private(settings), range(8)))
    assert len(made) == 1
    assert stat.S_IMODE((tmp_path / "push_key").stat().st_mode) == 0o600
    assert len(made.pop()) == 32
    assert keys.public(settings).startswith("B")
    kept = (tmp_path / "push_key").read_text()
    elsewhere = Settings(var=tmp_path / "other", push_key=kept)
    assert keys.public(elsewhere) == keys.public(settings)
    assert not (tmp_path / "other").exists()


def test_without_a_place_for_the_key_the_page_says_nothing_of_phones(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadSettings):
        keys.private(Settings(var=tmp_path / "file"))


def test_whom_a_service_may_ask_is_the_board_and_no_person() -> None:
    assert contact("https://beds.example.org") == "https://beds.example.org"
    assert contact("https://beds.example.org:8443/x") == "https://beds.example.org"
    assert contact("http://127.0.0.1:8000") == contact("") == "https://localhost"


def test_where_a_phone_is_told_reaches_no_address(
    town: Town, omar: Browser, device: Device
) -> None:
    sign_out(town, omar)
    answer = omar.post(PHONE, device.fields | {"csrf_token": "old"}, follow=False)
    assert answer.status_code == 303
    for secret in ("wpush", HERE, device.fields["auth"]):
        assert secret not in answer.headers["Location"]
