"""The application with places that fail with the visitor's own words, to see where they end up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from flask import request

from dashboard import create_app

app = create_app()
served = app.wsgi_app


def in_a_view() -> NoReturn:
    raise LookupError(f"{request.query_string!r} {request.user_agent} {request.remote_addr}")


app.view_functions["public.how_we_count"] = in_a_view


def failing(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    words = f"{environ['QUERY_STRING']} {environ.get('HTTP_USER_AGENT')} {environ['REMOTE_ADDR']}"
    if environ["PATH_INFO"] == "/outside":
        raise ValueError(words)
    if environ["PATH_INFO"] == "/late":
        start_response("200 OK", [])(b"begun")
        raise TypeError(words)
    return served(environ, start_response)


app.wsgi_app = failing  # type: ignore[method-assign]
