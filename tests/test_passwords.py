"""Passwords: length and rarity count; what is kept can't be read back."""

from __future__ import annotations

import pytest

from dashboard.passwords import LONGEST, Passwords, Weak, weak

from .conftest import SHIPPED


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return Passwords()


def test_one_guess_takes_45_mebibytes_and_two_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.passwords.COST", SHIPPED)
    kept = Passwords().hash("six quiet geese at dawn")
    assert kept.startswith("$argon2id$v=19$m=46080,t=2,p=1$")
    assert Passwords().right("six quiet geese at dawn", kept)


def test_the_right_password_is_right_however_the_keyboard_composed_it(passwords: Passwords) -> None:
    kept = passwords.hash("café au lait à midi")
    assert passwords.right("cafe\u0301 au lait a\u0300 midi", kept)
    assert not passwords.right("cafe au lait a midi", kept)
    assert "lait" not in kept


def test_nobody_gets_in_without_a_password_being_kept(passwords: Passwords) -> None:
    for tried in ("", "nobody's", "x" * (LONGEST + 1)):
        assert not passwords.right(tried, "")
        assert not passwords.right(tried, passwords.hash("six quiet geese at dawn"))


def test_a_hash_that_was_damaged_lets_nobody_in(passwords: Passwords) -> None:
    assert not passwords.right("six quiet geese at dawn", "not a hash")


@pytest.mark.parametrize("word", ["eleven char", "", "🦆" * 11])
def test_a_short_password_is_refused(word: str) -> None:
    assert weak(word) is Weak.TOO_SHORT


def test_a_very_long_password_is_refused_and_a_long_one_is_not() -> None:
    long = "six quiet geese at dawn, " * 10
    assert weak(long[:LONGEST]) is None
    assert weak("x" * (LONGEST + 1)) is Weak.TOO_LONG
    assert weak("̖́" * 30_000) is Weak.TOO_LONG, "at once: not after seconds"


@pytest.mark.parametrize(
    "word",
    ["passwordpassword", "123456789012", "aaaaaaaaaaaa", "qwertyuiop12", "P@ssw0rd1234", "𝟣" * 12],
)
def test_a_common_password_is_refused(word: str) -> None:
    assert weak(word) is Weak.COMMON


def test_ones_own_name_or_login_is_no_password() -> None:
    assert weak("samantha.okafor", "samantha.okafor", "Samantha Okafor") is Weak.COMMON
    assert weak("samantha okafor", "sam@example.org", "Samantha Okafor") is Weak.COMMON


@pytest.mark.parametrize("word", ["six quiet geese", "kamloops shelter desk", "žluťoučký kůň"])
def test_a_rare_phrase_is_accepted_without_rules_of_composition(word: str) -> None:
    assert weak(word, "sam", "Sam") is None
