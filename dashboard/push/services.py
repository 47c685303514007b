"""The push services that a phone may name: an allow-list, so nobody can aim a request of ours.

An address is read by one strict form, without a parser that another could read differently.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric import ec

LONGEST = 1000  # characters of an address
ADDRESS = re.compile(
    r"(https?)://([a-z0-9.-]{1,253}(?::[0-9]{1,5})?)/[\w.~!$&'()*+,;=:@%/?-]*", re.A
)
SECRET_BYTES = 16


def allowed(address: str, services: Iterable[str]) -> bool:
    """Whether it is at one of these: ``host`` or ``*.host`` by https, or a whole origin."""
    found = ADDRESS.fullmatch(address) if len(address) <= LONGEST else None
    return found is not None and any(_at(found[1], found[2], one) for one in services)


def _at(scheme: str, host: str, service: str) -> bool:
    wanted, _, place = service.rpartition("://")
    if scheme != (wanted or "https"):
        return False
    if place.startswith("*."):
        return host.endswith(place[1:]) and ":" not in host
    return host == place


def is_point(p256dh: str) -> bool:
    """Whether this is a public key on the curve of Web Push."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(p256dh))
    except ValueError:
        return False
    return len(decoded(p256dh)) == 65  # uncompressed


def is_secret(auth: str) -> bool:
    """Whether this is a secret of the length that Web Push has."""
    try:
        return len(decoded(auth)) == SECRET_BYTES
    except ValueError:
        return False


def decoded(text: str) -> bytes:
    """Base64url without padding. Raises ValueError."""
    try:
        if re.fullmatch(r"[A-Za-z0-9_-]{1,200}", text):
            return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        pass
    raise ValueError("not base64url")
