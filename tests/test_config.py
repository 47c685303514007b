"""Settings: right by default, refused in one sentence each, and documented without exception."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dashboard.clock import Day
from dashboard.config import BadSettings, Settings
from dashboard.travel import Shuttle

README = Path(__file__).parents[1] / "README.md"
KEY = "k" * 32


class Asked(Mapping[str, str]):
    """An empty environment that remembers which names were asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        if name == "SECRET_KEY":
            return KEY
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def settings(**environ: str) -> Settings:
    return Settings.from_environ({"SECRET_KEY": KEY} | environ)


def problems(**environ: str) -> tuple[str, ...]:
    with pytest.raises(BadSettings) as refused:
        settings(**environ)
    return refused.value.problems


def test_with_nothing_set_every_setting_has_its_default() -> None:
    assert settings() == Settings(secret_key=KEY, var=Path.cwd() / "var")
    assert settings().day == Day()


def test_a_setting_that_is_there_but_empty_counts_as_not_set() -> None:
    assert settings(PORT="", COMMUNITY=" ", TIME_ZONE="", REDIS_URL="") == settings()


def test_every_setting_is_read() -> None:
    read = settings(
        PORT="9000",
        HOST="0.0.0.0",
        VAR="/srv/board",
        REDIS_URL="rediss://:password@example.org:6380/1",
        COMMUNITY="prince-george",
        STORE_MAY_LOSE="yes",
        CONFIRM_REPLICAS="2",
        TIME_ZONE="America/Toronto",
        DECISION_TIME="16:30",
        DAILY_RESET="07:15",
        EVENING_STARTS="14:00",
        FRESH_EVENING="30",
        STALE_EVENING="90",
        FRESH_OTHERWISE="120",
        STALE_OTHERWISE="600",
        WORKERS="3",
        THREADS="8",
        TRUST_PROXY="Yes",
        DEMO="no",
        SHUTTLE_HOURS="18:30-01:15",
        SHUTTLE_PHONE="250-555-0100",
    )
    assert read.shuttle == Shuttle(time(18, 30), time(1, 15), "250-555-0100")
    assert settings(SHUTTLE_HOURS="No").shuttle is None
    assert (read.port, read.host, read.var) == (9000, "0.0.0.0", Path("/srv/board"))
    assert read.store_url == read.redis_url == "rediss://:password@example.org:6380/1"
    assert (read.community, read.community_name) == ("prince-george", "Prince George")
    assert (read.workers, read.threads, read.replicas) == (3, 8, 2)
    assert (read.may_lose, read.trust_proxy, read.demo) == (True, True, False)
    assert read.day.zone == ZoneInfo("America/Toronto")
    assert (read.day.decision, read.day.reset, read.day.evening) == (
        time(16, 30),
        time(7, 15),
        time(14),
    )
    assert (read.day.evening_limits.fresh, read.day.evening_limits.stale) == (
        timedelta(minutes=30),
        timedelta(minutes=90),
    )
    assert (read.day.other_limits.fresh, read.day.other_limits.stale) == (
        timedelta(hours=2),
        timedelta(hours=10),
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "8000.5"),
        ("PORT", "٨٠٠٠"),
        ("PORT", "9" * 5000),
        ("HOST", "here, there"),
        ("COMMUNITY", "Kamloops"),
        ("COMMUNITY", "{kamloops}"),
        ("COMMUNITY_NAME", "Kam\nloops"),
        ("COMMUNITY_NAME", "K" * 61),
        ("SECRET_KEY", "short"),
        ("STORE_MAY_LOSE", "perhaps"),
        ("TRUST_PROXY", "10.0.0.1"),
        ("DEMO", "y"),
        ("TIME_ZONE", "Kamloops"),
        ("TIME_ZONE", "../etc/passwd"),
        ("TIME_ZONE", "America"),
        ("DECISION_TIME", "5 pm"),
        ("DECISION_TIME", "24:00"),
        ("DAILY_RESET", "8"),
        ("EVENING_STARTS", "15h00"),
        ("FRESH_EVENING", "an hour"),
        ("FRESH_EVENING", "180"),
        ("STALE_EVENING", "60"),
        ("FRESH_OTHERWISE", "0"),
        ("STALE_OTHERWISE", "1441"),
        ("WORKERS", "0"),
        ("THREADS", "1"),
        ("SHUTTLE_HOURS", "4 pm to midnight"),
        ("SHUTTLE_HOURS", "16:00-24:00"),
        ("SHUTTLE_HOURS", "16:00-00:00-"),
        ("SHUTTLE_PHONE", "the van"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "http://example.org"),
        ("REDIS_URL", "redis://"),
        ("REDIS_URL", "redis://host:port"),
        ("REDIS_URL", "unix://"),
        ("REDIS_URL", "redis+cluster://"),
        ("REDIS_URL", "redis+cluster://one:7000,:7001"),
        ("REDIS_URL", "redis+cluster://one:7000/service"),
        ("REDIS_URL", "redis+sentinel://one:26379"),
        ("REDIS_URL", "redis+sentinel://one:99999/board"),
        ("REDIS_URL", "redis+sentinel://one:26379/board?db=1"),
        ("REDIS_URL", "memcached+cluster://one:7000"),
        ("CONFIRM_REPLICAS", "all"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_in_one_sentence(name: str, value: str) -> None:
    (sentence,) = problems(**{name: value})
    assert re.fullmatch(r"[A-Z_]+ is .*, but must be .*\.", sentence), sentence
    assert "\n" not in sentence
    assert name in sentence


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert problems(PORT="x", TIME_ZONE="y", DEMO="z") == (
        "PORT is 'x', but must be a whole number from 1 to 65535.",
        "TIME_ZONE is 'y', but must be a time zone's name, such as 'America/Vancouver'.",
        "DEMO is 'z', but must be yes or no.",
    )


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("::1", "http://[::1]:8000"),
        ("board.example.org", "http://board.example.org:8000"),
    ],
)
def test_an_address_is_one_that_a_browser_here_can_open(host: str, address: str) -> None:
    assert settings(HOST=host).address == address


