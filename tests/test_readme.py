"""What a stranger reads first stands, and leads somewhere."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import click
import pytest

from dashboard import create_app
from dashboard.config import Settings

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
AGPL_3 = "0d96a4ff68ad6d4b6f1f30f713b18d5184912ba8dd389f86aa7710db079abcb0"  # as gnu.org has it


def test_the_licence_is_the_standard_text_to_the_byte() -> None:
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == AGPL_3
    assert 'license = "AGPL-3.0-or-later"' in (ROOT / "pyproject.toml").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_picture_leads_to_a_file_or_a_heading(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", text):
        path, _, heading = target.partition("#")
        found = (page.parent / path) if path else page
        assert found.exists(), f"{page.name} names {target}, which is not there"
        if heading:
            assert heading in headings(found), f"{page.name} names {target}: no such heading"


TEXTS = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)


@pytest.mark.parametrize(
    "target", sorted(set(re.findall(r"(?m)(?:^ *|`|&& )make(?: -C \S+)? ([a-z]+)", TEXTS)))
)
def test_every_make_target_that_is_named_is_there(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, re.M), f"there is no `make {target}`"


@pytest.mark.parametrize(
    "words",
    sorted(
        set(
            re.findall(r"(?:flask --app dashboard|deploy/board) ([a-z]+(?: [a-z]+\b)?)", TEXTS)
            + re.findall(r"`((?:sites|tokens|people) [a-z]+)", TEXTS)
        )
    ),
)
def test_every_command_that_is_named_is_there(words: str) -> None:
    first, _, second = words.partition(" ")
    command = create_app(Settings(secret_key="k" * 32)).cli.commands.get(first)
    assert command is not None, f"there is no `flask {first}`"
    if isinstance(command, click.Group):
        assert second in command.commands, f"there is no `flask {words}`"


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?:dashboard|deploy|examples|tests|bin)/[^`*… ]*)`", TEXTS)))
)
def test_every_file_that_is_named_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def headings(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
