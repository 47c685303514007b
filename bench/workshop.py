"""What the benchmarks need beside the product, made or fetched here: nothing of it is kept in git.

A peer that can't be had is skipped with a word.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
ROOM = HERE.parent / "var" / "bench"
NCHAN = "libnginx-mod-nchan"
MODULE = "usr/lib/nginx/modules/ngx_nchan_module.so"


class Missing(Exception):
    """A tool or a peer that this machine does not have and we could not fetch; says why."""


def compiled(name: str) -> Path:
    """A program of ``bench/c``, compiled where its source is newer."""
    source, program = HERE / "c" / f"{name}.c", ROOM / "bin" / name
    newest = max(source.stat().st_mtime, (HERE / "c" / "common.h").stat().st_mtime)
    if not program.exists() or program.stat().st_mtime < newest:
        program.parent.mkdir(parents=True, exist_ok=True)
        command = ["gcc", "-O2", "-std=gnu11", "-Wall", "-Wextra", "-o", str(program), str(source)]
        _run([*command, "-lm"], HERE, "a C compiler")
    return program


def node_modules() -> Path:
    """Where the packages of the Node peers are, fetched by npm at the first call."""
    if shutil.which("node") is None:
        raise Missing("there is no node")
    wanted, place = HERE / "peers" / "package.json", ROOM / "npm"
    known = place / "package.json"
    if not known.exists() or known.read_bytes() != wanted.read_bytes():
        place.mkdir(parents=True, exist_ok=True)
        draft = place / "wanted" / "package.json"
        draft.parent.mkdir(exist_ok=True)
        shutil.copy(wanted, draft)
        _run(["npm", "install", "--no-audit", "--no-fund"], draft.parent, "the Node packages")
        shutil.rmtree(place / "node_modules", ignore_errors=True)
        (draft.parent / "node_modules").rename(place / "node_modules")
        shutil.copy(wanted, known)
    return place / "node_modules"


def nginx() -> Path:
    """nginx: the machine's own, or the distribution's package unpacked here."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    return Path(found) if found else _unpacked("nginx", "usr/sbin/nginx")


def nchan() -> Path:
    """The nchan module for that nginx."""
    return _unpacked(NCHAN, MODULE)


def _unpacked(package: str, file: str) -> Path:
    place = ROOM / "apt" / package
    if not (place / file).exists():
        if shutil.which("apt-get") is None:
            raise Missing(f"{package} comes from apt, and there is no apt-get")
        place.mkdir(parents=True, exist_ok=True)
        _run(["apt-get", "download", "-q", package], place, package)
        (archive,) = place.glob("*.deb")
        _run(["dpkg", "-x", archive.name, "."], place, package)
    return place / file


def _run(command: list[str], place: Path, wanted: str) -> None:
    try:
        subprocess.run(command, cwd=place, check=True, capture_output=True, text=True, timeout=180)
    except FileNotFoundError:
        raise Missing(f"{wanted}: there is no {command[0]}") from None
    except subprocess.TimeoutExpired:
        raise Missing(f"{wanted}: {command[0]} did not end in time") from None
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout or "").strip().rpartition("\n")[2]
        raise Missing(f"{wanted}: {command[0]} said: {said[:200]}") from None
