"""People, for a server whose coordinators can't be reached, or who have yet to begin.

Both commands end with a one-time link, alone on the last line. No password is ever shown.
"""

from __future__ import annotations

import click
from flask.cli import AppGroup

from .. import access, forms
from ..people import Role, fold
from ..store import LoginTaken
from .opened import WHO, now, opened, settings

people = AppGroup("people", help="Invite people, and let them in again.")
OPTIONS = {"name": "NAME", "login": "LOGIN", "sites": "--site", "agency": "--agency"}
WORDS = {
    forms.Wrong.MISSING: "is needed",
    forms.Wrong.TOO_LONG: "is too long",
    forms.Wrong.NOT_TEXT: "must be text on one line",
    forms.Wrong.UNKNOWN_WORD: "names a site that is not there",
}


@people.command("add")
@click.argument("name")
@click.argument("login")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.COORDINATOR.value,
    show_default=True,
)
@click.option("--site", "site_ids", metavar="ID", multiple=True, help="A desk's site; repeatable.")
@click.option("--agency", default="", help="An outreach worker's agency.")
def add(name: str, login: str, role: str, site_ids: tuple[str, ...], agency: str) -> None:
    """Invite NAME, who will sign in as LOGIN. The last line is their one-time link."""
    given = {"name": name, "login": login, "role": role, "agency": agency}
    with opened() as store:
        try:
            person = forms.invitation(given, site_ids, store.profiles.sites())
            token = store.people.invite(person, WHO, now())
        except forms.Refused as refused:
            raise click.UsageError(_said(refused)) from None
        except LoginTaken:
            raise click.ClickException(f"Somebody else signs in as {login!r}.") from None
    _hand_over(person.name, token)


def _said(refused: forms.Refused) -> str:
    told = [f"{OPTIONS[name]} {WORDS[wrong]}." for name, wrong in refused.errors.items()]
    return " ".join(told)


@people.command("reset")
@click.argument("login")
def reset(login: str) -> None:
    """Let LOGIN set a new password, the last coordinator too. The last line is the link."""
    with opened() as store:
        known = store.people.by_login(fold(login))
        if known is None:
            raise click.ClickException(f"Nobody signs in as {login!r}.")
        token = store.people.reset_link(known.person.id, WHO, now())
    _hand_over(known.person.name, token)


def _hand_over(name: str, token: str) -> None:
    click.echo(f"A link for {name}. It works once, for 72 hours. Where the board has another")
    click.echo("address than this machine's, put that in front.")
    click.echo(settings().links + access.welcome_path(token))
