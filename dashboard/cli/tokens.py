"""Tokens, with which machines report. One is shown once, alone on the last line."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from .. import cells
from ..store import LabelTaken, Token
from .opened import WHO, count, now, opened

tokens = AppGroup("tokens", help="Make, end and list the tokens that machines report with.")


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
            token = store.tokens.create(label, reach, WHO, now())
        except LabelTaken:
            raise click.ClickException(f"{label!r} has a token: revoke that first.") from None
    click.echo(f"A token for {label!r}. It is not shown again; the store keeps only its hash.")
    click.echo(token)


def _label(said: str) -> str:
    try:
        return cells.title(said.strip(), 60)
    except cells.Refused as error:
        raise click.UsageError(f"A label must be {error}.") from None


@tokens.command("revoke")
@click.argument("label")
def revoke_token(label: str) -> None:
    """End the token of the machine LABEL, at once."""
    with opened() as store:
        if not store.tokens.revoke(label.strip(), WHO, now()):
            raise click.ClickException(f"No token has the label {label!r}.")
    click.echo(f"The token of {label.strip()!r} no longer works.")


@tokens.command("list")
def list_tokens() -> None:
    """Whose tokens work, for which sites, since when, and when they were last used."""
    with opened() as store:
        found = store.tokens.all()
    for token in found:
        click.echo(_told(token))
    click.echo(f"{count(len(found), 'token')}.")


def _told(token: Token) -> str:
    reach = "all sites" if token.sites is None else ", ".join(token.sites)
    used = f"last used {token.used_on}" if token.used_on else "never used"
    return f"{token.label}: {reach}; made {token.created_at:%Y-%m-%d}, {used}"
