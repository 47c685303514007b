"""Whatever happens to the store, what was acknowledged is kept, and the board tells the truth."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.by_hand import wait_until

from .page import Fresh
from .town import GROUPS, SITES, Record, Town, kill

pytestmark = pytest.mark.processes
UNREACHABLE = 20  # seconds


def test_a_killed_store_has_kept_all_that_it_acknowledged(
    town: Town, record_property: Record
) -> None:
    with town.under_load(record_property) as load:
        kill(town.valkey)
        load.keeps(20)
        kill(town.valkey)
        load.keeps(20)
    assert load.dropped == 0


def test_a_store_that_nobody_can_reach_for_a_while_loses_nothing(
    town: Town, record_property: Record
) -> None:
    with town.under_load(record_property) as load:
        store = town.valkey
        kill(store, signal.SIGSTOP)
        try:
            away_until = time.monotonic() + UNREACHABLE
            wait_until(lambda: "can’t reach us" in town.fresh().banner, UNREACHABLE)
            assert len(town.fresh().cards) == 12, "the last board stays"
            time.sleep(max(0, away_until - time.monotonic()))
        finally:
            kill(store, signal.SIGCONT)
        load.keeps(20)
    assert load.machine.ledger.unsure, "what could not be confirmed was not called saved"
    assert load.dropped == 0
    wait_until(lambda: town.fresh().banner == "", 10)  # there is more than one worker


def test_a_store_that_comes_back_empty_is_no_town_without_beds(
    town: Town, record_property: Record, tmp_path: Path
) -> None:
    folder, aside = town.product.store.folder, tmp_path / "aside"
    with town.under_load(record_property) as load:
        known = town.crowd.pages[0].cards.keys()
        lose(town, folder, aside)
        wait_until(lambda: "records were lost" in town.fresh().banner, 30)
        fresh = town.fresh()
        assert fresh.cards.keys() == known
        assert all(doubtful(card) for card in fresh.cards.values())
        wait_until(lambda: all(page.gone for page in town.crowd.pages), 30)
        for page in town.crowd.pages:
            assert all(doubtful(card) for card in page.cards.values())
        unsure = load.machine.ledger.unsure
        wait_until(lambda: load.machine.ledger.unsure > unsure, 10)
        restore(town, aside, folder)
        load.keeps(20)
    assert load.dropped == 0


def test_a_board_whose_memory_is_gone_goes_on_when_its_sites_are_imported_again(
    town: Town, tmp_path: Path
) -> None:
    town.settle()
    folder, aside = town.product.store.folder, tmp_path / "aside"
    lose(town, folder, aside)
    wait_until(lambda: "records were lost" in town.fresh().banner, 30)
    town.store.profiles.save(SITES, GROUPS, "test", datetime.now(UTC))
    assert town.settle() == 0
    wait_until(lambda: town.fresh().banner == "", 10)  # there is more than one worker
    assert all("No count yet today" in card for card in town.fresh().cards.values())
    restore(town, aside, folder)
    assert town.settle() == 0


def doubtful(card: str) -> bool:
    """Whether a card shows no number as if it could be trusted."""
    return 'data-status="call-first"' in card and "trusted" not in card


def lose(town: Town, folder: Path, aside: Path) -> None:
    """Somebody takes the store's folder away, and the store starts again without it."""
    store = town.valkey
    folder.rename(aside)
    kill(store)


def restore(town: Town, aside: Path, folder: Path) -> None:
    """Somebody mends the mistake: the store starts again with the folder that it had."""
    store = town.valkey
    kill(store, signal.SIGSTOP)  # so that it is not started again before the folder is there
    shutil.rmtree(folder)
    aside.rename(folder)
    kill(store)
    wait_until(lambda: store not in town.product.pids() and town.product.keeps(), 30)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of eight megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", place]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("it takes the right to mount a disk")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def test_a_full_disk_confirms_nothing_and_loses_nothing(
    small_disk: Path, record_property: Record
) -> None:
    town = Town(small_disk / "var")
    try:
        with town.under_load(record_property) as load:
            fill(small_disk / "ballast")
            wait_until(lambda: load.machine.ledger.unsure > 0, 60)
            wait_until(lambda: "can’t reach us" in Fresh.get(town.product.port).banner, 30)
            (small_disk / "ballast").unlink()
            load.keeps(20)
        assert load.dropped == 0
    finally:
        town.close()


def fill(path: Path) -> None:
    """Takes all the room that is left."""
    with open(path, "wb", buffering=0) as ballast:
        try:
            while ballast.write(bytes(4096)):
                pass
        except OSError:
            pass
