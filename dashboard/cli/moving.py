"""Checking what the store holds, and moving a whole community to another server or name."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click
from flask.cli import with_appcontext

from .. import vouchers
from ..board import Board
from ..coldnights import NightLogged, differing
from ..events import TurnAwayUndone, TurnedAway, Version
from ..shelf import ShelfDown
from ..store import BadDump, NotEmpty, differences, faults, miscounted
from .opened import count, now, opened, settings

IN_MEMORY = 16 * 2**20  # bytes of a dump that are kept in memory


@click.command()
@with_appcontext
def check() -> None:
    """Compare the hashes, the stream and the archive with each other."""
    day = settings().day
    with opened() as store:
        try:
            tallies, turned = store.turned.kept(), []  # before the board, which then is as new
            cold, logged = store.alerts.nights(), []
            pools, moved = store.vouchers.all(), []
            kept = store.stream.snapshot(day)
            rebuilt = Board(day, Version(kept.version.epoch, 0, 0))
            for event in store.archive.events():
                if event.version > kept.version:
                    break
                rebuilt.apply(event)
                if isinstance(event, TurnedAway | TurnAwayUndone):
                    turned.append(event)
                if isinstance(event, NightLogged):
                    logged.append(event)
                if isinstance(event, vouchers.VouchersTurned):
                    moved.append(event)
            wrong = list(faults(store.archive))
            hide = [one.site.id for one in kept.sites.values() if one.site.confidential]
            nights = store.digests.wrong(day, now(), hide)
        except (KeyError, ValueError) as error:
            raise click.ClickException(f"The store holds what can't be read: {error}.") from None
        except ShelfDown as error:
            raise click.ClickException(str(error)) from None
    found = differences(kept, rebuilt, now())
    found += [f"{site}: turned away" for site in miscounted(tallies, turned)]
    found += [f"{night}: the log of this cold night" for night in differing(cold, logged)]
    found += [f"{agency}: motel nights" for agency in vouchers.differing(pools, moved)]
    found += [f"{night}: the figures of this night" for night in nights]
    for name in [*found, *wrong]:
        click.echo(name)
    if found:
        raise click.ClickException("These differ between the hashes and the history.")
    if wrong:
        raise click.ClickException("The archive is not as the store knows it.")
    said = f"{count(len(kept.sites), 'site')}, as of {kept.version}"
    click.echo(f"The history alone gives the board that the hashes have: {said}.")


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(allow_dash=True))
@with_appcontext
def dump(path: str) -> None:
    """Write the whole community as JSON lines, to move it to another server.

    The file holds everything that the store holds: keep it as safe as the store.
    """
    with opened() as store, _private(path) as file:
        for line in store.dump.lines(now()):
            file.write(line.encode() + b"\n")


@contextmanager
def _private(path: str) -> Iterator[BinaryIO]:
    """A file that only its owner may read, complete or not there."""
    if path == "-":
        yield click.open_file("-", "wb")  # type: ignore[misc]
        return
    target = Path(path)
    if not target.parent.is_dir():
        raise click.ClickException(f"There is no folder {str(target.parent)!r}.")
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
        try:
            yield file  # type: ignore[misc]
            file.flush()
            Path(file.name).replace(target)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


@click.command()
@click.argument("file", metavar="FILE", type=click.File("rb"))
@with_appcontext
def load(file: BinaryIO) -> None:
    """Bring in a whole community from a dump: all of it, or nothing. COMMUNITY must be new."""
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as kept, opened() as store:
        shutil.copyfileobj(file, kept)
        try:
            keys = store.dump.load(kept)  # type: ignore[arg-type]
        except BadDump as error:
            raise click.ClickException(f"{error} Nothing was changed.") from None
        except NotEmpty:
            name = store.connection.community
            text = f"The community {name!r} is not empty. Nothing was changed."
            raise click.ClickException(text) from None
    click.echo(f"Loaded {count(keys, 'key')}.")
