"""A shelf that is a bucket of whoever stores files for us, by the words of S3."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from .. import address
from .down import ShelfDown

if TYPE_CHECKING:
    from minio import Minio

CONNECT, ANSWER = 5.0, 30.0  # seconds to reach it, and for each answer
TRIES = 3
GONE = ("NoSuchKey", "NoSuchObject")


class Bucket:
    """Files of one community in a bucket. Nothing is asked of it before the first file is."""

    def __init__(self, place: address.Bucket, community: str):
        self._place = place
        self._start = "/".join(filter(None, (place.folder.strip("/"), community))) + "/"

    def __str__(self) -> str:
        return f"{self._place.host}/{self._place.name}/{self._start}"

    def names(self) -> list[str]:
        with self._steady():
            found = self._client.list_objects(self._place.name, self._start, recursive=True)
            names = [str(one.object_name).removeprefix(self._start) for one in found]
        return sorted(names)

    def read(self, name: str) -> bytes | None:
        from minio.error import S3Error

        with self._steady():
            try:
                answer = self._client.get_object(self._place.name, self._start + name)
            except S3Error as error:
                if error.code in GONE:
                    return None
                raise
            try:
                return bytes(answer.read())
            finally:
                answer.close()
                answer.release_conn()

    def write(self, name: str, content: bytes) -> None:
        with self._steady():
            body = io.BytesIO(content)
            self._client.put_object(self._place.name, self._start + name, body, len(content))

    def remove(self, name: str) -> None:
        with self._steady():
            self._client.remove_object(self._place.name, self._start + name)

    def sweep(self) -> None:
        """Nothing is ever half there."""

    @cached_property
    def _client(self) -> Minio:
        import certifi  # here: this is a second of a processor, and most boards have a folder
        import urllib3
        from minio import Minio

        pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=CONNECT, read=ANSWER),
            retries=urllib3.Retry(TRIES, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504)),
            ca_certs=certifi.where(),
        )
        return Minio(
            self._place.host,
            self._place.key,
            self._place.secret,
            secure=self._place.tls,
            region=self._place.region,
            http_client=pool,
        )

    @contextmanager
    def _steady(self) -> Iterator[None]:
        """What went wrong, in words that hold no key."""
        from minio.error import MinioException, S3Error
        from urllib3.exceptions import HTTPError

        try:
            yield
        except S3Error as error:
            raise self._down(f"it says {error.code!r}") from None
        except (MinioException, HTTPError, OSError, ValueError) as error:
            raise self._down(type(error).__name__) from None

    def _down(self, why: str) -> ShelfDown:
        return ShelfDown(f"The archive at {str(self)!r} can't be used: {why}.")
