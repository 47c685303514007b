"""A bucket service on this machine: what an archive asks of one, by hand, after S3."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

KEY, SECRET = "AKIATEST", "never-on-the-wire"


@dataclass
class Buckets:
    """Objects by path. ``codes`` are answered first, one after the other."""

    url: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    codes: list[int] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)


@contextmanager
def buckets() -> Iterator[Buckets]:
    kept = Buckets()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            kept.heard.append(f"{self.command} {self.path} {self.headers}")
            parts = urlsplit(self.path)
            path = unquote(parts.path).removeprefix("/board").strip("/")
            signed = f"Credential={KEY}/" in self.headers.get("Authorization", "")
            if kept.codes:
                self._send(kept.codes.pop(0), _error("SlowDown"))
            elif not signed:
                self._send(403, _error("AccessDenied"))
            elif self.command == "PUT":
                kept.objects[path] = body
                self._send(200, b"")
            elif self.command == "DELETE":
                kept.objects.pop(path, None)
                self._send(204, b"")
            elif not path:
                self._send(200, _listing(kept, parse_qs(parts.query)["prefix"][0]))
            elif path in kept.objects:
                self._send(200, kept.objects[path])
            else:
                self._send(404, _error("NoSuchKey"))

        def _send(self, code: int, body: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Type", "application/xml")
            self.send_header("ETag", '"x"')
            self.send_header("Last-Modified", "Fri, 20 Nov 2026 16:12:00 GMT")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_DELETE = do_HEAD = _answer

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    kept.url = f"http://{KEY}:{SECRET}@127.0.0.1:{server.server_port}/board/beds"
    yield kept
    server.shutdown()
    server.server_close()


def _error(code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()


def _listing(kept: Buckets, prefix: str) -> bytes:
    found = "".join(
        f"<Contents><Key>{escape(path)}</Key><LastModified>2026-11-20T16:12:00.000Z</LastModified>"
        f'<ETag>"x"</ETag><Size>{len(content)}</Size></Contents>'
        for path, content in sorted(kept.objects.items())
        if path.startswith(prefix)
    )
    start = '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    head = f"<Name>board</Name><Prefix>{escape(prefix)}</Prefix><IsTruncated>false</IsTruncated>"
    return f"{start}{head}{found}</ListBucketResult>".encode()
