"""nginx as the project ships it, in front of whatever listens, and what a visitor sends it."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import ssl
import subprocess
from contextlib import closing
from http.client import HTTPResponse, HTTPSConnection
from pathlib import Path

import pytest

from tests.by_hand import wait_until

from .product import ROOT, free_port
from .test_privacy import REQUESTS, SECRET

VISITOR = "127.0.0.9"  # another address of this machine, which nothing but a visitor uses
AGENT = b"Tattle/1.0 (a phone that can be told apart)"
TRACES = (VISITOR.encode(), SECRET, AGENT)


class Front:
    """nginx with the shipped configuration, moved to ports and folders of this test."""

    def __init__(self, folder: Path, upstream: int, *changes: tuple[str, str]) -> None:
        nginx, openssl = tool("nginx"), tool("openssl")
        self.folder, self.port, self.plain = folder, free_port(), free_port()
        folder.mkdir()
        shutil.copy(ROOT / "deploy" / "away.html", folder)
        make_certificate(openssl, folder)
        (folder / "nginx.conf").write_text(self.moved(upstream, *changes), encoding="utf-8")
        command = (nginx, "-p", folder, "-c", "nginx.conf", "-e", "main.log", "-g", "daemon off;")
        with open(folder / "said", "wb") as said:
            self.nginx = subprocess.Popen(command, stdout=said, stderr=said)
        wait_until(lambda: self.nginx.poll() is not None or connects(self.port))
        assert self.nginx.poll() is None, self.written()

    def moved(self, upstream: int, *changes: tuple[str, str]) -> str:
        """The shipped file with nothing changed but where it listens, reads and keeps."""
        text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{kind}_temp_path {self.folder}/{kind};\n" for kind in kinds)
        live = "/etc/letsencrypt/live/board.example.org"
        for old, new in (
            ("user www-data;", f"user {getpass.getuser()};"),
            ("pid /run/nginx.pid;", f"pid {self.folder}/nginx.pid;"),
            ("http {\n", "http {\n" + temporary),
            ("listen 80 ", f"listen 127.0.0.1:{self.plain} "),
            ("listen 443 ", f"listen 127.0.0.1:{self.port} "),
            ("listen [::]:80 default_server;", ""),
            ("listen [::]:443 ssl http2 default_server;", ""),
            (f"{live}/fullchain.pem", f"{self.folder}/cert.pem"),
            (f"{live}/privkey.pem", f"{self.folder}/key.pem"),
            ("server 127.0.0.1:8000;", f"server 127.0.0.1:{upstream};"),
            ("root /opt/bedboard/deploy;", f"root {self.folder};"),
            *changes,
        ):
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        return text

    def connection(self) -> HTTPSConnection:
        """A visitor's connection, who does not ask for a certificate that can be checked."""
        return HTTPSConnection(
            "127.0.0.1", self.port, timeout=15, source_address=(VISITOR, 0), context=trusting()
        )

    def ask(
        self, path: str, method: str = "GET", body: str | None = None, **headers: str
    ) -> tuple[HTTPResponse, str]:
        """The whole answer to one request. Header names have _ for -."""
        with closing(self.connection()) as connection:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            agent = {"User-Agent": AGENT.decode(), "Accept-Language": "en"}
            connection.request(method, path, body, agent | named)
            answer = connection.getresponse()
            return answer, answer.read().decode()

    def send_nonsense(self) -> None:
        """Every malformed request, in the clear, as TLS, and in the clear where TLS is due."""
        for request in REQUESTS:
            told = request.replace(b"%s", SECRET).replace(b"%%", b"%")
            self.send(self.plain, told, tls=False)
            self.send(self.port, told, tls=True)
            self.send(self.port, told, tls=False)

    def send(self, port: int, request: bytes, *, tls: bool) -> None:
        with socket.create_connection(("127.0.0.1", port), 10, (VISITOR, 0)) as client:
            try:
                sender = trusting().wrap_socket(client, server_hostname="x") if tls else client
                sender.sendall(request.replace(b"\r\n\r\n", b"\r\nUser-Agent: %s\r\n\r\n" % AGENT))
                client.settimeout(0.3)
                while sender.recv(4096):
                    pass
            except OSError:
                return  # it closed on us, or waits for the rest: both are answers

    def written(self) -> bytes:
        """Every byte that nginx has left in a file."""
        ours = {"nginx.conf", "away.html", "cert.pem", "key.pem"}
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return b"".join(path.read_bytes() for path in files if path.name not in ours)

    def end(self) -> None:
        self.nginx.terminate()
        self.nginx.wait(60)


def tool(name: str) -> str:
    """Where a program is; Debian keeps nginx where a person's PATH does not lead."""
    found = shutil.which(name, path=os.pathsep.join((os.environ["PATH"], "/usr/sbin")))
    return found or pytest.fail(f"No {name} here: apt-get install {name}.")


def trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def make_certificate(openssl: str, folder: Path) -> None:
    command = "req -x509 -newkey rsa:2048 -nodes -subj /CN=board.example.org -days 2"
    out = ("-keyout", "key.pem", "-out", "cert.pem")
    subprocess.run([openssl, *command.split(), *out], cwd=folder, check=True, capture_output=True)


def connects(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
