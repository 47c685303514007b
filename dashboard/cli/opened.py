"""What every command needs: the store, for as long as it takes, and words for what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import cast

import click
from flask import current_app

from .. import shelf
from ..config import Settings
from ..embedded import CannotStart, at_hand
from ..store import Store, StoreDown, StoreUnfit

WHO = "server"  # who an entry names where a command on the server made it
NOT_SURE = "We could not confirm that this was saved. Trying again is safe."


@contextmanager
def opened() -> Iterator[Store]:
    """The community's store; what goes wrong with it becomes a sentence and exit code 1."""
    known = settings()
    try:
        with at_hand(known) as url:
            store = Store(url, known.community, known.may_lose, known.replicas, shelf.of(known))
            try:
                store.connection.check()
                yield store
            finally:
                store.connection.close()
    except StoreDown as error:
        raise click.ClickException(f"The store is away ({error}). {NOT_SURE}") from None
    except (CannotStart, StoreUnfit) as error:
        raise click.ClickException(str(error)) from None


def settings() -> Settings:
    return cast(Settings, current_app.extensions["settings"])


def now() -> datetime:
    return datetime.now(UTC)


def count(number: int, noun: str) -> str:
    """'1 site', '2 sites'"""
    return f"{number} {noun}{'' if number == 1 else 's'}"
