"""People, links, sessions and tries in the store, and what of them the stream may hold."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.embedded import Server
from dashboard.events import Noted
from dashboard.people import Person, Role, Standing, new_id
from dashboard.store import LastCoordinator, LinkEnded, LoginTaken, NoSuchPerson, Store
from dashboard.store.people import FIRST, SERVER
from dashboard.store.sessions import WAITS

from .by_hand import ask

NOW = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
COORDINATOR = Person("p-cor", "cory@example.org", "Cory", Role.COORDINATOR)
SAM = Person("p-sam", "sam", "Sam", Role.DESK, ("riverbank",))


@pytest.fixture
def store(redis_url: str) -> Iterator[Store]:
    found = Store(redis_url, "testville")
    yield found
    found.connection.close()


def welcomed(store: Store, person: Person, proof: str = "a hash") -> None:
    token = store.people.invite(person, SERVER, NOW)
    store.people.welcome(token, person, proof, NOW)


def acts(store: Store) -> list[tuple[str, str, str]]:
    notes = [event for event in store.stream.events() if isinstance(event, Noted)]
    return [(note.act, note.about, note.who) for note in notes]


def test_an_invited_person_is_found_by_id_and_login_and_can_not_sign_in_yet(store: Store) -> None:
    store.people.invite(SAM, "p-cor", NOW)
    known = store.people.find("p-sam")
    assert known is not None
    assert (known.person, known.proof) == (SAM, "")
    assert known.link_ends == NOW + timedelta(hours=72)
    assert store.people.by_login("sam") == known
    assert store.people.all() == [known]
    assert store.people.names(["p-sam", "p-nobody", "token"]) == {"p-sam": "Sam"}


def test_a_login_belongs_to_one_person(store: Store) -> None:
    store.people.invite(SAM, "p-cor", NOW)
    with pytest.raises(LoginTaken):
        store.people.invite(replace(SAM, id="p-other"), "p-cor", NOW)
    assert store.people.find("p-other") is None


def test_a_link_works_once_whoever_tries_at_the_same_time(store: Store) -> None:
    token = store.people.invite(SAM, "p-cor", NOW)
    assert store.people.invited(token, NOW) == SAM

    def use(number: int) -> bool:
        try:
            store.people.welcome(token, SAM, f"hash {number}", NOW)
        except LinkEnded:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(use, range(8))) == 1
    with pytest.raises(LinkEnded):
        store.people.invited(token, NOW)


@pytest.mark.parametrize("token", ["", ".", "first", "first.", "p-sam.guessed", "p-nobody.x", "🦆"])
def test_a_guessed_link_opens_nothing(store: Store, token: str) -> None:
    store.people.invite(SAM, "p-cor", NOW)
    with pytest.raises(LinkEnded):
        store.people.invited(token, NOW)
    with pytest.raises(LinkEnded):
        store.people.welcome(token, SAM, "a hash", NOW)


def test_a_link_ends_after_three_days_or_when_a_new_one_is_made(store: Store) -> None:
    old = store.people.invite(SAM, "p-cor", NOW)
    new = store.people.reset_link("p-sam", "p-cor", NOW + timedelta(hours=1))
    with pytest.raises(LinkEnded):
        store.people.invited(old, NOW)
    assert store.people.invited(new, NOW + timedelta(hours=72)) == SAM
    with pytest.raises(LinkEnded):
        store.people.invited(new, NOW + timedelta(hours=73))
    with pytest.raises(LinkEnded):
        store.people.welcome(new, SAM, "a hash", NOW + timedelta(hours=73))


def test_there_is_no_link_for_nobody(store: Store) -> None:
    with pytest.raises(NoSuchPerson):
        store.people.reset_link("p-nobody", "p-cor", NOW)


def test_the_first_link_is_made_anew_until_somebody_coordinates(store: Store) -> None:
    old, new = store.people.first_link(NOW), store.people.first_link(NOW)
    assert old
    assert new
    with pytest.raises(LinkEnded):
        store.people.invited(old, NOW)
    assert store.people.invited(new, NOW) is None
    store.people.welcome(new, COORDINATOR, "a hash", NOW)
    assert store.people.first_link(NOW) is None


def test_the_first_link_ends_when_somebody_coordinates_by_another_way(store: Store) -> None:
    first = store.people.first_link(NOW)
    assert first
    store.people.invite(COORDINATOR, SERVER, NOW)
    assert store.people.first_link(NOW), "an invited coordinator is none yet"
    first = store.people.first_link(NOW) or ""
    token = store.people.reset_link(COORDINATOR.id, SERVER, NOW)
    store.people.welcome(token, COORDINATOR, "a hash", NOW)
    with pytest.raises(LinkEnded):
        store.people.invited(first, NOW)


def test_the_first_coordinator_can_not_take_a_login_that_is_taken(store: Store) -> None:
    store.people.invite(SAM, SERVER, NOW)
    token = store.people.first_link(NOW) or ""
    with pytest.raises(LoginTaken):
        store.people.welcome(token, replace(COORDINATOR, login="sam"), "a hash", NOW)
    assert store.people.invited(token, NOW) is None, "the link can still be used"


def test_the_last_coordinator_can_not_be_disabled(store: Store) -> None:
    welcomed(store, COORDINATOR)
    another = Person("p-two", "two", "Two", Role.COORDINATOR)
    store.people.invite(another, "p-cor", NOW)
    with pytest.raises(LastCoordinator):
        store.people.disable("p-cor", "p-cor", NOW)
    store.people.welcome(store.people.reset_link("p-two", "p-cor", NOW), another, "a hash", NOW)

    def disable(pair: tuple[str, str]) -> bool:
        try:
            store.people.disable(*pair, NOW)
        except LastCoordinator:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(disable, [("p-cor", "p-two"), ("p-two", "p-cor")]))
    assert sorted(done) == [False, True]


def test_a_disabled_person_is_out_at_once_and_comes_back_by_a_link(store: Store) -> None:
    welcomed(store, SAM)
    session = store.sessions.begin("p-sam", "a hash")
    old = store.people.reset_link("p-sam", "p-cor", NOW)
    store.people.disable("p-sam", "p-cor", NOW)
    assert store.sessions.person(session) is None
    with pytest.raises(LinkEnded):
        store.people.invited(old, NOW)
    known = store.people.find("p-sam")
    assert known is not None
    assert (known.person, known.proof) == (replace(SAM, disabled=True), "")
    store.people.welcome(store.people.reset_link("p-sam", "p-cor", NOW), SAM, "a new hash", NOW)
    assert store.sessions.person(session) is None
    assert store.sessions.person(store.sessions.begin("p-sam", "a new hash")) == SAM


def test_a_link_that_is_used_gives_nobody_back_what_was_taken_from_them(store: Store) -> None:
    """What they may do was changed after their link was opened, and before it was used up."""
    token = store.people.invite(SAM, "x", NOW)
    opened = store.people.invited(token, NOW)
    assert opened
    store.people.reassign(SAM.id, Standing(Role.OUTREACH, (), "Street team"), "x", NOW)
    store.people.welcome(token, opened, "proof", NOW)
    known = store.people.find(SAM.id)
    assert known
    person = known.person
    assert (person.role, person.sites, person.agency) == (Role.OUTREACH, (), "Street team")
    assert known.proof == "proof"


def test_nobody_can_be_disabled_who_is_not_there(store: Store) -> None:
    with pytest.raises(NoSuchPerson):
        store.people.disable("p-nobody", "p-cor", NOW)


def test_a_person_without_sites_stays_one_when_disabled(store: Store) -> None:
    welcomed(store, COORDINATOR)
    outreach = Person("p-out", "out", "Noël 🦆", Role.OUTREACH, agency="Street team")
    welcomed(store, outreach)
    store.people.disable("p-out", "p-cor", NOW)
    known = store.people.find("p-out")
    assert known is not None
    assert known.person == replace(outreach, disabled=True)


def test_a_session_ends_by_signing_out_and_by_a_new_password(store: Store) -> None:
    welcomed(store, SAM)
    one, two = (store.sessions.begin("p-sam", "a hash") for _ in range(2))
    assert store.sessions.person(one) == store.sessions.person(two) == SAM
    store.sessions.end(one)
    assert store.sessions.person(one) is None
    assert store.sessions.person(two) == SAM
    store.people.welcome(store.people.reset_link("p-sam", "p-cor", NOW), SAM, "new hash", NOW)
    assert store.sessions.person(two) is None


def test_every_act_is_one_note_by_id_and_holds_no_login_name_or_secret(
    store: Store, server: Server
) -> None:
    first = store.people.first_link(NOW) or ""
    store.people.welcome(first, COORDINATOR, "a-hash-of-cory", NOW)
    token = store.people.invite(SAM, "p-cor", NOW)
    store.people.welcome(token, SAM, "a-hash-of-sam", NOW)
    store.people.reset_link("p-sam", "p-cor", NOW)
    store.people.disable("p-sam", "p-cor", NOW)
    assert acts(store) == [
        ("first-link", FIRST, SERVER),
        ("joined", "p-cor", "p-cor"),
        ("invited", "p-sam", "p-cor"),
        ("password-set", "p-sam", "p-sam"),
        ("link", "p-sam", "p-cor"),
        ("disabled", "p-sam", "p-cor"),
    ]
    stream = " ".join(ask(server, "XRANGE {testville}:events - +"))
    assert "disabled" in stream
    for secret in ("Cory", "Sam", "cory@", "a-hash", *first.split("."), token.split(".")[1]):
        assert secret == FIRST or secret not in stream


def test_tries_are_free_at_first_and_then_wait_ever_longer(store: Store) -> None:
    now, waited = NOW, []
    for _ in range(len(WAITS) + 2):
        wait = store.tries.knock("sam", now)
        waited.append(wait)
        now += timedelta(seconds=wait)
        if wait:
            assert store.tries.knock("sam", now) == 0
    assert waited == [*WAITS, WAITS[-1], WAITS[-1]]


def test_a_try_while_waiting_does_not_make_the_wait_longer(store: Store) -> None:
    for _ in range(5):
        assert store.tries.knock("sam", NOW) == 0
    assert [store.tries.knock("sam", NOW + timedelta(seconds=s)) for s in (0, 10, 29.5)] == [
        *(30, 20, 1)
    ]
    assert store.tries.knock("sam", NOW + timedelta(seconds=30)) == 0


def test_a_hundred_tries_at_once_are_not_all_the_first(store: Store) -> None:
    with ThreadPoolExecutor(16) as pool:
        waits = list(pool.map(lambda _: store.tries.knock("sam", NOW), range(100)))
    assert waits.count(0) == 5


def test_one_door_does_not_slow_another_and_success_forgets(store: Store) -> None:
    for _ in range(6):
        store.tries.knock("sam", NOW)
    assert store.tries.knock("sam on the desk's tablet", NOW) == 0
    store.tries.forget("sam")
    assert store.tries.knock("sam", NOW) == 0


def test_a_clock_that_goes_back_makes_nobody_wait_longer_than_they_must(store: Store) -> None:
    for _ in range(6):
        store.tries.knock("sam", NOW)
    assert store.tries.knock("sam", NOW - timedelta(days=400)) == 30


def test_ids_are_not_guessed_from_one_another() -> None:
    assert len({new_id() for _ in range(1000)}) == 1000
