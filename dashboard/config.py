"""Every setting, read once from the environment and checked: start right, or say what is wrong.

All are optional. README.md lists them, and a test fails if one is missing there.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

from . import address, secret, zones
from .clock import Day, Limits
from .travel import Shuttle

SECRET_LENGTH = 32  # characters
WALL = "([01][0-9]|2[0-3]):[0-5][0-9]"
SHUTTLE = Shuttle(time(16), time(0))
PUSH_SERVICES = (  # of Chrome and Samsung, Firefox, Edge, Safari
    *("fcm.googleapis.com", "updates.push.services.mozilla.com"),
    *("*.notify.windows.com", "*.push.apple.com"),
)
ANSWERS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


class BadSettings(ValueError):
    """One or more settings can't be used; ``problems`` holds one sentence for each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Settings:
    """What the product was told at start. ``redis_url`` is '' where Valkey is embedded."""

    port: int = 8000
    host: str = "127.0.0.1"
    var: Path = Path("var")
    redis_url: str = field(default="", repr=False)
    community: str = "kamloops"
    community_name: str = "Kamloops"
    secret_key: str = field(default="", repr=False)
    day: Day = Day()
    may_lose: bool = False
    replicas: int = 0
    workers: int = 2
    threads: int = 16
    trust_proxy: bool = False
    demo: bool = False
    quick_board: bool = True
    streams: int = 20_000
    agency_holds: int = 5
    shuttle: Shuttle | None = SHUTTLE
    public_url: str = ""
    source_url: str = ""
    push_services: tuple[str, ...] = PUSH_SERVICES
    push_key: str = field(default="", repr=False)
    stream_days: int = 35
    cap_url: str = ""
    archive_bucket: str = field(default="", repr=False)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Settings from ``environ`` (the process's own by default).

        Makes ``VAR`` and the secret key where they are missing. Raises BadSettings.
        """
        said = _Environment(os.environ if environ is None else environ)
        community = said.slug("COMMUNITY", "kamloops")
        # A host that has its store elsewhere may not keep its disk, where the archive stands.
        kept_here = bool(said.text("ARCHIVE_BUCKET", "")) or not said.text("REDIS_URL", "")
        settings = cls(
            port=said.number("PORT", 8000, 1, 65535),
            host=said.host("HOST", "127.0.0.1"),
            var=Path(said.text("VAR", "var")).expanduser().absolute(),
            redis_url=said.place("REDIS_URL", address.Address, address.FORMS),
            community=community,
            community_name=said.name("COMMUNITY_NAME", community.replace("-", " ").title()),
            secret_key=said.secret("SECRET_KEY"),
            day=_day(said),
            may_lose=said.answer("STORE_MAY_LOSE"),
            replicas=said.number("CONFIRM_REPLICAS", 0, 0, 9),
            workers=said.number("WORKERS", 2, 1, 64),
            threads=said.number("THREADS", 16, 4, 1000),
            trust_proxy=said.answer("TRUST_PROXY"),
            demo=said.answer("DEMO"),
            quick_board=said.answer("QUICK_BOARD", "yes"),
            streams=said.number("STREAMS", 20_000, 1, 1_000_000),
            agency_holds=said.number("AGENCY_HOLDS", 5, 1, 1000),
            shuttle=_shuttle(said),
            public_url=said.web_address("PUBLIC_URL").rstrip("/"),
            source_url=said.web_address("SOURCE_URL"),
            push_services=said.services("PUSH_SERVICES", PUSH_SERVICES),
            push_key=said.push_key("PUSH_KEY"),
            stream_days=said.number("STREAM_DAYS", 35 if kept_here else 3650, 10, 3650),
            cap_url=said.web_address("CAP_URL"),
            archive_bucket=said.place("ARCHIVE_BUCKET", address.Bucket, address.BUCKETS),
        )
        if settings.demo and settings.redis_url:
            said.refuse("DEMO", "yes", "no where REDIS_URL is set: a demo has a store of its own")
        if said.problems:
            raise BadSettings(tuple(said.problems))
        if settings.secret_key:
            return settings
        made = kept(settings.var, "secret_key", SECRET_LENGTH, lambda: secrets.token_hex(32))
        return replace(settings, secret_key=made)

    @property
    def bind(self) -> str:
        """Host and port as a server binds them; an IPv6 address stands in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def links(self) -> str:
        """What printed links begin with: the address that people use, where it is known."""
        return self.public_url or self.address

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the board, without a slash at the end."""
        anywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 (read, not bound)
        return f"http://{anywhere.get(self.host, self.bind.rpartition(':')[0])}:{self.port}"

    @property
    def store_url(self) -> str:
        """Where the store is: ``REDIS_URL``, or the embedded server's socket under ``VAR``."""
        return self.redis_url or f"unix://{quote(str(self.socket))}"

    @property
    def mark(self) -> Path:
        """The file that says that the store of this community once knew sites."""
        return self.var / f"{self.community}.known"

    @property
    def socket(self) -> Path:
        """The unix socket of the embedded server."""
        return self.var / "valkey.sock"


def kept(var: Path, name: str, least: int, make: Callable[[], str]) -> str:
    """The secret in this file of the data folder, made at the first start. Raises BadSettings."""
    try:
        return secret.kept(var / name, least, make)
    except OSError as error:
        raise BadSettings((unusable(var, error),)) from None


def unusable(var: Path, error: OSError) -> str:
    """The sentence for a data folder that can't be made or written to."""
    why = (error.strerror or str(error)).lower()
    return f"VAR is {str(var)!r}, but must be a folder to write in: {why}."


def _day(said: _Environment) -> Day:
    return Day(
        zone=said.zone("TIME_ZONE", "America/Vancouver"),
        reset=said.wall_time("DAILY_RESET", time(8)),
        decision=said.wall_time("DECISION_TIME", time(17)),
        evening=said.wall_time("EVENING_STARTS", time(15)),
        evening_limits=said.limits("FRESH_EVENING", 60, "STALE_EVENING", 180),
        other_limits=said.limits("FRESH_OTHERWISE", 240, "STALE_OTHERWISE", 480),
    )


def _shuttle(said: _Environment) -> Shuttle | None:
    """The hours of the shuttle, as "16:00-00:00"; None where the community has none."""
    text = said.text("SHUTTLE_HOURS", "16:00-00:00")
    phone = said.text("SHUTTLE_PHONE", "")
    if phone and not re.fullmatch(r"\+?[0-9][0-9 ().x#-]{1,39}", phone):
        said.refuse("SHUTTLE_PHONE", repr(phone[:60]), "a phone number such as 250-555-0199")
    if re.fullmatch(f"{WALL}-{WALL}", text):
        starts, ends = map(time.fromisoformat, text.split("-"))
        return Shuttle(starts, ends, phone)
    if text.lower() != "no":
        said.refuse("SHUTTLE_HOURS", repr(text[:60]), "two times such as 16:00-00:00, or no")
    return None


class _Environment:
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
