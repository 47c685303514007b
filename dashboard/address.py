"""Where a store is: a server, a cluster, whichever one sentinels name; and where a bucket is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qs, unquote, urlsplit

Host = tuple[str, int]
_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:(?P<port>[0-9]{1,5}))?")


class Kind(StrEnum):
    """How many servers there are, and how one finds the right one."""

    SERVER = "server"
    CLUSTER = "cluster"
    SENTINEL = "sentinel"


SCHEMES = {
    **dict.fromkeys(("redis", "rediss", "unix"), Kind.SERVER),
    **dict.fromkeys(("redis+cluster", "rediss+cluster"), Kind.CLUSTER),
    **dict.fromkeys(("redis+sentinel", "rediss+sentinel"), Kind.SENTINEL),
}
PORTS = {Kind.CLUSTER: 6379, Kind.SENTINEL: 26379}
FORMS = (
    "redis://HOST:PORT, rediss://HOST:PORT, unix:///PATH, redis+cluster://HOST:PORT,HOST:PORT "
    "or redis+sentinel://HOST:PORT,HOST:PORT/SERVICE"
)


@dataclass(frozen=True, slots=True)
class Address:
    """A store's address. ``hosts`` are nodes of a cluster, or sentinels; () for one server."""

    kind: Kind
    url: str = field(repr=False)
    hosts: tuple[Host, ...] = ()
    service: str = ""
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def tls(self) -> bool:
        return self.url.startswith("rediss")

    @classmethod
    def parse(cls, url: str) -> Address:
        """Raises ValueError for what is no address; the message repeats nothing of it."""
        kind = SCHEMES.get(url.partition("://")[0].lower())
        if kind is None:
            raise ValueError("no such kind of address")
        if kind is Kind.SERVER:
            parts = urlsplit(url)
            named = parts.path if parts.scheme == "unix" else parts.hostname and parts.port != 0
            if not named:
                raise ValueError("no host, or no path")
            return cls(kind, url)
        return cls._of_many(kind, url)

    @classmethod
    def _of_many(cls, kind: Kind, url: str) -> Address:
        # By hand: some Pythons refuse a host in brackets that is not the first of several.
        before, _, service = url.partition("://")[2].partition("/")
        who, _, places = before.rpartition("@")
        user, _, password = who.partition(":")
        hosts = tuple(_host(text, PORTS[kind]) for text in places.split(","))
        service = service.strip("/")
        if bool(service) is not (kind is Kind.SENTINEL) or "/" in service:
            raise ValueError("sentinels need the name of a service, and a cluster has none")
        if set("?#") & set(places + service):
            raise ValueError("nothing may follow the hosts and the service")
        return cls(kind, url, hosts, unquote(service), unquote(user), unquote(password))


def _host(text: str, port: int) -> Host:
    found = _HOST.fullmatch(text)
    if not found or not 0 < int(found["port"] or port) < 65536:
        raise ValueError("not HOST:PORT")
    return found["name"].strip("[]"), int(found["port"] or port)


BUCKETS = "https://KEY:SECRET@HOST/BUCKET, with /FOLDER and ?region=REGION where they are needed"


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where somebody stores files for us, as S3 does. ``host`` has its port where one was given."""

    host: str
    name: str
    folder: str
    tls: bool
    region: str
    key: str = field(repr=False)
    secret: str = field(repr=False)

    @classmethod
    def parse(cls, url: str) -> Bucket:
        """Raises ValueError for what is no address; the message repeats nothing of it."""
        parts = urlsplit(url)
        name, _, folder = parts.path.strip("/").partition("/")
        port, options = parts.port, parse_qs(parts.query)  # a bad port is a ValueError here
        known = parts.scheme in ("http", "https") and not parts.fragment
        if not (known and parts.hostname and parts.username and parts.password):
            raise ValueError("not a web address with a key and its secret")
        if not _BUCKET.fullmatch(name) or not _FOLDER.fullmatch(folder) or options.keys() - _ASKED:
            raise ValueError("no bucket, or something after it that is not known")
        return cls(
            f"{parts.hostname}:{port}" if port else parts.hostname,
            name,
            folder,
            parts.scheme == "https",
            options.get("region", ["us-east-1"])[0],
            unquote(parts.username),
            unquote(parts.password),
        )


_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_FOLDER = re.compile(r"[A-Za-z0-9/_.-]*")
_ASKED = {"region"}
