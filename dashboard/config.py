"""Every setting, read once from the environment and checked: start right, or say what is wrong.

All are optional. README.md lists them, and a test fails if one is missing there.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import time
from pathlib import Path
from urllib.parse import quote

from . import address, secret
from .clock import Day
from .customs import Customs
from .environment import SECRET_LENGTH, Environment
from .terms import PHONE, WALL
from .travel import Shuttle

SHUTTLE = Shuttle(time(16), time(0))
PUSH_SERVICES = (  # of Chrome and Samsung, Firefox, Edge, Safari
    *("fcm.googleapis.com", "updates.push.services.mozilla.com"),
    *("*.notify.windows.com", "*.push.apple.com"),
)


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
        said = Environment(os.environ if environ is None else environ)
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
    def customs(self) -> Customs:
        """What a community starts with, before its coordinators settle anything."""
        return Customs(self.day, self.shuttle, self.agency_holds, source=self.source_url)

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


def _day(said: Environment) -> Day:
    return Day(
        zone=said.zone("TIME_ZONE", "America/Vancouver"),
        reset=said.wall_time("DAILY_RESET", time(8)),
        decision=said.wall_time("DECISION_TIME", time(17)),
        evening=said.wall_time("EVENING_STARTS", time(15)),
        evening_limits=said.limits("FRESH_EVENING", 60, "STALE_EVENING", 180),
        other_limits=said.limits("FRESH_OTHERWISE", 240, "STALE_OTHERWISE", 480),
    )


def _shuttle(said: Environment) -> Shuttle | None:
    """The hours of the shuttle, as "16:00-00:00"; None where the community has none."""
    text = said.text("SHUTTLE_HOURS", "16:00-00:00")
    phone = said.text("SHUTTLE_PHONE", "")
    if phone and not re.fullmatch(PHONE, phone):
        said.refuse("SHUTTLE_PHONE", repr(phone[:60]), "a phone number such as 250-555-0199")
    if re.fullmatch(f"{WALL}-{WALL}", text):
        starts, ends = map(time.fromisoformat, text.split("-"))
        return Shuttle(starts, ends, phone)
    if text.lower() != "no":
        said.refuse("SHUTTLE_HOURS", repr(text[:60]), "two times such as 16:00-00:00, or no")
    return None
