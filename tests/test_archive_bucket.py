"""An archive that stands in a bucket: the same as in a folder, and honest when nobody answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard import address, create_app, shelf
from dashboard.config import BadSettings, Settings
from dashboard.shelf import ShelfDown, folder
from dashboard.store import ArchiveGone, Store

from .buckets import KEY, SECRET, Buckets, buckets
from .test_archive_commands import done, flask
from .test_store_archive import KEEP, MUCH_LATER, nights, of, told
from .values import DAY, at


@pytest.fixture
def bucket() -> Iterator[Buckets]:
    with buckets() as running:
        yield running


@pytest.fixture
def board(settings: Settings, bucket: Buckets) -> Settings:
    return replace(settings, archive_bucket=bucket.url)


@pytest.fixture
def store(board: Settings) -> Iterator[Store]:
    made = Store(board.store_url, board.community, shelf=shelf.of(board))
    made.connection.check()
    yield made
    made.connection.close()


def test_nights_go_to_the_bucket_and_are_read_from_there(
    store: Store, board: Settings, bucket: Buckets
):
    nights(store, 1, 2)
    store.archiving.daily(DAY, MUCH_LATER, timedelta(days=10))
    assert sorted(bucket.objects) == [
        f"beds/kamloops/2026-11-0{night}.jsonl.gz{end}" for night in (1, 2) for end in ("", ".seal")
    ]
    assert told(store) == of(1, 2)
    assert not folder(board).exists()
    app = create_app(board)
    assert "2026-11-01  3 entries  archive  " in done(flask(app, "archive", "list"))
    done(flask(app, "check"))
    bucket.objects["beds/kamloops/2026-11-01.jsonl.gz"] = b"altered"
    assert "was altered" in flask(app, "check").output
    assert SECRET not in "".join(bucket.heard)


def test_a_file_can_be_replaced_and_taken_away(board: Settings, bucket: Buckets):
    place = shelf.of(board)
    place.write("one", b"1")
    place.write("one", b"2")
    assert (place.read("one"), place.names()) == (b"2", ["one"])
    place.remove("one")
    place.remove("one")
    assert (place.read("one"), place.names()) == (None, [])


def test_a_short_trouble_is_tried_again(store: Store, bucket: Buckets):
    nights(store, 1)
    bucket.codes = [503, 503]
    assert store.archiving.daily(DAY, at("20:00", 2), KEEP).written


def test_where_nobody_lets_us_in_nothing_is_trimmed_and_no_secret_is_told(
    store: Store, board: Settings, bucket: Buckets
):
    nights(store, 1)
    wrong = replace(board, archive_bucket=bucket.url.replace(KEY, "AKIAOTHER"))
    locked_out = Store(board.store_url, board.community, shelf=shelf.of(wrong))
    with pytest.raises(ShelfDown, match="AccessDenied") as refused:
        locked_out.archiving.daily(DAY, MUCH_LATER, timedelta(days=10))
    assert SECRET not in str(refused.value)
    assert told(store) == of(1)
    store.archiving.daily(DAY, MUCH_LATER, timedelta(days=10))
    with pytest.raises(ArchiveGone, match="AccessDenied"):
        told(locked_out)


def test_where_nobody_answers_it_says_so(settings: Settings, bucket: Buckets):
    url = bucket.url.rpartition(":")[0] + ":1/board"
    with pytest.raises(ShelfDown, match="can't be used"):
        shelf.of(replace(settings, archive_bucket=url)).names()


@pytest.mark.parametrize(
    "url",
    [
        "s3://KEY:SECRET@host/bucket",
        "https://host/bucket",
        "https://KEY@host/bucket",
        "https://KEY:SECRET@host/",
        "https://KEY:SECRET@/bucket",
        "https://KEY:SECRET@host/B",
        "https://KEY:SECRET@host:x/bucket",
        "https://KEY:SECRET@host/bucket?acl=public",
        "https://KEY:SECRET@host/bucket#x",
        "nonsense",
    ],
)
def test_what_is_no_bucket_is_refused_without_its_secret(url: str, settings: Settings):
    with pytest.raises(BadSettings) as refused:
        Settings.from_environ({"VAR": str(settings.var), "ARCHIVE_BUCKET": url})
    (problem,) = refused.value.problems
    assert problem.startswith("ARCHIVE_BUCKET is ")
    assert "SECRET@host" not in problem.split(", but must be ")[0]


def test_an_address_says_host_bucket_folder_and_region():
    url = "https://K:S%2F@s3.example.org/shelter-beds/a/b?region=ca-central-1"
    found = address.Bucket.parse(url)
    assert (found.host, found.name, found.folder) == ("s3.example.org", "shelter-beds", "a/b")
    assert (found.region, found.key, found.secret) == ("ca-central-1", "K", "S/")
    assert "S/" not in repr(found)
