"""The benchmarks run: the product and the floor beside it, with real streams and real reports."""

from __future__ import annotations

import shutil

import pytest

from bench import fanout, posts
from bench.bench import opened
from bench.servers import Floor, Ours

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no C compiler"),
]


def test_updates_reach_every_stream_of_ours_and_of_the_floor_and_reports_are_kept() -> None:
    with opened(quick=True) as bench:
        ours = fanout.measure(bench, Ours, count=50, updates=2)
        floor = fanout.measure(bench, Floor, count=50, updates=2)
        assert ours is not None
        assert floor is not None
        assert ours.last > 0
        assert ours.size == floor.size > 500, "both are measured with the same bytes"
        kept = posts.measure(bench, Ours, posts.by_api, seconds=0.2)
        assert kept is not None
        assert kept.rate > 0
