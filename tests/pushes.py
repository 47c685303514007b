"""A push service on this machine, and a phone that reads what comes: by hand, after the RFCs."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()


@dataclass
class Arrived:
    """One message as the push service got it."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class PushService:
    """Answers what a test wants: ``codes`` one after the other, then 201."""

    url: str = ""
    codes: list[int] = field(default_factory=list)
    answer_headers: dict[str, str] = field(default_factory=dict)
    arrived: list[Arrived] = field(default_factory=list)
    silent: bool = False  # takes a message, and never says so


@contextmanager
def push_service(port: int = 0) -> Iterator[PushService]:
    service = PushService()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): given for name, given in self.headers.items()}
            service.arrived.append(Arrived(self.path, headers, body))
            if service.silent:
                self.close_connection = True
                return
            self.send_response(service.codes.pop(0) if service.codes else 201)
            for name, given in {"Content-Length": "0", **service.answer_headers}.items():
                self.send_header(name, given)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """No line for each request."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Door)
    service.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()


class Device:
    """A browser that has subscribed: its keys, and what it reads."""

    def __init__(self, service: PushService, name: str = "omar"):
        self.endpoint = f"{service.url}/wpush/{name}"
        self._key, self._auth = ec.generate_private_key(CURVE), token_bytes(16)
        self._public = raw(self._key.public_key())

    @property
    def fields(self) -> dict[str, str]:
        """What the page sends of a subscription."""
        keys = {"p256dh": encoded(self._public), "auth": encoded(self._auth)}
        return {"endpoint": self.endpoint, **keys}

    def read(self, body: bytes) -> dict[str, Any]:
        """RFC 8291, section 3.4, over RFC 8188, section 2."""
        salt, length = body[:16], body[20]
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        shared = self._key.exchange(ec.ECDH(), point(theirs))
        about = b"WebPush: info\0" + self._public + theirs
        secret = derived(shared, self._auth, about, 32)
        key = derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derived(secret, salt, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, sealed, None)
        text, end, padding = plain.rpartition(b"\x02")
        assert (end, padding.strip(b"\0")) == (b"\x02", b"")
        return dict(json.loads(text))


def claims(authorization: str, public_key: str) -> dict[str, Any]:
    """What a message is signed with (RFC 8292), once the signature is found to be right."""
    scheme, _, told = authorization.partition(" ")
    parts = dict(one.strip().split("=", 1) for one in told.split(","))
    assert (scheme, parts["k"]) == ("vapid", public_key)
    signed, _, signature = parts["t"].rpartition(".")
    both = decoded(signature)
    ends = (int.from_bytes(both[:32]), int.from_bytes(both[32:]))
    point(decoded(public_key)).verify(
        utils.encode_dss_signature(*ends), signed.encode(), ec.ECDSA(SHA256())
    )
    return dict(json.loads(decoded(signed.split(".")[1])))


def derived(secret: bytes, salt: bytes, about: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, about).derive(secret)


def point(told: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, told)


def raw(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encoded(told: bytes) -> str:
    return base64.urlsafe_b64encode(told).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
