"""Whatever happens to the hub, pages come back to the true board; an upgrade drops none of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.by_hand import wait_until
from tests.processes.product import ROOT

from .crowd import Crowd
from .town import Record, Town, kill

pytestmark = pytest.mark.processes
HUNG = 60 if os.environ.get("SOAK") else 0  # seconds
LATE = 40  # pages that come while the hub hangs: more than wait at its door


def test_an_upgrade_of_the_hub_drops_nobody(town: Town, record_property: Record) -> None:
    with town.under_load(record_property) as load:
        old = town.hub
        heir = subprocess.Popen(
            [sys.executable, "-m", "dashboard.live"],
            cwd=ROOT,
            env=os.environ | town.product.settings,
        )
        # The supervisor starts another in place of the old one, and that takes over from the heir.
        wait_until(lambda: heir.poll() == 0 and old not in town.product.pids(), 60)
        load.keeps(20)
    assert load.dropped == 0


def test_a_hub_that_hangs_keeps_nobody_waiting_and_misses_nothing_when_it_goes_on(
    town: Town, record_property: Record
) -> None:
    with town.under_load(record_property) as load:
        hub = town.hub
        kill(hub, signal.SIGSTOP)
        late = Crowd(town.product.port, LATE)
        try:
            late.start()
            wait_until(lambda: late.counts.opened + late.counts.refused > LATE // 2, 60)
            load.keeps(20)
            time.sleep(HUNG)
        finally:
            kill(hub, signal.SIGCONT)
        load.keeps(20)
    wait_until(lambda: late.at(town.newest), 60)
    assert late.differ_from(town.fresh().cards) == 0
    late.close()


def test_pages_of_a_killed_hub_come_back_to_the_true_board(
    town: Town, record_property: Record
) -> None:
    with town.under_load(record_property) as load:
        kill(town.hub)
        wait_until(lambda: load.dropped >= len(town.crowd.pages))
        load.keeps(20)
    assert load.counts.opened >= len(town.crowd.pages)
