"""Warnings in CAP 1.2: what fills a draft, and the many ways in which a file is refused."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import cap, capfetch
from dashboard.alerts import Cold, Origin, Reason
from dashboard.cap import NotTaken, Why

from .by_hand import SOAK
from .values import DAY, NOW, at

CAP = "urn:oasis:names:tc:emergency:cap:1.2"


def info(
    event: str = "Extreme Cold Warning",
    onset: str = "2026-11-20T18:00:00-07:00",
    expires: str = "2026-11-21T10:00:00-07:00",
    more: str = "",
    area: str = "South Shore",
) -> str:
    when = f"<onset>{onset}</onset>" if onset else ""
    when += f"<expires>{expires}</expires>" if expires else ""
    return (
        f"<info><language>en-CA</language><category>Met</category><event>{event}</event>{more}"
        f"<urgency>Future</urgency><severity>Severe</severity><certainty>Likely</certainty>{when}"
        f"<senderName>Mrs Secret</senderName><area><areaDesc>{area}</areaDesc></area></info>"
    )


def warning(
    status: str = "Actual",
    kind: str = "Alert",
    infos: str = "",
    name: str = CAP,
    more: str = "",
    **about: str,
) -> str:
    return (
        f'<alert xmlns="{name}"><identifier>urn:1</identifier><sender>cap@example.org</sender>'
        f"<sent>2026-11-20T15:00:00-07:00</sent><status>{status}</status><msgType>{kind}</msgType>"
        f"<scope>Public</scope>{more}{infos or info(**about)}</alert>"
    )


def why(given: str | bytes) -> Why:
    with pytest.raises(NotTaken) as refused:
        cap.read(given, NOW)
    return refused.value.why


def test_a_warning_fills_a_draft_with_fixed_words_and_times() -> None:
    warned = cap.read(warning(), NOW)
    draft = cap.draft(warned, ["North Shore", "South Shore"], "p-cor", NOW, DAY)
    assert (draft.cold, draft.reason, draft.origin) == (
        Cold.EXTREME_COLD,
        Reason.WARNING,
        Origin.WARNING,
    )
    assert (draft.area, draft.since, draft.until) == ("South Shore", at("18:00"), at("10:00", 21))


def test_a_place_that_is_none_of_ours_is_everywhere_for_a_person_to_mend() -> None:
    for areas in ([], ["North Shore"]):
        assert cap.draft(cap.read(warning(), NOW), areas, "p", NOW, DAY).area == ""
    several = warning(infos=info() + info(area="North Shore"))
    assert cap.draft(cap.read(several, NOW), ["South Shore"], "p", NOW, DAY).area == ""


@pytest.mark.parametrize(
    ("event", "cold"),
    [
        ("Extreme Cold Warning", Cold.EXTREME_COLD),
        ("Avertissement de froid extrême", Cold.EXTREME_COLD),
        ("arctic outflow warning", Cold.EXTREME_COLD),
        ("Wind Chill Warning", Cold.WIND_CHILL),
        ("REFROIDISSEMENT ÉOLIEN", Cold.WIND_CHILL),
        ("Snowfall Warning", Cold.SNOW),
        ("Tempête hivernale", Cold.SNOW),
        ("Freezing Rain Warning", Cold.ICE),
        ("Pluie verglaçante", Cold.ICE),
    ],
)
def test_the_weather_is_known_in_both_languages(event: str, cold: Cold) -> None:
    assert cap.read(warning(event=event), NOW).cold is cold


def test_of_many_parts_the_first_cold_one_that_is_not_over_counts() -> None:
    over = info(expires="2026-11-20T15:30:00-07:00", event="Wind Chill Warning")
    clear = info(more="<responseType>AllClear</responseType>", event="Wind Chill Warning")
    heat = info(event="Heat Warning")
    assert cap.read(warning(infos=heat + over + clear + info()), NOW).cold is Cold.EXTREME_COLD
    assert why(warning(infos=heat + over + clear)) is Why.OVER


def test_a_warning_without_times_lasts_until_the_night_is_over() -> None:
    warned = cap.read(warning(onset="", expires=""), NOW)
    draft = cap.draft(warned, [], "p", NOW, DAY)
    assert (draft.since, draft.until) == (NOW, at("08:00", 21))


XINCLUDE = "http://www.w3.org/2001/XInclude"
DEEP = "<a>" * 40 + "</a>" * 40
WIDE = "<parameter/>" * 30_000
LAUGHS = (
    '<!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY b{n} "{"&a;" * 10}">' for n in range(9))
    + "]>"
)


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ("", Why.EMPTY),
        ("   \n", Why.EMPTY),
        (b"", Why.EMPTY),
        ("not xml", Why.NOT_XML),
        ("<alert>", Why.NOT_XML),
        (b"\x00\x01\x02", Why.NOT_XML),
        ("\ud800", Why.NOT_XML),
        ('<?xml version="1.0" encoding="klingon"?><a/>', Why.NOT_CAP),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', Why.NOT_XML),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', Why.NOT_XML),
        (b'<?xml version="1.0" encoding="utf-16"?><a/>', Why.NOT_XML),
        (b"<a>\xff\xfe</a>", Why.NOT_XML),
        (LAUGHS + warning(), Why.HOSTILE),
        ('<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd">' + warning(), Why.HOSTILE),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', Why.HOSTILE),
        (warning(more=DEEP), Why.HOSTILE),
        (warning(infos=info(more=WIDE)), Why.HOSTILE),
        (warning(infos=info() * 61), Why.HOSTILE),
        (
            warning(more=f'<x:include xmlns:x="{XINCLUDE}" href="/etc/passwd"/>'),
            Why.HOSTILE,
        ),
        (warning(more='<note xmlns="">hello</note>'), Why.HOSTILE),
        ("<a>" + "x" * cap.LARGEST + "</a>", Why.TOO_LARGE),
        (warning(name="urn:oasis:names:tc:emergency:cap:1.1"), Why.NOT_CAP),
        (warning(name=""), Why.NOT_CAP),
        (warning().replace("<scope>Public</scope>", ""), Why.NOT_CAP),
        ("<html/>", Why.NOT_CAP),
        (warning(onset="tomorrow"), Why.NOT_CAP),
        (warning(onset="2026-11-20T18:00:00"), Why.NOT_CAP),
        (warning(expires="2026-99-20T18:00:00-07:00"), Why.NOT_CAP),
        (warning(expires="0001-01-01T00:00:00+14:00"), Why.NOT_CAP),
        (warning(status="Exercise"), Why.TEST),
        (warning(status="System"), Why.TEST),
        (warning(kind="Cancel"), Why.CANCELLED),
        (warning(kind="Error"), Why.CANCELLED),
        (warning(event="Heat Warning"), Why.NOT_COLD),
        (warning().replace("<info>", "<other>").replace("</info>", "</other>"), Why.NOT_COLD),
    ],
)  # fmt: skip
def test_what_is_not_a_warning_for_us_is_refused(given: str | bytes, refused: Why) -> None:
    assert why(given) is refused


def test_a_signed_warning_and_one_in_another_encoding_are_read() -> None:
    sign = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/></Signature>'
    assert cap.read(warning(more=sign), NOW).cold is Cold.EXTREME_COLD
    text = '<?xml version="1.0" encoding="utf-16"?>' + warning(event="Froid extrême")
    assert cap.read(text.encode("utf-16"), NOW).cold is Cold.EXTREME_COLD
    text = '<?xml version="1.0" encoding="iso-8859-1"?>' + warning(event="Froid extrême")
    assert cap.read(text.encode("latin-1"), NOW).cold is Cold.EXTREME_COLD


@settings(max_examples=2000 if SOAK else 60)
@given(st.binary(max_size=300), st.integers(0, 700))
def test_whatever_stands_in_it_nothing_but_a_refusal_comes_of_it(noise: bytes, place: int) -> None:
    whole = warning().encode()
    for file in (noise, whole[:place] + noise + whole[place:]):
        try:
            cap.read(file, NOW)
        except NotTaken:
            continue


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow machine is no slow server."""
    monkeypatch.setattr(capfetch, "PATIENCE", 60.0)
    monkeypatch.setattr(capfetch, "LONGEST", 60.0)


