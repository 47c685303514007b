"""Addresses of stores: one server, a cluster, sentinels."""

from __future__ import annotations

import pytest

from dashboard.address import Address, Kind


@pytest.mark.parametrize("url", ["redis://host:6379/1", "rediss://:p@host", "unix:///run/store"])
def test_one_server_is_left_as_it_is_written(url: str) -> None:
    address = Address.parse(url)
    assert (address.kind, address.url, address.hosts) == (Kind.SERVER, url, ())


def test_a_cluster_has_hosts_and_perhaps_a_login() -> None:
    address = Address.parse("rediss+cluster://board:p%40ss@one:7000,[::1]:7001,three")
    assert address.kind is Kind.CLUSTER
    assert address.hosts == (("one", 7000), ("::1", 7001), ("three", 6379))
    assert (address.user, address.password, address.tls) == ("board", "p@ss", True)


def test_sentinels_name_a_service() -> None:
    address = Address.parse("redis+sentinel://:secret@10.0.0.1,10.0.0.2:26380/board")
    assert address.hosts == (("10.0.0.1", 26379), ("10.0.0.2", 26380))
    assert (address.service, address.password, address.tls) == ("board", "secret", False)


def test_no_repr_shows_a_password() -> None:
    for url in ("redis://:hunter2@one", "redis+cluster://x:hunter2@one:7000"):
        assert "hunter2" not in repr(Address.parse(url))
