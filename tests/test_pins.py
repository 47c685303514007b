"""Which PINs are refused, and why."""

from __future__ import annotations

import pytest

from dashboard.pins import Weak, sealed, weak


@pytest.mark.parametrize("pin", ["583041", "480293", "902744", "718206"])
def test_a_pin_that_says_nothing_is_accepted(pin: str) -> None:
    assert weak(pin) is None


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        ("", Weak.SIX_DIGITS),
        ("58304", Weak.SIX_DIGITS),
        ("5830412", Weak.SIX_DIGITS),
        ("58304a", Weak.SIX_DIGITS),
        ("٥٨٣٠٤١", Weak.SIX_DIGITS),
        ("583041\n", Weak.SIX_DIGITS),
        ("777777", Weak.REPEATED),
        ("121212", Weak.REPEATED),
        ("583583", Weak.REPEATED),
        ("588841", Weak.REPEATED),
        ("123456", Weak.IN_ORDER),
        ("654321", Weak.IN_ORDER),
        ("890123", Weak.IN_ORDER),
        ("975319", Weak.IN_ORDER),
        ("198407", Weak.A_DATE),
        ("072019", Weak.A_DATE),
        ("840723", Weak.A_DATE),
        ("230784", Weak.A_DATE),
        ("072384", Weak.A_DATE),
        ("290200", Weak.A_DATE),
        ("159753", Weak.FREQUENT),
        ("778899", Weak.FREQUENT),
    ],
)
def test_a_pin_that_others_would_try_first_is_refused(pin: str, why: Weak) -> None:
    assert weak(pin) is why


def test_most_pins_are_left() -> None:
    left = sum(weak(f"{number:06}") is None for number in range(0, 10**6, 97))
    assert left > 0.85 * 10**6 / 97


def test_what_is_kept_of_a_pin_is_another_for_another_person_and_another_key() -> None:
    kept = {sealed("583041", *of) for of in (("p-a", "key"), ("p-b", "key"), ("p-a", "other"))}
    assert len(kept) == 3
