"""`make run` as people meet it: real processes, started twice, interrupted and killed."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.by_hand import tell, value, wait_until

from .product import SUPERVISOR, Product

pytestmark = pytest.mark.processes


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    product = Product(tmp_path / "var")
    yield product
    product.end()


def test_it_says_its_address_when_it_answers_and_how_to_begin(product: Product) -> None:
    product.start()
    address = f"http://127.0.0.1:{product.port}/"
    begin, at = product.said.splitlines()
    assert begin.startswith(f"Nobody coordinates yet. To begin, open {address}welcome?link=first.")
    assert at == f"The board is at {address} (Ctrl-C stops it; everything is kept)."
    assert product.healthy()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_stop_it_leaves_no_process_and_keeps_all_data(
    product: Product, number: signal.Signals
) -> None:
    supervisor = product.start()
    assert tell(product.store, "SET count 4") == "+OK"
    supervisor.send_signal(number)
    assert supervisor.wait(60) == 0
    assert product.pids() == {}
    assert product.said.endswith("Stopped.\n")
    assert not product.store.path.exists()
    product.start()
    assert value(product.store, "GET count") == "4"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_make_alone_signalled_takes_everything_with_it(
    product: Product, number: signal.Signals, tmp_path: Path
) -> None:
    makefile = tmp_path / "Makefile"
    makefile.write_text(f"run:\n\t@exec {' '.join(SUPERVISOR)} --with-make\n")
    make = product.start("make", "-f", str(makefile), "run")
    make.send_signal(number)
    make.wait(60)
    wait_until(lambda: product.pids() == {})


def test_started_in_the_background_of_a_script_it_stays(product: Product, tmp_path: Path) -> None:
    """Where a script ends its line with &, the shell has SIGINT ignored."""
    makefile = tmp_path / "Makefile"
    makefile.write_text(f"run:\n\t@exec {' '.join(SUPERVISOR)} --with-make\n")
    make = product.start("sh", "-c", f"trap '' INT; exec make -f {makefile} run")
    os.kill(product.pid("gunicorn", parent=product.pid("dashboard.run")), signal.SIGKILL)
    wait_until(lambda: "The web server ended" in product.said)
    wait_until(product.healthy)
    assert "Warning" not in product.said
    make.terminate()
    wait_until(lambda: product.pids() == {})


def test_a_killed_supervisor_leaves_no_process_and_the_next_start_has_all_data(
    product: Product,
) -> None:
    supervisor = product.start()
    assert tell(product.store, "SET count 4") == "+OK"
    supervisor.kill()
    supervisor.wait()
    product.start()
    assert value(product.store, "GET count") == "4"
    assert len([pid for pid, command in product.pids().items() if "valkey" in command]) == 1
    assert len([pid for pid, command in product.pids().items() if "dashboard.run" in command]) == 1


def test_nothing_outlives_a_killed_supervisor(product: Product) -> None:
    supervisor = product.start()
    supervisor.kill()
    supervisor.wait()
    wait_until(lambda: product.pids() == {})


def test_everything_killed_at_once_starts_again_with_all_data(product: Product) -> None:
    supervisor = product.start()
    assert tell(product.store, "SET count 4") == "+OK"
    for pid in product.pids():
        os.kill(pid, signal.SIGKILL)
    supervisor.wait()
    assert product.store.path.is_socket()
    product.start()
    assert value(product.store, "GET count") == "4"


def test_a_killed_store_is_started_again_with_all_data(product: Product) -> None:
    product.start()
    assert tell(product.store, "SET count 4") == "+OK"
    os.kill(product.pid("valkey-server"), signal.SIGKILL)
    wait_until(lambda: "The store ended (signal 9); it is started again." in product.said)
    wait_until(product.keeps)
    assert value(product.store, "GET count") == "4"
    assert product.healthy()


def test_a_killed_web_server_is_started_again_and_nobody_is_refused(product: Product) -> None:
    supervisor = product.start()
    os.kill(product.pid("gunicorn", parent=supervisor.pid), signal.SIGKILL)
    connection = HTTPConnection("127.0.0.1", product.port, timeout=20)
    wait_until(lambda: "The web server ended (signal 9)" in product.said)
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200
    connection.close()


def test_a_killed_worker_is_replaced(product: Product) -> None:
    supervisor = product.start()
    master = product.pid("gunicorn", parent=supervisor.pid)
    wait_until(lambda: len(workers(product, master)) == 1)
    before = workers(product, master)
    os.kill(min(before), signal.SIGKILL)
    wait_until(lambda: len(workers(product, master) - before) == 1)
    assert product.healthy()


def workers(product: Product, master: int) -> set[int]:
    return {pid for pid, said in product.pids().items() if "gunicorn" in said} - {master}


def test_a_web_server_that_cannot_start_ends_it_all_and_says_so(product: Product) -> None:
    product.settings["DAILY_RESET"] = "8"
    assert product.launch().wait(60) == 1
    assert (
        product.said
        == "DAILY_RESET is '8', but must be a time of day from 00:00 to 23:59, such as 17:00.\n"
    )


def test_a_second_one_on_the_same_data_is_one_sentence(product: Product) -> None:
    supervisor = product.start()
    second = Product(product.var)
    second.said_in = product.var.with_name("second")
    assert second.launch().wait(60) == 1
    assert second.said == (
        f"Process {supervisor.pid} already uses the data in {product.var}: "
        "stop it, or set VAR to another folder.\n"
    )
    assert product.healthy()


def test_two_started_at_once_make_one_board(product: Product) -> None:
    second = Product(product.var)
    second.said_in = product.var.with_name("second")
    both = (product.launch(), second.launch())
    wait_until(lambda: "The board is at" in product.said + second.said)
    wait_until(lambda: any(process.poll() == 1 for process in both))
    assert sum(process.poll() is None for process in both) == 1


def test_a_taken_port_is_one_sentence_and_starts_nothing(product: Product) -> None:
    with socket.create_server(("127.0.0.1", product.port)):
        assert product.launch().wait(60) == 1
    assert product.said == (
        f"Port {product.port} on 127.0.0.1 can't be used: address already in use. "
        "Set PORT to another.\n"
    )
    assert product.pids() == {}


def test_a_folder_that_cannot_be_written_to_is_one_sentence(product: Product) -> None:
    product.settings["VAR"] = "/proc/none"
    assert product.launch().wait(60) == 1
    assert product.said == (
        "VAR is '/proc/none', but must be a folder to write in: no such file or directory.\n"
    )


def test_a_full_disk_is_one_sentence(product: Product, tmp_path: Path) -> None:
    """On a disk of 40 KB in a mount namespace of its own; a machine that forbids those says so."""
    script = (
        f"mkdir -p {product.var} && mount -t tmpfs -o size=40k none {product.var} && exec "
        + " ".join(SUPERVISOR)
    )
    code = product.launch(
        "unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script
    ).wait(60)
    if "unshare" in product.said or "mount" in product.said:
        pytest.skip(f"no mount namespace here: {product.said.strip()}")
    assert code == 1
    assert product.said == (
        f"VAR is '{product.var}', but must be a folder to write in: no space left on device.\n"
    )


def test_a_store_of_ones_own_is_used_and_none_is_started(product: Product, redis_url: str) -> None:
    product.settings["REDIS_URL"] = redis_url
    product.start()
    assert not product.store.path.exists()
    assert not any("valkey" in command for command in product.pids().values())


def test_a_stalled_visitor_does_not_keep_it_from_stopping(product: Product) -> None:
    supervisor = product.start()
    with socket.create_connection(("127.0.0.1", product.port)) as stalled:
        stalled.sendall(b"GET / HTTP/1.1\r\nHost: half")
        assert product.healthy()
        supervisor.terminate()
        assert supervisor.wait(60) == 0
    assert product.pids() == {}
