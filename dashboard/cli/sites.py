"""Sites and bed groups from CSV files, and back."""

from __future__ import annotations

from typing import BinaryIO

import click
from flask.cli import AppGroup

from .. import importing
from .opened import WHO, count, now, opened

sites = AppGroup("sites", help="Bring sites and bed groups in from CSV files, and write them out.")


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
        known = store.profiles.all()
        plan = importing.plan(table, groups, known.sites, known.groups)
        _refuse(plan)
        for line in (*plan.remarks, *plan.changes):
            click.echo(line)
        if not dry_run:
            store.profiles.save(plan.sites, plan.groups, WHO, now())
            for site, words in importing.hidden(plan, known.sites).items():
                store.erasing.erase(site, now(), words)
            store.erasing.resume(now())  # what an earlier import left undone
    if not plan.changes:
        return click.echo("There is nothing to change.")
    told = f"{count(len(plan.sites), 'site')} and {count(len(plan.groups), 'bed group')}"
    return click.echo(f"Would save {told}." if dry_run else f"Saved {told}.")


def _name(file: BinaryIO) -> str:
    return str(getattr(file, "name", "<stdin>"))


def _refuse(plan: importing.Plan) -> None:
    if not plan.problems:
        return
    for problem in plan.problems:
        click.echo(problem, err=True)
    found = count(len(plan.problems), "problem")
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
