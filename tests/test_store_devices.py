"""Devices, shifts, passkeys and tries of PINs in the store, and what the stream holds of them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.events import Noted
from dashboard.people import Person, Role
from dashboard.shifts import Device, Level, Presence
from dashboard.store import (
    PASSWORD,
    PIN,
    Known,
    LinkEnded,
    NoSuchDevice,
    NoSuchPasskey,
    Passkey,
    PasskeyTaken,
    Store,
    TooManyPasskeys,
    fingerprint,
)
from dashboard.store.passkeys import MOST

NOW = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
SAM = Person("p-sam", "sam", "Sam", Role.DESK, ("riverbank",))
ALEX = Person("p-alex", "alex", "Alex", Role.DESK, ("riverbank",))
KEY = Passkey("aWQ", "a2V5", 0, "My phone", NOW)


@pytest.fixture
def store(redis_url: str) -> Iterator[Store]:
    found = Store(redis_url, "testville")
    for person in (SAM, ALEX):
        token = found.people.invite(person, "server", NOW)
        found.people.welcome(token, person, f"password of {person.id}", NOW, "a hash of a PIN")
    yield found
    found.connection.close()


@pytest.fixture
def tablet(store: Store) -> Device:
    secret = store.devices.enrol(store.devices.make("Tablet", "riverbank", "p-cor", NOW), NOW)
    found = store.devices.find(secret, NOW)
    assert found
    return found


def known(store: Store, id_: str = "p-sam") -> Known:
    found = store.people.find(id_)
    assert found
    return found


def at(store: Store, tablet: Device, **later: float) -> Presence:
    return store.shifts.at(tablet, NOW + timedelta(**later))


def acts(store: Store) -> list[tuple[str, str, str]]:
    notes = [event for event in store.stream.events() if isinstance(event, Noted)]
    return [(note.act, note.about, note.who) for note in notes]


def test_a_device_is_known_by_its_secret_and_the_store_keeps_neither_it_nor_the_link(
    store: Store,
) -> None:
    link = store.devices.make("Front desk tablet", "riverbank", "p-cor", NOW)
    found = store.devices.invited(link, NOW)
    assert (found.name, found.site, found.link_ends) == (
        "Front desk tablet",
        "riverbank",
        NOW + timedelta(hours=72),
    )
    assert store.devices.find(link, NOW) is None
    secret = store.devices.enrol(link, NOW)
    device = store.devices.find(secret, NOW)
    assert device == replace(found, link_ends=None)
    assert store.devices.all() == [replace(device, used_at=NOW)]
    client = store.connection.client
    kept = " ".join(repr(client.dump(key)) + key for key in client.keys("*"))
    for token in (link, secret):
        assert token.partition(".")[2] not in kept
    assert acts(store)[-2:] == [
        ("device-link", device.id, "p-cor"),
        ("device-enrolled", device.id, device.id),
    ]


def test_a_link_makes_one_device_whoever_tries_at_the_same_time(store: Store) -> None:
    link = store.devices.make("Tablet", "riverbank", "p-cor", NOW)

    def use(_: int) -> bool:
        try:
            store.devices.enrol(link, NOW)
        except LinkEnded:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(use, range(8))) == 1
    with pytest.raises(LinkEnded):
        store.devices.invited(link, NOW)


def test_a_link_ends_after_three_days(store: Store) -> None:
    link = store.devices.make("Tablet", "riverbank", "p-cor", NOW)
    late = NOW + timedelta(hours=72)
    for act in (store.devices.invited, store.devices.enrol):
        with pytest.raises(LinkEnded):
            act(link, late)


@pytest.mark.parametrize("link", ["", ".", "d-none.x", "🦆"])
def test_a_guessed_link_or_secret_is_no_device(store: Store, tablet: Device, link: str) -> None:
    for guess in (link, f"{tablet.id}.", f"{tablet.id}.guessed"):
        assert store.devices.find(guess, NOW) is None
        with pytest.raises(LinkEnded):
            store.devices.enrol(guess, NOW)


def test_a_revoked_device_is_gone_with_its_shifts(store: Store, tablet: Device) -> None:
    store.shifts.begin(tablet, known(store), PIN, NOW)
    store.devices.revoke(tablet.id, "p-cor", NOW)
    assert store.devices.all() == []
    assert at(store, tablet).shifts == ()
    assert acts(store)[-1] == ("device-revoked", tablet.id, "p-cor")
    with pytest.raises(NoSuchDevice):
        store.devices.revoke(tablet.id, "p-cor", NOW)


def test_a_shift_is_whole_then_idle_then_for_counts_alone(store: Store, tablet: Device) -> None:
    store.shifts.begin(tablet, known(store), PIN, NOW)
    assert at(store, tablet).person == SAM
    assert at(store, tablet, minutes=14).level is Level.FULL
    assert at(store, tablet, minutes=15).level is Level.NOBODY
    here = at(store, tablet, minutes=15)
    shift = here.shift(SAM.id)
    assert shift
    store.shifts.tap(here, shift)
    assert at(store, tablet, minutes=16).level is Level.COUNTING
    store.shifts.acted(at(store, tablet, minutes=29), SAM)
    assert at(store, tablet, minutes=43).level is Level.COUNTING
    store.shifts.begin(tablet, known(store), PIN, NOW + timedelta(minutes=43))
    assert at(store, tablet, minutes=44).level is Level.FULL


def test_a_shift_ends_after_twelve_hours_whatever_is_done(store: Store, tablet: Device) -> None:
    store.shifts.begin(tablet, known(store), PIN, NOW)
    for hours in range(12):
        here = at(store, tablet, hours=hours)
        shift = here.shift(SAM.id)
        assert shift
        store.shifts.tap(here, shift)
    assert at(store, tablet, hours=11, minutes=14).person == SAM
    assert at(store, tablet, hours=12).shift(SAM.id) is None


def test_several_people_have_shifts_and_one_of_them_is_at_the_device(
    store: Store, tablet: Device
) -> None:
    for id_ in (SAM.id, ALEX.id):
        store.shifts.begin(tablet, known(store, id_), PIN, NOW)
    here = at(store, tablet, minutes=1)
    assert here.person == ALEX
    shift = here.shift(SAM.id)
    assert shift
    store.shifts.tap(here, shift)
    assert at(store, tablet, minutes=1).person == SAM
    assert at(store, tablet, minutes=1).level is Level.FULL
    store.shifts.end(tablet, SAM.id, NOW)
    assert at(store, tablet).person is None
    assert at(store, tablet).shift(ALEX.id)
    assert acts(store)[-1] == ("shift-ended", SAM.id, SAM.id)


def test_after_locking_a_tap_is_for_counts_alone(store: Store, tablet: Device) -> None:
    store.shifts.begin(tablet, known(store), PIN, NOW)
    store.shifts.lock(at(store, tablet))
    here = at(store, tablet)
    assert (here.level, here.person) == (Level.NOBODY, None)
    shift = here.shift(SAM.id)
    assert shift
    store.shifts.tap(here, shift)
    assert at(store, tablet).level is Level.COUNTING


def test_after_locking_nobodys_shift_is_whole_whoever_locked(store: Store, tablet: Device) -> None:
    for id_ in (ALEX.id, SAM.id):
        store.shifts.begin(tablet, known(store, id_), PIN, NOW)
    store.shifts.lock(at(store, tablet))
    shift = at(store, tablet).shift(ALEX.id)
    assert shift
    store.shifts.tap(at(store, tablet), shift)
    assert at(store, tablet).level is Level.COUNTING


def test_a_clock_that_goes_back_keeps_nobody_at_the_device(store: Store, tablet: Device) -> None:
    store.shifts.begin(tablet, known(store), PIN, NOW)
    here = at(store, tablet, hours=2)
    shift = here.shift(SAM.id)
    assert shift
    store.shifts.tap(here, shift)
    store.shifts.begin(tablet, known(store), PIN, NOW)
    store.shifts.tap(here, shift)
    assert at(store, tablet, hours=1).level is Level.NOBODY
    assert at(store, tablet, hours=1, minutes=50).person == SAM


@pytest.mark.parametrize("by", [PIN, PASSWORD, KEY.id])
@pytest.mark.parametrize(
    "how", ["disabled", "new password", "new PIN", "no passkey", "another site"]
)
def test_a_shift_lasts_no_longer_than_what_opened_it(
    store: Store, tablet: Device, by: str, how: str
) -> None:
    store.passkeys.add(SAM.id, KEY, NOW)
    store.shifts.begin(tablet, known(store), by, NOW)
    assert at(store, tablet).person == SAM
    if how == "disabled":
        token = store.people.invite(Person("p-c", "c", "C", Role.COORDINATOR), "server", NOW)
        store.people.welcome(token, Person("p-c", "c", "C", Role.COORDINATOR), "a hash", NOW)
        store.people.disable(SAM.id, "p-c", NOW)
        assert (known(store).pin, known(store).passkeys) == ("", ())
    elif how == "new password":
        store.people.set_password(SAM.id, "another", NOW)
    elif how == "new PIN":
        store.people.set_pin(SAM.id, "another", NOW)
    elif how == "no passkey":
        store.passkeys.remove(SAM.id, KEY.id, NOW)
    else:
        store.people.invite(replace(SAM, sites=("northside",)), "server", NOW)
    stays = (how == "new PIN" and by != PIN) or (how == "no passkey" and by != KEY.id)
    assert (at(store, tablet).person is not None) is stays


def test_a_note_of_a_shift_names_the_device(store: Store, tablet: Device) -> None:
    store.shifts.begin(tablet, known(store), PIN, NOW)
    ((_, entry),) = store.connection.client.xrevrange(store.connection.key("events"), count=1)
    assert (entry["act"], entry["about"], entry["device"]) == ("shift-began", SAM.id, tablet.id)


def test_who_can_tap_in_is_who_has_a_pin_or_a_passkey_at_that_site(store: Store) -> None:
    robin = Person("p-robin", "robin", "Robin", Role.DESK, ("riverbank",))
    store.people.welcome(store.people.invite(robin, "server", NOW), robin, "a hash", NOW)
    assert [one.person for one in store.people.at_desk("riverbank")] == [ALEX, SAM]
    assert store.people.at_desk("northside") == []
    store.passkeys.add(robin.id, KEY, NOW)
    assert [one.person for one in store.people.at_desk("riverbank")] == [ALEX, robin, SAM]


def test_a_passkey_is_kept_used_and_removed(store: Store) -> None:
    store.passkeys.add(SAM.id, KEY, NOW)
    with pytest.raises(PasskeyTaken):
        store.passkeys.add(SAM.id, KEY, NOW)
    later = NOW + timedelta(minutes=5)
    store.passkeys.used(SAM.id, KEY.id, 7, later)
    assert store.passkeys.of(SAM.id) == [replace(KEY, count=7, used_at=later)]
    for count in (7, 6, 0):
        with pytest.raises(NoSuchPasskey):
            store.passkeys.used(SAM.id, KEY.id, count, later)
    store.passkeys.remove(SAM.id, KEY.id, later)
    assert store.passkeys.of(SAM.id) == []
    with pytest.raises(NoSuchPasskey):
        store.passkeys.remove(SAM.id, KEY.id, later)
    assert [act for act, _, _ in acts(store)[-2:]] == ["passkey-added", "passkey-removed"]


def test_a_passkey_that_does_not_count_may_be_used_again(store: Store) -> None:
    store.passkeys.add(SAM.id, KEY, NOW)
    for _ in range(2):
        store.passkeys.used(SAM.id, KEY.id, 0, NOW)


def test_nobody_has_more_passkeys_than_they_can_look_through(store: Store) -> None:
    for number in range(MOST):
        store.passkeys.add(SAM.id, replace(KEY, id=f"key-{number}"), NOW)
    with pytest.raises(TooManyPasskeys):
        store.passkeys.add(SAM.id, KEY, NOW)


def test_a_question_is_answered_once_and_by_whom_it_was_put_to(store: Store) -> None:
    token, question = store.passkeys.ask("")
    assert store.passkeys.asked(token, "") == question
    assert store.passkeys.asked(token, "") is None
    token, question = store.passkeys.ask(SAM.id)
    assert store.passkeys.asked(token, "") is None
    assert store.passkeys.asked("made up", "") is None
    key = store.connection.key("asked", fingerprint(store.passkeys.ask("")[0]))
    assert 0 < store.connection.client.ttl(key) <= 300


def guesses(store: Store, devices: int, hours: float) -> int:
    """How many PINs of one person somebody can try who never stops, on so many devices."""
    tried, now, end = 0, NOW, NOW + timedelta(hours=hours)
    while now < end:
        waits = [store.tries.knock_pin(f"d-{number}", SAM.id, now) for number in range(devices)]
        tried += waits.count(0)
        now += timedelta(seconds=max(1, min(waits)))
    return tried


def test_one_device_can_try_five_pins_and_then_waits_longer_and_longer(store: Store) -> None:
    waits, now = [], NOW
    for _ in range(5):
        assert store.tries.knock_pin("d-1", SAM.id, now) == 0
    for _ in range(8):
        waits.append(store.tries.knock_pin("d-1", SAM.id, now))
        now += timedelta(seconds=waits[-1])
        assert store.tries.knock_pin("d-1", SAM.id, now) == 0
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]


def test_no_number_of_devices_tries_more_pins_in_a_day_than_is_documented(store: Store) -> None:
    assert 24 <= guesses(store, 1, 24) <= 44
    store.connection.client.flushdb()
    assert 40 <= guesses(store, 30, 24) <= 44


def test_a_right_pin_gives_back_its_own_try_and_no_other(store: Store) -> None:
    for _ in range(4):
        for number in range(5):
            assert store.tries.knock_pin(f"d-{number}", SAM.id, NOW) == 0
    wait = store.tries.knock_pin("d-9", SAM.id, NOW)
    assert wait == 3600
    assert store.tries.knock_pin("d-9", ALEX.id, NOW) == 0, "each person has a count of their own"
    later = NOW + timedelta(seconds=wait)
    for _ in range(3):
        assert store.tries.knock_pin("d-9", SAM.id, later) == 0
        store.tries.right_pin("d-9", SAM.id)
    assert store.tries.knock_pin("d-8", SAM.id, later) == 0
    assert store.tries.knock_pin("d-7", SAM.id, later) == 3600


def test_tries_at_the_same_time_are_not_all_the_first(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: store.tries.knock_pin("d-1", SAM.id, NOW), range(24)))
    assert found.count(0) == 5
