"""The made-up town of the benchmarks: any number of sites, each with one bed group, and reports.

Update number k gives site k % sites the count 2 + k // sites; before the first, each has 1.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from datetime import UTC, datetime, time

from dashboard.beds import BedGroup, Place, Site, Source
from dashboard.clock import Day, Horizons, horizons
from dashboard.facts import Guest, Known, Side, WayIn
from dashboard.reports import Outcome, Report, ReportKind
from dashboard.store import Store

COMMUNITY = "benchtown"
GROUP = "beds"
DAY = Day()
BATCH = 500
CUT = 10.0  # seconds


def site_id(number: int) -> str:
    return f"s{number:05d}"


def site(number: int) -> Site:
    """Like a real one in what it says of itself."""
    return Site(
        site_id(number),
        f"Shelter number {number}",
        phone=f"250-555-{number % 10_000:04d}",
        last_check_in=time(21),
        way_in=WayIn.WALK_IN,
        pets=Known.YES,
        wheelchair=Known.YES,
        place=Place(area="Downtown", address=f"{number} Example St", side=Side.SOUTH),
    )


class Town:
    """A store with this town in it, and the reports of its desks."""

    def __init__(self, url: str, sites: int):
        self.store = Store(url, COMMUNITY)
        self.sites = sites
        self.published = 0

    def settle(self) -> None:
        """Empties the store, and gives every site its first report."""
        self.store.connection.client.flushall()
        self.store.connection.check()
        now = datetime.now(UTC)
        for first in range(0, self.sites, BATCH):
            numbers = range(first, min(first + BATCH, self.sites))
            places = [site(number) for number in numbers]
            groups = [
                BedGroup(site_id(number), GROUP, "Beds", 40, (Guest.ADULTS,)) for number in numbers
            ]
            self.store.profiles.save(places, groups, "bench", now)
        judge = self.judge()
        for number in range(self.sites):
            self.report(number, 1, judge)

    def judge(self) -> Horizons:
        return horizons(datetime.now(UTC), DAY)

    def report(self, number: int, open_: int, judge: Horizons) -> None:
        """One report from the desk of one site."""
        now, key = datetime.now(UTC), f"bench-{number}-{open_}"
        sent = Report(
            site_id(number), GROUP, ReportKind.CHANGE, open_, now, Source.DESK, "desk", key
        )
        answer = self.store.reports.report(sent, judge, now)
        if answer.outcome is not Outcome.SAVED:
            raise RuntimeError(f"a report was answered {answer.outcome}")

    def version(self) -> str:
        return str(self.store.stream.snapshot(DAY).version)

    def token(self) -> str:
        """A token that reaches every site."""
        return self.store.tokens.create("bench", None, "bench", datetime.now(UTC))

    def close(self) -> None:
        self.store.connection.close()


@dataclass(frozen=True, slots=True)
class Fragment:
    """One message of the product's own stream, as a model for what the peers send."""

    model: bytes

    @classmethod
    def taken_from(cls, port: int, request: bytes, town: Town) -> Fragment:
        """The message that a stream gets for a report on the first site."""
        with socket.create_connection(("127.0.0.1", port), CUT) as stream:
            stream.sendall(request)
            text = b""
            while b"event: beat" not in text:
                text += stream.recv(65536)
            town.report(0, 2, town.judge())
            text = b""
            while not (b"<b>2</b>" in text and text.endswith(b"\n\n")):
                text += stream.recv(65536)
        return cls(text)

    def of(self, site: str, open_: int) -> bytes:
        told = self.model.replace(site_id(0).encode(), site.encode())
        return told.replace(b"<b>2</b>", b"<b>%d</b>" % open_)

    def html(self, site: str, open_: int) -> bytes:
        """Without the frame of a message, for a server that makes its own."""
        lines = self.of(site, open_).split(b"\n\n")[0].splitlines()
        return b"\n".join(line[6:] for line in lines if line.startswith(b"data: "))
