"""The web server, the same under `make run` and any Procfile host: threads, no access log."""

import os
import socket
import struct
import sys
import threading
import time
from contextlib import suppress

from dashboard import access, embedded, tether
from dashboard.config import BadSettings, Settings
from dashboard.part import say
from dashboard.store import Store, StoreDown, StoreUnfit

try:
    settings = Settings.from_environ()
except BadSettings as problems:
    sys.exit(str(problems))

wsgi_app = "dashboard:create_app()"
bind = settings.bind
preload_app = True  # built once, then forked: its threads start with the first request
worker_class = "dashboard.quick.QuickWorker" if settings.quick_board else "gthread"
workers = settings.workers
threads = settings.threads
worker_connections = 1000
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 (its own file)
timeout = 30  # seconds without a sign of life
graceful_timeout = 5  # seconds for requests under way when it stops
keepalive = 15  # seconds; an idle connection holds no thread
limit_request_fields = 64
forwarded_allow_ips = ""  # what a proxy says is read in one place, and only with TRUST_PROXY
control_socket_disable = True
accesslog = None
loglevel = "warning"
logger_class = "dashboard.logs.ServerLogger"

STALLED = struct.pack("ll", 20, 0)  # seconds without a byte, then the thread is free again


def on_starting(_server):
    if not settings.redis_url and not embedded.in_use(settings.var):
        sys.exit("REDIS_URL is not set and no store runs here: set it, or start with `make run`.")
    store = Store(settings.store_url, settings.community, settings.may_lose, settings.replicas)
    try:
        store.connection.check()
    except StoreUnfit as unfit:
        sys.exit(str(unfit))
    except StoreDown as away:  # it may come later: until then the pages say that it is away
        print(f"The store does not answer yet: {away}", file=sys.stderr, flush=True)
    finally:
        store.connection.close()


def when_ready(server):
    """A client that stops reading or sending holds a thread no longer than STALLED."""
    for listener in server.LISTENERS:
        for direction in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            listener.setsockopt(socket.SOL_SOCKET, direction, STALLED)
    _show_the_first_link()


def _show_the_first_link():
    """While nobody coordinates, every start makes the one link by which somebody begins."""
    try:
        path = access.first_link(settings)
    except StoreDown:
        return  # a store that comes later gets its link at the next start
    if path:
        say(f"Nobody coordinates yet. To begin, open {settings.links}{path}")


def post_fork(_server, worker):
    tether.tie_to_parent()
    threading.Thread(target=_leave_with_the_master, args=(worker.ppid,), daemon=True).start()


def post_worker_init(worker):
    """Streams end when their worker is told to; the follower is there before the first page.

    The archivist goes its rounds here, and in no process that never answers a request.
    """
    worker.wsgi.extensions["live"].stopping = lambda: not worker.alive
    worker.wsgi.extensions["follower"].start()
    worker.wsgi.extensions["archivist"].start()


def worker_exit(_server, worker):
    """What was looked at since it was last added up is not lost by a restart."""
    with suppress(StoreDown, AttributeError):  # one that ended before it had an application
        worker.wsgi.extensions["looks"].add_up()


def _leave_with_the_master(master):
    """No worker outlives a killed master, however long a request of its own would wait."""
    while os.getppid() == master:
        time.sleep(1)
    time.sleep(graceful_timeout)
    os._exit(0)
