"""What of an entry must go once its site is confidential: the one exception to append-only.

A place is in no entry. But a name, an operator or a source of before may tell where a site is, so
of all that was said of it only how it is now stays. When, and by whom, stays always.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

SHORTEST = 4  # characters of a word that is looked for in every entry of the site
STAYS = frozenset({"kind", "id", "moved", "now", "who", "source", "device"})


@dataclass(frozen=True, slots=True)
class Forgetting:
    """One site, as it is now; ``groups`` are its bed groups by id. All are the texts of the store.

    ``words`` are those of its old place: they are taken out wherever they stand.
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
        if value == self.text or value in self.groups.values():
            return value  # as it is now
        return self._without_words(self._as_now(value) if name not in STAYS else value)

    def _as_now(self, value: str) -> str:
        told = _record(value)
        if told is None:
            return value
        if told.get("id") == self.site and "name" in told:
            return self._bare(told)
        if told.get("site") == self.site and "label" in told:
            return self.groups.get(f"{self.site}/{told.get('id')}", value)
        return value

    def _bare(self, told: Mapping[str, Any]) -> str:
        """An older profile: what it is called now, and what kind it was."""
        kept = {"id": self.site, "name": json.loads(self.text)["name"]}
        if "kind" in told:
            kept["kind"] = told["kind"]
        return json.dumps(kept, ensure_ascii=False, sort_keys=True)

    def _without_words(self, value: str) -> str:
        for word in self.words:
            if len(word) >= SHORTEST and word.lower() not in self.site:
                for form in {word, json.dumps(word)[1:-1], word.replace('"', '\\"')}:
                    value = re.sub(re.escape(form), "", value, flags=re.IGNORECASE)
        return value


def _record(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        told = json.loads(text)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None
