"""What can be wrong with what comes in, as codes: of one value, and of the fields of a form."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Wrong(StrEnum):
    """What can be wrong with a field; templates and the API turn it into a sentence."""

    MISSING = "missing"
    NOT_A_NUMBER = "not-a-number"
    BELOW_ZERO = "below-zero"
    TOO_MANY = "too-many"
    UNKNOWN_WORD = "unknown-word"
    TOO_LONG = "too-long"
    NOT_TEXT = "not-text"
    NOT_A_VERSION = "not-a-version"
    NOT_A_TIME = "not-a-time"
    AHEAD = "ahead"
    TOO_OLD = "too-old"
    NO_SUCH_FIELD = "no-such-field"
    NOT_A_KEY = "not-a-key"
    TAKEN = "taken"
    NOT_A_CLOCK_TIME = "not-a-clock-time"
    AFTER_RESET = "after-reset"
    NOT_A_DAY = "not-a-day"
    PASSED = "passed"
    TOO_FAR = "too-far"
    NOT_A_PHONE = "not-a-phone"
    NOT_AN_ID = "not-an-id"
    NOT_BELOW = "not-below"
    BEFORE_IT = "before-it"
    NOT_PLANNED = "not-planned"
    HAS_A_PLACE = "has-a-place"
    ID_TAKEN = "id-taken"


class Refused(Exception):
    """One or more fields can't be used; ``errors`` says for each field what is wrong."""

    def __init__(self, errors: Mapping[str, Wrong]):
        super().__init__(", ".join(f"{field}: {wrong}" for field, wrong in errors.items()))
        self.errors = dict(errors)


class Unfit(ValueError):
    """One value can't be used."""

    def __init__(self, wrong: Wrong):
        super().__init__(str(wrong))
        self.wrong = wrong
