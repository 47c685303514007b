"""Every key, every script and every mapping of the store; the only room that knows Redis."""

from .connection import Connection, Promise, StoreDown, StoreUnfit
from .profiles import Profiles
from .reports import Reports, Undo
from .stream import Stream, differences

__all__ = [
    "Connection",
    "Profiles",
    "Promise",
    "Reports",
    "Store",
    "StoreDown",
    "StoreUnfit",
    "Stream",
    "Undo",
    "differences",
]


class Store:
    """One community's memory, by what one may do with it."""

    def __init__(self, url: str, community: str, may_lose: bool = False):
        self.connection = Connection(url, community, may_lose)
        self.reports = Reports(self.connection)
        self.profiles = Profiles(self.connection)
        self.stream = Stream(self.connection)
