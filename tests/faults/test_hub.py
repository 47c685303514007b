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

from .town import Record, Town, kill

pytestmark = pytest.mark.processes
HUNG = 60 if os.environ.get("SOAK") else 6  # seconds


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


def test_pages_of_a_hub_that_hangs_have_missed_nothing_when_it_goes_on(
    town: Town, record_property: Record
) -> None:
    with town.under_load(record_property) as load:
        hub = town.hub
        kill(hub, signal.SIGSTOP)
        try:
            time.sleep(HUNG)
            load.keeps(20)
        finally:
            kill(hub, signal.SIGCONT)


def test_pages_of_a_killed_hub_come_back_to_the_true_board(
    town: Town, record_property: Record
) -> None:
    with town.under_load(record_property) as load:
        kill(town.hub)
        wait_until(lambda: load.dropped >= len(town.crowd.pages), 20)
        load.keeps(20)
    assert load.counts.opened >= len(town.crowd.pages)
