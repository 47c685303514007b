"""Whatever happens to the web server, no page is dropped and no report is lost."""

from __future__ import annotations

import signal

import pytest

from tests.by_hand import wait_until

from .town import Record, Town, kill

pytestmark = pytest.mark.processes


def test_a_reload_of_the_web_server_drops_nobody(town: Town, record_property: Record) -> None:
    old = town.workers
    with town.under_load(record_property) as load:
        kill(town.master, signal.SIGHUP)
        wait_until(lambda: not old & town.workers, 30)
        load.keeps(20)
    assert load.dropped == 0


def test_a_killed_worker_drops_nobody(town: Town, record_property: Record) -> None:
    with town.under_load(record_property) as load:
        for worker in town.workers:
            kill(worker)
            load.keeps(20)
    assert load.dropped == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_web_server_that_is_stopped_and_started_drops_nobody(
    town: Town, record_property: Record, number: signal.Signals
) -> None:
    old = town.master
    with town.under_load(record_property) as load:
        kill(old, number)
        wait_until(lambda: old not in town.product.pids(), 30)
        load.keeps(20)
    assert load.dropped == 0
