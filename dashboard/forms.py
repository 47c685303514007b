"""Untrusted words to values of the domain, or what is wrong with each field.

One reader for the fields of a form and of a machine's JSON, so both refuse the same things.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from .beds import MOST
from .board import SiteState
from .events import Version
from .people import LOGIN_LENGTH, NAME_LENGTH, Hand, Person, Role, Standing, fold, new_id
from .reports import Report, ReportKind
from .turnaways import TurnAway, TurningAway
from .wrong import Refused as Refused
from .wrong import Unfit as Unfit
from .wrong import Wrong as Wrong

KEY_LENGTH = 200
OLDEST = timedelta(days=7)
LONGEST_NUMBER = 12  # digits, before it is read at all

Word = TypeVar("Word", bound=StrEnum)


def count(given: object, low: int = 0, high: int = MOST) -> int:
    """A whole number from ``low`` to ``high``, given as one or as text. Raises Unfit."""
    if isinstance(given, int) and not isinstance(given, bool):
        number = given
    else:
        text = unicodedata.normalize("NFKC", words(given, 200)).replace("−", "-")
        if not re.fullmatch(r"[+-]?\d+", text):
            raise Unfit(Wrong.NOT_A_NUMBER)
        sign = -1 if text[0] == "-" else 1
        digits = text.lstrip("+-").lstrip("0") or "0"
        number = sign * (int(digits) if len(digits) <= LONGEST_NUMBER else high + 1)
    if number < low:
        raise Unfit(Wrong.BELOW_ZERO)
    if number > high:
        raise Unfit(Wrong.TOO_MANY)
    return number


def words(given: object, longest: int) -> str:
    """One line of text without what can't be printed. Raises Unfit."""
    if given is None or given == "":
        raise Unfit(Wrong.MISSING)
    if not isinstance(given, str):
        raise Unfit(Wrong.NOT_TEXT)
    if len(given) > longest * 2 or len(text := " ".join(given.split())) > longest:
        raise Unfit(Wrong.TOO_LONG)
    if not text:
        raise Unfit(Wrong.MISSING)
    if not text.isprintable():
        raise Unfit(Wrong.NOT_TEXT)
    return text


def word(given: object, known: type[Word]) -> Word:
    """One of a fixed set. Raises Unfit."""
    if given is None or given == "":
        raise Unfit(Wrong.MISSING)
    if isinstance(given, str) and given in list(known):
        return known(given)
    raise Unfit(Wrong.UNKNOWN_WORD)


def version(given: object) -> str:
    """A version of the board that the sender saw. Raises Unfit."""
    try:
        return str(Version.parse(words(given, 100)))
    except ValueError as error:
        raise error if isinstance(error, Unfit) else Unfit(Wrong.NOT_A_VERSION) from None


class Reading:
    """Reads one field after the other, and gathers what is wrong: ``with reading.of("open"):``."""

    def __init__(self) -> None:
        self.errors: dict[str, Wrong] = {}

    def of(self, field: str) -> _Field:
        return _Field(self, field)

    def done(self) -> None:
        """Raises Refused if any field was wrong."""
        if self.errors:
            raise Refused(self.errors)


class _Field:
    def __init__(self, reading: Reading, name: str):
        self._reading, self._name = reading, name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, Unfit):
            self._reading.errors[self._name] = error.wrong
            return True
        return False


def desk_report(
    given: Mapping[str, str], site: str, group: str, hand: Hand, now: datetime
) -> Report:
    """A report from a screen. Raises Refused.

    ``kind``, ``value`` (full needs none), ``key``, ``seen`` (what a number was typed over), and the
    older of ``waited`` (seconds) and ``first_tried`` (ms since 1970, by the server's clock).
    """
    reading = Reading()
    kind, value = ReportKind.CHANGE, 0
    with reading.of("kind"):
        kind = word(given.get("kind"), ReportKind)
    if kind is not ReportKind.FULL:
        with reading.of("value"):
            value = count(given.get("value"), -MOST if kind is ReportKind.ADJUST else 0)
    key = key_of(reading, given)
    reading.done()
    over = kind == "change" and re.fullmatch(r"[0-9]{0,4}", given.get("seen", "-"))
    by = (observed_at(given, now), hand.source, hand.who, key)
    return Report(site, group, kind, value, *by, device=hand.device, seen=over[0] if over else None)


def all_still_right(
    given: Mapping[str, str], state: SiteState, hand: Hand, now: datetime
) -> list[Report]:
    """One confirmation for each figure that was seen, in fields ``seen.GROUP``. Raises Refused."""
    reading, seen = Reading(), {}
    for group in (one.group.id for one in state.groups):
        if f"seen.{group}" in given:
            with reading.of("value"):
                seen[group] = count(given[f"seen.{group}"])
    key = key_of(reading, given)
    if not seen:
        reading.errors["value"] = Wrong.MISSING
    reading.done()
    common = (observed_at(given, now), hand.source, hand.who)
    return [
        Report(
            state.site.id,
            group,
            ReportKind.CONFIRM,
            value,
            *common,
            f"{key}/{group}",
            device=hand.device,
        )
        for group, value in seen.items()
    ]


