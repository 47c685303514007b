"""The commands of the server, against a store that somebody else runs and one that nobody runs."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import Result
from flask import Flask

from dashboard import create_app
from dashboard.beds import Source
from dashboard.clock import Day, last_reset
from dashboard.config import Settings
from dashboard.people import Hand, Role
from dashboard.store import LinkEnded, Store
from dashboard.turnaways import TurnAway, TurningAway

EXAMPLES = Path(__file__).parents[1] / "examples"
SITES, GROUPS = EXAMPLES / "kamloops_sites.csv", EXAMPLES / "kamloops_bed_groups.csv"
NOW = datetime.now(UTC)


def flask(app: Flask, *words: str | Path, given: str | bytes | None = None) -> Result:
    """Runs one `flask` command."""
    return app.test_cli_runner().invoke(args=[str(word) for word in words], input=given)


def done(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def app(settings: Settings) -> Flask:
    return create_app(settings)


@pytest.fixture
def store(settings: Settings) -> Store:
    return Store(settings.store_url, settings.community)


@pytest.fixture
def kamloops(app: Flask) -> Flask:
    done(flask(app, "sites", "import", SITES, "--groups", GROUPS))
    return app


def test_an_import_says_what_it_saved_and_a_second_one_changes_nothing(app: Flask, store: Store):
    first = done(flask(app, "sites", "import", SITES, "--groups", GROUPS))
    assert "new site pathways: 'Pathways'" in first
    assert first.splitlines()[-1] == "Saved 13 sites and 17 bed groups."
    before = store.stream.latest(1)[0].version
    second = done(flask(app, "sites", "import", SITES, "--groups", GROUPS))
    assert second.splitlines()[-1] == "There is nothing to change."
    assert store.stream.latest(1)[0].version == before


def test_a_dry_run_shows_the_difference_and_changes_nothing(app: Flask, store: Store):
    said = done(flask(app, "sites", "import", SITES, "--groups", GROUPS, "--dry-run"))
    assert said.splitlines()[-1] == "Would save 13 sites and 17 bed groups."
    assert store.profiles.sites() == {}


def test_one_bad_line_keeps_every_good_one_out(app: Flask, store: Store):
    text = SITES.read_text().replace("Pathways,ASK", ",ASK").replace("778-470-0991", "soon")
    result = flask(app, "sites", "import", "-", "--groups", GROUPS, given=text)
    assert result.exit_code == 1
    assert "<stdin>, line 9: name is ''" in result.output
    assert "<stdin>, line 12: phone is 'soon'" in result.output
    assert "2 problems, so nothing was changed." in result.output
    assert store.profiles.sites() == {}
    assert not list(store.stream.events())


def test_what_is_exported_is_what_is_there(kamloops: Flask, tmp_path: Path):
    sites, groups = tmp_path / "s.csv", tmp_path / "g.csv"
    done(flask(kamloops, "sites", "export", sites, "--groups", groups))
    said = done(flask(kamloops, "sites", "import", sites, "--groups", groups))
    assert said == "There is nothing to change.\n"
    assert done(flask(kamloops, "sites", "export", "-")) == sites.read_text()


def test_a_token_stands_alone_on_the_last_line_and_only_its_hash_is_kept(
    kamloops: Flask, store: Store
):
    said = done(flask(kamloops, "tokens", "create", "hotline feed", "--all-sites"))
    token = said.splitlines()[-1]
    assert len(token) > 40
    found = store.tokens.find(token, NOW)
    assert found
    assert (found.label, found.sites) == ("hotline feed", None)
    kept = store.connection.client.hgetall(store.connection.key("tokens"))
    assert token not in str(kept)
    assert token not in str(list(store.dump.lines(NOW)))
    assert store.tokens.find(token[:-1], NOW) is None


def test_a_token_can_be_for_some_sites_only(kamloops: Flask, store: Store):
    words = ("tokens", "create", "feed", "--site", "pathways", "--site", "yacht-club")
    token = store.tokens.find(done(flask(kamloops, *words)).splitlines()[-1], NOW)
    assert token
    assert token.reaches("pathways")
    assert not token.reaches("moira-house")
    assert "feed: pathways, yacht-club; made" in done(flask(kamloops, "tokens", "list"))


@pytest.mark.parametrize(
    "words",
    [
        ("feed",),
        ("feed", "--all-sites", "--site", "pathways"),
        ("feed", "--site", "nowhere"),
        ("", "--all-sites"),
        ("two\nlines", "--all-sites"),
        ("x" * 61, "--all-sites"),
    ],
)
def test_a_token_for_nobody_or_nothing_is_refused(
    kamloops: Flask, store: Store, words: tuple[str, ...]
):
    assert flask(kamloops, "tokens", "create", *words).exit_code in (1, 2)
    assert store.tokens.all() == []


def test_a_label_has_one_token_until_that_is_revoked(kamloops: Flask, store: Store):
    words = ("tokens", "create", "feed", "--all-sites")
    first = done(flask(kamloops, *words)).splitlines()[-1]
    again = flask(kamloops, *words)
    assert again.exit_code == 1
    assert "revoke that first" in again.output
    done(flask(kamloops, "tokens", "revoke", "feed"))
    assert store.tokens.find(first, NOW) is None
    assert flask(kamloops, "tokens", "revoke", "feed").exit_code == 1
    done(flask(kamloops, *words))


def test_a_token_says_on_which_day_it_was_last_used(kamloops: Flask, store: Store):
    words = ("tokens", "create", "feed", "--all-sites")
    token = done(flask(kamloops, *words)).splitlines()[-1]
    assert "never used" in done(flask(kamloops, "tokens", "list"))
    store.tokens.find(token, NOW)
    assert f"last used {NOW.date()}" in done(flask(kamloops, "tokens", "list"))


def test_check_finds_the_two_boards_equal(kamloops: Flask):
    assert "13 sites" in done(flask(kamloops, "check"))


def test_check_names_what_differs(kamloops: Flask, store: Store):
    groups = store.connection.key("groups")
    text = store.connection.client.hget(groups, "pathways/men").replace("22", "23")
    store.connection.client.hset(groups, "pathways/men", text)
    store.connection.client.hdel(store.connection.key("sites"), "crossroads-inn")
    result = flask(kamloops, "check")
    assert result.exit_code == 1
    assert result.output.splitlines()[:2] == ["crossroads-inn", "pathways/men"]


def test_check_compares_how_often_somebody_was_turned_away(kamloops: Flask, store: Store):
    hand, reset = Hand("p-desk", Source.DESK), last_reset(NOW, Day())
    turned = TurningAway(TurnAway.PET, NOW, "a key")
    store.turned.turn_away("pathways", turned, hand, reset, NOW)
    done(flask(kamloops, "check"))
    key = store.connection.key("turned")
    text = store.connection.client.hget(key, "pathways").replace('"pet":1', '"pet":2')
    store.connection.client.hset(key, "pathways", text)
    result = flask(kamloops, "check")
    assert result.exit_code == 1
    assert result.output.splitlines()[0] == "pathways: turned away"


def test_check_says_so_where_the_store_holds_what_cannot_be_read(kamloops: Flask, store: Store):
    store.connection.client.hset(store.connection.key("groups"), "pathways/men", "{")
    result = flask(kamloops, "check")
    assert result.exit_code == 1
    assert "can't be read" in result.output
    assert "Traceback" not in result.output


def test_the_commands_need_no_running_product(tmp_path: Path):
    settings = Settings(var=tmp_path, secret_key="x" * 32)
    app = create_app(settings)
    done(flask(app, "sites", "import", SITES, "--groups", GROUPS))
    assert "13 sites" in done(flask(app, "check"))
    assert not settings.socket.exists()


def test_a_store_that_is_away_is_one_sentence(settings: Settings, tmp_path: Path):
    app = create_app(replace(settings, redis_url=f"unix://{tmp_path}/nobody.sock"))
    result = flask(app, "check")
    assert result.exit_code == 1
    assert result.output.startswith("Error: The store is away")
    assert "Trying again is safe" in result.output


def test_a_store_that_may_lose_is_refused_unless_that_was_accepted(
    kamloops: Flask, settings: Settings, store: Store
):
    store.connection.client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        refused = flask(kamloops, "check")
        assert refused.exit_code == 1
        assert "STORE_MAY_LOSE" in refused.output
        done(flask(create_app(replace(settings, may_lose=True)), "check"))
    finally:
        store.connection.client.config_set("maxmemory-policy", "noeviction")


def link(said: str) -> str:
    """The token in the one-time link on the last line."""
    address = urlsplit(said.splitlines()[-1])
    assert address.path == "/welcome"
    return parse_qs(address.query)["link"][0]


def test_a_person_is_invited_by_a_link_alone_on_the_last_line(kamloops: Flask, store: Store):
    words = ("people", "add", "Sam Desk", "Sam@Example.org", "--role", "desk", "--site", "pathways")
    person = store.people.invited(link(done(flask(kamloops, *words))), NOW)
    assert person
    assert (person.name, person.login, person.sites) == (
        "Sam Desk",
        "sam@example.org",
        ("pathways",),
    )
    taken = flask(kamloops, *words)
    assert taken.exit_code == 1
    assert "Somebody else signs in as" in taken.output


def test_without_a_role_a_coordinator_is_invited(app: Flask, store: Store):
    person = store.people.invited(link(done(flask(app, "people", "add", "Kim", "kim"))), NOW)
    assert person
    assert person.role is Role.COORDINATOR


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("Sam", "sam", "--role", "desk"), "--site is needed."),
        (("Sam", "sam", "--role", "desk", "--site", "x"), "--site names a site that is not there."),
        (("Sam", "sam", "--role", "outreach"), "--agency is needed."),
        (("", "sam"), "NAME is needed."),
        (("Sam", "x" * 101), "LOGIN is too long."),
        (("Sam\x07", "sam"), "NAME must be text on one line."),
        (("Sam", "sam", "--role", "king"), "'king' is not one of"),
    ],
)
def test_a_person_who_cannot_be_is_refused_in_words(
    kamloops: Flask, store: Store, words: tuple[str, ...], sentence: str
):
    result = flask(kamloops, "people", "add", *words)
    assert result.exit_code == 2
    assert sentence in result.output
    assert store.people.all() == []


def test_the_server_lets_the_last_coordinator_in_again(app: Flask, store: Store):
    first = link(done(flask(app, "people", "add", "Kim", "kim")))
    second = link(done(flask(app, "people", "reset", " KIM ")))
    assert store.people.invited(second, NOW) == store.people.all()[0].person
    with pytest.raises(LinkEnded):
        store.people.invited(first, NOW)
    assert flask(app, "people", "reset", "nobody").exit_code == 1


def test_a_wrong_setting_is_one_sentence_here_too():
    ran = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "dashboard", "check"],
        cwd=EXAMPLES.parent,
        env=os.environ | {"PORT": "x"},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 1
    assert ran.stderr == "Error: PORT is 'x', but must be a whole number from 1 to 65535.\n"
