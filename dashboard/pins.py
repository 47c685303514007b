"""PINs of a desk: six digits, and which are refused because others would try them first.

After NIST SP 800-63B-4, section 3.1.1.2: a list of refused ones, no other rule of composition.
A PIN opens nothing but a device of its owner's site; store/sessions.py says how fast it may be
tried.
"""

from __future__ import annotations

import hmac
import re
from datetime import date
from enum import StrEnum
from hashlib import sha256
from itertools import pairwise

LENGTH = 6
YEARS = (1930, 2039)
# What people choose most, beyond the rules below: rows, columns and crosses of a keypad, pairs,
# and numbers that everybody knows.
FREQUENT = frozenset(
    """
    113355 123321 123654 123789 131452 132435 135246 141421 142536 145236 147258 147369
    147741 147852 159357 159753 159951 161803 173205 213141 223344 224466 246135 258369
    258456 258852 271828 299792 314159 321456 321654 332211 334455 335577 357159 369147
    369963 445566 456123 456654 456852 456987 531642 554433 556677 557799 654123 665544
    667788 753159 753951 778899 789123 789321 789456 789654 789987 852456 852741 951357
    951753 963741 963852 987123 987321 987789 998877
    """.split()  # noqa: SIM905 (a table)
)


class Weak(StrEnum):
    """Why a PIN is refused."""

    SIX_DIGITS = "six-digits"
    REPEATED = "repeated"
    IN_ORDER = "in-order"
    A_DATE = "a-date"
    FREQUENT = "frequent"


def weak(pin: str) -> Weak | None:
    """Why it can't be used; None where it can."""
    if not re.fullmatch(rf"[0-9]{{{LENGTH}}}", pin):
        return Weak.SIX_DIGITS
    if len(set(pin)) < 3 or pin == pin[:3] * 2 or re.search(r"(.)\1\1", pin):
        return Weak.REPEATED
    if _in_order(pin):
        return Weak.IN_ORDER
    if _a_date(pin):
        return Weak.A_DATE
    return Weak.FREQUENT if pin in FREQUENT else None


def sealed(pin: str, person: str, secret: str) -> str:
    """What is hashed for a PIN: without the secret key no dump of the store gives PINs away."""
    return hmac.new(secret.encode(), f"{person}:{pin}".encode(), sha256).hexdigest()


def _in_order(pin: str) -> bool:
    """Each digit as far from the last as all others: 123456, 975319, 246802."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return len(steps) == 1


def _a_date(pin: str) -> bool:
    """A year at either end, or a day in any order of day, month and year."""
    first, last = YEARS
    if any(first <= int(part) <= last for part in (pin[:4], pin[2:])):
        return True
    one, two, three = pin[:2], pin[2:4], pin[4:]
    orders = ((one, two, three), (three, two, one), (three, one, two))
    return any(_is_day(*order) for order in orders)


def _is_day(year: str, month: str, day: str) -> bool:
    try:
        date(2000 + int(year), int(month), int(day))
    except ValueError:
        return False
    return True
