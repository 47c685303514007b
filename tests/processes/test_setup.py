"""`bin/setup` on machines that lack something, and on a fresh clone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.by_hand import wait_until

from .product import ROOT, Product

pytestmark = pytest.mark.processes
NOWHERE = "http://127.0.0.1:9"


def setup(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "bin" / "setup", *words], capture_output=True, text=True, env=os.environ | environ
    )


@pytest.fixture
def lean(tmp_path: Path) -> Path:
    """A folder to be the whole PATH: the shell's own tools, and what a test adds."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "dirname"):
        (tools / name).symlink_to(f"/usr/bin/{name}")
    return tools


def test_without_a_python_that_is_new_enough_it_says_so_in_one_sentence(lean: Path) -> None:
    old = lean / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" || exit 1\n')
    old.chmod(0o755)
    done = setup(PATH=str(lean), PYTHON="")
    assert done.returncode == 1
    assert done.stderr == (
        "Python 3.11 or newer is needed, and found was: Python 3.9.2. "
        "Install one, or set PYTHON to it.\n"
    )


def test_a_newer_python_is_found_by_its_own_name(lean: Path) -> None:
    (lean / "python3").symlink_to("/bin/false")
    (lean / "python3.12").symlink_to(sys.executable)
    done = setup("test", PATH=str(lean), PYTHON="")
    assert "Python 3.11" not in done.stderr


def test_without_the_tools_of_the_tests_and_a_way_to_install_them_it_says_so(lean: Path) -> None:
    done = setup("test", PATH=str(lean), PYTHON=sys.executable, CHROMIUM="")
    assert done.returncode == 1
    told = done.stderr.replace(" nginx,", "").replace(" nginx ", " ")  # /usr/sbin may have it
    assert told == (
        "The tests need chromium, redis-server, openssl: install them "
        "(Debian: apt-get install chromium redis-server openssl; "
        "another Chromium: set CHROMIUM to its path).\n"
    )


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Product]:
    """A fresh clone of what is committed, and the product to be run in it."""
    place = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", ROOT, place], check=True)
    product = Product(place / "var")
    product.root = place
    yield product
    product.end()


@pytest.mark.skipif(not os.environ.get("SOAK"), reason="minutes long: make soak")
def test_a_fresh_clone_runs_and_then_runs_again_without_a_network(clone: Product) -> None:
    make = clone.start("make", "run", seconds=300)
    make.terminate()
    make.wait(30)
    wait_until(lambda: clone.pids() == {})
    clone.settings |= {"PIP_INDEX_URL": NOWHERE, "npm_config_registry": NOWHERE}
    clone.start("make", "run")
    assert clone.healthy()


@pytest.mark.skipif(not os.environ.get("SOAK"), reason="minutes long: make soak")
def test_without_npm_the_page_scripts_come_all_the_same(clone: Product, tmp_path: Path) -> None:
    broken = tmp_path / "npm"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    clone.settings["PATH"] = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    clone.start("make", "run", seconds=300)
    assert clone.healthy()
    assert (clone.root / "static" / "vendor" / "htmx.min.js").stat().st_size > 10_000
