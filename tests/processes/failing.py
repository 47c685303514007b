"""An application that fails with the visitor's own words, to see where they end up."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from dashboard.logs import keep_discreet

keep_discreet()


def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    words = f"{environ['QUERY_STRING']} {environ.get('HTTP_USER_AGENT')} {environ['REMOTE_ADDR']}"
    if environ["PATH_INFO"] == "/caught":
        try:
            raise LookupError(words)
        except LookupError:
            logging.getLogger("board").exception("A view failed.")
    elif environ["PATH_INFO"] == "/late":
        start_response("200 OK", [])(b"begun")
        raise ValueError(words)
    else:
        raise ValueError(words)
    start_response("500 Internal Server Error", [("Content-Length", "0")])
    return []
