"""One message to one phone, through its push service; and what became of it, as far as is known.

It is encrypted for the phone (RFC 8291) and holds the language of its reader, nothing else: the
words stand in the phone's worker. What the service is told is that there is a message.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..store import Phone
from .services import allowed

if TYPE_CHECKING:
    import requests

LASTS = timedelta(minutes=10)  # for which a service keeps it for a phone that is away
PATIENCE = (3.05, 5.0)  # seconds to reach a service, and for its answer
LONGEST_WAIT = 600  # seconds that a service may ask us to wait
TOPIC = "beds"  # a newer message takes the place of one that still waits at the service
log = logging.getLogger(__name__)


class Fate(StrEnum):
    """What became of a message."""

    TAKEN = "taken"
    GONE = "gone"  # the phone has ended its subscription
    LATER = "later"  # it was not sent, or refused for now
    REFUSED = "refused"
    UNKNOWN = "unknown"  # it may have arrived: trying again could tell twice


class Post:
    """Sends under one key. ``contact``: whom a service may ask about it, an https address."""

    def __init__(self, key: bytes, contact: str, services: Sequence[str]):
        self._key, self._contact, self._services = key, contact, services

    def send(self, phone: Phone) -> tuple[Fate, int]:
        """The fate of a message, and how many seconds a service asks us to wait."""
        if not allowed(phone.endpoint, self._services):
            return Fate.GONE, 0  # the list has changed since the phone was kept
        import requests  # here: it is a second of a processor, and most nights ask for none of it
        from pywebpush import WebPushException, webpush

        try:
            with requests.Session() as session:
                session.max_redirects = 0  # it goes where it is sent, and follows nobody elsewhere
                webpush(requests_session=session, **self._message(phone))
        except WebPushException as error:
            return _refused(error.response)
        except requests.RequestException as error:
            return (Fate.LATER if _never_left(error) else Fate.UNKNOWN), 0
        return Fate.TAKEN, 0

    def _message(self, phone: Phone) -> dict[str, object]:
        from py_vapid import Vapid02
        from py_vapid.utils import b64urlencode

        return {
            "subscription_info": {
                "endpoint": phone.endpoint,
                "keys": {"p256dh": phone.p256dh, "auth": phone.auth},
            },
            "data": json.dumps({"lang": phone.language}),
            "vapid_private_key": Vapid02.from_raw(b64urlencode(self._key).encode()),
            "vapid_claims": {"sub": self._contact},  # a new one each time: it is written to
            "ttl": int(LASTS.total_seconds()),
            "headers": {"Urgency": "high", "Topic": TOPIC},
            "timeout": PATIENCE,
        }


def contact(public_url: str) -> str:
    """Whom a push service may ask: our own address, as far as people know it."""
    parts = urlsplit(public_url)
    named = parts.scheme == "https" and parts.hostname and "." in parts.hostname
    return f"https://{parts.hostname if named else 'localhost'}"


def _refused(response: requests.Response | None) -> tuple[Fate, int]:
    code = response.status_code if response is not None else 400
    if code in (404, 410):
        return Fate.GONE, 0
    if response is not None and (code in (408, 425, 429) or code >= 500):
        asked = response.headers.get("Retry-After", "")
        return Fate.LATER, min(int(asked), LONGEST_WAIT) if asked.isdecimal() else 0
    log.warning("a push service refused a message: %s", code)
    return Fate.REFUSED, 0


def _never_left(error: requests.RequestException) -> bool:
    """Whether no byte of it can have reached the service."""
    import requests
    from urllib3.exceptions import MaxRetryError, NewConnectionError

    if isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