def test_a_demo_never_plays_into_a_store_that_may_be_a_real_one() -> None:
    assert settings(DEMO="1").demo
    assert problems(DEMO="yes", REDIS_URL="redis://example.org") == (
        "DEMO is yes, but must be no where REDIS_URL is set: a demo has a store of its own.",
    )


def test_a_fresh_limit_above_its_stale_limit_names_both() -> None:
    assert problems(FRESH_OTHERWISE="500") == (
        "FRESH_OTHERWISE is 500 minutes, but must be less than STALE_OTHERWISE, which is 480.",
    )


def test_no_refusal_and_no_repr_repeats_a_password_or_a_key() -> None:
    told = problems(REDIS_URL="http://:hunter2@example.org", SECRET_KEY="hunter2")
    assert "hunter2" not in " ".join(told)
    assert "hunter2" not in repr(
        settings(REDIS_URL="redis://:hunter2@example.org", SECRET_KEY="hunter2" * 5)
    )


def test_the_secret_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    var = tmp_path / "new" / "var"
    first = Settings.from_environ({"VAR": str(var)})
    assert len(first.secret_key) == 64
    assert stat.S_IMODE((var / "secret_key").stat().st_mode) == 0o600
    assert Settings.from_environ({"VAR": str(var)}) == first


def test_processes_that_start_at_once_agree_on_the_secret_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as starts:
        keys = starts.map(
            lambda _: Settings.from_environ({"VAR": str(tmp_path)}).secret_key, range(8)
        )
    assert len(set(keys)) == 1


def test_a_key_that_was_cut_short_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("cut sh")
    assert len(Settings.from_environ({"VAR": str(tmp_path)}).secret_key) == 64


def test_a_data_folder_that_cannot_be_written_to_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadSettings) as refused:
        Settings.from_environ({"VAR": str(tmp_path / "file")})
    assert refused.value.problems == (
        f"VAR is '{tmp_path}/file', but must be a folder to write in: file exists.",
    )


def test_an_ipv6_address_is_bound_in_brackets() -> None:
    assert settings(HOST="::1").bind == "[::1]:8000"
    assert settings().bind == "127.0.0.1:8000"


def test_without_a_redis_url_the_store_is_the_embedded_one_under_var() -> None:
    assert settings(VAR="/srv/board").store_url == "unix:///srv/board/valkey.sock"


def test_history_stays_in_the_store_where_the_disk_may_not_be_kept() -> None:
    bucket = "https://KEY:SECRET@s3.example.org/beds"
    elsewhere = {"REDIS_URL": "redis://store.example.org"}
    assert settings().stream_days == 35
    assert settings(**elsewhere).stream_days == 3650
    assert settings(**elsewhere, ARCHIVE_BUCKET=bucket).stream_days == 35
    assert settings(**elsewhere, STREAM_DAYS="20").stream_days == 20


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    asked = Asked()
    Settings.from_environ(asked)
    table = README.read_text(encoding="utf-8").split("## Settings", 1)[1].split("\n## ", 1)[0]
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", table, re.M))
    assert documented == asked.names, "mend the settings table in README.md"
