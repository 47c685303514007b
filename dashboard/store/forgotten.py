"""What of an entry must go once its site is confidential: the one exception to append-only.

A place is in no entry. But a name, an operator or a source of before may tell where a site is, so
of all that was called or said of it only how it is now stays. Numbers, days, when and by whom stay.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

SHORTEST = 4  # characters of a word that is looked for in every entry of the site
STAYS = frozenset({"kind", "id", "moved", "now", "who", "source", "device"})
CALLED = frozenset({"label", "label_fr", "source", "proofs", "planned"})  # of a bed group
RAN = frozenset({"kind", "paused", "since", "until", "tighter"})  # of a site; reports count on it
# What people have named stands under these, or has a space in it: a code, an id, a number or an
# instant never has one, and must not lose a part that looks like a word of the place.
NAMES = frozenset({"about", "agency", "area", "name", "label", "label_fr", "operator"})


@dataclass(frozen=True, slots=True)
class Forgetting:
    """One site, as it is now; ``groups`` are its bed groups by id. All are the texts of the store.

    ``words`` are those of its old place: they are taken out of every text that people wrote.
    """

    site: str
    text: str
    groups: Mapping[str, str]
    words: Collection[str] = ()

    def applied(self, fields: Mapping[str, str]) -> dict[str, str]:
        """The entry without what must go; as it was where nothing must."""
        if not any(self.site in value for value in fields.values()):
            return dict(fields)
        return {name: self._of(name, value) for name, value in fields.items()}

    def applied_within(self, told: Any) -> Any:
        """The same for every text inside of what is kept as JSON."""
        match told:
            case dict():
                return {name: self.applied_within(one) for name, one in told.items()}
            case list():
                return [self.applied_within(one) for one in told]
            case str():
                return self._of("", told)
            case _:
                return told

    def _of(self, name: str, value: str) -> str:
        if name in STAYS or value == self.text or value in self.groups.values():
            return value  # a code, or as it is now
        told = _record(value)
        profile = self._profile(told) if told else None
        if profile is None:
            return self._without_words(name, value)
        return value if profile == told else json.dumps(profile, ensure_ascii=False, sort_keys=True)

    def _profile(self, told: dict[str, Any]) -> dict[str, Any] | None:
        """What stays of an older profile; None of what is none."""
        if told.get("id") == self.site and "name" in told:
            return _days(told) | {"id": self.site, "name": json.loads(self.text)["name"]}
        if told.get("site") == self.site and "label" in told:
            return self._group(told)
        return None

    def _group(self, told: dict[str, Any]) -> dict[str, Any]:
        """An older bed group: what it is called now, and the facts that it had."""
        now = json.loads(self.groups.get(f"{self.site}/{told['id']}", "{}"))
        kept = {name: given for name, given in told.items() if name not in CALLED}
        called = {name: now[name] for name in ("label", "label_fr") if name in now}
        return kept | _plans(told, lambda fact: fact not in CALLED) | {"label": "–"} | called

    def _without_words(self, name: str, value: str) -> str:
        told = _record(value)
        if told is None:
            return self._bared(value) if name in NAMES or " " in value else value
        kept = {one: self._named(one, given) for one, given in told.items()}
        return value if kept == told else json.dumps(kept, ensure_ascii=False)

    def _named(self, name: str, given: Any) -> Any:
        """The same for what stands inside of a text."""
        match given:
            case str():
                return self._without_words(name, given)
            case dict():
                return {one: self._named(one, within) for one, within in given.items()}
            case list():
                return [self._named(name, within) for within in given]
            case _:
                return given

    def _bared(self, value: str) -> str:
        for word in self.words:
            if len(word) >= SHORTEST and word.lower() not in self.site:
                value = re.sub(re.escape(word), "", value, flags=re.IGNORECASE)
        return value


def _days(told: Mapping[str, Any]) -> dict[str, Any]:
    """Of an older profile, what kind it was and when it ran."""
    kept = {name: told[name] for name in RAN if name in told}
    return kept | _plans(told, lambda fact: fact in RAN)


def _plans(told: Mapping[str, Any], stays: Callable[[str], bool]) -> dict[str, Any]:
    """Its plans for these facts, without who said so."""
    found = [[*plan[:4], ["", plan[4][1]]] for plan in told.get("planned", ()) if stays(plan[0])]
    return {"planned": found} if found else {}


def _record(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        told = json.loads(text)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None