Answering = Callable[[bytes], str]


@pytest.fixture
def answering() -> Iterator[Answering]:
    """A web server that answers one request with these bytes; returns its address."""
    servers = []

    def serve(answer: bytes) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def run() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.recv(4096)
                connection.sendall(answer)

        threading.Thread(target=run, daemon=True).start()
        return f"http://127.0.0.1:{server.getsockname()[1]}/warnings.cap?x=1"

    yield serve
    for server in servers:
        server.close()


def not_fetched(address: str) -> Why:
    with pytest.raises(NotTaken) as refused:
        capfetch.fetch(address)
    return refused.value.why


def http(body: bytes, status: str = "200 OK", more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nConnection: close\r\n{more}\r\n".encode() + body


def test_a_warning_is_fetched_from_the_address_that_is_set(answering: Answering) -> None:
    found = capfetch.fetch(answering(http(warning().encode())))
    assert cap.read(found, NOW).cold is Cold.EXTREME_COLD


def test_no_redirect_is_followed(answering: Answering) -> None:
    moved = http(b"", "302 Found", "Location: http://127.0.0.1:1/\r\n")
    assert not_fetched(answering(moved)) is Why.ELSEWHERE


def test_what_is_too_large_broken_or_missing_is_refused(answering: Answering) -> None:
    assert not_fetched(answering(http(b"x" * (cap.LARGEST + 1)))) is Why.TOO_LARGE
    assert not_fetched(answering(http(b"", "404 Not Found"))) is Why.NO_ANSWER
    assert not_fetched(answering(b"hello\r\n\r\n")) is Why.NO_ANSWER
    assert not_fetched(answering(b"")) is Why.NO_ANSWER
    assert not_fetched("") is Why.NOT_SET


def test_a_server_that_never_comes_to_an_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capfetch, "LONGEST", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert not_fetched(f"http://127.0.0.1:{silent.getsockname()[1]}/") is Why.NO_ANSWER


def test_one_s_own_network_is_reached_only_without_tls_and_all_else_only_with_it() -> None:
    for address in (
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest",
        "http://1.1.1.1/",
    ):
        assert not_fetched(address) is Why.ELSEWHERE


def test_a_server_without_a_certificate_that_we_trust_gives_nothing(
    answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = answering(b"no TLS here").replace("http:", "https:")
    with monkeypatch.context() as ours:
        ours.setattr(capfetch, "_is_public", lambda _: True)  # what else would be public here
        assert not_fetched(address) is Why.NO_ANSWER


@pytest.mark.parametrize(
    "number",
    ["10.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::"],
)
def test_a_number_of_ones_own_network_is_not_public_however_it_is_written(number: str) -> None:
    assert not capfetch._is_public(number)


@pytest.mark.parametrize("number", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_a_public_number_is_public(number: str) -> None:
    assert capfetch._is_public(number)
