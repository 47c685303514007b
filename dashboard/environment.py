"""Reading settings from the environment: each is checked, and what can't be used is a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from . import address, zones
from .clock import Limits
from .terms import WALL

SECRET_LENGTH = 32  # characters
ANSWERS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


class Environment:
    """Reads values by name and collects a sentence for each that can't be used.

    A setting that is there but empty counts as not set.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []

    def text(self, name: str, default: str) -> str:
        return self.environ.get(name, "").strip() or default

    def refuse(self, name: str, value: str, accepted: str) -> None:
        self.problems.append(f"{name} is {value}, but must be {accepted}.")

    def number(self, name: str, default: int, low: int, high: int) -> int:
        text = self.text(name, str(default))
        if re.fullmatch(r"[0-9]{1,9}", text) and low <= int(text) <= high:
            return int(text)
        self.refuse(name, repr(text), f"a whole number from {low} to {high}")
        return default

    def answer(self, name: str, default: str = "no") -> bool:
        text = self.text(name, default)
        if text.lower() not in ANSWERS:
            self.refuse(name, repr(text), "yes or no")
        return ANSWERS.get(text.lower(), False)

    def slug(self, name: str, default: str) -> str:
        text = self.text(name, default)
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", text):
            self.refuse(
                name, repr(text), "a short id such as 'kamloops': a to z, 0 to 9 and hyphens"
            )
        return text

    def name(self, name: str, default: str) -> str:
        text = self.text(name, default)
        if len(text) > 60 or not text.isprintable():
            self.refuse(name, repr(text), "a name of at most 60 characters, on one line")
        return text

    def host(self, name: str, default: str) -> str:
        text = self.text(name, default)
        if not re.fullmatch(r"[A-Za-z0-9.:_-]{1,253}", text):
            self.refuse(name, repr(text), "an address to listen on, such as 127.0.0.1 or 0.0.0.0")
        return text

    def place(self, name: str, kind: type[address.Address | address.Bucket], forms: str) -> str:
        """Where something is. What is refused is never repeated whole: it may hold a password."""
        text = self.text(name, "")
        try:
            if text:
                kind.parse(text)
        except ValueError:
            scheme, _, rest = text.partition("://")
            self.refuse(name, f"{scheme}://…" if rest else "not an address", forms)
        return text

    def web_address(self, name: str) -> str:
        text = self.text(name, "")
        if text and not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]_-]+(/[!-~]*)?", text):
            self.refuse(name, repr(text[:80]), "a web address such as https://beds.example.org")
        return text

    def secret(self, name: str) -> str:
        text = self.text(name, "")
        if text and len(text) < SECRET_LENGTH:
            self.refuse(name, f"{len(text)} characters long", f"at least {SECRET_LENGTH} long")
        return text

    def push_key(self, name: str) -> str:
        text = self.text(name, "")
        if text and not re.fullmatch(r"[A-Za-z0-9_-]{43}", text):
            self.refuse(name, f"{len(text)} characters long", "what VAR/push_key holds: 43 long")
        return text

    def services(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """Hosts, with ``*.`` for any under one, or origins; ``none`` for no host at all."""
        found = tuple(self.text(name, " ".join(default)).replace(",", " ").split())
        if found == ("none",):
            return ()
        for one in found:
            if not re.fullmatch(
                r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+|https?://[a-z0-9.-]+(:\d+)?", one
            ):
                self.refuse(name, repr(one[:80]), "none, or hosts such as fcm.googleapis.com")
        return found

    def zone(self, name: str, default: str) -> ZoneInfo:
        text = self.text(name, default)
        try:
            return zones.find(text)
        except (ValueError, OSError, LookupError):
            self.refuse(name, repr(text), "a time zone's name, such as 'America/Vancouver'")
            return zones.find(default)

    def wall_time(self, name: str, default: time) -> time:
        text = self.text(name, default.strftime("%H:%M"))
        if re.fullmatch(WALL, text):
            return time.fromisoformat(text)
        self.refuse(name, repr(text), "a time of day from 00:00 to 23:59, such as 17:00")
        return default

    def limits(self, fresh: str, fresh_default: int, stale: str, stale_default: int) -> Limits:
        """Two ages in minutes, the first below the second."""
        low = self.number(fresh, fresh_default, 1, 1440)
        high = self.number(stale, stale_default, 1, 1440)
        if low >= high:
            self.refuse(fresh, f"{low} minutes", f"less than {stale}, which is {high}")
            return Limits(timedelta(minutes=fresh_default), timedelta(minutes=stale_default))
        return Limits(timedelta(minutes=low), timedelta(minutes=high))
