"""The embedded store: durable, alone in its folder, gone with its starter, plain when it can't."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard import embedded
from dashboard.config import Settings
from dashboard.embedded import CannotStart, Lock, Server

from .by_hand import tell, value, wait_until
from .conftest import KEY


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(var=tmp_path / "var", secret_key=KEY)


@pytest.fixture
def store(settings: Settings) -> Iterator[Server]:
    server = embedded.of(settings)
    server.start()
    yield server
    server.stop()


def kill(server: Server) -> None:
    assert server.child
    os.kill(server.child.pid, signal.SIGKILL)
    server.child.wait()


def test_either_engine_promises_that_what_it_acknowledged_is_kept(server: Server) -> None:
    told = {name: value(server, f"CONFIG GET {name}") for name in ("appendonly", "appendfsync")}
    assert told == {"appendonly": "yes", "appendfsync": "always"}
    assert value(server, "CONFIG GET maxmemory-policy") == "noeviction"


def test_the_store_listens_on_no_port(store: Server) -> None:
    assert value(store, "CONFIG GET port") == "0"


def test_nobody_else_on_the_machine_can_read_what_is_kept(store: Server) -> None:
    assert store.path.stat().st_mode & 0o777 == 0o700
    assert store.folder.stat().st_mode & 0o777 == 0o700


def test_what_was_acknowledged_survives_a_killed_store(store: Server) -> None:
    assert tell(store, "SET count 4") == "+OK"
    kill(store)
    store.start()
    assert value(store, "GET count") == "4"


def test_an_append_that_was_cut_short_does_not_keep_the_store_from_starting(store: Server) -> None:
    assert tell(store, "SET count 4") == "+OK"
    kill(store)
    (log,) = (store.folder / "appendonlydir").glob("*.incr.aof")
    with open(log, "ab") as file:
        file.write(b"*3\r\n$3\r\nSET\r\n$5\r\ncou")
    store.start()
    assert value(store, "GET count") == "4"


def test_a_store_that_is_stopped_keeps_its_data_and_leaves_no_socket(store: Server) -> None:
    assert tell(store, "SET count 4") == "+OK"
    store.stop()
    assert not store.path.exists()
    store.start()
    assert value(store, "GET count") == "4"


def test_a_socket_left_over_by_a_crash_is_removed(settings: Settings, store: Server) -> None:
    kill(store)
    assert store.path.is_socket()
    store.start()
    assert embedded.answers(settings.socket)


def test_a_server_left_over_by_a_crash_is_stopped_first(settings: Settings, store: Server) -> None:
    assert tell(store, "SET count 4") == "+OK"
    second = embedded.of(settings)
    second.start()
    try:
        assert store.child
        assert store.child.wait(60) == 0
        assert value(second, "GET count") == "4"
    finally:
        second.stop()


def test_the_store_goes_when_its_starter_is_killed(settings: Settings) -> None:
    code = (
        "import sys, time; from dashboard import embedded; from dashboard.config import Settings\n"
        "from pathlib import Path\n"
        "server = embedded.of(Settings(var=Path(sys.argv[1])))\n"
        "server.start(); print(server.child.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, settings.var], stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout
        pid = int(starter.stdout.readline())
        assert embedded.answers(settings.socket)
        starter.kill()
    wait_until(lambda: not Path(f"/proc/{pid}").exists())
    assert not embedded.answers(settings.socket)


def test_off_linux_a_small_process_between_the_two_does_the_same() -> None:
    tether = Path(embedded.__file__).with_name("tether.py")
    ours, theirs = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-P", tether, str(ours), "sh", "-c", "echo $$; exec sleep 60"],
        stdout=subprocess.PIPE,
        pass_fds=[ours],
    ) as between:
        assert between.stdout
        pid = int(between.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        os.close(theirs)
        assert between.wait(60) != 0
    assert not Path(f"/proc/{pid}").exists()
    os.close(ours)


def test_a_data_folder_in_use_is_said_to_be(settings: Settings) -> None:
    product, second = Lock(settings.var, "product"), Lock(settings.var, "product")
    assert product.take()
    assert not second.take()
    assert second.held_by() == f"product {os.getpid()}"
    product.release()
    assert second.take()
    assert not second.after_a_crash
    second.release()


def test_a_holder_that_was_killed_is_noticed(settings: Settings) -> None:
    settings.var.mkdir()
    (settings.var / "lock").write_text("product 1")
    lock = Lock(settings.var, "product")
    assert lock.take()
    assert lock.after_a_crash
    lock.release()


def test_a_command_runs_the_store_where_nobody_does(settings: Settings) -> None:
    with embedded.at_hand(settings) as url:
        assert url == f"unix://{settings.socket}"
        assert embedded.answers(settings.socket)
    assert not settings.socket.exists()


def test_a_command_shares_the_store_of_a_running_product(settings: Settings, store: Server) -> None:
    lock = Lock(settings.var, "product")
    assert lock.take()
    with embedded.at_hand(settings) as url:
        assert url == f"unix://{settings.socket}"
    assert embedded.answers(settings.socket)
    lock.release()


def test_a_command_waits_for_another_command(settings: Settings) -> None:
    first = Lock(settings.var, "command")
    assert first.take()
    threading.Timer(0.3, first.release).start()
    with embedded.at_hand(settings):
        assert embedded.answers(settings.socket)


def test_a_command_with_a_store_of_its_own_starts_none(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path / "var", redis_url="redis://127.0.0.1:1", secret_key=KEY)
    with embedded.at_hand(settings) as url:
        assert url == "redis://127.0.0.1:1"
    assert not settings.var.exists()


def test_a_path_too_long_for_a_socket_is_one_sentence(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path / ("deep" * 25), secret_key=KEY)
    with pytest.raises(
        CannotStart, match=r"^VAR is '.*', but must be a shorter path: .* 107 bytes\.$"
    ):
        embedded.of(settings).start()


def test_a_folder_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "var").touch()
    with pytest.raises(CannotStart, match=r"^VAR is '.*', but must be a folder to write in: .*\.$"):
        Lock(tmp_path / "var", "product")
    with pytest.raises(CannotStart, match=r"^VAR is '.*', but must be a folder to write in: .*\.$"):
        embedded.of(Settings(var=tmp_path / "var", secret_key=KEY)).start()


def test_data_that_the_store_cannot_read_is_one_sentence(settings: Settings, store: Server) -> None:
    tell(store, "SET count 4")
    store.stop()
    (manifest,) = (store.folder / "appendonlydir").glob("*.manifest")
    manifest.write_text("not a manifest\n")
    with pytest.raises(CannotStart, match=r"^The store did not start: its log, .*\.$"):
        store.start()


def test_a_path_with_spaces_and_percent_signs_works(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path / "a %41 #b", secret_key=KEY)
    with embedded.at_hand(settings) as url:
        assert url.endswith("/a%20%2541%20%23b/valkey.sock")
        assert embedded.answers(settings.socket)
