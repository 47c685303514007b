"""Replays 85 nights of Toronto through the API of a running product, and compares the end.

Each night is a minute of the last two hours. Whatever the order in which the reports come, the
board must end on each programme's own last night.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from . import toronto
from .product import PATIENCE, ROOT, ZONE, Product, far_reset, running
from .toronto import Night, Nights

FILE = ROOT.parent / "shared" / "data" / "toronto_overnight_2024Q1.csv.gz"
NIGHT = timedelta(minutes=1)
EARLIER = timedelta(hours=2)
SENDERS = 4
TRIES = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a replay ended: what differs from the last nights, the answers, the speed."""

    differences: tuple[str, ...]
    answers: Counter[str]
    seconds: float
    board: tuple[tuple[str, str, object, object, object], ...]

    def __str__(self) -> str:
        reports = sum(self.answers.values())
        told = ", ".join(f"{count} {answer}" for answer, count in sorted(self.answers.items()))
        return (
            f"{reports} reports in {self.seconds:.1f} s, {reports / self.seconds:.0f} a second "
            f"({told}); {len(self.board)} bed groups, {len(self.differences)} differences"
        )


def replay(nights: Nights, shuffled: random.Random | None = None) -> Outcome:
    """Starts a product, brings sites and groups in, sends every night, compares, stops it."""
    with running(COMMUNITY="toronto", TIME_ZONE=ZONE, DAILY_RESET=far_reset()) as product:
        (product.var / "sites.csv").write_text(nights.sites)
        (product.var / "groups.csv").write_text(nights.groups)
        groups = product.var / "groups.csv"
        product.flask("sites", "import", product.var / "sites.csv", "--groups", groups)
        token = product.flask("tokens", "create", "replay", "--all-sites").splitlines()[-1]
        base = (datetime.now(UTC) - EARLIER).replace(microsecond=0)
        started = time.monotonic()
        answers = send(product, token, _shares(nights.nights, shuffled), base)
        seconds = time.monotonic() - started
        board = shown(product)
        product.flask("check")
    return Outcome(tuple(compare(nights, board, base)), answers, seconds, _ends(board, base))


def _shares(nights: Sequence[Night], shuffled: random.Random | None) -> list[list[Night]]:
    """What each sender sends. In order, a programme has one sender; shuffled, nothing is sure."""
    if shuffled:
        mixed = shuffled.sample(nights, len(nights))
        return [mixed[number::SENDERS] for number in range(SENDERS)]
    order = {id_: number for number, id_ in enumerate(dict.fromkeys(one.group for one in nights))}
    shares: list[list[Night]] = [[] for _ in range(SENDERS)]
    for one in sorted(nights, key=lambda one: one.night):
        shares[order[one.group] % SENDERS].append(one)
    return shares


def send(
    product: Product, token: str, shares: Sequence[Sequence[Night]], base: datetime
) -> Counter[str]:
    """Reports every night; counts the answers: saved, late, or repeated after a broken line."""
    with ThreadPoolExecutor(len(shares)) as senders:
        counts = senders.map(lambda share: _send(product.port, token, share, base), shares)
        return sum(counts, Counter())


def _send(port: int, token: str, nights: Sequence[Night], base: datetime) -> Counter[str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    answers: Counter[str] = Counter()
    for one in nights:
        body = {
            "kind": "change",
            "open": one.open,
            "capacity": one.capacity,
            "observed_at": (base + one.night * NIGHT).isoformat(),
        }
        path = f"/api/v1/sites/{one.site}/groups/{one.group}/reports"
        key = f"{one.group}-{one.night}"
        answers[_post(connection, path, json.dumps(body), token, key)] += 1
    connection.close()
    return answers


def _post(connection: HTTPConnection, path: str, body: str, token: str, key: str) -> str:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
    for _ in range(TRIES):
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            told = json.loads(answer.read())
        except (OSError, HTTPException):
            connection.close()  # the next request opens it anew; the key makes that safe
            continue
        if answer.status == 503:
            time.sleep(float(answer.headers["Retry-After"]))
            continue
        if answer.status not in (200, 201):
            raise SystemExit(f"{path} answered {answer.status}: {told}")
        return "repeated" if answer.status == 200 else "late" if told["late"] else "saved"
    raise SystemExit(f"{path} could not be reached {TRIES} times")


Board = dict[tuple[str, str], dict[str, object]]


def shown(product: Product) -> Board:
    """The board's bed groups, once the process that shows it holds everything that was answered."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        ready, told = _get(product, "/readyz"), _get(product, "/api/v1/board")
        if ready["ready"] and not ready["lag"]["entries"] and told["version"] == ready["version"]:
            return {
                (site["id"], one["id"]): one for site in told["sites"] for one in site["groups"]
            }
        time.sleep(0.05)
    raise SystemExit(f"The board does not become current: {ready}")


def _get(product: Product, path: str) -> dict[str, Any]:
    connection = HTTPConnection("127.0.0.1", product.port, timeout=30)
    connection.request("GET", path)
    found: dict[str, Any] = json.loads(connection.getresponse().read())
    connection.close()
    return found


def compare(nights: Nights, board: Board, base: datetime) -> Iterator[str]:
    """Where the board is not each programme's own last night, figure by figure."""
    last = nights.last()
    for missing in sorted(last.keys() ^ board.keys()):
        yield f"{'/'.join(missing)}: only on one side"
    for id_ in sorted(last.keys() & board.keys()):
        night, group = last[id_], board[id_]
        seen = (base + night.night * NIGHT).isoformat(timespec="milliseconds")
        wanted = {
            "available": night.open,
            "capacity": night.capacity,
            "observed_at": seen.replace("+00:00", "Z"),
            "source": "api",
        }
        for name, value in wanted.items():
            if group[name] != value:
                yield f"{'/'.join(id_)}: {name} is {group[name]}, not {value}"


def _ends(board: Board, base: datetime) -> tuple[tuple[str, str, object, object, object], ...]:
    """What two replays can be compared by: figures, and the minute each was counted."""
    return tuple(
        (*id_, one["available"], one["capacity"], _minute(str(one["observed_at"]), base))
        for id_, one in sorted(board.items())
    )


def _minute(observed_at: str, base: datetime) -> float:
    return (datetime.fromisoformat(observed_at) - base) / NIGHT


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=FILE)
    parser.add_argument("--programmes", type=int, help="only the first so many")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    asked = parser.parse_args()
    nights = toronto.read(asked.file, asked.programmes)
    print(f"{len(nights.nights)} nights of {len(nights.last())} programmes")
    in_order = replay(nights)
    print(f"In order: {in_order}", flush=True)
    mixed = replay(nights, random.Random(asked.seed))
    print(f"Shuffled (--seed {asked.seed}): {mixed}")
    found = [*in_order.differences, *mixed.differences]
    if in_order.board != mixed.board:
        found.append("the two boards differ")
    print("\n".join(found[:50]) or "Both end on each programme's own last night.")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
