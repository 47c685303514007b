"""Which rules for wall clocks count: the newest, whoever has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.config import Settings
from dashboard.zones import release, systems


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026b\n", (2026, 2)),
        ("2026.2", (2026, 2)),
        ("2025.3.post1", (2025, 3)),
        ("unknown", (0, 0)),
        ("", (0, 0)),
    ],
)
def test_a_release_is_read_from_a_system_and_from_the_package(
    text: str, read: tuple[int, int]
) -> None:
    assert release(text) == read


def test_a_system_without_rules_is_older_than_any(tmp_path: Path) -> None:
    assert systems(()) == systems((str(tmp_path),)) == (0, 0)
    (tmp_path / "tzdata.zi").write_text("# version 2031c\n# more\n")
    assert systems((str(tmp_path / "none"), str(tmp_path))) == (2031, 3)


def test_a_winter_evening_in_british_columbia_is_told_by_the_law_of_2026() -> None:
    """https://news.gov.bc.ca/releases/2026AG0013-000209: no clock goes back in November."""
    zone = Settings().day.zone
    assert datetime(2026, 12, 1, tzinfo=UTC).astimezone(zone).utcoffset() == timedelta(hours=-7)
    assert datetime(2025, 12, 1, tzinfo=UTC).astimezone(zone).utcoffset() == timedelta(hours=-8)
