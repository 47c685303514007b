"""The key by which push services know this board (VAPID, RFC 8292), made at the first start."""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ..config import Settings, kept
from .services import decoded

CURVE = ec.SECP256R1()
LENGTH = 32  # bytes of the private key


def private(settings: Settings) -> bytes:
    """``PUSH_KEY``, or the key that is kept in ``VAR``. Raises BadSettings."""
    return decoded(settings.push_key or kept(settings.var, "push_key", 43, _new))


def public(settings: Settings) -> str:
    """What a browser is told, as base64url: it takes messages signed by this key alone."""
    return _public(private(settings))


@lru_cache(8)
def _public(secret: bytes) -> str:
    key = ec.derive_private_key(int.from_bytes(secret), CURVE).public_key()
    return _encoded(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def _new() -> str:
    number = ec.generate_private_key(CURVE).private_numbers().private_value
    return _encoded(number.to_bytes(LENGTH))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
