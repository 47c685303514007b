"""The archive from the command line: what is in it, and what should be."""

from __future__ import annotations

from datetime import timedelta

import click
from flask.cli import AppGroup

from ..shelf import ShelfDown
from ..store import BadNight, NotEmpty, OtherArchive
from ..store.sealed import point
from .opened import count, now, opened, settings

archive = AppGroup("archive", help="Nights that have ended, kept for good.")


@archive.command("write")
def write() -> None:
    """Archive every night that has ended, and trim the stream, as the running board does."""
    known = settings()
    with opened() as store:
        try:
            day = store.stream.snapshot(known.day).day
            done = store.archiving.daily(day, now(), timedelta(days=known.stream_days))
        except (ShelfDown, OtherArchive) as error:
            raise click.ClickException(str(error)) from None
    for seal in done.written:
        click.echo(f"{seal.file}: {_entries(seal.entries)}")
    click.echo(f"Archived {count(len(done.written), 'night')}, trimmed {len(done.trimmed)}.")


@archive.command("list")
def list_() -> None:
    """Every archived night, and whether the store still has it too."""
    with opened() as store:
        seals, trimmed = store.archive.seals(), store.archive.trimmed()
    for seal in seals:
        where = "archive" if point(seal.last) <= point(trimmed) else "archive and store"
        click.echo(f"{seal.night}  {_entries(seal.entries)}  {where}  {seal.sha256[:16]}")
    click.echo(f"{count(len(seals), 'night')}.")


@archive.command("restore")
def restore() -> None:
    """Bring a community back out of its archive alone. COMMUNITY must be new.

    For when the store and every dump of it are lost: a dump brings back more.
    """
    known = settings()
    with opened() as store:
        try:
            back = store.restoring.restore(known.day, now(), timedelta(days=known.stream_days))
        except BadNight as error:
            text = f"The archive can't be restored: {error}. Nothing was changed."
            raise click.ClickException(text) from None
        except NotEmpty:
            text = f"The community {known.community!r} is not empty. Nothing was changed."
            raise click.ClickException(text) from None
        except ShelfDown as error:
            raise click.ClickException(str(error)) from None
    when = f"{back.until.astimezone(known.day.zone):%Y-%m-%d %H:%M}"
    nights, sites = count(back.nights, "night"), count(back.sites, "site")
    click.echo(f"Restored {nights} with {_entries(back.entries)}, and {sites}, up to {when}.")
    click.echo("No entry tells addresses, people, devices and tokens: enter them anew.")


def _entries(number: int) -> str:
    return f"{number} {'entry' if number == 1 else 'entries'}"