def turning_away(given: Mapping[str, str], now: datetime) -> TurningAway:
    """The reason, from the fixed list; it may have waited as a report does. Raises Refused."""
    reading, reason = Reading(), TurnAway.FULL
    with reading.of("reason"):
        reason = word(given.get("reason"), TurnAway)
    key = key_of(reading, given)
    reading.done()
    return TurningAway(reason, observed_at(given, now), key)


def only_a_key(given: Mapping[str, str]) -> str:
    """The key of a form that says nothing more. Raises Refused."""
    reading = Reading()
    key = key_of(reading, given)
    reading.done()
    return key


def undoing(given: Mapping[str, str]) -> tuple[str, str]:
    """The version to take back, and the key. Raises Refused."""
    reading, undoes = Reading(), ""
    with reading.of("undoes"):
        undoes = version(given.get("undoes"))
    key = key_of(reading, given)
    reading.done()
    return undoes, key


def key_of(reading: Reading, given: Mapping[str, str]) -> str:
    """The key that makes sending a form again safe; what is wrong goes to ``reading``."""
    key = given.get("key", "")
    if not 8 <= len(key) <= KEY_LENGTH:
        reading.errors["key"] = Wrong.MISSING
    return f"desk:{key}"


def observed_at(given: Mapping[str, str], now: datetime) -> datetime:
    """When a report that waited was made, by the server's clock: never ahead, at most 7 days ago.

    What can't be read has not waited.
    """
    waits = [timedelta(0)]
    if re.fullmatch(r"[0-9]{1,7}", given.get("waited", "")):
        waits.append(timedelta(seconds=int(given["waited"])))
    if re.fullmatch(r"[0-9]{1,14}", given.get("first_tried", "")):
        waits.append(timedelta(seconds=now.timestamp() - int(given["first_tried"]) / 1000))
    return now - min(max(waits), OLDEST)


def invitation(given: Mapping[str, str], sites: Iterable[str], known: Iterable[str]) -> Person:
    """Somebody to invite: ``name``, ``login``, and what ``standing`` reads. Raises Refused."""
    reading = Reading()
    name = login = ""
    with reading.of("name"):
        name = words(given.get("name"), NAME_LENGTH)
    with reading.of("login"):
        login = login_of(given.get("login"))
    found = _standing(reading, given, sites, known)
    reading.done()
    return Person(new_id(), login, name, *found)


def standing(given: Mapping[str, str], sites: Iterable[str], known: Iterable[str]) -> Standing:
    """What somebody may do: ``role``, ``agency`` and the chosen ``sites``.

    A desk has sites among ``known``, an outreach worker an agency. Raises Refused.
    """
    reading = Reading()
    found = _standing(reading, given, sites, known)
    reading.done()
    return found


def standing_seen(given: Mapping[str, str]) -> Standing | None:
    """What the sender saw when the form was made; None where it does not say."""
    role = given.get("seen_role")
    if role not in list(Role):
        return None
    sites = tuple(given.get("seen_sites", "").split())
    return Standing(Role(role), sites, given.get("seen_agency", ""))


def _standing(
    reading: Reading, given: Mapping[str, str], sites: Iterable[str], known: Iterable[str]
) -> Standing:
    role, agency, chosen = Role.DESK, "", tuple(sorted(set(sites)))
    with reading.of("role"):
        role = word(given.get("role"), Role)
    if role is not Role.DESK:
        chosen = ()
    elif not chosen:
        reading.errors["sites"] = Wrong.MISSING
    elif not set(chosen) <= set(known):
        reading.errors["sites"] = Wrong.UNKNOWN_WORD
    if role is Role.OUTREACH:
        with reading.of("agency"):
            agency = words(given.get("agency"), NAME_LENGTH)
    return Standing(role, chosen, agency)


def device(given: Mapping[str, str], known: Iterable[str]) -> tuple[str, str]:
    """A device to enrol: its ``name``, and its ``site``, one of ``known``. Raises Refused."""
    reading, name, site = Reading(), "", given.get("site", "")
    with reading.of("name"):
        name = words(given.get("name"), NAME_LENGTH)
    if site not in set(known):
        reading.errors["site"] = Wrong.UNKNOWN_WORD if site else Wrong.MISSING
    reading.done()
    return name, site


def coordinator(given: Mapping[str, str]) -> Person:
    """The first coordinator, who says who they are: ``name`` and ``login``. Raises Refused."""
    reading = Reading()
    name = login = ""
    with reading.of("name"):
        name = words(given.get("name"), NAME_LENGTH)
    with reading.of("login"):
        login = login_of(given.get("login"))
    reading.done()
    return Person(new_id(), login, name, Role.COORDINATOR)


def login_of(given: object) -> str:
    """A login as it is kept. Raises Unfit."""
    login = fold(words(given, LOGIN_LENGTH))
    if not login.isprintable() or not login:
        raise Unfit(Wrong.NOT_TEXT)
    return login
