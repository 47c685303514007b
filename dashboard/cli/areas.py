"""Areas and the minutes between them from a CSV file, and back."""

from __future__ import annotations

from typing import BinaryIO

import click
from flask.cli import AppGroup

from .. import distances
from .opened import WHO, count, now, opened

areas = AppGroup("areas", help="Bring areas and the minutes between them in, and write them out.")


@areas.command("import")
@click.argument("file", metavar="AREAS.csv", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
def import_areas(file: BinaryIO, dry_run: bool) -> None:
    """Bring in areas and minutes. All of it is good, or nothing changes.

    What the file does not name stays as it is.
    """
    table = distances.table(str(getattr(file, "name", "<stdin>")), file.read())
    with opened() as store:
        plan = distances.plan(table, store.areas.travel())
        for problem in plan.problems:
            click.echo(problem, err=True)
        if plan.problems:
            told = count(len(plan.problems), "problem")
            raise click.ClickException(f"{told}, so nothing was changed.")
        for line in plan.changes:
            click.echo(line)
        if not dry_run:
            store.areas.save(plan.areas, plan.legs, WHO, now())
    if not plan.changes:
        return click.echo("There is nothing to change.")
    told = f"{count(len(plan.areas), 'new area')} and {count(len(plan.legs), 'time')} between areas"
    return click.echo(f"Would save {told}." if dry_run else f"Saved {told}.")


@areas.command("export")
@click.argument("path", metavar="AREAS.csv", type=click.Path(allow_dash=True))
def export_areas(path: str) -> None:
    """Write areas and minutes as a file that imports as it is. '-' prints."""
    with opened() as store:
        text = distances.file(store.areas.travel())
    with click.open_file(path, "w", encoding="utf-8", atomic=path != "-") as file:
        file.write(text)
