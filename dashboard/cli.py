"""The `flask` commands. They work while the product runs and while it does not.

Each opens the store, does one thing, and says what it did, or why not, in sentences.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from . import columns, importing
from .board import Board
from .config import Settings
from .embedded import CannotStart, at_hand
from .events import Version
from .store import (
    BadDump,
    LabelTaken,
    NotEmpty,
    Store,
    StoreDown,
    StoreUnfit,
    Token,
    differences,
)

WHO = "server"  # who an entry names where a command on the server made it
NOT_SURE = "We could not confirm that this was saved. Trying again is safe."
IN_MEMORY = 16 * 2**20  # bytes of a dump that are kept in memory

sites = AppGroup("sites", help="Bring sites and bed groups in from CSV files, and write them out.")
tokens = AppGroup("tokens", help="Make, end and list the tokens that machines report with.")


def init_app(app: Flask) -> None:
    for command in (sites, tokens, check, dump, load):
        app.cli.add_command(command)


@contextmanager
def opened() -> Iterator[Store]:
    """The community's store; what goes wrong with it becomes a sentence and exit code 1."""
    settings: Settings = current_app.extensions["settings"]
    try:
        with at_hand(settings) as url:
            store = Store(url, settings.community, settings.may_lose)
            try:
                store.connection.check()
                yield store
            finally:
                store.connection.close()
    except StoreDown as error:
        raise click.ClickException(f"The store is away ({error}). {NOT_SURE}") from None
    except (CannotStart, StoreUnfit) as error:
        raise click.ClickException(str(error)) from None


@sites.command("import")
@click.argument("sites_file", metavar="SITES.csv", type=click.File("rb"))
@click.option("--groups", "groups_file", metavar="GROUPS.csv", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
def import_sites(sites_file: BinaryIO, groups_file: BinaryIO | None, dry_run: bool) -> None:
    """Bring in sites, and their bed groups. All of it is good, or nothing changes.

    What the files do not name stays as it is.
    """
    table = importing.site_table(_name(sites_file), sites_file.read())
    groups = importing.group_table(_name(groups_file), groups_file.read()) if groups_file else None
    with opened() as store:
        plan = importing.plan(table, groups, store.profiles.sites(), store.profiles.groups())
        _refuse(plan)
        for line in (*plan.remarks, *plan.changes):
            click.echo(line)
        if not dry_run:
            store.profiles.save(plan.sites, plan.groups, WHO, _now())
    if not plan.changes:
        return click.echo("There is nothing to change.")
    count = f"{_count(len(plan.sites), 'site')} and {_count(len(plan.groups), 'bed group')}"
    return click.echo(f"Would save {count}." if dry_run else f"Saved {count}.")


def _name(file: BinaryIO) -> str:
    return str(getattr(file, "name", "<stdin>"))


def _refuse(plan: importing.Plan) -> None:
    if not plan.problems:
        return
    for problem in plan.problems:
        click.echo(problem, err=True)
    found = _count(len(plan.problems), "problem")
    raise click.ClickException(f"{found}, so nothing was changed.")


@sites.command("export")
@click.argument("sites_file", metavar="SITES.csv", type=click.Path(allow_dash=True))
@click.option("--groups", "groups_file", metavar="GROUPS.csv", type=click.Path(allow_dash=True))
def export_sites(sites_file: str, groups_file: str | None) -> None:
    """Write sites, and their bed groups, as files that import as they are. '-' prints."""
    with opened() as store:
        known, groups = store.profiles.sites(), store.profiles.groups()
    _write(sites_file, importing.site_file(known[id_] for id_ in sorted(known)))
    if groups_file:
        _write(groups_file, importing.group_file(groups.values()))


def _write(path: str, text: str) -> None:
    with click.open_file(path, "w", encoding="utf-8", atomic=path != "-") as file:
        file.write(text)


@tokens.command("create")
@click.argument("label")
@click.option("--all-sites", is_flag=True, help="For every site, later ones included.")
@click.option("--site", "site_ids", metavar="ID", multiple=True, help="For this site; repeatable.")
def create_token(label: str, all_sites: bool, site_ids: tuple[str, ...]) -> None:
    """Make a token for the machine LABEL. Its last line is the token, shown this once."""
    if all_sites == bool(site_ids):
        raise click.UsageError("Say --all-sites, or --site ID for each site that it may report.")
    label = _label(label)
    with opened() as store:
        if unknown := sorted(set(site_ids) - store.profiles.sites().keys()):
            raise click.ClickException(f"There is no site {', '.join(map(repr, unknown))}.")
        try:
            reach = None if all_sites else sorted(set(site_ids))
            token = store.tokens.create(label, reach, WHO, _now())
        except LabelTaken:
            raise click.ClickException(f"{label!r} has a token: revoke that first.") from None
    click.echo(f"A token for {label!r}. It is not shown again; the store keeps only its hash.")
    click.echo(token)


def _label(said: str) -> str:
    try:
        return columns.title(said.strip(), 60)
    except columns.Refused as error:
        raise click.UsageError(f"A label must be {error}.") from None


@tokens.command("revoke")
@click.argument("label")
def revoke_token(label: str) -> None:
    """End the token of the machine LABEL, at once."""
    with opened() as store:
        if not store.tokens.revoke(label.strip(), WHO, _now()):
            raise click.ClickException(f"No token has the label {label!r}.")
    click.echo(f"The token of {label.strip()!r} no longer works.")


@tokens.command("list")
def list_tokens() -> None:
    """Whose tokens work, for which sites, since when, and when they were last used."""
    with opened() as store:
        found = store.tokens.all()
    for token in found:
        click.echo(_told(token))
    click.echo(f"{_count(len(found), 'token')}.")


def _told(token: Token) -> str:
    reach = "all sites" if token.sites is None else ", ".join(token.sites)
    used = f"last used {token.used_on}" if token.used_on else "never used"
    return f"{token.label}: {reach}; made {token.created_at:%Y-%m-%d}, {used}"


@click.command()
@with_appcontext
def check() -> None:
    """Compare the board in the hashes with the board that the stream alone gives."""
    day = current_app.extensions["settings"].day
    with opened() as store:
        try:
            kept = store.stream.snapshot(day)
            rebuilt = Board(day, Version(kept.version.epoch, 0, 0))
            for event in store.stream.events():
                if event.version > kept.version:
                    break
                rebuilt.apply(event)
        except (KeyError, ValueError) as error:
            raise click.ClickException(f"The store holds what can't be read: {error}.") from None
    for name in (found := differences(kept, rebuilt, _now())):
        click.echo(name)
    if found:
        raise click.ClickException("These differ between the hashes and the stream.")
    said = f"{_count(len(kept.sites), 'site')}, as of {kept.version}"
    click.echo(f"The stream alone gives the board that the hashes have: {said}.")


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(allow_dash=True))
@with_appcontext
def dump(path: str) -> None:
    """Write the whole community as JSON lines, to move it to another server.

    The file holds everything that the store holds: keep it as safe as the store.
    """
    with opened() as store, _private(path) as file:
        for line in store.dump.lines(_now()):
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
    click.echo(f"Loaded {_count(keys, 'key')}.")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _now() -> datetime:
    return datetime.now(UTC)
