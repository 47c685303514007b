"""A machine that reports counts by the API, and a ledger of what it was told is kept.

It sends each report until it is answered, with the same key and the same body each time; some
once more, as who never got the answer would.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from itertools import count
from threading import Event, Thread

AGAIN = 5  # every fifth answer is taken for lost on the way


@dataclass
class Ledger:
    """What was sent, and the entry by which each report was acknowledged."""

    sent: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    tries: int = 0
    unsure: int = 0  # tries answered "we could not confirm"
    unanswered: int = 0
    refused: list[str] = field(default_factory=list)


class Machine(Thread):
    """Reports to one bed group after the other until ``stop``, then ends what it has begun."""

    def __init__(self, port: int, token: str, groups: list[tuple[str, str]], pause: float = 0.05):
        super().__init__(daemon=True)
        self.ledger = Ledger()
        self._port, self._token, self._groups, self._pause = port, token, groups, pause
        self._stopped = Event()
        self._connection: HTTPConnection | None = None

    numbers = count(1)  # no two reports of a test run say the same of the same group

    def run(self) -> None:
        for number in self.numbers:
            site, group = self._groups[number % len(self._groups)]
            self._send(f"report-{number}", site, group, number // len(self._groups))
            if self._stopped.wait(self._pause):
                return

    def stop(self) -> None:
        """Returns when the last report has been answered."""
        self._stopped.set()
        self.join(120)
        assert not self.is_alive(), "its last report is still not answered"

    def _send(self, key: str, site: str, group: str, value: int) -> None:
        self.ledger.sent[key] = (site, group, value)
        now = datetime.now(UTC).isoformat()
        body = json.dumps({"kind": "change", "open": value, "observed_at": now})
        while True:
            status, said = self._try(f"/api/v1/sites/{site}/groups/{group}/reports", key, body)
            if status in (200, 201):
                self._kept(key, json.loads(said)["entry"])
                if self.ledger.tries % AGAIN:
                    return
                self._stopped.wait(0.01)
                continue
            if status and status != 503:
                self.ledger.refused.append(f"{status} {said}")
                return
            self.ledger.unsure += status == 503
            self.ledger.unanswered += not status
            self._stopped.wait(0.2)

    def _kept(self, key: str, entry: str) -> None:
        """A report that is sent again must be answered as before."""
        if self.ledger.kept.setdefault(key, entry) != entry:
            self.ledger.refused.append(f"{key} was kept as {self.ledger.kept[key]} and as {entry}")

    def _try(self, path: str, key: str, body: str) -> tuple[int, str]:
        """The status and the body of the answer; 0 where none came."""
        self.ledger.tries += 1
        if self._connection is None:
            self._connection = HTTPConnection("127.0.0.1", self._port, timeout=15)
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": key}
        try:
            self._connection.request("POST", path, body, headers)
            answer = self._connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, HTTPException):
            self._connection.close()
            self._connection = None
            return 0, ""
