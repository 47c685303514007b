"""The servers side by side, each started afresh on the server's core: ours and its peers."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from typing import ClassVar

from . import workshop
from .machine import SERVER_CORE, family, on
from .town import COMMUNITY, Fragment, Town, site_id

CHANNEL = "bench"
STARTING = 60.0  # seconds
STOPPING = 15.0
PUBLISH = b"POST /publish HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
STREAM = b"GET /live%s HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"


class Server:
    """One server of streams and of the board's page, and how an update reaches it."""

    name: ClassVar[str]
    process: subprocess.Popen[bytes]

    def __init__(self, town: Town, keeper: Path, fragment: Fragment, page: bytes = b"board"):
        self.town, self.keeper, self.fragment, self.page = town, keeper, fragment, page
        self.folder = Path(tempfile.mkdtemp(prefix="bench-"))
        self.port = _free_port()
        self.started_in = 0.0
        self.beside: list[subprocess.Popen[bytes]] = []  # what was started next to it, and stays

    def __enter__(self) -> Server:
        begun = time.monotonic()
        self.prepare()
        with on(SERVER_CORE):
            self.process = self.launch(*self.command())
        self._wait_for_an_answer()
        self.started_in = time.monotonic() - begun
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        everyone = self.pids
        self.process.terminate()
        try:
            self.process.wait(STOPPING)
        except subprocess.TimeoutExpired:
            for pid in everyone:
                os.kill(pid, signal.SIGKILL)
            self.process.wait()
        for process in self.beside:
            process.kill()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def prepare(self) -> None:
        """What must be there before it starts."""

    def command(self) -> list[str]:
        raise NotImplementedError

    def launch(self, *command: str, **env: str) -> subprocess.Popen[bytes]:
        with open(self.folder / "said", "ab") as said:
            return subprocess.Popen(
                command, cwd=workshop.HERE.parent, env=os.environ | env, stdout=said, stderr=said
            )

    def _wait_for_an_answer(self) -> None:
        until = time.monotonic() + STARTING
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > until:
                said = (self.folder / "said").read_text(errors="replace")
                raise workshop.Missing(f"{self.name} did not start: {said.strip()[-400:]}")
            time.sleep(0.01)

    def ready(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def pids(self) -> list[int]:
        return family(self.process.pid)

    def pids_of(self, word: str) -> list[int]:
        """Its processes whose command line has this word, the eldest first."""
        return [pid for pid in self.pids if word in Path(f"/proc/{pid}/cmdline").read_text()]

    def pid(self, word: str) -> int:
        return self.pids_of(word)[0]

    @property
    def stream(self) -> bytes:
        """What a page sends to open its stream."""
        return STREAM % b""

    def get(self, headers: str = "", path: str = "/") -> bytes:
        """What a reader sends for the board."""
        return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode()

    def publish(self, number: int) -> None:
        """Write update ``number`` where this server hears of it, and durably first."""
        message = self.fragment.of(*self._update(number))
        with self.town.store.connection.client.pipeline() as pipe:
            pipe.xadd("log", {"message": message})
            pipe.publish(CHANNEL, message)
            pipe.execute()

    def entries(self) -> int:
        """How many reports it has kept."""
        return int(self.town.store.connection.client.xlen("events"))

    def hang_up(self) -> None:
        """Let go of the line by which updates were sent: it broke."""

    def _update(self, number: int) -> tuple[str, int]:
        return site_id(number % self.town.sites), 2 + number // self.town.sites


class Floor(Server):
    """The least that a server of streams can do, in C."""

    name = "floor (C, epoll)"

    def prepare(self) -> None:
        workshop.compiled("floor")

    def command(self) -> list[str]:
        program = workshop.compiled("floor")
        return [str(program), str(self.port), str(self.keeper), CHANNEL]


class Node(Server):
    """Node's ``http`` with one Redis subscription."""

    name = "Node http + Redis"

    def prepare(self) -> None:
        (self.folder / "page").write_bytes(self.page)
        self.modules = workshop.node_modules()

    def command(self) -> list[str]:
        return ["node", str(workshop.HERE / "peers" / "live.js"), *self._told(CHANNEL)]

    def _told(self, *more: str) -> list[str]:
        return [str(self.port), str(self.keeper), *more, str(self.folder / "page")]

    def launch(self, *command: str, **env: str) -> subprocess.Popen[bytes]:
        return super().launch(*command, NODE_PATH=str(self.modules), NODE_ENV="production")


class Express(Node):
    """Express with the board in memory, and a report in one script."""

    name = "Express"
    encoding = ""

    def command(self) -> list[str]:
        script = str(workshop.HERE / "peers" / "express.js")
        return ["node", script, *self._told(), self.encoding]


NGINX = """
load_module {nchan};
worker_processes 1;
daemon off;
user {user};
pid {folder}/pid;
error_log {folder}/errors crit;
worker_rlimit_nofile 65536;
events {{ worker_connections 32768; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  nchan_shared_memory_size 512m;
  open_file_cache max=10;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location = /live {{
      nchan_subscriber eventsource; nchan_channel_id board; nchan_subscriber_first_message newest;
    }}
    location = /publish {{
      nchan_publisher http; nchan_channel_id board; nchan_message_buffer_length 1000;
    }}
    location / {{ root {folder}; index page; default_type text/html; {encoding} }}
  }}
}}
"""


class Nginx(Server):
    """nginx: nchan for the streams, and the board as a static file."""

    name = "nginx nchan"
    encoding = ""

    def prepare(self) -> None:
        self.line: socket.socket | None = None
        self.program, module = workshop.nginx(), workshop.nchan()
        (self.folder / "page").write_bytes(self.page)
        self.folder.chmod(0o755)
        encoding = f"add_header Content-Encoding {self.encoding};" if self.encoding else ""
        user = "root" if os.geteuid() == 0 else "nobody"
        told = {"nchan": module, "folder": self.folder, "port": self.port, "user": user}
        (self.folder / "conf").write_text(NGINX.format(**told, encoding=encoding))

    def command(self) -> list[str]:
        folder = str(self.folder)
        return [str(self.program), "-p", folder, "-c", f"{folder}/conf", "-e", f"{folder}/errors"]

    def publish(self, number: int) -> None:
        """nchan takes a message by HTTP; it is durable in Redis first, as with the others."""
        site, open_ = self._update(number)
        message = self.fragment.html(site, open_)
        self.town.store.connection.client.xadd("log", {"message": message})
        if self.line is None:
            self.line = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        self.line.sendall(PUBLISH % len(message) + message)
        with suppress(BlockingIOError):  # what it answers is read when it has come
            self.line.recv(1 << 20, socket.MSG_DONTWAIT)

    def hang_up(self) -> None:
        if self.line:
            self.line.close()
        self.line = None


class Ours(Server):
    """The product, as `make run` starts it: one web worker and the hub, all on one core."""

    name = "this product"

    def __init__(self, town: Town, keeper: Path, fragment: Fragment, page: bytes = b""):
        super().__init__(town, keeper, fragment, page)
        self.judge = town.judge()
        self.env = {
            "VAR": str(self.folder / "var"),
            "PORT": str(self.port),
            "HOST": "127.0.0.1",
            "REDIS_URL": f"unix://{keeper}",
            "COMMUNITY": COMMUNITY,
            "WORKERS": "1",
        }

    def command(self) -> list[str]:
        return [sys.executable, "-m", "dashboard.run"]

    def launch(self, *command: str, **env: str) -> subprocess.Popen[bytes]:
        return super().launch(*command, **self.env, **env)

    def ready(self) -> bool:
        line = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.request("GET", "/readyz")
            return line.getresponse().status == 200 and (self.folder / "var/pages.sock").exists()
        except (OSError, HTTPException):
            return False
        finally:
            line.close()

    @property
    def stream(self) -> bytes:
        return STREAM % f"?lang=en&since={self.town.version()}".encode()

    def entries(self) -> int:
        connection = self.town.store.connection
        return int(connection.client.xlen(connection.key("events")))

    def publish(self, number: int) -> None:
        place, open_ = number % self.town.sites, 2 + number // self.town.sites
        self.town.report(place, open_, self.judge)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
